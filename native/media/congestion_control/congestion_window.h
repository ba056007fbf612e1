// Keeps what is in flight to what the path holds: while there is more, the target is pushed below the estimate, so
// that a queue which a falling rate has left behind drains in a second, not in ten.
#pragma once

#include <array>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class CongestionWindow {
 public:
  /// A feedback came: the time since the oldest packet was sent that it speaks of, and what is in flight beyond it.
  void on_feedback(int64_t oldest_rtt_us, size_t in_flight, int64_t estimate_bps, int64_t now_us);
  /// The estimate, or less.
  int64_t target_bps(int64_t estimate_bps, int64_t min_bps) const;
  void reset() { *this = CongestionWindow(); }

 private:
  static constexpr size_t kRtts = 32;

  std::array<int64_t, kRtts> rtts_{};
  size_t rtt_count_ = 0;
  size_t next_rtt_ = 0;
  int64_t last_update_us_ = kNever;
  double ratio_ = 1;
};

}  // namespace peerwire::congestion
