// A talker, a network and a listener in virtual time.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "media/audio_codec/tones.h"
#include "media/receive/audio_jitter_buffer.h"

namespace peerwire::test {

constexpr uint8_t kOpusType = 111, kPcmuType = 0, kG722Type = 9, kNoiseType = 13, kEventType = 126, kEvent48Type = 110;

inline uint8_t type_of(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::kOpus:
      return kOpusType;
    case AudioCodec::kG722:
      return kG722Type;
    case AudioCodec::kComfortNoise:
      return kNoiseType;
    default:
      return kPcmuType;
  }
}

inline void configure(AudioJitterBuffer& buffer, int opus_channels = 1) {
  buffer.set_payload_type(kOpusType, {AudioCodec::kOpus, 48000, opus_channels});
  buffer.set_payload_type(kPcmuType, {AudioCodec::kPcmu, 8000, 1});
  buffer.set_payload_type(kG722Type, {AudioCodec::kG722, 8000, 1});
  buffer.set_payload_type(kNoiseType, {AudioCodec::kComfortNoise, 8000, 1});
  buffer.set_payload_type(kEventType, {AudioCodec::kTelephoneEvent, 8000, 1});
  buffer.set_payload_type(kEvent48Type, {AudioCodec::kTelephoneEvent, 48000, 1});
}

class SimulatedStream {
 public:
  /// How long the packet with this number is on its way, in ms; negative: lost.
  using Network = std::function<int(int number, int64_t now_ms)>;

  explicit SimulatedStream(AudioCodec codec, Network network, double hertz = 300, int packet_time_ms = 20,
                           double loss = 0)
      : network_(std::move(network)), codec_(codec), hertz_(hertz) {
    AudioEncoderSettings settings;
    settings.codec = codec;
    settings.packet_time_ms = packet_time_ms;
    encoder_ = AudioEncoder::create(settings, nullptr);
    if (encoder_) encoder_->set_packet_loss(loss);
    configure(buffer_);
  }

  bool is_possible() const { return encoder_ != nullptr; }
  AudioJitterBuffer& buffer() { return buffer_; }
  const AudioReceiveStats& stats() const { return buffer_.stats(); }
  int64_t now_ms() const { return now_ms_; }
  int rate() const { return rate_; }
  void set_amplitude(double amplitude) { amplitude_ = amplitude; }
  /// Four syllables a second in place of a steady tone.
  void set_syllables(bool has_syllables) { has_syllables_ = has_syllables; }
  /// Nothing is sent; the clock runs on.
  void set_silent(bool is_silent) { is_silent_ = is_silent; }
  /// The RTP clock leaps.
  void leap(int64_t ticks) { timestamp_ += static_cast<uint32_t>(ticks); }
  uint32_t timestamp() const { return timestamp_; }
  void set_ssrc(uint32_t ssrc) { ssrc_ = ssrc; }

  /// What was heard meanwhile (first channel).
  std::vector<int16_t> run(int duration_ms) {
    std::vector<int16_t> heard;
    const int packet_ms = encoder_->packet_time_ms();
    for (const int64_t end = now_ms_ + duration_ms; now_ms_ < end; now_ms_ += 10) {
      if (now_ms_ >= next_send_ms_) {
        next_send_ms_ += packet_ms;
        send(packet_ms);
      }
      deliver();
      const AudioBlock block = buffer_.get_block(now_ms_ * 1000);
      EXPECT_EQ(block.frames() * 100, static_cast<size_t>(block.sample_rate));
      EXPECT_EQ(block.samples.size(), block.frames() * static_cast<size_t>(block.channels));
      rate_ = block.sample_rate;
      last_timestamp_ = block.rtp_timestamp;
      for (size_t i = 0; i < block.samples.size(); i += static_cast<size_t>(block.channels)) {
        heard.push_back(block.samples[i]);
      }
    }
    return heard;
  }

  std::optional<uint32_t> last_timestamp() const { return last_timestamp_; }

 private:
  struct Flying {
    int64_t arrival_ms;
    AudioJitterBuffer::PacketHeader header;
    Bytes payload;
  };

  void send(int packet_ms) {
    const auto frames = static_cast<size_t>(packet_ms) * static_cast<size_t>(encoder_->sample_rate()) / 1000;
    auto tone = make_tone(encoder_->sample_rate(), hertz_, amplitude_, frames, sent_frames_);
    for (size_t i = 0; has_syllables_ && i < frames; ++i) {
      const double seconds = static_cast<double>(sent_frames_ + i) / encoder_->sample_rate();
      tone[i] = static_cast<int16_t>(tone[i] * std::pow(std::sin(std::numbers::pi * 4 * seconds), 2));
    }
    sent_frames_ += frames;
    Bytes payload;
    encoder_->encode(tone.data(), frames, payload);
    const int delay_ms = network_(number_++, now_ms_);
    if (delay_ms >= 0 && !payload.empty() && !is_silent_) {
      Flying packet{now_ms_ + delay_ms, {ssrc_, type_of(codec_), timestamp_, false}, std::move(payload)};
      const auto place = std::upper_bound(flying_.begin(), flying_.end(), packet,
                                          [](const Flying& a, const Flying& b) { return a.arrival_ms < b.arrival_ms; });
      flying_.insert(place, std::move(packet));
    }
    timestamp_ += static_cast<uint32_t>(packet_ms * encoder_->rtp_clock_rate() / 1000);
  }

  void deliver() {
    while (!flying_.empty() && flying_.front().arrival_ms <= now_ms_) {
      buffer_.insert(flying_.front().header, flying_.front().payload, flying_.front().arrival_ms * 1000);
      flying_.erase(flying_.begin());
    }
  }

  Network network_;
  AudioCodec codec_;
  double hertz_;
  double amplitude_ = 8000;
  bool is_silent_ = false;
  bool has_syllables_ = false;
  uint32_t ssrc_ = 1;
  std::unique_ptr<AudioEncoder> encoder_;
  AudioJitterBuffer buffer_;
  std::vector<Flying> flying_;
  int64_t now_ms_ = 1000;
  int64_t next_send_ms_ = 1000;
  int number_ = 0;
  size_t sent_frames_ = 0;
  uint32_t timestamp_ = 0xffff0000u;  // wraps within seconds
  int rate_ = 0;
  std::optional<uint32_t> last_timestamp_;
};

/// Uniform jitter and loss, repeatable.
inline SimulatedStream::Network jittery(int least_ms, int most_ms, double loss, unsigned seed) {
  auto random = std::make_shared<std::mt19937>(seed);
  return [=](int, int64_t) {
    if (std::uniform_real_distribution<>(0, 1)(*random) < loss) return -1;
    return std::uniform_int_distribution<>(least_ms, most_ms)(*random);
  };
}

}  // namespace peerwire::test
