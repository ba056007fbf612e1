// DTMF on the wire: telephone-event of RFC 4733.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

/// Payload of section 2.3. Events 0 to 9, 10 "*", 11 "#", 12 to 15 "A" to "D".
struct TelephoneEvent {
  uint8_t event = 0;
  bool is_end = false;
  uint8_t volume = 10;    // decibels below 0 dBm0, 0 to 63
  uint16_t duration = 0;  // of this segment so far, in ticks of the RTP clock
};

/// The first event of the payload; nullopt when it is too short.
std::optional<TelephoneEvent> parse_telephone_event(ByteView payload);
std::array<uint8_t, 4> serialize_telephone_event(const TelephoneEvent& event);
/// Code of "0" to "9", "*", "#", "A" to "D", "a" to "d"; nullopt for others.
std::optional<uint8_t> telephone_event_of(char tone);
char tone_of_telephone_event(uint8_t event);

struct TelephoneEventPacket {
  std::array<uint8_t, 4> payload{};
  uint32_t rtp_timestamp = 0;
  bool marker = false;
};

/// Sends one event at a time. While one is active no audio is sent, and the RTP clock runs on.
class TelephoneEventSender {
 public:
  explicit TelephoneEventSender(int clock_rate) : clock_rate_(clock_rate) {}

  /// Begins an event at `rtp_timestamp`. An active one is given up without its end: let it end first.
  void start(uint8_t event, int duration_ms, uint32_t rtp_timestamp);
  bool is_active() const { return remaining_ > 0; }
  /// Each packet interval, from the start on: appends the packets to be sent now, the last ones three times. The first
  /// packets of an event tell a duration of one interval.
  void advance(int interval_ms, std::vector<TelephoneEventPacket>& out);

 private:
  void emit(bool is_end, uint32_t duration, int times, std::vector<TelephoneEventPacket>& out);

  const int clock_rate_;
  uint8_t event_ = 0;
  uint32_t timestamp_ = 0;  // of the segment
  uint32_t duration_ = 0;   // of the segment so far
  uint32_t remaining_ = 0;  // ticks of the event still to come
  bool marker_ = false;
};

/// What a peer dials, told once when it begins and once when it has ended.
struct ReceivedTone {
  uint8_t event = 0;
  uint8_t volume = 0;
  bool is_end = false;
  uint32_t rtp_timestamp = 0;  // of the beginning
  int duration_ms = 0;         // so far
};

class TelephoneEventReceiver {
 public:
  /// Total: any octets. Appends what was learned.
  void receive(ByteView payload, uint32_t rtp_timestamp, int clock_rate, int64_t now_us,
               std::vector<ReceivedTone>& out);
  /// Ends a tone whose end packets were all lost.
  void poll(int64_t now_us, std::vector<ReceivedTone>& out);
  /// Ends what is under way: another stream begins.
  void finish(std::vector<ReceivedTone>& out);
  bool is_active() const { return current_.has_value(); }

 private:
  struct Current {
    uint8_t event;
    uint8_t volume;
    int clock_rate;
    uint32_t first_timestamp;    // of the event
    uint32_t segment_timestamp;  // of its latest segment
    uint32_t segment_duration;
    int64_t updated_us;
  };
  void end(std::vector<ReceivedTone>& out);

  std::optional<Current> current_;
  std::optional<uint32_t> ended_timestamp_;  // of the segment that ended last: its end comes three times
};

}  // namespace peerwire
