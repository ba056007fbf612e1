// NTP timestamps of RTCP: 32.32 seconds since 1900, and the middle 32 bits of them (RFC 3550 section 4).
#pragma once

#include <cstdint>
#include <optional>

namespace peerwire {

/// Seconds from 1900 to 1970.
constexpr uint64_t kNtpUnixOffsetS = 2'208'988'800;

/// From a wall clock: microseconds since 1970. Counts on beyond 2036, when NTP's seconds wrap.
constexpr uint64_t to_ntp_time(int64_t unix_us) {
  const int64_t since_1900 = unix_us + static_cast<int64_t>(kNtpUnixOffsetS) * 1'000'000;
  int64_t seconds = since_1900 / 1'000'000;
  int64_t rest = since_1900 % 1'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000;
  }
  // Rounded up, so that from_ntp_time(), which cuts, gives the same microsecond back.
  const uint64_t fraction = ((static_cast<uint64_t>(rest) << 32) + 999'999) / 1'000'000;
  return static_cast<uint64_t>(seconds) << 32 | fraction;
}

/// Microseconds since 1970. Seconds with a clear top bit are those after the wrap of 2036 (RFC 4330 section 3).
constexpr int64_t from_ntp_time(uint64_t ntp) {
  const uint64_t era = ntp >> 63 ? 0 : uint64_t{1} << 32;
  const auto seconds = static_cast<int64_t>((ntp >> 32) + era) - static_cast<int64_t>(kNtpUnixOffsetS);
  return seconds * 1'000'000 + static_cast<int64_t>((ntp & 0xFFFFFFFF) * 1'000'000 >> 32);
}

/// Goes on evenly whatever is done to the wall clock, which is looked at once: a step of it between a report and the
/// answer would be taken for a round trip.
class NtpClock {
 public:
  constexpr NtpClock(int64_t unix_us, int64_t monotonic_us) : offset_us_(unix_us - monotonic_us) {}
  constexpr uint64_t at(int64_t monotonic_us) const { return to_ntp_time(monotonic_us + offset_us_); }

 private:
  int64_t offset_us_;
};

/// 16.16 seconds: LSR of a report block.
constexpr uint32_t to_compact_ntp(uint64_t ntp) {
  return static_cast<uint32_t>(ntp >> 16);
}

/// 32.32 seconds, since 1900 or between two times.
constexpr double ntp_ms(uint64_t ntp) {
  return static_cast<double>(ntp) / 4'294'967'296.0 * 1000;
}
constexpr double ntp_interval_ms(int64_t interval) {
  return static_cast<double>(interval) / 4'294'967'296.0 * 1000;
}

/// An interval, such as DLSR, of 1/65,536 s; saturates at 18 hours.
constexpr uint32_t to_compact_ntp_interval(int64_t interval_us) {
  if (interval_us <= 0) return 0;
  if (interval_us >= int64_t{65'536} * 1'000'000) return UINT32_MAX;
  const uint64_t units = ((static_cast<uint64_t>(interval_us) << 16) + 500'000) / 1'000'000;
  return units > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(units);
}

constexpr int64_t from_compact_ntp_interval(uint32_t interval) {
  return static_cast<int64_t>((static_cast<uint64_t>(interval) * 1'000'000 + 32'768) >> 16);
}

/// RFC 3550 section 6.4.1: round trip by a report that came at `now`; nullopt without a sender report before it. Never
/// less than 0, though clocks that disagree could make it so.
constexpr std::optional<int64_t> round_trip_time_us(uint32_t now, uint32_t last_sender_report, uint32_t delay) {
  if (last_sender_report == 0) return std::nullopt;
  const uint32_t interval = now - delay - last_sender_report;
  return interval > INT32_MAX ? 0 : from_compact_ntp_interval(interval);
}

}  // namespace peerwire
