// What can come to a jitter buffer besides an even stream of packets.
#include <gtest/gtest.h>

#include "media/audio_receive/simulated_stream.h"
#include "media/codec/audio_level.h"
#include "media/codec/telephone_event.h"

namespace peerwire {
namespace {

using test::jittery;
using test::SimulatedStream;

Bytes pcmu_tone(size_t packet, double amplitude = 8000) {
  Bytes payload;
  for (const int16_t sample : test::make_tone(8000, 300, amplitude, 160, packet * 160)) {
    const int magnitude = std::min(std::abs(sample), 32635) + 132;
    int segment = 7;
    while (segment > 0 && !(magnitude & (0x80 << segment))) --segment;
    const int bits = (sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 15);
    payload.push_back(static_cast<uint8_t>(~bits));
  }
  return payload;
}

class Arrivals : public testing::Test {
 protected:
  void SetUp() override {
    test::configure(buffer_);
    if (!AudioDecoder::create(AudioCodec::kPcmu, 1)) GTEST_SKIP() << "built without G.711";
  }

  void insert(size_t packet, uint32_t ssrc = 1, bool is_redundant = false) {
    buffer_.insert({ssrc, test::kPcmuType, static_cast<uint32_t>(packet * 160), is_redundant}, pcmu_tone(packet),
                   now_us_);
  }
  std::vector<int16_t> play(int blocks) {
    std::vector<int16_t> heard;
    for (int i = 0; i < blocks; ++i, now_us_ += 10'000) {
      const AudioBlock block = buffer_.get_block(now_us_);
      heard.insert(heard.end(), block.samples.begin(), block.samples.end());
    }
    return heard;
  }
  /// Packets and playout in step.
  std::vector<int16_t> run(size_t first, size_t count) {
    std::vector<int16_t> heard;
    for (size_t i = first; i < first + count; ++i) {
      insert(i);
      const auto part = play(2);
      heard.insert(heard.end(), part.begin(), part.end());
    }
    return heard;
  }

