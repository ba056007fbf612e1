// Application limited region: the sender uses clearly less than it may, so what arrives says nothing of what the path
// could carry.
#pragma once

#include <optional>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class AlrDetector {
 public:
  void set_estimate(int64_t bps) { estimate_bps_ = bps; }
  void on_sent(size_t bytes, int64_t now_us);
  /// Since when; nothing: the sender uses what it has.
  std::optional<int64_t> started_us() const { return started_us_; }

 private:
  int64_t estimate_bps_ = 0;
  int64_t last_us_ = kNever;
  double budget_bytes_ = 0;
  std::optional<int64_t> started_us_;
};

}  // namespace peerwire::congestion
