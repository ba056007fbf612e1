#include "media/receive/audio_jitter_buffer.h"

#include <gtest/gtest.h>

#include "media/audio_receive/simulated_stream.h"
#include "media/codec/audio_level.h"

namespace peerwire {
namespace {

using test::jittery;
using test::SimulatedStream;

double share(uint64_t part, uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

class EachCodec : public testing::TestWithParam<AudioCodec> {};

TEST_P(EachCodec, QuietNetworkIsPlayedWithoutAFlaw) {
  SimulatedStream stream(GetParam(), [](int, int64_t) { return 40; });
  if (!stream.is_possible()) GTEST_SKIP();
  stream.run(3000);
  const AudioReceiveStats before = stream.stats();
  const auto heard = stream.run(3000);
  const AudioReceiveStats& after = stream.stats();
  EXPECT_EQ(after.concealed_samples, before.concealed_samples);
  EXPECT_EQ(after.concealment_events, before.concealment_events);
  EXPECT_EQ(after.packets_discarded, 0u);
  EXPECT_EQ(after.removed_samples_for_acceleration, before.removed_samples_for_acceleration);
  EXPECT_EQ(after.inserted_samples_for_deceleration, before.inserted_samples_for_deceleration);
  EXPECT_EQ(after.total_samples_received - before.total_samples_received, heard.size());
  EXPECT_GT(test::fit_tone(heard, stream.rate(), 300).snr_db, 14);
  // 40 ms on the way are no jitter: the wait is short.
  EXPECT_LT(stream.buffer().current_delay_us(), 50'000);
  const double mean_delay_s =
      (after.jitter_buffer_delay_s - before.jitter_buffer_delay_s) /
      static_cast<double>(after.jitter_buffer_emitted_count - before.jitter_buffer_emitted_count);
  EXPECT_LT(mean_delay_s, 0.05);
  // Decoded, it waits for no more than what was decoded before it.
  const double mean_processing_s =
      (after.processing_delay_s - before.processing_delay_s) /
      static_cast<double>(after.jitter_buffer_emitted_count - before.jitter_buffer_emitted_count);
  EXPECT_GT(mean_processing_s, 0);
  EXPECT_LE(mean_processing_s, mean_delay_s);
  EXPECT_NEAR(after.audio_level, 8000 / 32768.0 / std::sqrt(2), 0.02);
  EXPECT_NEAR(after.total_audio_energy - before.total_audio_energy, 3 * std::pow(8000 / 32768.0, 2) / 2, 0.01);
}

TEST_P(EachCodec, SteadyJitterCostsDelayAndNotQuality) {
  for (const int jitter_ms : {30, 100, 200}) {
    SimulatedStream stream(GetParam(), jittery(20, 20 + jitter_ms, 0, 7));
    if (!stream.is_possible()) GTEST_SKIP();
    stream.run(10'000);
    const AudioReceiveStats before = stream.stats();
    stream.run(60'000);
    const AudioReceiveStats& after = stream.stats();
    EXPECT_LT(share(after.concealed_samples - before.concealed_samples,
                    after.total_samples_received - before.total_samples_received),
              0.005)
        << jitter_ms;
    EXPECT_LT(stream.buffer().current_delay_us(), (jitter_ms + 80) * 1000) << jitter_ms;
    EXPECT_GT(stream.buffer().current_delay_us(), jitter_ms * 800) << jitter_ms;
  }
}

TEST_P(EachCodec, JitterAndLossTogetherStayBounded) {
  SimulatedStream stream(GetParam(), jittery(20, 220, 0.1, 11), 300, 20, 0.1);
  if (!stream.is_possible()) GTEST_SKIP();
  stream.set_syllables(true);
  stream.run(10'000);
  const AudioReceiveStats before = stream.stats();
  int64_t worst_us = 0;
  for (int i = 0; i < 60; ++i) {
    stream.run(1000);
    worst_us = std::max(worst_us, stream.buffer().current_delay_us());
  }
  const AudioReceiveStats& after = stream.stats();
  const double concealed = share(after.concealed_samples - before.concealed_samples,
                                 after.total_samples_received - before.total_samples_received);
  // Opus restores from redundancy what the others have to invent.
  EXPECT_LT(concealed, GetParam() == AudioCodec::kOpus ? 0.06 : 0.13);
  EXPECT_LT(worst_us, 350'000);
}

TEST_P(EachCodec, DelayShrinksBackAfterASpike) {
  SimulatedStream stream(GetParam(), [](int, int64_t now_ms) {
    // Everything that is sent from 20 s on for 600 ms is held up until its end.
    return now_ms >= 20'000 && now_ms < 20'600 ? static_cast<int>(20'620 - now_ms) : 20;
  });
  if (!stream.is_possible()) GTEST_SKIP();
  stream.run(18'900);
  const int64_t before_us = stream.buffer().current_delay_us();
  stream.run(800);
  EXPECT_GT(stream.buffer().current_delay_us(), before_us + 200'000);
  const uint64_t removed = stream.stats().removed_samples_for_acceleration;
  stream.run(3000);
  EXPECT_LT(stream.buffer().current_delay_us(), before_us + 60'000);
  EXPECT_GT(stream.stats().removed_samples_for_acceleration, removed);
  EXPECT_EQ(stream.stats().packets_discarded, 0u);
}

TEST_P(EachCodec, StretchingKeepsThePitch) {
  SimulatedStream stream(
      GetParam(), [](int, int64_t) { return 20; }, 220);
  if (!stream.is_possible()) GTEST_SKIP();
  stream.run(2000);
  stream.buffer().set_base_minimum_delay_us(400'000);
  const uint64_t inserted = stream.stats().inserted_samples_for_deceleration;
  const auto slower = stream.run(1000);
  EXPECT_GT(stream.stats().inserted_samples_for_deceleration, inserted + slower.size() / 40);
  EXPECT_NEAR(test::strongest_frequency(slower, stream.rate(), 150, 300, 0.5), 220, 2);
  EXPECT_GT(test::fit_tone(std::span(slower).first(slower.size() / 20), stream.rate(), 220).snr_db, 10);
  stream.run(5000);
  EXPECT_NEAR(static_cast<double>(stream.buffer().current_delay_us()), 400e3, 12e3);
  EXPECT_EQ(stream.stats().concealed_samples, 0u);
  stream.buffer().set_base_minimum_delay_us(0);
  const uint64_t removed = stream.stats().removed_samples_for_acceleration;
  const auto faster = stream.run(1000);
  EXPECT_GT(stream.stats().removed_samples_for_acceleration, removed + faster.size() / 40);
  EXPECT_NEAR(test::strongest_frequency(faster, stream.rate(), 150, 300, 0.5), 220, 2);
}

TEST_P(EachCodec, ConcealsALostPacketWithSoundAlike) {
  SimulatedStream stream(GetParam(), [](int number, int64_t) { return number % 50 == 40 ? -1 : 20; });
  if (!stream.is_possible()) GTEST_SKIP();
  stream.run(2000);
  const AudioReceiveStats before = stream.stats();
  const auto heard = stream.run(5000);
  const AudioReceiveStats& after = stream.stats();
  EXPECT_EQ(after.concealment_events - before.concealment_events, 5u);
  EXPECT_NEAR(share(after.concealed_samples - before.concealed_samples,
                    after.total_samples_received - before.total_samples_received),
              0.02, 0.006);
  EXPECT_EQ(after.silent_concealed_samples, 0u);
  // No hole in the loudness, and no click.
  const auto block = static_cast<size_t>(stream.rate() / 50);
  double quietest = 1;
  for (size_t at = 0; at + block <= heard.size(); at += block) {
    quietest = std::min(quietest, audio_energy(heard.data() + at, block));
  }
  EXPECT_GT(quietest, std::pow(8000 / 32768.0, 2) / 2 * 0.2);
  int largest_step = 0;
  for (size_t i = 1; i < heard.size(); ++i) largest_step = std::max(largest_step, std::abs(heard[i] - heard[i - 1]));
  EXPECT_LT(largest_step, 2 * 8000 * 2 * std::numbers::pi * 300 / stream.rate() + 600);
}

TEST_P(EachCodec, LongLossFadesToSilence) {
  bool is_lost = false;
  SimulatedStream stream(GetParam(), [&](int, int64_t) { return is_lost ? -1 : 20; });
  if (!stream.is_possible()) GTEST_SKIP();
  stream.run(2000);
  is_lost = true;
  stream.run(500);
  const auto heard = stream.run(500);
  EXPECT_EQ(*std::max_element(heard.begin(), heard.end()), 0);
  const AudioReceiveStats& stats = stream.stats();
  EXPECT_EQ(stats.concealment_events, 1u);
  EXPECT_GT(stats.silent_concealed_samples, heard.size());
  EXPECT_GT(stats.concealed_samples, stats.silent_concealed_samples);
  is_lost = false;
  const auto again = stream.run(1000);
  EXPECT_EQ(stats.concealment_events, 1u);
  EXPECT_GT(test::fit_tone(std::span(again).subspan(again.size() / 2), stream.rate(), 300).snr_db, 14);
  EXPECT_LT(stream.buffer().current_delay_us(), 80'000);
}

TEST_P(EachCodec, FollowsAClockThatIsFastOrSlow) {
  for (const int direction : {1, -1}) {
    // Half a percent: 300 ms in a minute.
    SimulatedStream stream(GetParam(),
                           [&](int, int64_t now_ms) { return static_cast<int>(400 + direction * now_ms / 200); });
    if (!stream.is_possible()) GTEST_SKIP();
    stream.run(5000);
    const AudioReceiveStats before = stream.stats();
    stream.run(60'000);
    const AudioReceiveStats& after = stream.stats();
    EXPECT_EQ(after.concealed_samples, before.concealed_samples) << direction;
    EXPECT_EQ(after.packets_discarded, 0u);
    EXPECT_LT(stream.buffer().current_delay_us(), 80'000) << direction;
    const uint64_t stretched =
        direction > 0 ? after.inserted_samples_for_deceleration : after.removed_samples_for_acceleration;
    EXPECT_GT(stretched, after.total_samples_received / 400);
  }
}

TEST_P(EachCodec, EveryPacketTimeIsPlayedEvenly) {
  for (const int packet_ms : {10, 20, 40, 60, 120}) {
    SimulatedStream stream(GetParam(), jittery(20, 30, 0, 5), 300, packet_ms);
    if (!stream.is_possible()) GTEST_SKIP();
    stream.run(3000);
    const AudioReceiveStats before = stream.stats();
    stream.run(10'000);
    EXPECT_EQ(stream.stats().concealed_samples, before.concealed_samples) << packet_ms;
    EXPECT_LT(stream.buffer().current_delay_us(), 70'000) << packet_ms;
    // Where the listener is in the stream: behind by the way, the wait and the packet that was not full yet.
    const auto behind = static_cast<int32_t>(stream.timestamp() - *stream.last_timestamp());
    const int clock_rate = GetParam() == AudioCodec::kOpus ? 48000 : 8000;
    EXPECT_LT(behind * 1000 / clock_rate, 100 + packet_ms) << packet_ms;
    EXPECT_GT(behind * 1000 / clock_rate, 20) << packet_ms;
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, EachCodec, testing::Values(AudioCodec::kOpus, AudioCodec::kPcmu, AudioCodec::kG722),
                         [](const auto& info) {
                           return info.param == AudioCodec::kOpus   ? "Opus"
                                  : info.param == AudioCodec::kPcmu ? "Pcmu"
                                                                    : "G722";
                         });

}  // namespace
}  // namespace peerwire
