// Lip sync: which of a sender's two streams has to wait for the other, and for how long. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace peerwire {

/// The clock of a stream's sender, from its sender reports: https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1
class SenderClock {
 public:
  explicit SenderClock(int rtp_clock_rate) : rate_(rtp_clock_rate > 0 ? rtp_clock_rate : 90'000) {}
  /// `ntp_time`: 32.32 seconds since 1900; 0: the sender has no such clock (RFC 3550 section 6.4.1), and nothing is
  /// known.
  void on_sender_report(uint64_t ntp_time, uint32_t rtp_timestamp);
  /// When this was captured by the sender's clock, in microseconds since 1900; nothing before the first report.
  std::optional<int64_t> ntp_us(uint32_t rtp_timestamp) const;
  void reset() { report_.reset(); }

 private:
  struct Report {
    int64_t ntp_us = 0;
    uint32_t rtp_timestamp = 0;
  };
  int64_t rate_;
  std::optional<Report> report_;
};

/// What is known of one stream.
struct SyncedStream {
  int64_t capture_ntp_us = 0;    // of something received lately, by the sender's clock
  int64_t arrival_us = 0;        // of the same
  int64_t current_delay_us = 0;  // from arrival to playout, as it is
  int64_t minimum_delay_us = 0;  // as it would be without lip sync
};

class StreamSynchronization {
 public:
  /// Each is a least delay from arrival to playout; 0: none.
  struct Delays {
    int64_t audio_us = 0;
    int64_t video_us = 0;
  };
  static constexpr int64_t kMaxStepUs = 80'000;
  /// Where two comparisons in a row agree on what the sender and the path do: what they say may be followed at once.
  static constexpr int64_t kMaxLeapUs = 500'000;
  static constexpr int64_t kAgreementUs = 30'000;
  static constexpr int64_t kToleranceUs = 15'000;
  static constexpr int64_t kMaxDelayUs = 10'000'000;

  /// Once a second or so. The delays to be set from now on.
  Delays update(const SyncedStream& audio, const SyncedStream& video);
  /// By how much video is behind audio; negative: before it. Smoothed.
  int64_t difference_us() const { return difference_us_.value_or(0); }
  void reset();

 private:
  std::optional<int64_t> difference_us_;
  /// By how much video came later than audio, delays of ours left out, when last compared.
  std::optional<int64_t> relative_us_;
  Delays delays_;
};

}  // namespace peerwire
