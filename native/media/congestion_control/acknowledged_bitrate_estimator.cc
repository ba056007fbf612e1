#include "media/congestion_control/acknowledged_bitrate_estimator.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr int64_t kInitialWindowUs = 500'000;
constexpr int64_t kWindowUs = 150'000;
constexpr double kUncertainty = 10;
constexpr double kUncertaintyInLimit = 20;
constexpr double kVarianceGrowth = 5;
constexpr double kFastChangeVariance = 200;
constexpr int kTrustedWindows = 3;
constexpr double kTrustedVariance = 100;

}  // namespace

void AcknowledgedBitrateEstimator::add(std::span<const PacketResult> received) {
  for (const PacketResult& packet : received) {
    if (limit_ended_us_ != kNever && packet.sent.send_time_us > limit_ended_us_) {
      variance_ += kFastChangeVariance;
      limit_ended_us_ = kNever;
    }
    add_packet(packet.receive_time_us, packet.sent.size);
  }
}

std::optional<double> AcknowledgedBitrateEstimator::advance(int64_t arrival_us, size_t size, int64_t window_us) {
  if (last_arrival_us_ != kNever && arrival_us < last_arrival_us_) {
    last_arrival_us_ = kNever;
    sum_bytes_ = 0;
    window_us_ = 0;
  }
  if (last_arrival_us_ != kNever) {
    const int64_t elapsed = arrival_us - last_arrival_us_;
    window_us_ += elapsed;
    if (elapsed > window_us) {
      // Nothing came for longer than a window: what came before says nothing of now.
      sum_bytes_ = 0;
      window_us_ %= window_us;
    }
  }
  last_arrival_us_ = arrival_us;
  std::optional<double> sample_kbps;
  if (window_us_ >= window_us) {
    sample_kbps = 8 * sum_bytes_ / (static_cast<double>(window_us) / 1000);
    window_us_ -= window_us;
    sum_bytes_ = 0;
  }
  sum_bytes_ += static_cast<double>(size);
  return sample_kbps;
}

void AcknowledgedBitrateEstimator::add_packet(int64_t arrival_us, size_t size) {
  const auto sample = advance(arrival_us, size, estimate_kbps_ ? kWindowUs : kInitialWindowUs);
  if (!sample) return;
  if (!estimate_kbps_) {
    estimate_kbps_ = *sample;
    return;
  }
  if (drained_ && *sample < *estimate_kbps_) return;
  // A sample far from the estimate is less certain; one below it, while the application sends less than it may, even
  // less so.
  const double scale = application_limited_ && *sample < *estimate_kbps_ ? kUncertaintyInLimit : kUncertainty;
  const double uncertainty = scale * std::abs(*estimate_kbps_ - *sample) / std::max(*estimate_kbps_, 1e-3);
  double sample_variance = std::max(uncertainty * uncertainty, 1e-9);
  if (expected_changes_ > 0) {
    --expected_changes_;
    variance_ = std::max(variance_, kFastChangeVariance);
    sample_variance = std::min(sample_variance, kTrustedVariance);
  }
  const double predicted = variance_ + kVarianceGrowth;
  estimate_kbps_ =
      std::max(0.0, (sample_variance * *estimate_kbps_ + predicted * *sample) / (sample_variance + predicted));
  variance_ = sample_variance * predicted / (sample_variance + predicted);
}

void AcknowledgedBitrateEstimator::expect_change() {
  expected_changes_ = kTrustedWindows;
}

std::optional<int64_t> AcknowledgedBitrateEstimator::bitrate_bps() const {
  if (!estimate_kbps_) return std::nullopt;
  return static_cast<int64_t>(*estimate_kbps_ * 1000);
}

}  // namespace peerwire::congestion