  AudioJitterBuffer buffer_;
  int64_t now_us_ = 1'000'000;
};

TEST_F(Arrivals, SilenceUntilTheFirstPacket) {
  const AudioBlock block = buffer_.get_block(now_us_);
  EXPECT_EQ(block.sample_rate, 48000);
  EXPECT_EQ(block.samples, std::vector<int16_t>(480));
  EXPECT_FALSE(block.rtp_timestamp);
  EXPECT_EQ(buffer_.stats().total_samples_received, 0u);
  insert(7);
  const AudioBlock next = buffer_.get_block(now_us_);
  EXPECT_EQ(next.sample_rate, 8000);
  EXPECT_EQ(next.rtp_timestamp, 7u * 160);
  EXPECT_EQ(buffer_.get_block(now_us_ + 10'000).rtp_timestamp, 7u * 160 + 80);
}

TEST_F(Arrivals, DuplicatesAndLatecomersAreCounted) {
  insert(0);
  insert(1);
  insert(1);
  EXPECT_EQ(buffer_.stats().packets_discarded, 1u);
  EXPECT_EQ(buffer_.stats().packets_duplicated, 1u);
  play(4);
  insert(0);
  EXPECT_EQ(buffer_.stats().packets_discarded, 2u);
  EXPECT_EQ(buffer_.stats().packets_duplicated, 1u);
}

TEST_F(Arrivals, ReorderedPacketsAreHeardInOrder) {
  run(0, 100);
  insert(101);
  insert(102);
  insert(100);
  const auto heard = play(6);
  EXPECT_GT(test::fit_tone(heard, 8000, 300).snr_db, 30);
  EXPECT_EQ(buffer_.stats().concealed_samples, 0u);
}

TEST_F(Arrivals, TimestampsTakenFromAClockAreNoLoss) {
  run(0, 50);
  const uint64_t before = buffer_.stats().concealed_samples;
  for (size_t packet = 50; packet < 250; ++packet) {
    // Off by up to 2.4 ms, in both directions from one packet to the next.
    const auto wobble = static_cast<uint32_t>(packet * 7 % 20);
    buffer_.insert({1, test::kPcmuType, static_cast<uint32_t>(packet * 160) + wobble, false}, pcmu_tone(packet),
                   now_us_);
    play(2);
  }
  EXPECT_EQ(buffer_.stats().concealed_samples, before);
  EXPECT_EQ(buffer_.stats().packets_discarded, 0u);
}

TEST_F(Arrivals, RedundancyFillsAHole) {
  run(0, 100);
  // 100 is lost; it comes again with 101. So does 99, which was there.
  insert(101);
  insert(100, 1, true);
  insert(99, 1, true);
  insert(102);
  const auto heard = play(6);
  EXPECT_GT(test::fit_tone(heard, 8000, 300).snr_db, 30);
  EXPECT_EQ(buffer_.stats().concealed_samples, 0u);
  EXPECT_EQ(buffer_.stats().fec_packets_received, 2u);
  EXPECT_EQ(buffer_.stats().fec_packets_discarded, 1u);
  // The original takes the place of a copy.
  insert(103, 1, true);
  insert(103);
  EXPECT_EQ(buffer_.stats().fec_packets_discarded, 2u);
  EXPECT_EQ(buffer_.stats().packets_discarded, 0u);
}

TEST_F(Arrivals, AnotherSourceIsAnotherStream) {
  run(0, 100);
  for (size_t i = 0; i < 20; ++i) {
    insert(5'000'000 + i, 2);
    play(2);
  }
  // Neither the leap nor the source before it costs more than the moment.
  EXPECT_LT(buffer_.stats().concealed_samples, 320u);
  EXPECT_NEAR(*buffer_.get_block(now_us_).rtp_timestamp / 160, 5'000'018, 2);
}

TEST_F(Arrivals, ALeapOfTheClockIsFollowed) {
  run(0, 100);
  run(100'000, 20);
  run(50, 20);
  EXPECT_LT(buffer_.stats().concealed_samples, 640u);
  EXPECT_LT(buffer_.stats().packets_discarded, 3u);
}

TEST_F(Arrivals, UnknownAndEmptyPacketsAreNothing) {
  buffer_.insert({1, 77, 0, false}, pcmu_tone(0), now_us_);
  buffer_.insert({1, 200, 0, false}, pcmu_tone(0), now_us_);
  buffer_.insert({1, test::kPcmuType, 0, false}, {}, now_us_);
  EXPECT_EQ(buffer_.packets(), 0u);
  run(0, 10);
  // A payload type that is taken away while packets wait.
  insert(10);
  buffer_.keep_payload_types({});
  play(10);
  EXPECT_EQ(buffer_.packets(), 0u);
}

TEST_F(Arrivals, AFloodIsBounded) {
  for (size_t i = 0; i < 3000; ++i) insert(i * 2);
  EXPECT_LE(buffer_.packets(), 500u);
  EXPECT_GE(buffer_.stats().packets_discarded, 2500u);
  play(10);
  EXPECT_GT(audio_energy(play(1).data(), 80), 0.001);
}

TEST_F(Arrivals, ResetForgetsTheStream) {
  run(0, 50);
  buffer_.reset();
  EXPECT_EQ(play(1), std::vector<int16_t>(480));
  EXPECT_GT(test::fit_tone(run(0, 50), 8000, 300).snr_db, 20);
}

TEST_F(Arrivals, ComfortNoiseFillsThePauses) {
  run(0, 100);
  // -40 dBov, white.
  buffer_.insert({1, test::kNoiseType, 16000, false}, Bytes{40}, now_us_);
  const AudioReceiveStats before = buffer_.stats();
  auto heard = play(50);
  heard.erase(heard.begin(), heard.begin() + 800);
  EXPECT_NEAR(minus_dbov(audio_energy(heard.data(), heard.size())), 40, 2);
  // Speech again, one second after the noise began: its delay is what it was, and there was no loss.
  play(50);
  const size_t first = 150;
  run(first, 50);
  EXPECT_EQ(buffer_.stats().concealed_samples, before.concealed_samples);
  EXPECT_EQ(buffer_.stats().concealment_events, before.concealment_events);
  EXPECT_LT(buffer_.current_delay_us(), 60'000);
  EXPECT_EQ(buffer_.stats().packets_discarded, 0u);
}

TEST_F(Arrivals, EventsAreToldAndSilent) {
  run(0, 100);
  buffer_.take_tones();
  const AudioReceiveStats before = buffer_.stats();
  TelephoneEventSender sender(8000);
  sender.start(7, 200, 16000);
  std::vector<int16_t> heard;
  for (int i = 0; i < 12; ++i) {
    std::vector<TelephoneEventPacket> packets;
    sender.advance(20, packets);
    for (const auto& packet : packets) {
      buffer_.insert({1, test::kEventType, packet.rtp_timestamp, false}, packet.payload, now_us_);
    }
    const auto part = play(2);
    if (i >= 4) heard.insert(heard.end(), part.begin(), part.end());
  }
  const auto tones = buffer_.take_tones();
  ASSERT_EQ(tones.size(), 2u);
  EXPECT_EQ(tones[0].event, 7);
  EXPECT_TRUE(tones[1].is_end);
  EXPECT_EQ(tones[1].duration_ms, 200);
  EXPECT_TRUE(buffer_.take_tones().empty());
  EXPECT_EQ(audio_energy(heard.data(), heard.size()), 0);
  const auto again = run(112, 30);
  EXPECT_GT(test::fit_tone(std::span(again).last(2400), 8000, 300).snr_db, 25);
  EXPECT_EQ(buffer_.stats().concealed_samples, before.concealed_samples);
  EXPECT_EQ(buffer_.stats().packets_discarded, 0u);
}

TEST_F(Arrivals, LipSyncAndJitterBufferTargetBoundTheDelay) {
  run(0, 100);
  const int64_t usual_us = buffer_.target_delay_us();
  EXPECT_LT(usual_us, 60'000);
  buffer_.set_minimum_delay_us(150'000);
  EXPECT_EQ(buffer_.target_delay_us(), 150'000);
  buffer_.set_base_minimum_delay_us(300'000);
  EXPECT_EQ(buffer_.target_delay_us(), 300'000);
  buffer_.set_maximum_delay_us(200'000);
  EXPECT_EQ(buffer_.target_delay_us(), 200'000);
  const AudioReceiveStats before = buffer_.stats();
  run(100, 300);
  EXPECT_NEAR(static_cast<double>(buffer_.current_delay_us()), 200e3, 25e3);
  const AudioReceiveStats& after = buffer_.stats();
  const auto emitted = static_cast<double>(after.jitter_buffer_emitted_count - before.jitter_buffer_emitted_count);
  EXPECT_NEAR((after.jitter_buffer_target_delay_s - before.jitter_buffer_target_delay_s) / emitted, 0.2, 0.01);
  // The minimum leaves out what was asked for from outside.
  EXPECT_LT((after.jitter_buffer_minimum_delay_s - before.jitter_buffer_minimum_delay_s) / emitted, 0.06);
}

TEST(OpusArrivals, InBandRedundancyRestoresTheLost) {
  const auto concealed_with = [](double told_loss) {
    SimulatedStream stream(
        AudioCodec::kOpus, [](int number, int64_t) { return number % 10 == 9 ? -1 : 30; }, 300, 20, told_loss);
    stream.set_syllables(true);
    stream.run(10'000);
    return std::pair(stream.stats().concealed_samples, stream.stats().fec_packets_received);
  };
  if (!AudioDecoder::create(AudioCodec::kOpus, 1)) GTEST_SKIP();
  const auto [with, received] = concealed_with(0.2);
  const auto [without, none] = concealed_with(0);
  EXPECT_GT(received, 200u);
  EXPECT_EQ(none, 0u);
  EXPECT_GT(without, 40'000u);
  EXPECT_LT(with, without / 2);
}

TEST(OpusArrivals, DtxIsNoLoss) {
  if (!AudioDecoder::create(AudioCodec::kOpus, 1)) GTEST_SKIP();
  AudioEncoderSettings settings;
  settings.dtx = true;
  auto encoder = AudioEncoder::create(settings, nullptr);
  AudioJitterBuffer buffer;
  test::configure(buffer);
  int64_t now_us = 0;
  uint32_t timestamp = 0;
  Bytes payload;
  size_t sent = 0;
  const auto talk = [&](int packets, double amplitude) {
    std::vector<int16_t> heard;
    for (int i = 0; i < packets; ++i, timestamp += 960) {
      const auto tone = test::make_tone(48000, 300, amplitude, 960, timestamp);
      EXPECT_TRUE(encoder->encode(tone.data(), 960, payload));
      if (!payload.empty()) {
        ++sent;
        buffer.insert({1, test::kOpusType, timestamp, false}, payload, now_us);
      }
      for (int k = 0; k < 2; ++k, now_us += 10'000) {
        const auto block = buffer.get_block(now_us);
        heard.insert(heard.end(), block.samples.begin(), block.samples.end());
      }
    }
    return heard;
  };
  talk(100, 8000);
  sent = 0;
  talk(200, 0);
  EXPECT_LT(sent, 60u);
  const auto heard = talk(100, 8000);
  EXPECT_EQ(buffer.stats().concealed_samples, 0u);
  EXPECT_EQ(buffer.stats().packets_discarded, 0u);
  EXPECT_GT(test::fit_tone(std::span(heard).last(48000), 48000, 300).snr_db, 14);
  EXPECT_LT(buffer.current_delay_us(), 60'000);
}

TEST(OpusArrivals, CodecsAndRatesChangeInMidStream) {
  if (!AudioDecoder::create(AudioCodec::kOpus, 1) || !AudioDecoder::create(AudioCodec::kG722, 1)) GTEST_SKIP();
  AudioJitterBuffer buffer;
  test::configure(buffer, 2);
  int64_t now_us = 0;
  uint32_t timestamp = 1000;
  struct Part {
    AudioCodec codec;
    int channels = 1;  // sent
    int heard_channels = 1;
  };
  for (const auto& [codec, sent_channels, heard_channels] :
       {Part{AudioCodec::kOpus}, Part{AudioCodec::kPcmu}, Part{AudioCodec::kG722}, Part{AudioCodec::kPcmu},
        Part{AudioCodec::kOpus}, Part{AudioCodec::kOpus, 2, 2}, Part{AudioCodec::kOpus, 1, 2}}) {
    AudioEncoderSettings settings;
    settings.codec = codec;
    settings.channels = sent_channels;
    auto encoder = AudioEncoder::create(settings, nullptr);
    const auto frames = static_cast<size_t>(encoder->sample_rate() / 50);
    std::vector<int16_t> heard;
    int rate = 0, channels = 0;
    for (size_t i = 0; i < 60; ++i) {
      const auto tone = test::make_tone(encoder->sample_rate(), 300, 8000, frames, i * frames);
      std::vector<int16_t> samples(frames * static_cast<size_t>(sent_channels));
      for (size_t n = 0; n < frames; ++n) samples[n * static_cast<size_t>(sent_channels)] = tone[n];
      Bytes payload;
      ASSERT_TRUE(encoder->encode(samples.data(), frames, payload));
      buffer.insert({1, test::type_of(codec), timestamp, false}, payload, now_us);
      timestamp += static_cast<uint32_t>(encoder->rtp_clock_rate() / 50);
      for (int k = 0; k < 2; ++k, now_us += 10'000) {
        const auto block = buffer.get_block(now_us);
        if (i < 30) continue;
        rate = block.sample_rate;
        channels = block.channels;
        for (size_t n = 0; n < block.samples.size(); n += static_cast<size_t>(channels)) {
          heard.push_back(block.samples[n]);
        }
      }
    }
    EXPECT_EQ(rate, encoder->sample_rate());
    EXPECT_EQ(channels, heard_channels) << "two from the first packet on that has two";
    EXPECT_GT(test::fit_tone(heard, rate, 300).snr_db, 14) << static_cast<int>(codec);
  }
  EXPECT_LT(buffer.stats().concealed_samples, 5000u);
}

}  // namespace
}  // namespace peerwire
