#include "media/receive/audio_jitter_buffer.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

/// 4 s of packets of 10 ms, and some.
constexpr size_t kMaxPackets = 500;
/// A timestamp further away than this from the one before it is another stream's.
constexpr int kLargestLeapSeconds = 10;
/// Sound waits this much longer than the network wants: blocks are fetched by a timer, too.
constexpr int64_t kMarginUs = 20'000;
constexpr int64_t kLongestDelayUs = 4'000'000;
constexpr size_t kMaxTones = 256;
/// Events are told at once, sound waits: so long after the last of them its place is still the event's.
constexpr int64_t kEventTailUs = 60'000;

}  // namespace

AudioJitterBuffer::AudioJitterBuffer() : packets_(kMaxPackets) {}

void AudioJitterBuffer::set_payload_type(uint8_t payload_type, const AudioPayloadFormat& format) {
  if (payload_type >= types_.size() || format.clock_rate <= 0) return;
  auto& type = types_[payload_type];
  if (type && type->format.codec == format.codec && type->format.clock_rate == format.clock_rate &&
      type->format.channels == format.channels) {
    return;
  }
  if (decoder_type_ == payload_type) {
    decoder_ = nullptr;
    decoder_type_ = -1;
  }
  type = std::make_unique<PayloadType>();
  type->format = format;
}

void AudioJitterBuffer::keep_payload_types(const std::bitset<kPayloadTypes>& kept) {
  for (size_t index = 0; index < types_.size(); ++index) {
    if (kept[index]) continue;
    if (decoder_type_ == static_cast<int>(index)) {
      decoder_ = nullptr;
      decoder_type_ = -1;
    }
    types_[index].reset();
  }
}

AudioJitterBuffer::PayloadType* AudioJitterBuffer::type_of(uint8_t payload_type) {
  return payload_type < types_.size() ? types_[payload_type].get() : nullptr;
}

AudioDecoder* AudioJitterBuffer::decoder_of(PayloadType& type) {
  if (!type.decoder) type.decoder = AudioDecoder::create(type.format.codec, type.format.channels);
  return type.decoder.get();
}

void AudioJitterBuffer::discard(bool is_redundant, bool is_duplicate) {
  if (is_redundant) {
    ++stats_.fec_packets_discarded;
    return;
  }
  ++stats_.packets_discarded;
  if (is_duplicate) ++stats_.packets_duplicated;
}

void AudioJitterBuffer::restart_at(uint32_t timestamp) {
  packets_.clear();
  estimator_.reset();
  last_timestamp_ = timestamp;
  has_timestamp_ = true;
  resync_ = true;
}

void AudioJitterBuffer::reset() {
  packets_.clear();
  estimator_.reset();
  signal_.clear();
  event_receiver_.finish(tones_);
  for (auto& type : types_) {
    if (type) type->decoder.reset();
  }
  decoder_ = nullptr;
  decoder_type_ = -1;
  energies_.fill(0);
  stats_.audio_level = 0;
  has_timestamp_ = false;
  is_playing_ = false;
  resync_ = false;
  filler_.reset();
  filled_ = 0;
  has_delay_ = false;
}

void AudioJitterBuffer::insert(const PacketHeader& header, ByteView payload, int64_t arrival_us) {
  PayloadType* type = type_of(header.payload_type);
  if (!type || payload.empty()) return;
  if (type->format.codec == AudioCodec::kTelephoneEvent) {
    insert_event(header, *type, payload, arrival_us);
    return;
  }
  if (stats_.ssrc != header.ssrc) {
    stats_ = AudioReceiveStats();
    stats_.ssrc = header.ssrc;
    has_timestamp_ = false;
  }
  const bool is_noise = type->format.codec == AudioCodec::kComfortNoise;
  AudioDecoder* decoder = is_noise ? nullptr : decoder_of(*type);
  if (!is_noise && (!decoder || decoder->packet_frames(payload) < 0)) {
    discard(header.is_redundant, false);
    return;
  }
  // Another source, another clock, or a leap that no network makes: what was before has nothing to do with it.
  const int clock_rate = type->format.clock_rate;
  const auto leap = static_cast<int32_t>(header.timestamp - static_cast<uint32_t>(last_timestamp_));
  const bool is_another = !has_timestamp_ || clock_rate != clock_rate_ ||
                          std::abs(int64_t{leap}) > int64_t{kLargestLeapSeconds} * clock_rate;
  if (is_another) {
    if (header.is_redundant) return;
    clock_rate_ = clock_rate;
    restart_at(header.timestamp);
  }

  AudioPacket packet;
  packet.timestamp = is_another ? last_timestamp_ : last_timestamp_ + leap;
  packet.arrival_us = arrival_us;
  packet.payload_type = header.payload_type;
  packet.is_redundant = header.is_redundant;
  if (header.is_redundant) {
    ++stats_.fec_packets_received;
  } else {
    last_timestamp_ = packet.timestamp;
    packet.relative_delay_us = estimator_.update(packet.timestamp, clock_rate, arrival_us);
    if (decoder && decoder->fec_frames(payload) > 0) ++stats_.fec_packets_received;
  }
  if (is_playing_ && !resync_ && is_past(packet.timestamp)) {
    discard(header.is_redundant, false);
    return;
  }
  if (packets_.is_full()) {
    // Nobody fetches, or a flood: the newest is what is wanted.
    for (size_t dropped = 0; dropped < kMaxPackets / 2; ++dropped) {
      discard(packets_.front().is_redundant, false);
      packets_.pop_front();
    }
    resync_ = true;
  }
  switch (packets_.insert(packet, payload)) {
    case AudioPacketBuffer::Outcome::kInserted:
      break;
    case AudioPacketBuffer::Outcome::kDuplicate:
      discard(header.is_redundant, true);
      break;
    case AudioPacketBuffer::Outcome::kReplacedRedundant:
      discard(true, true);
      break;
  }
}

void AudioJitterBuffer::insert_event(const PacketHeader& header, const PayloadType& type, ByteView payload,
                                     int64_t arrival_us) {
  if (header.is_redundant) return;
  event_receiver_.receive(payload, header.timestamp, type.format.clock_rate, arrival_us, tones_);
  event_until_us_ = arrival_us + current_delay_us() + kEventTailUs;
  // Nobody takes them: the latest are kept.
  if (tones_.size() > kMaxTones) tones_.erase(tones_.begin(), tones_.begin() + kMaxTones / 2);
}

std::vector<ReceivedTone> AudioJitterBuffer::take_tones() {
  return std::exchange(tones_, {});
}

int64_t AudioJitterBuffer::minimum_target_us() const {
  return std::min(estimator_.wanted_us() + kMarginUs, kLongestDelayUs);
}

int64_t AudioJitterBuffer::target_delay_us() const {
  const int64_t most = maximum_delay_us_ > 0 ? std::min(maximum_delay_us_, kLongestDelayUs) : kLongestDelayUs;
  return std::min(std::max({minimum_target_us(), minimum_delay_us_, base_minimum_delay_us_}), most);
}

}  // namespace peerwire
