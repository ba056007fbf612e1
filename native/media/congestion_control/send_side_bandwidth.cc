#include "media/congestion_control/send_side_bandwidth.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr int64_t kStartPhaseUs = 2'000'000;
constexpr int64_t kIncreaseIntervalUs = 1'000'000;
constexpr int64_t kDecreaseIntervalUs = 300'000;
constexpr int64_t kMinReportPackets = 20;
constexpr int64_t kReportTimeoutUs = 6'000'000;
constexpr double kLowLoss = 0.02;
constexpr double kHighLoss = 0.10;
constexpr double kIncrease = 1.08;
constexpr int64_t kIncreaseOffsetBps = 1'000;
constexpr int64_t kRttLimitUs = 3'000'000;
constexpr int64_t kPauseUs = 1'000'000;
constexpr double kRttBackoff = 0.8;
constexpr int64_t kRttBackoffIntervalUs = 1'000'000;
constexpr int64_t kRttBackoffFloorBps = 5'000;
constexpr int64_t kAllocationScale = 2;
constexpr double kCapacityTrackingUs = 10'000'000;

}  // namespace

void SendSideBandwidth::set_limits(int64_t min_bps, int64_t max_bps, int64_t now_us) {
  min_bps_ = min_bps;
  max_bps_ = std::max(min_bps, max_bps);
  loss_based_.set_limits(min_bps_, max_bps_);
  if (target_bps_ > 0) set_target(target_bps_, now_us);
}

void SendSideBandwidth::set_send_bitrate(int64_t bps, int64_t now_us) {
  delay_based_bps_ = kUnlimited;  // so that the estimate of before does not cap it
  if (last_capacity_us_ == kNever) capacity_bps_ = static_cast<double>(bps);
  if (loss_based_.is_ready()) loss_based_.set_estimate(bps);
  set_target(bps, now_us);
  minimum_.clear();
}

void SendSideBandwidth::set_delay_based(int64_t bps, int64_t now_us) {
  if (bps < last_delay_based_bps_) {
    capacity_bps_ = std::min(capacity_bps_, static_cast<double>(bps));
    last_capacity_us_ = now_us;
  }
  last_delay_based_bps_ = bps;
  delay_based_bps_ = bps;
  set_target(target_bps_, now_us);
}

void SendSideBandwidth::set_receiver_limit(int64_t bps, int64_t now_us) {
  receiver_bps_ = bps == 0 ? kUnlimited : bps;
  set_target(target_bps_, now_us);
}

void SendSideBandwidth::set_acknowledged(std::optional<int64_t> bps) {
  acknowledged_bps_ = bps;
  if (bps) loss_based_.set_acknowledged_bitrate(*bps);
}

void SendSideBandwidth::on_feedback(std::span<const PacketResult> results, bool application_limited, bool queue_stands,
                                    int64_t now_us) {
  loss_based_.update(results, delay_based_bps_, application_limited, queue_stands, now_us);
  process(now_us);
}

void SendSideBandwidth::on_loss_report(int64_t lost, int64_t expected, int64_t now_us) {
  if (first_report_us_ == kNever) first_report_us_ = now_us;
  lost_ += lost;
  expected_ += expected;
  if (expected_ < kMinReportPackets) return;
  decreased_since_report_ = false;
  loss_ = std::clamp(static_cast<double>(lost_) / static_cast<double>(expected_), 0.0, 1.0);
  lost_ = expected_ = 0;
  last_report_us_ = now_us;
  process(now_us);
}

void SendSideBandwidth::on_rtt(int64_t rtt_us) {
  if (rtt_us > 0) rtt_us_ = rtt_us;
}

void SendSideBandwidth::on_propagation_rtt(int64_t rtt_us) {
  propagation_rtt_us_ = rtt_us;
  first_unanswered_us_ = kNever;
}

void SendSideBandwidth::on_packet_sent(int64_t now_us) {
  // A pause ends the waiting, too: the feedback before it may have been lost.
  if (first_unanswered_us_ == kNever || now_us - last_sent_us_ > kPauseUs) first_unanswered_us_ = now_us;
  last_sent_us_ = now_us;
}

bool SendSideBandwidth::is_rtt_above_limit() const {
  // As long as packets leave and no feedback comes, the round trip takes at least as long; a pause is not waiting.
  const int64_t waiting = first_unanswered_us_ == kNever ? 0 : last_sent_us_ - first_unanswered_us_;
  return propagation_rtt_us_ + waiting > kRttLimitUs;
}

bool SendSideBandwidth::in_start_phase(int64_t now_us) const {
  return first_report_us_ == kNever || now_us - first_report_us_ < kStartPhaseUs;
}

