#include "media/congestion_control/congestion_window.h"

namespace peerwire::congestion {
namespace {

// What may queue on the path, beyond what it holds.
constexpr int64_t kQueueUs = 100'000;
constexpr int64_t kNoQueueUs = 25'000;
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
// A queue that took all pictures with it: they stand until the target is back.
constexpr double kIncreaseAfterQueue = 1.5;
constexpr double kMinRatio = 0.1;
// A queue stands longer than single packets are late.
constexpr int64_t kJitterSpanFactor = 3;

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

int64_t CongestionWindow::least_within_us(int64_t span_us, int64_t rtt_us, int64_t now_us) {
  while (!recent_.empty() && recent_.back().rtt_us >= rtt_us) recent_.pop_back();
  recent_.push_back({now_us, rtt_us});
  while (now_us - recent_.front().at_us > span_us) recent_.pop_front();
  return recent_.front().rtt_us;
}

void CongestionWindow::on_feedback(int64_t rtt_us, size_t in_flight, int64_t estimate_bps, int64_t jitter_us,
                                   int64_t now_us) {
  const int64_t least = least_rtt_us(rtt_us, now_us, kBucketUs);
  if (last_update_us_ != kNever && now_us - last_update_us_ < kMinUpdateUs) return;
  last_update_us_ = now_us;
  const int64_t queue_us = least_within_us(kJitterSpanFactor * jitter_us, rtt_us, now_us) - least;
  has_no_queue_ = queue_us < kNoQueueUs;
  const double window = std::max(
      kMinWindowBytes, static_cast<double>(estimate_bps) / 8 * static_cast<double>(least + kQueueUs) / 1'000'000);
  const double fill = static_cast<double>(in_flight) / window;
  far_exceeded_ = fill > kFarFilled || (fill > kFilled && queue_us > 2 * kQueueUs);
  standing_queue_ = fill > kFilled && queue_us > kQueueUs;
  if (far_exceeded_) {
    ratio_ *= kFastDecrease;
  } else if (fill > 1 || standing_queue_) {
    ratio_ *= kDecrease;
  } else {
    ratio_ *= has_drained() ? kIncreaseAfterQueue : kIncrease;
  }
  ratio_ = std::clamp(ratio_, kMinRatio, 1.0);
  was_far_exceeded_ = ratio_ < 1 && (was_far_exceeded_ || far_exceeded_);
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
