#include "media/congestion_control/alr_detector.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

constexpr double kUsage = 0.65;
constexpr double kStartLevel = 0.80;
constexpr double kStopLevel = 0.50;
constexpr double kWindowSeconds = 0.5;

}  // namespace

void AlrDetector::on_sent(size_t bytes, int64_t now_us) {
  const double bytes_per_second = kUsage * static_cast<double>(estimate_bps_) / 8;
  const double most = bytes_per_second * kWindowSeconds;
  if (last_us_ == kNever) {
    last_us_ = now_us;
    return;
  }
  const double elapsed = static_cast<double>(std::max<int64_t>(0, now_us - last_us_)) / 1e6;
  last_us_ = std::max(last_us_, now_us);
  budget_bytes_ = std::max(budget_bytes_ - static_cast<double>(bytes), -most);
  budget_bytes_ = std::min(budget_bytes_ + bytes_per_second * elapsed, most);
  if (most <= 0) return;
  const double level = budget_bytes_ / most;
  if (level > kStartLevel && !started_us_) {
    started_us_ = now_us;
  } else if (level < kStopLevel) {
    started_us_.reset();
  }
}

}  // namespace peerwire::congestion
