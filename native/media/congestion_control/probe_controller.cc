#include "media/congestion_control/probe_controller.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace peerwire::congestion {
namespace {

constexpr int64_t kFirstScale = 3;
constexpr int64_t kFurtherScale = 2;
constexpr double kFurtherThreshold = 0.7;
constexpr int64_t kAllocationScale = 2;
constexpr int64_t kLimitedScale = 2;
constexpr double kLossLimitedScale = 1.5;
constexpr int64_t kResultTimeoutUs = 1'000'000;
constexpr int64_t kLimitedIntervalUs = 5'000'000;
// Ours: libwebrtc climbs by 8 % a second when nothing but the estimate limits the sender, which takes half a minute
// from 300 kbit/s to 2 Mbit/s. A probe tells it in a second.
constexpr int64_t kRecoveryIntervalUs = 1'000'000;
constexpr int64_t kLongRecoveryIntervalUs = 2'000'000;
constexpr double kWorthwhile = 1.2;
constexpr double kDropShare = 0.66;
constexpr int64_t kDropTimeoutUs = 5'000'000;
constexpr double kProbeAfterDrop = 0.85;
constexpr int64_t kDropProbeIntervalUs = 5'000'000;
constexpr double kUncertainty = 0.05;
constexpr int64_t kDefaultMaxBps = 5'000'000;

constexpr int kMinPackets = 5;
constexpr int64_t kDurationUs = 15'000;
constexpr int64_t kMinDeltaUs = 2'000;
constexpr int64_t kInitialDurationUs = 100'000;
constexpr int64_t kInitialMinDeltaUs = 20'000;
// As long as jitter needs to average out. Long probes go less far beyond the estimate, as the queue that they make when
// there is no more to find is as long as they are.
constexpr double kJitterFactor = 8;
constexpr double kMuchJitterFactor = 24;
constexpr double kMuchJitterOffsetUs = 160'000;
constexpr int64_t kLongProbeUs = 80'000;
constexpr double kLongProbeScale = 1.5;
constexpr double kOwnJitter = 0.2;
constexpr double kPacketBits = 1200 * 8;
constexpr int64_t kMaxJitterDurationUs = 220'000;
constexpr size_t kRecentClusters = 16;

int64_t scaled(int64_t bps, double factor) {
  return static_cast<int64_t>(static_cast<double>(bps) * factor);
}

bool elapsed(int64_t since_us, int64_t interval_us, int64_t now_us) {
  return since_us == kNever || now_us - since_us >= interval_us;
}

}  // namespace

void ProbeController::set_limits(int64_t start_bps, int64_t max_bps, int64_t now_us) {
  if (start_bps > 0) start_bps_ = estimate_bps_ = start_bps;
  const int64_t old_max = std::exchange(max_bps_, max_bps);
  if (state_ == State::kInitial) {
    if (network_available_) set_network_available(true, now_us);
  } else if (state_ == State::kComplete && old_max != kUnlimited && old_max < max_bps_ && estimate_bps_ < max_bps_ &&
             estimate_bps_ > 0 && max_bps_ != kUnlimited) {
    probe({max_bps_}, false, now_us);
  }
}

void ProbeController::set_max_allocated(int64_t bps, int64_t now_us) {
  const bool changed = bps != std::exchange(max_allocated_bps_, bps);
  if (!changed || state_ != State::kComplete || !limited_since_us_ || estimate_bps_ >= max_bps_ ||
      estimate_bps_ >= bps) {
    return;
  }
  // No further than double of what is known to work at a time.
  const int64_t bound = estimate_bps_ * kAllocationScale;
  if (bound < bps) {
    probe({bound}, true, now_us);
  } else {
    probe({bps, std::min(bps * kAllocationScale, bound)}, false, now_us);
  }
}

void ProbeController::set_network_available(bool available, int64_t now_us) {
  network_available_ = available;
  if (!available) {
    if (state_ == State::kWaiting) state_ = State::kComplete;
    further_above_bps_ = kUnlimited;
    return;
  }
  if (state_ == State::kInitial && start_bps_ > 0) {
    // One, and the next when it has come through: two at once take 33 kB of a path's queue, and of many that is all.
    probe({start_bps_ * kFirstScale}, true, now_us);
  }
}

void ProbeController::set_estimate(int64_t bps, Limit limit, int64_t now_us) {
  limit_ = limit;
  if (bps < scaled(estimate_bps_, kDropShare)) {
    last_drop_us_ = now_us;
    before_drop_bps_ = estimate_bps_;
  }
  estimate_bps_ = bps;
  if (state_ == State::kWaiting && bps > further_above_bps_) probe({bps * kFurtherScale}, true, now_us);
}

void ProbeController::on_overuse_ended(int64_t now_us) {
  const bool limited_lately = limited_since_us_ || !elapsed(limit_ended_us_, 3'000'000, now_us);
  if (!limited_lately || state_ != State::kComplete) return;
  const int64_t rate = scaled(before_drop_bps_, kProbeAfterDrop);
  if (scaled(rate, 1 - kUncertainty) > estimate_bps_ && !elapsed(last_drop_us_, kDropTimeoutUs, now_us) &&
      elapsed(last_drop_probe_us_, kDropProbeIntervalUs, now_us)) {
    last_drop_probe_us_ = now_us;
    probe({rate}, false, now_us);
  }
}

