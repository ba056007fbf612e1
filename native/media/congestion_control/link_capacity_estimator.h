// Mean and deviation of the rate at which overuse was seen: what the link carries, as far as is known.
#pragma once

#include <optional>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class LinkCapacityEstimator {
 public:
  void on_overuse(int64_t acknowledged_bps) { update(acknowledged_bps, 0.05); }
  void on_probe(int64_t probe_bps) { update(probe_bps, 0.5); }
  void reset() { estimate_kbps_.reset(); }

  bool has_estimate() const { return estimate_kbps_.has_value(); }
  int64_t estimate_bps() const;
  /// Three deviations from the estimate; without one: no bound.
  int64_t upper_bps() const;
  int64_t lower_bps() const;

 private:
  void update(int64_t sample_bps, double alpha);
  double deviation_kbps() const;

  std::optional<double> estimate_kbps_;
  double normalized_variance_ = 0.4;
};

}  // namespace peerwire::congestion
