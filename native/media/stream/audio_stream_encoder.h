// Codes the sound of an audio track on a queue of its own: framing, coding, comfort noise, redundancy, and DTMF events
// in place of sound.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/serial_queue.h"
#include "media/codec/telephone_event.h"
#include "media/packetization/red.h"
#include "media/send/audio_framer.h"
#include "media/stream/media_parameters.h"
#include "media/track/media_track.h"

namespace peerwire {

/// A packet's worth of coded sound, on its way to the network thread.
struct EncodedAudioFrame {
  Bytes payload;
  uint8_t payload_type = 0;
  uint32_t rtp_timestamp = 0;
  bool marker = false;
  int64_t capture_time_us = 0;
  bool has_level = false;
  uint8_t level = 127;  // -dBov (RFC 6464)
  bool voice = false;
};

/// Of the source, as https://w3c.github.io/webrtc-stats/#audiosourcestats-dict* has it.
struct AudioEncoderStats {
  double audio_level = 0;
  double total_audio_energy = 0;
  double total_samples_duration_s = 0;
};

class AudioStreamEncoder final : public AudioSink, public std::enable_shared_from_this<AudioStreamEncoder> {
 public:
  /// Called on the queue, in order.
  using Output = std::function<void(EncodedAudioFrame frame)>;

  AudioStreamEncoder(std::shared_ptr<WorkerPool> pool, Output output);

  // ---- any thread ----

  void configure(const EncodingParameters& encoding, TelephoneEventParameters telephone_event);
  /// What the stream may use.
  void set_bitrate(uint32_t bitrate_bps);
  void set_packet_loss(double fraction);
  void play_tone(char tone, int duration_ms);
  /// Until then nothing is coded.
  void set_sending(bool sending);
  void on_audio_block(const AudioBlockPtr& block) override;
  /// In place of sound that does not come.
  void on_silence(AudioBlockPtr block);
  /// For how long no sound has come.
  int64_t idle_us(int64_t now_us) const { return now_us - last_block_us_.load(); }
  AudioEncoderStats stats() const;
  void stop();

 private:
  struct Tone {
    uint8_t event = 0;
    int duration_ms = 0;
  };

  void post(std::function<void(AudioStreamEncoder&)> task);
  void encode(const AudioBlock& block);
  void apply_settings();
  void emit(EncodedAudioPacket& packet);
  /// Tones instead of sound, for as long as the block lasts.
  void emit_tones(const AudioBlock& block);
  void measure(const AudioBlock& block);

  const Output output_;
  SerialQueue queue_;

  mutable std::mutex mutex_;
  AudioEncoderStats stats_;
  bool sending_ = false;
  bool stopped_ = false;
  std::atomic<int64_t> last_block_us_{0};

  // The queue's.
  EncodingParameters encoding_;
  TelephoneEventParameters telephone_event_;
  std::unique_ptr<AudioFramer> framer_;
  bool failed_ = false;
  uint32_t bitrate_bps_ = 0;
  double packet_loss_ = 0;
  std::deque<Tone> tones_;
  std::optional<TelephoneEventSender> tone_sender_;
  uint32_t tone_clock_rate_ = 0;
  int64_t tone_time_us_ = 0;  // of sound that no event packet stands for yet
  std::optional<RedJoiner> red_;
  std::vector<EncodedAudioPacket> packets_;
};

}  // namespace peerwire
