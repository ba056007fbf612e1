#include "media/receive/render_statistics.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(RenderStatistics, CountsFreezesAndPauses) {
  RenderStatistics statistics;
  int64_t now_us = 1'000'000;
  const auto show = [&](int64_t delay_us) { statistics.on_frame(now_us += delay_us); };
  for (int i = 0; i < 31; ++i) show(33'000);
  EXPECT_EQ(statistics.totals().freeze_count, 0u);
  EXPECT_EQ(statistics.totals().total_inter_frame_delay_us, 30 * 33'000);
  EXPECT_NEAR(statistics.totals().total_squared_inter_frame_delay_s2, 30 * 0.033 * 0.033, 1e-9);
  show(180'000);  // above three times the average, but not 150 ms longer than it
  EXPECT_EQ(statistics.totals().freeze_count, 0u);
  for (int i = 0; i < 30; ++i) show(33'000);
  show(184'000);
  EXPECT_EQ(statistics.totals().freeze_count, 1u);
  EXPECT_EQ(statistics.totals().total_freezes_us, 184'000);
  show(5'000'000);
  EXPECT_EQ(statistics.totals().freeze_count, 1u);
  EXPECT_EQ(statistics.totals().pause_count, 1u);
  EXPECT_EQ(statistics.totals().total_pauses_us, 5'000'000);
  EXPECT_EQ(statistics.totals().frames, 64u);
}

TEST(RenderStatistics, TakesALowFrameRateForWhatItIs) {
  RenderStatistics statistics;
  for (int i = 0; i < 60; ++i) statistics.on_frame(i * 1'000'000);
  EXPECT_EQ(statistics.totals().freeze_count, 0u);
}

}  // namespace
}  // namespace peerwire
