#include "media/receive/frame_timing.h"

#include <gtest/gtest.h>

#include <random>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1000;
constexpr int64_t kTicks = 3000;  // 30 frames a second
constexpr int64_t kStartUs = 5'000'000;

/// Frames that arrive late by what `lateness` says; the delay after the last.
template <typename Lateness>
int64_t play(FrameTiming& timing, int frames, Lateness lateness, int from = 0) {
  for (int i = from; i < from + frames; ++i) {
    const int64_t arrival_us = kStartUs + i * 100'000 / 3 + lateness(i);
    timing.on_frame(i * kTicks, arrival_us);
    timing.render_time_us(i * kTicks, arrival_us);
  }
  return timing.current_delay_us();
}

TEST(JitterEstimator, IsZeroOnAnEvenPath) {
  JitterEstimator jitter;
  for (int i = 0; i < 300; ++i) jitter.on_frame(i * 33'333, 1'000'000 + i * 33'333);
  EXPECT_EQ(jitter.jitter_us(), 0);
  EXPECT_EQ(jitter.expected_arrival_us(300 * 33'333), 1'000'000 + 300 * 33'333);
}

TEST(JitterEstimator, CoversNearlyAllFrames) {
  JitterEstimator jitter;
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) jitter.on_frame(i * 33'333, 1'000'000 + i * 33'333 + random() % 50'000);
  EXPECT_GT(jitter.jitter_us(), 43'000);
  EXPECT_LT(jitter.jitter_us(), 50'000);
}

TEST(JitterEstimator, ForgetsAPathThatIsGone) {
  JitterEstimator jitter;
  for (int i = 0; i < 300; ++i) jitter.on_frame(i * 33'333, 1'000'000 + i * 33'333);
  // Longer by 80 ms from now on: first jitter, then simply the path.
  for (int i = 300; i < 400; ++i) jitter.on_frame(i * 33'333, 1'080'000 + i * 33'333);
  EXPECT_EQ(jitter.jitter_us(), 80'000);
  for (int i = 400; i < 1000; ++i) jitter.on_frame(i * 33'333, 1'080'000 + i * 33'333);
  EXPECT_EQ(jitter.jitter_us(), 0);
}

TEST(JitterEstimator, TakesNoBacklogAtTheBeginningForJitter) {
  JitterEstimator jitter;
  // Twelve frames had waited for the path, and come together; the others as they are made.
  for (int i = 0; i < 12; ++i) jitter.on_frame(i * 33'333, 1'000'000);
  for (int i = 12; i < 40; ++i) jitter.on_frame(i * 33'333, 1'000'000 + (i - 12) * 33'333);
  EXPECT_EQ(jitter.jitter_us(), 0);
  EXPECT_EQ(jitter.expected_arrival_us(40 * 33'333), 1'000'000 + 28 * 33'333);
}

TEST(JitterEstimator, TakesABacklogInBetweenForJitter) {
  JitterEstimator jitter;
  for (int i = 0; i < 100; ++i) jitter.on_frame(i * 33'333, 1'000'000 + i * 33'333);
  for (int i = 100; i < 112; ++i) jitter.on_frame(i * 33'333, 1'000'000 + 112 * 33'333);
  EXPECT_GT(jitter.jitter_us(), 100'000);
}

TEST(JitterEstimator, BeginsAnewWhenTheClockJumps) {
  JitterEstimator jitter;
  jitter.on_frame(0, 1'000'000);
  jitter.on_frame(3'600'000'000, 1'033'000);
  EXPECT_EQ(jitter.jitter_us(), 0);
  EXPECT_EQ(jitter.expected_arrival_us(3'600'033'000), 1'066'000);
}

TEST(FrameTiming, FollowsAClockThatDrifts) {
  FrameTiming timing;
  // 500 ppm fast, which is more than any crystal's.
  const int64_t delay_us = play(timing, 3'000, [](int i) { return -int64_t{i} * 17; });
  EXPECT_LT(delay_us, 20 * kMs);
}

TEST(FrameTiming, RendersEvenlyWhateverArrivalsAre) {
  FrameTiming timing;
  std::mt19937 random(2);
  int64_t last_us = 0;
  for (int i = 0; i < 600; ++i) {
    const int64_t arrival_us = kStartUs + i * 100'000 / 3 + static_cast<int64_t>(random() % 40'000);
    timing.on_frame(i * kTicks, arrival_us);
    const int64_t render_us = timing.render_time_us(i * kTicks, arrival_us);
    if (i > 300) {
      EXPECT_NEAR(static_cast<double>(render_us - last_us), 33'333, 4'000);
    }
    last_us = render_us;
  }
}

TEST(FrameTiming, MovesTheDelaySlowly) {
  FrameTiming timing;
  const auto even = [](int) { return int64_t{0}; };
  const int64_t before_us = play(timing, 30, even);
  timing.set_target_delay(200 * kMs);
  // A tenth of the time that passes: 100 ms in a second.
  EXPECT_NEAR(static_cast<double>(play(timing, 30, even, 30) - before_us), 100'000, 5'000);
  EXPECT_EQ(play(timing, 60, even, 60), 200 * kMs);
  timing.set_target_delay(std::nullopt);
  EXPECT_LT(play(timing, 90, even, 120), 20 * kMs);
}

TEST(FrameTiming, TakesTheLongestOfWhatIsAskedFor) {
  FrameTiming timing;
  play(timing, 10, [](int) { return int64_t{0}; });
  const int64_t own_us = timing.target_delay_us();
  EXPECT_EQ(own_us, timing.minimum_delay_us());
  timing.set_sync_delay(120 * kMs);
  EXPECT_EQ(timing.target_delay_us(), 120 * kMs);
  EXPECT_EQ(timing.unsynced_delay_us(), own_us);
  timing.set_target_delay(150 * kMs);
  EXPECT_EQ(timing.target_delay_us(), 150 * kMs);
  timing.set_playout_delay(200 * kMs, 400 * kMs);
  EXPECT_EQ(timing.target_delay_us(), 200 * kMs);
  // The sender's upper bound holds.
  timing.set_target_delay(2'000 * kMs);
  EXPECT_EQ(timing.target_delay_us(), 400 * kMs);
}

TEST(FrameTiming, RendersAtOnceWhenTheSenderAsksForNoDelay) {
  FrameTiming timing;
  timing.set_playout_delay(0, 0);
  timing.on_frame(0, kStartUs);
  EXPECT_EQ(timing.render_time_us(0, kStartUs + 7), kStartUs + 7);
  EXPECT_EQ(timing.target_delay_us(), 0);
}

TEST(FrameTiming, NeverMakesAFrameWaitLongerThanTheDelay) {
  FrameTiming timing;
  std::mt19937_64 random(3);
  int64_t now_us = kStartUs;
  for (int i = 0; i < 2'000; ++i) {
    now_us += static_cast<int64_t>(random() % 50'000);
    const auto timestamp = static_cast<int64_t>(random() % (1ull << 33));
    timing.on_frame(timestamp, now_us);
    EXPECT_LE(timing.preview_us(timestamp, now_us), now_us + timing.current_delay_us());
    timing.render_time_us(timestamp, now_us);
  }
}

TEST(FrameTiming, GivesTheDecoderItsTime) {
  FrameTiming timing;
  for (int i = 0; i < 50; ++i) timing.on_decoded(12 * kMs);
  EXPECT_NEAR(static_cast<double>(timing.decode_delay_us()), 12'000, 1);
  EXPECT_GE(timing.target_delay_us(), 12 * kMs);
}

}  // namespace
}  // namespace peerwire
