#include "media/stream/audio_stream_encoder.h"

#include <algorithm>
#include <cmath>

namespace peerwire {
namespace {

/// Blocks that wait to be coded: a second of them. A machine that falls behind further drops sound, not memory.
constexpr size_t kMaxPending = 100;
/// Tones that wait for those before them.
constexpr size_t kMaxTones = 64;

}  // namespace

AudioStreamEncoder::AudioStreamEncoder(std::shared_ptr<WorkerPool> pool, Output output)
    : output_(std::move(output)), queue_(std::move(pool)) {}

void AudioStreamEncoder::post(std::function<void(AudioStreamEncoder&)> task) {
  queue_.post([weak = weak_from_this(), task = std::move(task)] {
    if (const auto self = weak.lock()) task(*self);
  });
}

void AudioStreamEncoder::configure(const EncodingParameters& encoding, TelephoneEventParameters telephone_event) {
  post([encoding, telephone_event](AudioStreamEncoder& self) {
    const SendCodecParameters& codec = encoding.codec;
    if (codec.payload_type != self.encoding_.codec.payload_type || codec.red_payload_type < 0) self.red_.reset();
    self.encoding_ = encoding;
    self.telephone_event_ = telephone_event;
    self.failed_ = false;
    if (self.framer_) self.apply_settings();
  });
}

void AudioStreamEncoder::set_bitrate(uint32_t bitrate_bps) {
  // Said again with the next allocation.
  if (queue_.pending() > kMaxPending) return;
  post([bitrate_bps](AudioStreamEncoder& self) {
    if (self.bitrate_bps_ == bitrate_bps) return;
    self.bitrate_bps_ = bitrate_bps;
    if (self.framer_ && bitrate_bps > 0) self.framer_->encoder().set_bitrate(bitrate_bps);
  });
}

void AudioStreamEncoder::set_packet_loss(double fraction) {
  // As often as the peer reports, which may be at any rate.
  if (queue_.pending() > kMaxPending) return;
  post([fraction](AudioStreamEncoder& self) {
    // Falls slowly: a burst that has passed may come again.
    self.packet_loss_ = fraction >= self.packet_loss_ ? fraction : self.packet_loss_ * 0.9 + fraction * 0.1;
    if (self.framer_) self.framer_->encoder().set_packet_loss(self.packet_loss_);
  });
}

void AudioStreamEncoder::play_tone(char tone, int duration_ms) {
  const std::optional<uint8_t> event = telephone_event_of(tone);
  if (!event || queue_.pending() > kMaxPending) return;
  post([event = *event, duration_ms](AudioStreamEncoder& self) {
    if (self.tones_.size() < kMaxTones) self.tones_.push_back({event, duration_ms});
  });
}

void AudioStreamEncoder::set_sending(bool sending) {
  std::lock_guard lock(mutex_);
  sending_ = sending;
}

void AudioStreamEncoder::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

AudioEncoderStats AudioStreamEncoder::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

void AudioStreamEncoder::on_silence(AudioBlockPtr block) {
  if (queue_.pending() > kMaxPending) return;
  post([block = std::move(block)](AudioStreamEncoder& self) { self.encode(*block); });
}

void AudioStreamEncoder::on_audio_block(const AudioBlockPtr& block) {
  last_block_us_.store(block->capture_time_us);
  if (queue_.pending() > kMaxPending) return;
  post([block](AudioStreamEncoder& self) { self.encode(*block); });
}

void AudioStreamEncoder::measure(const AudioBlock& block) {
  int peak = 0;
  for (const int16_t sample : block.samples) peak = std::max(peak, std::abs(int{sample}));
  const double duration = static_cast<double>(block.frames()) / block.sample_rate;
  const double level = peak / 32767.0;
  std::lock_guard lock(mutex_);
  stats_.audio_level = std::min(level, 1.0);
  stats_.total_audio_energy += stats_.audio_level * stats_.audio_level * duration;
  stats_.total_samples_duration_s += duration;
}

void AudioStreamEncoder::encode(const AudioBlock& block) {
  measure(block);
  {
    std::lock_guard lock(mutex_);
    if (stopped_ || !sending_) return;
  }
  if (!encoding_.active || failed_ || encoding_.ssrc == 0) return;
  if (!framer_) {
    apply_settings();
    if (!framer_) return;
  }
  const bool has_tone = !tones_.empty() || (tone_sender_ && tone_sender_->is_active());
  framer_->set_paused(has_tone);
  packets_.clear();
  framer_->push(block, packets_);
  if (has_tone) {
    emit_tones(block);
  } else {
    for (EncodedAudioPacket& packet : packets_) emit(packet);
  }
}

void AudioStreamEncoder::apply_settings() {
  const SendCodecParameters& codec = encoding_.codec;
  AudioEncoderSettings settings = codec.audio;
  if (bitrate_bps_ > 0 && (settings.bitrate_bps == 0 || bitrate_bps_ < settings.bitrate_bps)) {
    settings.bitrate_bps = bitrate_bps_;
  }
  const bool comfort_noise = codec.comfort_noise_payload_type >= 0;
  std::string error;
  if (framer_) {
    framer_->reconfigure(settings, comfort_noise, &error);
  } else {
    AudioFramer::Settings framing;
    framing.encoder = settings;
    framing.comfort_noise = comfort_noise;
    framer_ = AudioFramer::create(framing, &error);
    failed_ = !framer_;
  }
  if (framer_) framer_->encoder().set_packet_loss(packet_loss_);
}

void AudioStreamEncoder::emit(EncodedAudioPacket& packet) {
  const SendCodecParameters& codec = encoding_.codec;
  EncodedAudioFrame frame;
  frame.rtp_timestamp = packet.rtp_timestamp;
  frame.marker = packet.marker;
  frame.capture_time_us = packet.capture_time_us;
  frame.has_level = true;
  frame.level = packet.level;
  frame.voice = packet.voice;
  if (packet.codec == AudioCodec::kComfortNoise) {
    frame.payload_type = static_cast<uint8_t>(codec.comfort_noise_payload_type);
    frame.payload = std::move(packet.payload);
  } else if (codec.red_payload_type >= 0) {
    // RFC 2198: the packet before once more.
    frame.payload_type = static_cast<uint8_t>(codec.red_payload_type);
    if (!red_) red_.emplace(codec.payload_type, 1);
    frame.payload = red_->join(packet.payload, packet.rtp_timestamp);
  } else {
    frame.payload_type = codec.payload_type;
    frame.payload = std::move(packet.payload);
  }
  output_(std::move(frame));
}

void AudioStreamEncoder::emit_tones(const AudioBlock& block) {
  // Durations count in the clock of the sound, whose timestamps the events share (RFC 4733 section 2.1).
  const uint32_t clock_rate = encoding_.codec.clock_rate;
  if (!tone_sender_ || (tone_clock_rate_ != clock_rate && !tone_sender_->is_active())) {
    tone_sender_.emplace(static_cast<int>(clock_rate));
    tone_clock_rate_ = clock_rate;
  }
  const int interval_ms = std::max(framer_->packet_time_ms(), 1);
  tone_time_us_ += static_cast<int64_t>(block.frames()) * 1'000'000 / block.sample_rate;
  std::vector<TelephoneEventPacket> events;
  while (tone_time_us_ >= interval_ms * 1000) {
    tone_time_us_ -= interval_ms * 1000;
    if (!tone_sender_->is_active()) {
      if (tones_.empty()) break;
      const Tone tone = tones_.front();
      tones_.pop_front();
      if (telephone_event_.payload_type < 0) continue;
      tone_sender_->start(tone.event, tone.duration_ms, framer_->rtp_timestamp());
    }
    tone_sender_->advance(interval_ms, events);
  }
  for (const TelephoneEventPacket& event : events) {
    EncodedAudioFrame frame;
    frame.payload.assign(event.payload.begin(), event.payload.end());
    frame.payload_type = static_cast<uint8_t>(telephone_event_.payload_type);
    frame.rtp_timestamp = event.rtp_timestamp;
    frame.marker = event.marker;
    frame.capture_time_us = block.capture_time_us;
    output_(std::move(frame));
  }
}

}  // namespace peerwire
