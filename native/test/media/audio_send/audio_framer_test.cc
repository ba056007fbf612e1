#include "media/send/audio_framer.h"

#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"

namespace peerwire {
namespace {

class Framing : public testing::Test {
 protected:
  void SetUp() override {
    for (const AudioCodec codec : {AudioCodec::kOpus, AudioCodec::kPcmu, AudioCodec::kG722}) {
      if (!AudioDecoder::create(codec, 1)) GTEST_SKIP() << "built without one of the codecs";
    }
  }

  void start(AudioCodec codec, int packet_time_ms = 20, bool dtx = false, bool comfort_noise = false) {
    AudioFramer::Settings settings;
    settings.encoder.codec = codec;
    settings.encoder.packet_time_ms = packet_time_ms;
    settings.encoder.dtx = dtx;
    settings.comfort_noise = comfort_noise;
    settings.first_rtp_timestamp = 0xffffff00u;
    std::string error;
    framer_ = AudioFramer::create(settings, &error);
    ASSERT_TRUE(framer_) << error;
  }

  /// Pushes a tone in blocks of `chunk` frames.
  void push(int rate, int channels, size_t chunk, int duration_ms, double amplitude = 8000) {
    const size_t frames = static_cast<size_t>(rate) * static_cast<size_t>(duration_ms) / 1000;
    for (size_t at = 0; at < frames; at += chunk) {
      const size_t count = std::min(chunk, frames - at);
      AudioBlock block;
      block.sample_rate = rate;
      block.channels = channels;
      block.capture_time_us = now_us_;
      const auto tone = test::make_tone(rate, 400, amplitude, count, at);
      for (const int16_t sample : tone)
        block.samples.insert(block.samples.end(), static_cast<size_t>(channels), sample);
      framer_->push(block, packets_);
      now_us_ += static_cast<int64_t>(count) * 1'000'000 / rate;
    }
  }