bool ProbeController::is_time_for_recovery(int64_t now_us) const {
  const int64_t wanted = std::min(max_bps_, max_allocated_bps_);
  if (scaled(estimate_bps_, kWorthwhile) >= wanted) return false;
  const int64_t interval = jitter_duration_us() > kLongProbeUs ? kLongRecoveryIntervalUs : kRecoveryIntervalUs;
  return elapsed(last_probe_us_, interval, now_us) && elapsed(last_drop_us_, interval, now_us);
}

bool ProbeController::is_time_while_limited(int64_t now_us) const {
  // Where a probe could not go far above the estimate it would only take room on the path, every time.
  if (!limited_since_us_ || scaled(estimate_bps_, kWorthwhile) >= highest_rate()) return false;
  return elapsed(std::max(*limited_since_us_, last_probe_us_), kLimitedIntervalUs, now_us);
}

int64_t ProbeController::highest_rate() const {
  const int64_t most = max_bps_ == kUnlimited ? std::max(kDefaultMaxBps, estimate_bps_) : max_bps_;
  // Twice what is wanted allows for bursts, and for probes that are received at a little less than sent.
  return max_allocated_bps_ > 0 ? std::min(most, max_allocated_bps_ * 2) : most;
}

void ProbeController::process(int64_t now_us) {
  if (state_ == State::kWaiting && elapsed(last_probe_us_, kResultTimeoutUs, now_us)) {
    state_ = State::kComplete;
    further_above_bps_ = kUnlimited;
    // Too much of it was lost: it has told nothing.
    if (!measured_) last_probe_us_ = kNever;
  }
  if (state_ != State::kComplete || estimate_bps_ == 0 || !network_available_) return;
  if (is_time_while_limited(now_us) || is_time_for_recovery(now_us))
    probe({estimate_bps_ * kLimitedScale}, true, now_us);
}

int64_t ProbeController::jitter_duration_us() const {
  // Large packets make some of it themselves, while they follow each other through a slow link.
  const double own = kOwnJitter * kPacketBits * 1e6 / static_cast<double>(estimate_bps_);
  const double seen = static_cast<double>(jitter_us_);
  const double jitter = std::sqrt(std::max(0.0, seen * seen - own * own));
  const double duration = std::max(kJitterFactor * jitter, kMuchJitterFactor * jitter - kMuchJitterOffsetUs);
  return std::min(static_cast<int64_t>(duration), kMaxJitterDurationUs);
}

bool ProbeController::may_probe() const {
  return limit_ == Limit::kDelay || limit_ == Limit::kLossIncreasing;
}

void ProbeController::probe(std::initializer_list<int64_t> rates, bool further, int64_t now_us) {
  if (!may_probe()) return;
  const bool initial = state_ == State::kInitial;
  int64_t most = highest_rate();
  if (limit_ == Limit::kLossIncreasing) most = std::min(most, scaled(estimate_bps_, kLossLimitedScale));
  const int64_t for_jitter = jitter_duration_us();
  const bool is_long = !initial && for_jitter > kLongProbeUs;
  int64_t last = 0;
  for (int64_t rate : rates) {
    if (is_long) rate = std::min(rate, scaled(estimate_bps_, kLongProbeScale));
    if (rate > most) {
      rate = most;
      further = false;
    }
    if (rate <= last) continue;
    last = rate;
    ProbeCluster cluster;
    cluster.id = next_id_++;
    cluster.target_bps = rate;
    cluster.min_packets = kMinPackets;
    const int64_t duration = std::max(initial ? kInitialDurationUs : kDurationUs, for_jitter);
    cluster.min_bytes = rate * duration / 8'000'000;
    cluster.has_jitter = for_jitter > kDurationUs;
    cluster.min_delta_us = initial ? kInitialMinDeltaUs : kMinDeltaUs;
    cluster.created_us = now_us;
    pending_.push_back(cluster);
    recent_.push_back(cluster);
    if (recent_.size() > kRecentClusters) recent_.pop_front();
  }
  last_probe_us_ = now_us;
  measured_ = false;
  state_ = further ? State::kWaiting : State::kComplete;
  further_above_bps_ = further ? scaled(last, kFurtherThreshold) : kUnlimited;
}

void ProbeController::reset() {
  const int next_id = next_id_;
  const bool available = network_available_;
  const int64_t max_allocated = max_allocated_bps_;
  *this = ProbeController();
  next_id_ = next_id;  // results of old probes must not be taken for those of new ones
  network_available_ = available;
  max_allocated_bps_ = max_allocated;
}

std::vector<ProbeCluster> ProbeController::take_probes() {
  return std::exchange(pending_, {});
}

const ProbeCluster* ProbeController::find(int id) const {
  for (const ProbeCluster& cluster : recent_) {
    if (cluster.id == id) return &cluster;
  }
  return nullptr;
}

}  // namespace peerwire::congestion
