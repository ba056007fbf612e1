// The playout side of AudioJitterBuffer.
#include <algorithm>
#include <cmath>

#include "media/codec/audio_level.h"
#include "media/receive/audio_jitter_buffer.h"

namespace peerwire {
namespace {

constexpr int kBlockMs = 10;
constexpr int kJointMs = 5;
/// Concealment is full for so long, and has faded after so much more: a repeated period sounds robotic before a codec's
/// own invention does.
constexpr int kPitchHoldMs = 30;
constexpr int kPitchFadeMs = 120;
constexpr int kCodecHoldMs = 80;
constexpr int kCodecFadeMs = 200;
/// How far the delay may be off before it is mended, and how often.
constexpr int64_t kToleranceUs = 10'000;
constexpr int kStretchIntervalBlocks = 5;
constexpr int kStretchRetryBlocks = 3;
constexpr int kStretchMs = 30;
/// Rushing: intelligible, not pretty.
constexpr int64_t kRushUs = 60'000;
constexpr int64_t kLagUs = 150'000;
constexpr int kLaggingIntervalBlocks = 1;
/// A packet that was waited for is put off this much at most, to have the delay back that its lateness showed to be
/// due.
constexpr int kLongestPostponeMs = 60;
constexpr int kLargestWobbleMs = 5;
constexpr int kLargestStepBackMs = 2;
constexpr double kDelaySmoothing = 0.125;

}  // namespace

AudioBlock AudioJitterBuffer::get_block(int64_t now_us) {
  event_receiver_.poll(now_us, tones_);
  AudioBlock block;
  block.capture_time_us = now_us;
  if (!is_playing_) {
    if (packets_.empty()) {
      block.samples.resize(48000 * kBlockMs / 1000);
      return block;
    }
    is_playing_ = true;
    resync_ = true;
  }
  fill_block(now_us);
  block.sample_rate = signal_.sample_rate();
  block.channels = signal_.channels();
  // Where in the stream the block begins: before what is still to be played.
  const auto ahead = static_cast<int64_t>(filled_) - static_cast<int64_t>(signal_.pending());
  block.rtp_timestamp = static_cast<uint32_t>(end_timestamp_ + ahead * clock_rate_ / signal_.sample_rate());
  const size_t frames = signal_.frames_of_ms(kBlockMs);
  block.samples.reserve(frames * static_cast<size_t>(block.channels));
  signal_.take(frames, block.samples);
  measure(block);
  return block;
}

void AudioJitterBuffer::measure(const AudioBlock& block) {
  const double energy = audio_energy(block.samples.data(), block.samples.size());
  const double duration_s = kBlockMs / 1000.0;
  stats_.total_samples_received += block.frames();
  stats_.total_samples_duration_s += duration_s;
  // https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
  stats_.total_audio_energy += energy * duration_s;
  energies_[energy_at_] = energy;
  energy_at_ = (energy_at_ + 1) % energies_.size();
  double sum = 0;
  for (const double of_block : energies_) sum += of_block;
  stats_.audio_level = std::sqrt(sum / static_cast<double>(energies_.size()));
}

void AudioJitterBuffer::fill_block(int64_t now_us) {
  // Each turn takes a packet or makes a block.
  while (signal_.pending() < signal_.frames_of_ms(kBlockMs)) {
    drop_late_packets();
    if (!try_packet(now_us)) fill(now_us);
  }
  if (!filler_) stretch(now_us);
}

bool AudioJitterBuffer::is_past(int64_t timestamp) const {
  // Less than the shortest packet: one that was played already is past.
  return timestamp + int64_t{kLargestStepBackMs} * clock_rate_ / 1000 < end_timestamp_;
}

void AudioJitterBuffer::drop_late_packets() {
  while (!resync_ && !packets_.empty() && is_past(packets_.front().timestamp)) {
    discard(packets_.front().is_redundant, false);
    packets_.pop_front();
  }
}

size_t AudioJitterBuffer::frames_between(int64_t from, int64_t to) const {
  return static_cast<size_t>(std::max<int64_t>(to - from, 0) * signal_.sample_rate() / std::max(clock_rate_, 1));
}

int64_t AudioJitterBuffer::us_of(size_t frames) const {
  return static_cast<int64_t>(frames) * 1'000'000 / signal_.sample_rate();
}

bool AudioJitterBuffer::is_due(const AudioPacket& packet, int64_t now_us, int64_t delay_us) const {
  return packet.is_redundant ||
         now_us + us_of(signal_.pending()) >= packet.arrival_us - packet.relative_delay_us + delay_us;
}

bool AudioJitterBuffer::try_packet(int64_t now_us) {
  if (packets_.empty()) return false;
  const AudioPacket& next = packets_.front();
  PayloadType* type = type_of(next.payload_type);
  if (!type) {
    discard(next.is_redundant, false);
    packets_.pop_front();
    return true;
  }
  if (resync_) {
    resync_ = false;
    end_timestamp_ = next.timestamp;
    filled_ = 0;
  }
  const bool is_quiet = filler_ && (filler_ != Filler::kConcealment || gain_ <= 0);
  if (is_quiet) {
    // In silence the delay is made right for nothing: sound begins when it should.
    if (!is_due(next, now_us, target_delay_us())) return false;
    decode_front(now_us);
    return true;
  }
  const size_t missing = frames_between(end_timestamp_, next.timestamp);
  // Senders that stamp by the clock, and not by counting samples, are a little off each time: that is no loss.
  if (missing > filled_ + signal_.frames_of_ms(kLargestWobbleMs)) {
    if (try_redundancy(next, *type, missing - filled_)) return true;
    return false;
  }
  if (filler_ && missing == 0 && postponed_ < signal_.frames_of_ms(kLongestPostponeMs) &&
      !is_due(next, now_us, target_delay_us() / 2)) {
    postponed_ += signal_.frames_of_ms(kBlockMs);
    return false;
  }
  decode_front(now_us);
  return true;
}

bool AudioJitterBuffer::try_redundancy(const AudioPacket& next, PayloadType& type, size_t hole) {
  if (next.payload_type != decoder_type_ || !decoder_ || type.decoder.get() != decoder_) return false;
  const size_t frames = decoder_->fec_frames(next.payload);
  // What is longer has to be concealed first. What has mostly been concealed already is not said twice.
  if (frames == 0 || hole > frames || hole < frames / 2) return false;
  const size_t at = signal_.pending();
  if (!decoder_->decode_fec(next.payload, frames, signal_.samples())) return false;
  end_timestamp_ = next.timestamp;
  restored_timestamp_ = next.timestamp;
  if (filler_) end_filler(at);
  return true;
}

void AudioJitterBuffer::use_decoder(const AudioPacket& packet, PayloadType& type) {
  if (decoder_type_ != packet.payload_type || !decoder_) {
    // One that was left is in a state that does not follow.
    if (decoder_type_ >= 0 && types_[static_cast<size_t>(decoder_type_)]) {
      types_[static_cast<size_t>(decoder_type_)]->decoder.reset();
    }
    decoder_ = decoder_of(type);
    decoder_type_ = packet.payload_type;
  }
  if (!decoder_) return;
  decoder_->prepare(packet.payload);
  signal_.set_format(decoder_->sample_rate(), decoder_->channels());
}

void AudioJitterBuffer::decode_front(int64_t now_us) {
  const AudioPacket& packet = packets_.front();
  PayloadType& type = *type_of(packet.payload_type);
  if (type.format.codec == AudioCodec::kComfortNoise) {
    enter_comfort_noise(packet);
    packets_.pop_front();
    return;
  }
  use_decoder(packet, type);
  const size_t at = signal_.pending();
  if (!decoder_ || !decoder_->decode(packet.payload, signal_.samples()) || signal_.pending() == at) {
    // Damaged: as if it had been lost.
    discard(packet.is_redundant, false);
    packets_.pop_front();
    return;
  }
  const size_t frames = signal_.pending() - at;
  if (!packet.is_redundant && restored_timestamp_ != packet.timestamp && decoder_->fec_frames(packet.payload) > 0) {
    ++stats_.fec_packets_discarded;
  }
  end_timestamp_ =
      packet.timestamp + static_cast<int64_t>(frames) * decoder_->rtp_clock_rate() / decoder_->sample_rate();

  const int64_t held_us = std::max<int64_t>(now_us - packet.arrival_us, 0);
  const int64_t waited_us = held_us + us_of(at);
  const auto samples = static_cast<double>(frames);
  stats_.processing_delay_s += samples * static_cast<double>(held_us) / 1e6;
  stats_.jitter_buffer_delay_s += samples * static_cast<double>(waited_us) / 1e6;
  stats_.jitter_buffer_target_delay_s += samples * static_cast<double>(target_delay_us()) / 1e6;
  stats_.jitter_buffer_minimum_delay_s += samples * static_cast<double>(minimum_target_us()) / 1e6;
  stats_.jitter_buffer_emitted_count += frames;
  if (filler_) {
    end_filler(at);
    has_delay_ = false;
  }
  if (!packet.is_redundant) {
    // What sound that came at once would wait: the same for all packets while nothing is stretched.
    const auto delay = static_cast<double>(waited_us + packet.relative_delay_us);
    delay_us_ = has_delay_ ? delay_us_ + kDelaySmoothing * (delay - delay_us_) : delay;
    has_delay_ = true;
  }
  const bool is_dtx = decoder_->is_dtx(packet.payload);
  packets_.pop_front();
  if (is_dtx) begin_filler(Filler::kCodecNoise);
}

void AudioJitterBuffer::enter_comfort_noise(const AudioPacket& packet) {
  const auto noise = parse_comfort_noise(packet.payload);
  if (!noise) return;
  if (decoder_type_ < 0) signal_.set_format(8000, 1);
  noise_.set(*noise);
  end_timestamp_ = packet.timestamp;
  if (filler_ != Filler::kComfortNoise) {
    noise_.settle();
    begin_filler(Filler::kComfortNoise);
  }
  filled_ = 0;
}

void AudioJitterBuffer::begin_filler(Filler filler) {
  filler_ = filler;
  filled_ = 0;
  postponed_ = 0;
  gain_ = 1;
  conceals_by_pitch_ = false;
  if (filler == Filler::kConcealment) ++stats_.concealment_events;
}

void AudioJitterBuffer::fill(int64_t now_us) {
  if (!filler_) begin_filler(now_us < event_until_us_ ? Filler::kSilence : Filler::kConcealment);
  const size_t frames = signal_.frames_of_ms(kBlockMs);
  std::vector<int16_t>& samples = signal_.samples();
  const size_t wanted = samples.size() + frames * static_cast<size_t>(signal_.channels());
  switch (*filler_) {
    case Filler::kConcealment:
      conceal(frames);
      break;
    case Filler::kComfortNoise:
      noise_.generate(frames, signal_.channels(), samples);
      break;
    case Filler::kCodecNoise:
      if (decoder_) static_cast<void>(decoder_->conceal(frames, samples));  // silence if it cannot
      break;
    case Filler::kSilence:
      break;
  }
  samples.resize(wanted, 0);
  filled_ += frames;
}

void AudioJitterBuffer::conceal(size_t frames) {
  stats_.concealed_samples += frames;
  if (gain_ <= 0) {
    stats_.silent_concealed_samples += frames;
    return;
  }
  std::vector<int16_t>& samples = signal_.samples();
  const size_t from = samples.size();
  if (conceals_by_pitch_ || !decoder_ || !decoder_->conceal(frames, samples)) {
    if (!conceals_by_pitch_) concealer_.begin(signal_);
    conceals_by_pitch_ = true;
    concealer_.produce(frames, signal_.channels(), samples);
  }
  const size_t hold = signal_.frames_of_ms(conceals_by_pitch_ ? kPitchHoldMs : kCodecHoldMs);
  const size_t fade = signal_.frames_of_ms(conceals_by_pitch_ ? kPitchFadeMs : kCodecFadeMs);
  const auto width = static_cast<size_t>(signal_.channels());
  for (size_t i = 0; i < frames; ++i) {
    const size_t position = filled_ + i;
    if (position <= hold) continue;
    gain_ = std::max(1 - static_cast<float>(position - hold) / static_cast<float>(fade), 0.0f);
    for (size_t channel = 0; channel < width; ++channel) {
      int16_t& sample = samples[from + i * width + channel];
      sample = static_cast<int16_t>(static_cast<float>(sample) * gain_);
    }
  }
}

void AudioJitterBuffer::end_filler(size_t at) {
  const auto width = static_cast<size_t>(signal_.channels());
  const size_t joint = std::min(signal_.frames_of_ms(kJointMs), signal_.pending() - at);
  scratch_.clear();
  const Filler filler = *filler_;
  filler_.reset();
  filled_ = 0;
  switch (filler) {
    case Filler::kConcealment:
      if (gain_ > 0 && conceals_by_pitch_) {
        join_by_pitch(at, joint);
        return;
      }
      // A decoder's concealment leads over by itself, but for the loudness.
      if (gain_ >= 1) return;
      scratch_.assign(signal_.next() + at * width, signal_.next() + (at + joint) * width);
      for (int16_t& sample : scratch_) sample = static_cast<int16_t>(static_cast<float>(sample) * gain_);
      break;
    case Filler::kComfortNoise:
      noise_.generate(joint, signal_.channels(), scratch_);
      break;
    case Filler::kCodecNoise:
      return;
    case Filler::kSilence:
      scratch_.resize(joint * width, 0);
      break;
  }
  fade_in_after(signal_, at, scratch_);
}

void AudioJitterBuffer::join_by_pitch(size_t at, size_t joint) {
  const auto width = static_cast<size_t>(signal_.channels());
  const size_t reach = concealer_.lag();
  concealer_.produce(reach + joint, signal_.channels(), scratch_);
  for (int16_t& sample : scratch_) sample = static_cast<int16_t>(static_cast<float>(sample) * gain_);
  // Goes on inventing until the period fits what came.
  const int16_t* arrived = signal_.next() + at * width;
  size_t best = 0;
  double best_product = 0;
  for (size_t offset = 0; offset < reach; ++offset) {
    int64_t product = 0, energy = 1;
    for (size_t i = 0; i < joint; ++i) {
      const int32_t invented = scratch_[(offset + i) * width];
      product += invented * arrived[i * width];
      energy += invented * invented;
    }
    const double score = static_cast<double>(product) / std::sqrt(static_cast<double>(energy));
    if (score > best_product) {
      best_product = score;
      best = offset;
    }
  }
  const auto begin = scratch_.begin() + static_cast<ptrdiff_t>(best * width);
  const std::vector<int16_t> tail(begin, begin + static_cast<ptrdiff_t>(joint * width));
  fade_in_after(signal_, at, tail);
  scratch_.erase(begin, scratch_.end());
  signal_.insert(at, scratch_);
  stats_.concealed_samples += best;
}

void AudioJitterBuffer::stretch(int64_t now_us) {
  blocks_since_stretch_ = std::min(blocks_since_stretch_ + 1, kStretchIntervalBlocks);
  if (!has_delay_) return;
  const auto delay_us = static_cast<int64_t>(delay_us_);
  const int64_t target_us = target_delay_us();
  const bool is_rushing = delay_us > 2 * target_us + kRushUs;
  // Far behind what lip sync wants: a second of slow speech is better than ten of voices without lips.
  const bool is_lagging = target_us - delay_us > kLagUs;
  const int interval = is_lagging ? kLaggingIntervalBlocks : kStretchIntervalBlocks;
  if (!is_rushing && blocks_since_stretch_ < interval) return;
  size_t changed = 0;
  if (delay_us > target_us + kToleranceUs) {
    // More to look at: what is there and follows without a gap.
    while (signal_.pending() < signal_.frames_of_ms(kStretchMs) && !packets_.empty() && !filler_) {
      const AudioPacket& next = packets_.front();
      if (next.timestamp != end_timestamp_ || next.payload_type != decoder_type_ || !decoder_) break;
      decode_front(now_us);
    }
    changed = accelerate(signal_, is_rushing);
    stats_.removed_samples_for_acceleration += changed;
    delay_us_ -= static_cast<double>(us_of(changed));
  } else if (delay_us < target_us - std::min(kToleranceUs, target_us / 4)) {
    changed = decelerate(signal_);
    stats_.inserted_samples_for_deceleration += changed;
    delay_us_ += static_cast<double>(us_of(changed));
  } else {
    return;
  }
  // What does not repeat now may do so soon.
  blocks_since_stretch_ = changed > 0 ? 0 : kStretchIntervalBlocks - kStretchRetryBlocks;
}

}  // namespace peerwire
