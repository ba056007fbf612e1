// Joins what is known of the path into one target: the delay-based estimate, loss, the receiver's own estimate (REMB),
// a round trip that never ends, and the configured limits.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <utility>

#include "media/congestion_control/loss_based_estimator.h"

namespace peerwire::congestion {

class SendSideBandwidth {
 public:
  using LossState = LossBasedEstimator::State;

  void set_limits(int64_t min_bps, int64_t max_bps, int64_t now_us);
  /// A probe, or the start, has told the rate.
  void set_send_bitrate(int64_t bps, int64_t now_us);
  void set_delay_based(int64_t bps, int64_t now_us);
  /// REMB; 0: no limit any more.
  void set_receiver_limit(int64_t bps, int64_t now_us);
  /// What the streams could use at most.
  void set_max_allocated(int64_t bps) { max_allocated_bps_ = bps; }
  void set_acknowledged(std::optional<int64_t> bps);
  /// Every result of a transport-wide feedback: from then on the loss-based estimator decides.
  void on_feedback(std::span<const PacketResult> results, bool application_limited, bool queue_stands, int64_t now_us);
  /// Of receiver reports, when there is no transport-wide feedback.
  void on_loss_report(int64_t lost, int64_t expected, int64_t now_us);
  void on_rtt(int64_t rtt_us);
  /// The least round trip that a feedback shows, less the time for which the peer waited.
  void on_propagation_rtt(int64_t rtt_us);
  void on_packet_sent(int64_t now_us);
  void process(int64_t now_us);
  void reset();

  int64_t target_bps() const;
  int64_t stable_bps() const;
  LossState loss_state() const { return loss_state_; }
  bool is_rtt_above_limit() const;
  double loss() const { return loss_; }
  /// Of the last seconds, as transport-wide feedback shows it.
  double average_loss() const { return loss_based_.average_loss(); }
  int64_t rtt_us() const { return rtt_us_; }

 private:
  bool in_start_phase(int64_t now_us) const;
  int64_t highest_by_reports() const;
  void apply_classic_loss_rule(int64_t now_us);
  void remember_minimum(int64_t now_us);
  void set_target(int64_t bps, int64_t now_us);
  void track_capacity(int64_t now_us);

  int64_t min_bps_ = 30'000;
  int64_t max_bps_ = kUnlimited;
  int64_t target_bps_ = 0;
  int64_t delay_based_bps_ = kUnlimited;
  int64_t receiver_bps_ = kUnlimited;
  int64_t max_allocated_bps_ = kUnlimited;
  std::optional<int64_t> acknowledged_bps_;
  LossBasedEstimator loss_based_;
  LossState loss_state_ = LossState::kDelayBased;

  double loss_ = 0;
  int64_t lost_ = 0;
  int64_t expected_ = 0;
  int64_t first_report_us_ = kNever;
  int64_t last_report_us_ = kNever;
  bool decreased_since_report_ = false;
  int64_t last_decrease_us_ = kNever;
  std::deque<std::pair<int64_t, int64_t>> minimum_;  // time and target of the last second, rising

  int64_t rtt_us_ = 0;
  int64_t propagation_rtt_us_ = 0;
  int64_t first_unanswered_us_ = kNever;  // sent since the last feedback
  int64_t last_sent_us_ = kNever;

  double capacity_bps_ = 0;
  int64_t last_capacity_us_ = kNever;
  int64_t last_delay_based_bps_ = kUnlimited;
};

}  // namespace peerwire::congestion
