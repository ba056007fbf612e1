#include "media/congestion_control/delay_based_estimator.h"

namespace peerwire::congestion {
namespace {

constexpr int64_t kStreamTimeoutUs = 2'000'000;
// A probe that finds no more makes a queue, which drains by itself: that is no reason to send less than before.
constexpr int64_t kProbeQueueUs = 250'000;
constexpr double kProbeQueueMs = 60;
constexpr double kQueueMs = 30;
constexpr double kShortQueueMs = 8;
constexpr double kQueueJitterFactor = 1.5;
constexpr double kFarBelow = 0.9;

double to_ms(int64_t us) {
  return static_cast<double>(us) / 1000;
}

}  // namespace

void DelayBasedEstimator::add(const PacketResult& packet, int64_t now_us) {
  if (last_feedback_us_ == kNever || now_us - last_feedback_us_ > kStreamTimeoutUs) {
    inter_arrival_.reset();
    trendline_ = TrendlineEstimator();
  }
  last_feedback_us_ = now_us;
  const auto deltas = inter_arrival_.add(packet.sent.send_time_us, packet.receive_time_us, now_us);
  if (!deltas) return;
  trendline_.update(to_ms(deltas->arrival_us), to_ms(deltas->send_us), to_ms(packet.receive_time_us),
                    now_us < probe_queue_until_us_);
}

DelayBasedEstimator::Result DelayBasedEstimator::update(std::span<const PacketResult> received,
                                                        std::optional<int64_t> acknowledged_bps,
                                                        std::optional<int64_t> probe_bps, bool queue_stands,
                                                        int64_t now_us) {
  Result result;
  BandwidthUsage previous = trendline_.state();
  for (const PacketResult& packet : received) {
    add(packet, now_us);
    if (packet.sent.probe_cluster_id != kNotAProbe) probe_queue_until_us_ = now_us + kProbeQueueUs;
    if (previous == BandwidthUsage::kUnderusing && usage() == BandwidthUsage::kNormal) {
      result.recovered_from_overuse = true;
    }
    previous = usage();
  }
  const bool after_probe = acknowledged_bps && now_us < probe_queue_until_us_ && !has_queue_above(kProbeQueueMs);
  // A queue that is pushed back before it has grown for long shows no trend: the estimate would stay above what passes,
  // and the queue come again and again.
  const bool stands =
      queue_stands && trendline_.queue_ms() > kQueueMs + trendline_.jitter_ms() && acknowledged_bps &&
      static_cast<double>(*acknowledged_bps) < kFarBelow * static_cast<double>(rate_control_.estimate_bps());
  if ((usage() == BandwidthUsage::kOverusing || stands) && !after_probe) {
    result.recovered_from_overuse = false;
    if (acknowledged_bps) {
      if (rate_control_.may_reduce_further(now_us, *acknowledged_bps)) {
        result.target_bps = rate_control_.update(BandwidthUsage::kOverusing, acknowledged_bps, now_us);
        result.updated = rate_control_.has_estimate();
      }
    } else if (rate_control_.may_reduce_further_initially(now_us)) {
      // Nothing is known of what arrives: halve.
      rate_control_.set_estimate(rate_control_.estimate_bps() / 2, now_us, false);
      result.target_bps = rate_control_.estimate_bps();
      result.updated = true;
    }
    return result;
  }
  if (probe_bps) {
    rate_control_.set_estimate(*probe_bps, now_us, true);
    result.from_probe = true;
    result.updated = true;
    result.target_bps = rate_control_.estimate_bps();
    return result;
  }
  const BandwidthUsage seen = usage() == BandwidthUsage::kOverusing ? BandwidthUsage::kUnderusing : usage();
  result.target_bps = rate_control_.update(seen, acknowledged_bps, now_us);
  result.updated = rate_control_.has_estimate();
  return result;
}

bool DelayBasedEstimator::has_queue() const {
  return has_queue_above(kQueueMs);
}

bool DelayBasedEstimator::has_short_queue() const {
  return trendline_.queue_ms() > kShortQueueMs + trendline_.jitter_ms();
}

bool DelayBasedEstimator::has_queue_above(double ms) const {
  return trendline_.queue_ms() > ms + kQueueJitterFactor * trendline_.jitter_ms();
}

std::optional<int64_t> DelayBasedEstimator::estimate_bps() const {
  if (!rate_control_.has_estimate()) return std::nullopt;
  return rate_control_.estimate_bps();
}

}  // namespace peerwire::congestion
