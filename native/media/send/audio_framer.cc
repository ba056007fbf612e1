#include "media/send/audio_framer.h"

#include <algorithm>

#include "media/codec/audio_level.h"

namespace peerwire {
namespace {

/// Sources that are driven by timers come late by tens of milliseconds, and catch up; they do not by this.
constexpr int64_t kGapUs = 200'000;
/// What a block is late by is taken over in this part only: it is rather the source's timer that was late than its
/// clock that is slow, whose drift must not add up to a gap. Nothing is captured after it was handed over: what comes
/// early is taken over whole.
constexpr int64_t kDriftDivisor = 64;

}  // namespace

std::unique_ptr<AudioFramer> AudioFramer::create(const Settings& settings, std::string* error) {
  auto encoder = AudioEncoder::create(settings.encoder, error);
  if (!encoder) return nullptr;
  std::unique_ptr<AudioFramer> framer(new AudioFramer(settings.first_rtp_timestamp));
  framer->install(std::move(encoder));
  framer->take_settings(settings.encoder, settings.comfort_noise);
  return framer;
}

bool AudioFramer::reconfigure(const AudioEncoderSettings& settings, bool comfort_noise, std::string* error) {
  AudioEncoderSettings of_other_rate = settings_;
  of_other_rate.bitrate_bps = settings.bitrate_bps;
  if (settings == of_other_rate) {
    // A new encoder would know nothing of what the peer's decoder goes by.
    encoder_->set_bitrate(settings.bitrate_bps);
  } else {
    auto encoder = AudioEncoder::create(settings, error);
    if (!encoder) return false;
    install(std::move(encoder));
  }
  take_settings(settings, comfort_noise);
  return true;
}

void AudioFramer::take_settings(const AudioEncoderSettings& settings, bool comfort_noise) {
  settings_ = settings;
  comfort_noise_ = comfort_noise && settings.codec != AudioCodec::kOpus;
}

void AudioFramer::install(std::unique_ptr<AudioEncoder> encoder) {
  const bool same_form =
      encoder_ && encoder_->sample_rate() == encoder->sample_rate() && encoder_->channels() == encoder->channels();
  encoder_ = std::move(encoder);
  packet_frames_ =
      static_cast<size_t>(encoder_->packet_time_ms()) * static_cast<size_t>(encoder_->sample_rate()) / 1000;
  if (!same_form) {
    // Less than a packet is lost, once.
    samples_.clear();
    converter_ = AudioConverter::create(encoder_->sample_rate(), encoder_->channels());
  }
}

int64_t AudioFramer::duration_us(size_t samples) const {
  return static_cast<int64_t>(samples / static_cast<size_t>(encoder_->channels())) * 1'000'000 /
         encoder_->sample_rate();
}

void AudioFramer::push(const AudioBlock& block, std::vector<EncodedAudioPacket>& out) {
  const size_t frames = block.frames();
  if (frames == 0 || block.sample_rate <= 0) return;
  if (!has_begun_) {
    expected_us_ = block.capture_time_us;
    has_begun_ = true;
  }
  drain(out);  // what shorter packets left over
  const int64_t late_us = block.capture_time_us - expected_us_;
  if (late_us >= kGapUs) {
    leap(late_us, out);
    expected_us_ = block.capture_time_us;
  } else {
    expected_us_ += late_us > 0 ? late_us / kDriftDivisor : late_us;
  }
  converter_->convert(block, samples_);
  expected_us_ += static_cast<int64_t>(frames) * 1'000'000 / block.sample_rate;
  drain(out);
}

void AudioFramer::drain(std::vector<EncodedAudioPacket>& out) {
  const size_t size = packet_samples();
  size_t at = 0;
  while (samples_.size() - at >= size) {
    emit(samples_.data() + at, expected_us_ - duration_us(samples_.size() - at - size), out);
    at += size;
  }
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<ptrdiff_t>(at));
}

void AudioFramer::leap(int64_t gap_us, std::vector<EncodedAudioPacket>& out) {
  int64_t filled_us = 0;
  if (!samples_.empty()) {
    filled_us = duration_us(packet_samples() - samples_.size());
    samples_.resize(packet_samples(), 0);
    emit(samples_.data(), expected_us_ + filled_us, out);
    samples_.clear();
  }
  const int64_t ticks = std::max<int64_t>(gap_us - filled_us, 0) * encoder_->rtp_clock_rate() / 1'000'000;
  rtp_timestamp_ += static_cast<uint32_t>(ticks);
  was_silent_ = true;
}

void AudioFramer::emit(const int16_t* samples, int64_t end_us, std::vector<EncodedAudioPacket>& out) {
  EncodedAudioPacket packet;
  packet.codec = settings_.codec;
  packet.rtp_timestamp = rtp_timestamp_;
  packet.duration_ms = encoder_->packet_time_ms();
  packet.capture_time_us = end_us - packet.duration_ms * 1000;
  rtp_timestamp_ += static_cast<uint32_t>(packet.duration_ms * encoder_->rtp_clock_rate() / 1000);

  const size_t size = packet_samples();
  const size_t chunk = size / static_cast<size_t>(packet.duration_ms / 10);
  double energy = 0;
  for (size_t at = 0; at < size; at += chunk) {
    const double of_chunk = audio_energy(samples + at, chunk);
    energy += of_chunk * static_cast<double>(chunk) / static_cast<double>(size);
    packet.voice = voice_.update(of_chunk, 10) || packet.voice;
  }
  packet.level = minus_dbov(energy);
  if (is_paused_) {
    was_silent_ = true;
    return;
  }

  if (comfort_noise_ && !packet.voice) {
    was_silent_ = true;
    if (!noise_.update(samples, packet_frames_, packet.duration_ms)) return;
    packet.codec = AudioCodec::kComfortNoise;
    serialize_comfort_noise(noise_.description(), packet.payload);
    out.push_back(std::move(packet));
    return;
  }
  noise_.reset();
  if (!encoder_->encode(samples, packet_frames_, packet.payload) || packet.payload.empty()) {
    was_silent_ = true;
    return;
  }
  // The noise that Opus sends now and then in a pause begins no talkspurt (RFC 7587 section 4.1).
  const bool is_pausing = encoder_->is_pausing();
  packet.marker = was_silent_ && !is_pausing;
  was_silent_ = is_pausing;
  out.push_back(std::move(packet));
}

}  // namespace peerwire
