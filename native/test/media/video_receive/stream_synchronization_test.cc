#include "media/receive/stream_synchronization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1000;

TEST(SenderClock, MapsTimestampsToTheSendersTime) {
  SenderClock clock(90'000);
  EXPECT_FALSE(clock.ntp_us(0));
  // 100.5 s, when the timestamp is about to wrap.
  clock.on_sender_report(uint64_t{100} << 32 | 0x80000000, 0xffffffff - 44'999);
  EXPECT_EQ(clock.ntp_us(0), 101'000'000);
  EXPECT_EQ(clock.ntp_us(0xffffffff - 89'999), 100'000'000);
}

TEST(SenderClock, LearnsNothingFromSendersWithoutAClock) {
  SenderClock clock(48'000);
  clock.on_sender_report(0, 1'000);
  EXPECT_FALSE(clock.ntp_us(1'000));
  clock.on_sender_report(uint64_t{100} << 32, 1'000);
  clock.on_sender_report(0, 49'000);
  EXPECT_EQ(clock.ntp_us(49'000), 101'000'000);
}

/// Two streams of one sender, whose delays follow what they are told at most as fast as playout can.
struct Streams {
  StreamSynchronization synchronization;
  int64_t audio_path_us;
  int64_t video_path_us;
  int64_t audio_own_us;
  int64_t video_own_us;
  int64_t audio_us = audio_own_us;
  int64_t video_us = video_own_us;
  int64_t noise_us = 0;
  std::mt19937 random{1};

  int64_t difference_us() const { return (video_path_us + video_us) - (audio_path_us + audio_us); }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      now_us += 1'000 * kMs;
      const auto noise = [&] { return noise_us > 0 ? static_cast<int64_t>(random() % noise_us) : 0; };
      // Captured at the same time; clocks are a day apart.
      const int64_t ntp_us = now_us + int64_t{86'400} * 1'000 * kMs;
      const auto delays = synchronization.update({ntp_us, now_us + audio_path_us + noise(), audio_us, audio_own_us},
                                                 {ntp_us, now_us + video_path_us + noise(), video_us, video_own_us});
      const auto follow = [](int64_t& now, int64_t own, int64_t wanted) {
        now += std::clamp<int64_t>(std::max(own, wanted) - now, -100 * kMs, 100 * kMs);
      };
      follow(audio_us, audio_own_us, delays.audio_us);
      follow(video_us, video_own_us, delays.video_us);
    }
  }
  int64_t now_us = 1'000'000;
};

TEST(StreamSynchronization, MakesAudioWaitForVideo) {
  Streams streams{{}, 30 * kMs, 50 * kMs, 40 * kMs, 160 * kMs};
  streams.run(6);
  EXPECT_LT(std::abs(streams.difference_us()), 20 * kMs);
  EXPECT_EQ(streams.video_us, 160 * kMs);
}

TEST(StreamSynchronization, MakesVideoWaitForAudio) {
  Streams streams{{}, 30 * kMs, 30 * kMs, 300 * kMs, 20 * kMs};
  streams.run(10);
  EXPECT_LT(std::abs(streams.difference_us()), 20 * kMs);
  EXPECT_EQ(streams.audio_us, 300 * kMs);
}

TEST(StreamSynchronization, LetsGoOfDelaysThatAreNotNeededAnyMore) {
  Streams streams{{}, 30 * kMs, 30 * kMs, 40 * kMs, 240 * kMs};
  streams.run(10);
  EXPECT_GT(streams.audio_us, 200 * kMs);
  streams.video_own_us = 20 * kMs;
  streams.run(20);
  EXPECT_LT(std::abs(streams.difference_us()), 20 * kMs);
  EXPECT_LT(streams.audio_us, 60 * kMs);
  EXPECT_LT(streams.video_us, 60 * kMs);
}

TEST(StreamSynchronization, IsSteadyUnderJitter) {
  Streams streams{{}, 30 * kMs, 80 * kMs, 40 * kMs, 60 * kMs};
  streams.noise_us = 20 * kMs;
  streams.run(10);
  for (int i = 0; i < 60; ++i) {
    streams.run(1);
    EXPECT_LT(std::abs(streams.difference_us()), 45 * kMs);
  }
}

TEST(StreamSynchronization, StepsAtFirstAndLeapsWhereComparisonsAgree) {
  StreamSynchronization synchronization;
  const SyncedStream video{0, 0, 900 * kMs, 900 * kMs};
  EXPECT_EQ(synchronization.update({0, 0, 40 * kMs, 40 * kMs}, video).audio_us, 120 * kMs);
  // A report that says something else is not believed yet.
  EXPECT_EQ(synchronization.update({0, -200 * kMs, 120 * kMs, 40 * kMs}, video).audio_us, 200 * kMs);
  const auto delays = synchronization.update({0, -200 * kMs, 200 * kMs, 40 * kMs}, video);
  EXPECT_EQ(delays.audio_us, 700 * kMs);
  EXPECT_EQ(delays.video_us, 0);
}

TEST(StreamSynchronization, IsSoonDoneWhereVideoWaits) {
  Streams streams{{}, 30 * kMs, 30 * kMs, 240 * kMs, 20 * kMs};
  streams.run(4);
  EXPECT_LT(std::abs(streams.difference_us()), 25 * kMs);
}

TEST(StreamSynchronization, LeavesClocksAloneThatHaveNothingInCommon) {
  StreamSynchronization synchronization;
  const auto delays = synchronization.update({0, 0, 0, 0}, {0, 100'000 * kMs, 0, 0});
  EXPECT_EQ(delays.audio_us, 0);
  EXPECT_EQ(delays.video_us, 0);
}

}  // namespace
}  // namespace peerwire
