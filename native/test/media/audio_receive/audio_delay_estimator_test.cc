#include "media/receive/audio_delay_estimator.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace peerwire {
namespace {

/// 20 ms packets at 48 kHz with the delays that `delay_ms` tells of.
void feed(AudioDelayEstimator& estimator, int from, int packets, const std::function<int(int)>& delay_ms) {
  for (int i = from; i < from + packets; ++i) {
    estimator.update(int64_t{i} * 960, 48000, (int64_t{i} * 20 + delay_ms(i)) * 1000);
  }
}

TEST(AudioDelayEstimator, ConstantDelayIsNoJitter) {
  AudioDelayEstimator estimator;
  feed(estimator, 0, 500, [](int) { return 150; });
  EXPECT_EQ(estimator.wanted_us(), 10'000);
  EXPECT_EQ(estimator.update(500 * 960, 48000, (500 * 20 + 180) * 1000), 30'000);
}

TEST(AudioDelayEstimator, CoversNearlyAllOfTheJitter) {
  AudioDelayEstimator estimator;
  std::mt19937 random(3);
  feed(estimator, 0, 1000, [&](int) { return static_cast<int>(random() % 100); });
  EXPECT_GE(estimator.wanted_us(), 90'000);
  EXPECT_LE(estimator.wanted_us(), 110'000);
}

TEST(AudioDelayEstimator, ForgetsOneHoldUpAndProvidesForFrequentOnes) {
  AudioDelayEstimator once;
  feed(once, 0, 3000, [](int i) { return i >= 2000 && i < 2020 ? (2020 - i) * 20 : 0; });
  EXPECT_EQ(once.wanted_us(), 10'000);
  AudioDelayEstimator often;
  feed(often, 0, 3000, [](int i) { return i % 200 < 10 ? (10 - i % 200) * 20 : 0; });
  EXPECT_GE(often.wanted_us(), 200'000);
}

TEST(AudioDelayEstimator, FollowsARouteThatBecameLongerAndClocksThatDrift) {
  AudioDelayEstimator estimator;
  feed(estimator, 0, 3000, [](int i) { return i < 1000 ? 20 : 120; });
  EXPECT_EQ(estimator.wanted_us(), 10'000);
  AudioDelayEstimator drifting;
  feed(drifting, 0, 20'000, [](int i) { return i / 100; });  // 500 ppm
  EXPECT_LE(drifting.wanted_us(), 10'000);
}

TEST(AudioDelayEstimator, TakesAnyTimes) {
  AudioDelayEstimator estimator;
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto timestamp = static_cast<int64_t>(random() >> 8) - (int64_t{1} << 55);
    const auto arrival_us = static_cast<int64_t>(random() >> 20) - (int64_t{1} << 43);
    estimator.update(timestamp, 8000, arrival_us);
    EXPECT_GE(estimator.wanted_us(), 0);
  }
}

}  // namespace
}  // namespace peerwire
