// From sound of any form to the payloads and timestamps of one RTP stream: converts, cuts into packets, encodes, and
// keeps the RTP clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "media/codec/audio_codec.h"
#include "media/codec/comfort_noise.h"
#include "media/codec/voice_activity.h"

namespace peerwire {

struct EncodedAudioPacket {
  /// The encoder's, or kComfortNoise: which of the negotiated payload types it goes out under.
  AudioCodec codec = AudioCodec::kOpus;
  Bytes payload;
  uint32_t rtp_timestamp = 0;
  /// First of a talkspurt (RFC 3551 section 4.1).
  bool marker = false;
  int64_t capture_time_us = 0;  // of the first sample
  int duration_ms = 0;
  /// RFC 6464: decibels below overload, and whether it is speech.
  uint8_t level = 127;
  bool voice = false;
};

/// Runs on the encoder's queue.
class AudioFramer {
 public:
  struct Settings {
    AudioEncoderSettings encoder;
    /// Comfort noise was negotiated and silence may be suppressed: of use to codecs without DTX of their own.
    bool comfort_noise = false;
    uint32_t first_rtp_timestamp = 0;
  };

  /// Null, with the reason in `error`, when the build lacks the codec.
  static std::unique_ptr<AudioFramer> create(const Settings& settings, std::string* error);

  /// Appends the packets that the block completes. A block later than the sound before it lets on (200 ms and more) is
  /// a gap: the packet begun is filled with silence and the RTP clock leaps as much.
  void push(const AudioBlock& block, std::vector<EncodedAudioPacket>& out);

  /// Encodes no more, or again; the clock runs on. While telephone events are sent.
  void set_paused(bool is_paused) { is_paused_ = is_paused; }
  /// Another codec or other settings from the next packet on; the clock goes on where it was. False: nothing changed.
  bool reconfigure(const AudioEncoderSettings& settings, bool comfort_noise, std::string* error);

  AudioEncoder& encoder() { return *encoder_; }
  /// Timestamp of the next packet.
  uint32_t rtp_timestamp() const { return rtp_timestamp_; }
  int packet_time_ms() const { return encoder_->packet_time_ms(); }

 private:
  explicit AudioFramer(uint32_t first_rtp_timestamp) : rtp_timestamp_(first_rtp_timestamp) {}
  void install(std::unique_ptr<AudioEncoder> encoder);
  void take_settings(const AudioEncoderSettings& settings, bool comfort_noise);
  /// All packets that are complete.
  void drain(std::vector<EncodedAudioPacket>& out);
  void leap(int64_t gap_us, std::vector<EncodedAudioPacket>& out);
  /// One packet, whose last sample ends at `end_us`.
  void emit(const int16_t* samples, int64_t end_us, std::vector<EncodedAudioPacket>& out);
  size_t packet_samples() const { return packet_frames_ * static_cast<size_t>(encoder_->channels()); }
  /// Duration of interleaved samples.
  int64_t duration_us(size_t samples) const;

  std::unique_ptr<AudioEncoder> encoder_;
  std::unique_ptr<AudioConverter> converter_;
  AudioEncoderSettings settings_;
  bool comfort_noise_ = false;
  bool is_paused_ = false;
  bool was_silent_ = true;  // the next packet begins a talkspurt
  size_t packet_frames_ = 0;
  uint32_t rtp_timestamp_;
  /// When the next sample to be pushed should have been captured.
  int64_t expected_us_ = 0;
  bool has_begun_ = false;
  std::vector<int16_t> samples_;  // converted, not yet a packet
  VoiceActivityDetector voice_;
  NoiseAnalyzer noise_;
};

}  // namespace peerwire
