#include "media/frame/frame_rate.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(FrameRate, CountsTheFramesOfTheLastSecond) {
  FrameRate rate;
  EXPECT_EQ(rate.in_last_second(0), 0);
  for (int64_t now = 0; now < 10 * kSecond; now += kSecond / 25) rate.add(now);
  EXPECT_EQ(rate.in_last_second(10 * kSecond - 1), 25);
  EXPECT_EQ(rate.in_last_second(10 * kSecond + kSecond / 2), 12);
  EXPECT_EQ(rate.in_last_second(11 * kSecond), 0);
  // A burst is as many frames as it is.
  for (int frame = 0; frame < 5; ++frame) rate.add(20 * kSecond + frame);
  EXPECT_EQ(rate.in_last_second(20 * kSecond + 5), 5);
}

}  // namespace
}  // namespace peerwire
