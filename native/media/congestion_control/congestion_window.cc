#include "media/congestion_control/congestion_window.h"

namespace peerwire::congestion {
namespace {

// What may queue on the path, beyond what it holds.
constexpr int64_t kQueueUs = 100'000;
constexpr double kMinWindowBytes = 3 * 1500;
constexpr int64_t kBucketUs = 2'500'000;
constexpr int64_t kReportBucketUs = 15'000'000;
constexpr double kMinReportRatio = 0.25;
constexpr int64_t kMinUpdateUs = 20'000;
// A round trip that grows says nothing while little is in flight: then it is jitter.
constexpr double kFilled = 0.5;
constexpr double kFarFilled = 1.5;
constexpr double kFastDecrease = 0.5;
constexpr double kDecrease = 0.85;
constexpr double kIncrease = 1.15;
// The queue is gone, and little is on its way: what is not sent now is lost time.
constexpr double kDrainedIncrease = 1.5;
constexpr int64_t kDrainedUs = kQueueUs / 4;
constexpr double kMinRatio = 0.1;

}  // namespace

int64_t CongestionWindow::least_rtt_us(int64_t rtt_us, int64_t now_us, int64_t bucket_us) {
  // A queue that stands for longer than this is not ours: it belongs to the path.
  if (bucket_began_us_ == kNever || now_us - bucket_began_us_ >= bucket_us) {
    bucket_began_us_ = now_us;
    previous_least_us_ = bucket_least_us_;
    bucket_least_us_ = kUnlimited;
  }
  bucket_least_us_ = std::min(bucket_least_us_, rtt_us);
  return std::min(bucket_least_us_, previous_least_us_);
}

void CongestionWindow::on_feedback(int64_t rtt_us, size_t in_flight, int64_t estimate_bps, int64_t now_us) {
  const int64_t least = least_rtt_us(rtt_us, now_us, kBucketUs);
  if (last_update_us_ != kNever && now_us - last_update_us_ < kMinUpdateUs) return;
  last_update_us_ = now_us;
  const int64_t queue_us = rtt_us - least;
  const double window = std::max(
      kMinWindowBytes, static_cast<double>(estimate_bps) / 8 * static_cast<double>(least + kQueueUs) / 1'000'000);
  const double fill = static_cast<double>(in_flight) / window;
  far_exceeded_ = fill > kFarFilled || (fill > kFilled && queue_us > 2 * kQueueUs);
  if (far_exceeded_) {
    ratio_ *= kFastDecrease;
  } else if (fill > 1 || (fill > kFilled && queue_us > kQueueUs)) {
    ratio_ *= kDecrease;
  } else {
    ratio_ *= queue_us < kDrainedUs && fill < kFilled ? kDrainedIncrease : kIncrease;
  }
  ratio_ = std::clamp(ratio_, kMinRatio, 1.0);
}

void CongestionWindow::on_report_rtt(int64_t rtt_us, int64_t now_us) {
  // Reports are seconds apart: each sets how much less is sent until the next one.
  const int64_t queue_us = rtt_us - least_rtt_us(rtt_us, now_us, kReportBucketUs);
  const double share = 1 - static_cast<double>(queue_us) / 1'000'000;
  ratio_ = queue_us > 2 * kQueueUs ? std::max(kMinReportRatio, share) : 1.0;
}

int64_t CongestionWindow::target_bps(int64_t estimate_bps, int64_t min_bps) const {
  if (ratio_ >= 1) return estimate_bps;
  const int64_t pushed = static_cast<int64_t>(static_cast<double>(estimate_bps) * ratio_);
  return std::min(estimate_bps, std::max(min_bps, pushed));
}

}  // namespace peerwire::congestion
