#include "media/codec/telephone_event.h"

#include <algorithm>
#include <string_view>

namespace peerwire {
namespace {

constexpr std::string_view kTones = "0123456789*#ABCD";
constexpr uint32_t kLongestSegment = 0xffff;
constexpr int kEndRepetitions = 3;  // section 2.5.1.4
/// Packets come every 20 to 60 ms; three of these without any, and the event is over (section 2.5.2.2).
constexpr int64_t kLostEndUs = 200'000;

}  // namespace

std::optional<TelephoneEvent> parse_telephone_event(ByteView payload) {
  if (payload.size() < 4) return std::nullopt;
  TelephoneEvent event;
  event.event = payload[0];
  event.is_end = (payload[1] & 0x80) != 0;
  event.volume = payload[1] & 0x3f;
  event.duration = static_cast<uint16_t>(payload[2] << 8 | payload[3]);
  return event;
}

std::array<uint8_t, 4> serialize_telephone_event(const TelephoneEvent& event) {
  return {event.event, static_cast<uint8_t>((event.is_end ? 0x80 : 0) | (event.volume & 0x3f)),
          static_cast<uint8_t>(event.duration >> 8), static_cast<uint8_t>(event.duration & 0xff)};
}

std::optional<uint8_t> telephone_event_of(char tone) {
  const char upper = tone >= 'a' && tone <= 'd' ? static_cast<char>(tone - 'a' + 'A') : tone;
  const size_t index = kTones.find(upper);
  if (index == std::string_view::npos) return std::nullopt;
  return static_cast<uint8_t>(index);
}

char tone_of_telephone_event(uint8_t event) {
  return event < kTones.size() ? kTones[event] : '\0';
}

void TelephoneEventSender::start(uint8_t event, int duration_ms, uint32_t rtp_timestamp) {
  event_ = event;
  timestamp_ = rtp_timestamp;
  duration_ = 0;
  remaining_ = static_cast<uint32_t>(std::max(duration_ms, 1)) * static_cast<uint32_t>(clock_rate_) / 1000;
  marker_ = true;
}

void TelephoneEventSender::emit(bool is_end, uint32_t duration, int times, std::vector<TelephoneEventPacket>& out) {
  TelephoneEvent event;
  event.event = event_;
  event.is_end = is_end;
  event.duration = static_cast<uint16_t>(duration);
  for (int i = 0; i < times; ++i) {
    out.push_back({serialize_telephone_event(event), timestamp_, marker_});
    marker_ = false;
  }
}

void TelephoneEventSender::advance(int interval_ms, std::vector<TelephoneEventPacket>& out) {
  if (remaining_ == 0) return;
  const uint32_t interval =
      std::min(static_cast<uint32_t>(interval_ms) * static_cast<uint32_t>(clock_rate_) / 1000, remaining_);
  remaining_ -= interval;
  duration_ += interval;
  // Section 2.5.1.3: a longer event goes on in a new segment, whose timestamp is where the last one stopped.
  while (duration_ > kLongestSegment) {
    emit(false, kLongestSegment, kEndRepetitions, out);
    timestamp_ += kLongestSegment;
    duration_ -= kLongestSegment;
  }
  const bool is_end = remaining_ == 0;
  emit(is_end, duration_, is_end ? kEndRepetitions : 1, out);
}

void TelephoneEventReceiver::end(std::vector<ReceivedTone>& out) {
  const Current& tone = *current_;
  const uint64_t ticks = static_cast<uint32_t>(tone.segment_timestamp - tone.first_timestamp) + tone.segment_duration;
  out.push_back({tone.event, tone.volume, true, tone.first_timestamp,
                 static_cast<int>(ticks * 1000 / static_cast<uint64_t>(tone.clock_rate))});
  ended_timestamp_ = tone.segment_timestamp;
  current_.reset();
}

void TelephoneEventReceiver::receive(ByteView payload, uint32_t rtp_timestamp, int clock_rate, int64_t now_us,
                                     std::vector<ReceivedTone>& out) {
  const auto event = parse_telephone_event(payload);
  if (!event || clock_rate <= 0) return;
  // Repetitions and stragglers of an event that is over.
  if (ended_timestamp_ && static_cast<int32_t>(rtp_timestamp - *ended_timestamp_) <= 0) {
    if (static_cast<int32_t>(rtp_timestamp - *ended_timestamp_) > -60 * clock_rate) return;
  }
  if (current_) {
    const auto ahead = static_cast<int32_t>(rtp_timestamp - current_->segment_timestamp);
    if (ahead < 0 && ahead > -60 * clock_rate) return;  // reordered
    const bool continues = event->event == current_->event && clock_rate == current_->clock_rate &&
                           (ahead == 0 || ahead == static_cast<int32_t>(kLongestSegment));
    if (!continues) end(out);
  }
  if (!current_) {
    current_ = Current{event->event, event->volume, clock_rate, rtp_timestamp, rtp_timestamp, 0, now_us};
    out.push_back({event->event, event->volume, false, rtp_timestamp,
                   static_cast<int>(event->duration * 1000ull / static_cast<uint64_t>(clock_rate))});
  }
  if (rtp_timestamp != current_->segment_timestamp) {
    current_->segment_timestamp = rtp_timestamp;
    current_->segment_duration = 0;
  }
  current_->segment_duration = std::max<uint32_t>(current_->segment_duration, event->duration);
  current_->updated_us = now_us;
  if (event->is_end) end(out);
}

void TelephoneEventReceiver::finish(std::vector<ReceivedTone>& out) {
  if (current_) end(out);
  ended_timestamp_.reset();
}

void TelephoneEventReceiver::poll(int64_t now_us, std::vector<ReceivedTone>& out) {
  if (current_ && now_us - current_->updated_us > kLostEndUs) end(out);
}

}  // namespace peerwire
