// Keeps what is in flight to what the path holds: while there is more, or the round trip has grown, the target is
// pushed below the estimate, so that a queue which a falling rate has left behind drains in a second or two, not in
// ten.
#pragma once

#include <algorithm>
#include <deque>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class CongestionWindow {
 public:
  /// A feedback came: the least round trip that it shows, less the time for which the peer waited, and what is in
  /// flight beyond it; how much single delays deviate.
  void on_feedback(int64_t rtt_us, size_t in_flight, int64_t estimate_bps, int64_t jitter_us, int64_t now_us);
  /// Without transport-wide feedback: the round trip as a receiver report shows it.
  void on_report_rtt(int64_t rtt_us, int64_t now_us);
  /// The estimate, or less.
  int64_t target_bps(int64_t estimate_bps, int64_t min_bps) const;
  /// Much more is queued than the path holds: its rate must have fallen.
  bool is_far_exceeded() const { return far_exceeded_; }
  /// A queue stands for longer than jitter makes one.
  bool has_standing_queue() const { return standing_queue_; }
  /// Less is sent than the path carries, for the sake of a queue that is gone: what arrives is no measure of it.
  bool has_drained() const { return was_far_exceeded_ && has_no_queue_; }
  void reset() { *this = CongestionWindow(); }

 private:
  struct RoundTrip {
    int64_t at_us = 0;
    int64_t rtt_us = 0;
  };

  int64_t least_rtt_us(int64_t rtt_us, int64_t now_us, int64_t bucket_us);
  int64_t least_within_us(int64_t span_us, int64_t rtt_us, int64_t now_us);

  // The least round trip of the present and the previous bucket of time.
  int64_t bucket_began_us_ = kNever;
  int64_t bucket_least_us_ = kUnlimited;
  int64_t previous_least_us_ = kUnlimited;
  int64_t last_update_us_ = kNever;
  // What may still be the least of its span, in order of time and of length.
  std::deque<RoundTrip> recent_;
  double ratio_ = 1;
  bool standing_queue_ = false;
  bool far_exceeded_ = false;
  bool was_far_exceeded_ = false;  // since the target was the estimate
  bool has_no_queue_ = false;
};

}  // namespace peerwire::congestion