  std::unique_ptr<AudioFramer> framer_;
  std::vector<EncodedAudioPacket> packets_;
  int64_t now_us_ = 5'000'000;
};

TEST_F(Framing, CutsAnythingIntoPackets) {
  start(AudioCodec::kOpus);
  push(44100, 2, 441, 1000);
  // The filter holds back a few samples.
  ASSERT_EQ(packets_.size(), 49u);
  for (size_t i = 0; i < packets_.size(); ++i) {
    EXPECT_EQ(packets_[i].rtp_timestamp, 0xffffff00u + static_cast<uint32_t>(i * 960));
    EXPECT_EQ(packets_[i].marker, i == 0);
    EXPECT_EQ(packets_[i].codec, AudioCodec::kOpus);
    EXPECT_EQ(packets_[i].duration_ms, 20);
    EXPECT_TRUE(packets_[i].voice);
    EXPECT_NEAR(packets_[i].level, 15, 1);
    EXPECT_NEAR(static_cast<double>(packets_[i].capture_time_us), 5e6 + 20e3 * static_cast<double>(i), 2000);
  }
}

TEST_F(Framing, G722CountsHalfItsSamples) {
  start(AudioCodec::kG722, 30);
  push(48000, 1, 123, 300);
  ASSERT_GE(packets_.size(), 9u);
  EXPECT_EQ(packets_[1].rtp_timestamp - packets_[0].rtp_timestamp, 240u);
  EXPECT_EQ(packets_[0].payload.size(), 240u);
}

TEST_F(Framing, AGapMovesTheClockByAsMuch) {
  start(AudioCodec::kPcmu);
  push(8000, 1, 80, 110);
  now_us_ += 3'000'000;
  push(8000, 1, 80, 100);
  ASSERT_EQ(packets_.size(), 11u);
  // The packet that was begun is filled up; the next talkspurt begins when its sound was captured.
  EXPECT_EQ(packets_[5].rtp_timestamp - packets_[0].rtp_timestamp, 5u * 160);
  EXPECT_EQ(packets_[6].rtp_timestamp - packets_[0].rtp_timestamp, 110u * 8 + 24000);
  EXPECT_TRUE(packets_[6].marker);
  EXPECT_EQ(packets_[6].capture_time_us, 5'000'000 + 110'000 + 3'000'000);
}

TEST_F(Framing, LateAndEarlyTimersAreNoGap) {
  start(AudioCodec::kPcmu);
  push(8000, 1, 80, 500);
  now_us_ += 150'000;
  push(8000, 1, 80, 500);
  now_us_ -= 300'000;
  push(8000, 1, 80, 500);
  ASSERT_EQ(packets_.size(), 75u);
  for (size_t i = 1; i < packets_.size(); ++i) {
    EXPECT_EQ(packets_[i].rtp_timestamp - packets_[i - 1].rtp_timestamp, 160u);
  }
}

TEST_F(Framing, KnowsWhenSoundWasCapturedThatCameAllAtOnce) {
  // A program that was busy for 170 ms hands over what it owes, and is in time again.
  start(AudioCodec::kPcmu);
  const int64_t late_us = now_us_;
  for (int i = 0; i < 17; ++i) {
    push(8000, 1, 80, 10);
    now_us_ = late_us;
  }
  now_us_ += 10'000;
  push(8000, 1, 80, 110);
  ASSERT_EQ(packets_.size(), 14u);
  for (size_t i = 8; i < packets_.size(); ++i) {
    const int64_t since_us = int64_t{packets_[i].rtp_timestamp - packets_[0].rtp_timestamp} * 1000 / 8;
    EXPECT_NEAR(static_cast<double>(packets_[i].capture_time_us), static_cast<double>(late_us - 160'000 + since_us),
                1000);
  }
}

TEST_F(Framing, ASlowClockNeverAddsUpToAGap) {
  // 500 ppm for 20 minutes: 600 ms in all.
  start(AudioCodec::kPcmu);
  for (int i = 0; i < 120'000; ++i) {
    AudioBlock block;
    block.sample_rate = 8000;
    block.samples.assign(80, 100);
    block.capture_time_us = now_us_;
    now_us_ += 10'005;
    framer_->push(block, packets_);
  }
  ASSERT_EQ(packets_.size(), 60'000u);
  EXPECT_EQ(packets_.back().rtp_timestamp - packets_.front().rtp_timestamp, 59'999u * 160);
  EXPECT_NEAR(static_cast<double>(packets_.back().capture_time_us), static_cast<double>(now_us_), 30'000);
}

TEST_F(Framing, ComfortNoiseFillsPauses) {
  start(AudioCodec::kPcmu, 20, true, true);
  push(8000, 1, 80, 400);
  packets_.clear();
  push(8000, 1, 80, 2000, 4);
  size_t noises = 0;
  for (const auto& packet : packets_) {
    if (packet.codec != AudioCodec::kComfortNoise) continue;
    ++noises;
    EXPECT_FALSE(packet.marker);
    EXPECT_FALSE(packet.voice);
    EXPECT_GE(packet.payload.size(), 1u);
    EXPECT_NEAR(packet.payload[0], 81, 4);
  }
  EXPECT_GE(noises, 15u);
  EXPECT_LE(packets_.size(), 32u);
  packets_.clear();
  push(8000, 1, 80, 100);
  ASSERT_GE(packets_.size(), 4u);
  EXPECT_EQ(packets_[0].codec, AudioCodec::kPcmu);
  EXPECT_TRUE(packets_[0].marker);
  EXPECT_FALSE(packets_[1].marker);
}

TEST_F(Framing, NothingIsSuppressedUnlessNegotiated) {
  start(AudioCodec::kPcmu);
  push(8000, 1, 80, 1000, 0);
  ASSERT_EQ(packets_.size(), 50u);
  for (const auto& packet : packets_) EXPECT_EQ(packet.codec, AudioCodec::kPcmu);
}

TEST_F(Framing, DtxKeepsTheClock) {
  start(AudioCodec::kOpus, 20, true);
  push(48000, 1, 480, 400);
  const uint32_t first = packets_[0].rtp_timestamp;
  packets_.clear();
  push(48000, 1, 480, 2000, 0);
  EXPECT_LT(packets_.size(), 50u);
  EXPECT_GT(packets_.back().rtp_timestamp - first, 48u * 1500);  // there is some noise each 400 ms
  for (const auto& packet : packets_) EXPECT_FALSE(packet.marker);
  packets_.clear();
  push(48000, 1, 480, 100);
  ASSERT_EQ(packets_.size(), 5u);
  EXPECT_EQ(packets_[0].rtp_timestamp - first, 48u * 2400);
  EXPECT_TRUE(packets_[0].marker);
}

TEST_F(Framing, PauseAndReconfigureKeepTheClock) {
  start(AudioCodec::kPcmu);
  push(8000, 1, 80, 100);
  framer_->set_paused(true);
  push(8000, 1, 80, 100);
  EXPECT_EQ(packets_.size(), 5u);
  framer_->set_paused(false);
  AudioEncoderSettings settings;
  settings.codec = AudioCodec::kPcma;
  settings.packet_time_ms = 10;
  ASSERT_TRUE(framer_->reconfigure(settings, false, nullptr));
  push(8000, 1, 80, 20);
  ASSERT_EQ(packets_.size(), 7u);
  EXPECT_EQ(packets_[5].rtp_timestamp - packets_[0].rtp_timestamp, 1600u);
  EXPECT_EQ(packets_[5].codec, AudioCodec::kPcma);
  EXPECT_TRUE(packets_[5].marker);
  EXPECT_EQ(packets_[6].payload.size(), 80u);
  settings.codec = AudioCodec::kTelephoneEvent;
  std::string error;
  EXPECT_FALSE(framer_->reconfigure(settings, false, &error));
  EXPECT_EQ(framer_->packet_time_ms(), 10);
}

}  // namespace
}  // namespace peerwire
