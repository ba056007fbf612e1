#include "media/receive/keyframe_requester.h"

#include <gtest/gtest.h>

#include <vector>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1000;

std::vector<int64_t> request_times_ms(KeyframeRequester& requester, int64_t until_us) {
  std::vector<int64_t> times;
  for (int64_t now_us = 0; now_us <= until_us; now_us += kMs) {
    if (requester.take(true, now_us)) times.push_back(now_us / kMs);
  }
  return times;
}

TEST(KeyframeRequester, AsksAtOnceThenBacksOff) {
  KeyframeRequester requester;
  requester.set_rtt(50 * kMs);
  EXPECT_EQ(request_times_ms(requester, 4'000 * kMs), (std::vector<int64_t>{0, 200, 500, 950, 1'625, 2'625, 3'625}));
  EXPECT_EQ(requester.sent(), 7u);
}

TEST(KeyframeRequester, IsNeverFasterThanTheRoundTrip) {
  KeyframeRequester requester;
  requester.set_rtt(2'000 * kMs);
  EXPECT_EQ(request_times_ms(requester, 5'000 * kMs), (std::vector<int64_t>{0, 2'000, 4'000}));
}

TEST(KeyframeRequester, BeginsAnewAfterAKeyframe) {
  KeyframeRequester requester;
  requester.set_rtt(50 * kMs);
  EXPECT_TRUE(requester.take(true, 0));
  EXPECT_TRUE(requester.take(true, 200 * kMs));
  requester.on_keyframe();
  EXPECT_FALSE(requester.take(false, 1'000 * kMs));
  EXPECT_TRUE(requester.take(true, 1'000 * kMs));
  EXPECT_EQ(requester.next_us(1'000 * kMs), 1'200 * kMs);
}

}  // namespace
}  // namespace peerwire
