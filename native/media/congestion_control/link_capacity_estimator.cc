#include "media/congestion_control/link_capacity_estimator.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {

void LinkCapacityEstimator::update(int64_t sample_bps, double alpha) {
  const double sample_kbps = static_cast<double>(sample_bps) / 1000;
  estimate_kbps_ = estimate_kbps_ ? (1 - alpha) * *estimate_kbps_ + alpha * sample_kbps : sample_kbps;
  const double error = *estimate_kbps_ - sample_kbps;
  normalized_variance_ = (1 - alpha) * normalized_variance_ + alpha * error * error / std::max(*estimate_kbps_, 1.0);
  // 0.4 is a deviation of 14 kbit/s at 500 kbit/s, 2.5 one of 35.
  normalized_variance_ = std::clamp(normalized_variance_, 0.4, 2.5);
}

double LinkCapacityEstimator::deviation_kbps() const {
  return std::sqrt(normalized_variance_ * *estimate_kbps_);
}

int64_t LinkCapacityEstimator::estimate_bps() const {
  return static_cast<int64_t>(*estimate_kbps_ * 1000);
}

int64_t LinkCapacityEstimator::upper_bps() const {
  if (!estimate_kbps_) return kUnlimited;
  return static_cast<int64_t>((*estimate_kbps_ + 3 * deviation_kbps()) * 1000);
}

int64_t LinkCapacityEstimator::lower_bps() const {
  if (!estimate_kbps_) return 0;
  return static_cast<int64_t>(std::max(0.0, *estimate_kbps_ - 3 * deviation_kbps()) * 1000);
}

}  // namespace peerwire::congestion
