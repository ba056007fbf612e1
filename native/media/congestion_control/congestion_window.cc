#include "media/congestion_control/congestion_window.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

// What may queue on the path, beyond what feedback takes to come back.
constexpr int64_t kQueueUs = 100'000;
constexpr double kMinWindowBytes = 2 * 1500;
constexpr double kFarAbove = 1.5;
constexpr double kFastDecrease = 0.7;
constexpr double kDecrease = 0.9;
constexpr double kIncrease = 1.15;
constexpr double kMinRatio = 0.1;
constexpr int64_t kMinUpdateUs = 20'000;

}  // namespace

void CongestionWindow::on_feedback(int64_t oldest_rtt_us, size_t in_flight, int64_t estimate_bps, int64_t now_us) {
  rtts_[next_rtt_] = std::max<int64_t>(0, oldest_rtt_us);
  next_rtt_ = (next_rtt_ + 1) % kRtts;
  rtt_count_ = std::min(rtt_count_ + 1, kRtts);
  if (last_update_us_ != kNever && now_us - last_update_us_ < kMinUpdateUs) return;
  last_update_us_ = now_us;
  const int64_t least = *std::min_element(rtts_.begin(), rtts_.begin() + static_cast<std::ptrdiff_t>(rtt_count_));
  const double window =
      std::max(kMinWindowBytes,
               static_cast<double>(estimate_bps) / 8 * static_cast<double>(least + kQueueUs) / 1'000'000);
  const double fill = static_cast<double>(in_flight) / window;
  if (fill > kFarAbove) {
    ratio_ *= kFastDecrease;
  } else if (fill > 1) {
    ratio_ *= kDecrease;
  } else {
    ratio_ *= kIncrease;
  }
  ratio_ = std::clamp(ratio_, kMinRatio, 1.0);
}

int64_t CongestionWindow::target_bps(int64_t estimate_bps, int64_t min_bps) const {
  if (ratio_ >= 1) return estimate_bps;
  const int64_t pushed = static_cast<int64_t>(static_cast<double>(estimate_bps) * ratio_);
  return std::min(estimate_bps, std::max(min_bps, pushed));
}

}  // namespace peerwire::congestion