void SendSideBandwidth::process(int64_t now_us) {
  if (is_rtt_above_limit()) {
    // Once a second, as long as more is sent into the void.
    if ((last_decrease_us_ == kNever ||
         (now_us - last_decrease_us_ >= kRttBackoffIntervalUs && last_sent_us_ > last_decrease_us_)) &&
        target_bps_ > kRttBackoffFloorBps) {
      last_decrease_us_ = now_us;
      const int64_t reduced = static_cast<int64_t>(static_cast<double>(target_bps_) * kRttBackoff);
      capacity_bps_ = std::min(capacity_bps_, static_cast<double>(reduced));
      last_capacity_us_ = now_us;
      set_target(std::max(reduced, kRttBackoffFloorBps), now_us);
    }
    return;
  }
  if (loss_ == 0 && in_start_phase(now_us) && !loss_based_.is_ready()) {
    // No loss yet: take what probing, or the receiver, says.
    int64_t start = target_bps_;
    if (receiver_bps_ != kUnlimited) start = std::max(start, receiver_bps_);
    if (delay_based_bps_ != kUnlimited) start = std::max(start, delay_based_bps_);
    if (start != target_bps_) {
      minimum_.assign(1, {now_us, target_bps_});
      set_target(start, now_us);
      return;
    }
  }
  remember_minimum(now_us);
  if (loss_based_.is_ready()) {
    loss_state_ = loss_based_.result().state;
    set_target(loss_based_.result().bandwidth_bps, now_us);
    return;
  }
  if (last_report_us_ != kNever && now_us - last_report_us_ < kReportTimeoutUs) {
    apply_classic_loss_rule(now_us);
  } else {
    set_target(target_bps_, now_us);
  }
}

// Reports without loss show that what is sent arrives: not that more than anybody sends would, nor that the receiver's
// own estimate is wrong.
int64_t SendSideBandwidth::highest_by_reports() const {
  return std::min(receiver_bps_, std::min(max_allocated_bps_, kMaxBps) * kAllocationScale);
}

// draft-ietf-rmcat-gcc-02 section 6.
void SendSideBandwidth::apply_classic_loss_rule(int64_t now_us) {
  if (loss_ <= kLowLoss) {
    // Of the least target of the last second: a report that comes sooner does not make it grow faster.
    const auto grown =
        static_cast<int64_t>(static_cast<double>(minimum_.front().second) * kIncrease) + kIncreaseOffsetBps;
    set_target(std::min(grown, std::max(target_bps_, highest_by_reports())), now_us);
    return;
  }
  if (loss_ > kHighLoss && !decreased_since_report_ &&
      (last_decrease_us_ == kNever || now_us - last_decrease_us_ >= kDecreaseIntervalUs + rtt_us_)) {
    last_decrease_us_ = now_us;
    decreased_since_report_ = true;
    set_target(static_cast<int64_t>(static_cast<double>(target_bps_) * (1 - loss_ / 2)), now_us);
    return;
  }
  set_target(target_bps_, now_us);
}

void SendSideBandwidth::remember_minimum(int64_t now_us) {
  while (!minimum_.empty() && now_us - minimum_.front().first >= kIncreaseIntervalUs) minimum_.pop_front();
  while (!minimum_.empty() && target_bps_ <= minimum_.back().second) minimum_.pop_back();
  minimum_.emplace_back(now_us, target_bps_);
}

void SendSideBandwidth::set_target(int64_t bps, int64_t now_us) {
  target_bps_ = std::max(min_bps_, std::min({bps, delay_based_bps_, max_bps_, kMaxBps}));
  track_capacity(now_us);
}

void SendSideBandwidth::track_capacity(int64_t now_us) {
  if (!acknowledged_bps_) return;
  const double passed = static_cast<double>(std::min(*acknowledged_bps_, target_bps_));
  if (passed > capacity_bps_) {
    const double alpha =
        last_capacity_us_ == kNever
            ? 0
            : std::exp(-static_cast<double>(std::max<int64_t>(0, now_us - last_capacity_us_)) / kCapacityTrackingUs);
    capacity_bps_ = alpha * capacity_bps_ + (1 - alpha) * passed;
  }
  last_capacity_us_ = now_us;
}

int64_t SendSideBandwidth::target_bps() const {
  return std::max(min_bps_, std::min(target_bps_, receiver_bps_));
}

int64_t SendSideBandwidth::stable_bps() const {
  return std::clamp(static_cast<int64_t>(capacity_bps_), std::min(min_bps_, target_bps()), target_bps());
}

void SendSideBandwidth::reset() {
  const int64_t min_bps = min_bps_, max_bps = max_bps_, max_allocated_bps = max_allocated_bps_;
  *this = SendSideBandwidth();
  max_allocated_bps_ = max_allocated_bps;
  min_bps_ = min_bps;
  max_bps_ = max_bps;
  loss_based_.set_limits(min_bps, max_bps);
}

}  // namespace peerwire::congestion
