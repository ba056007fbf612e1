// When to probe, and at which rates: at the start, when the sender uses less than it may, when more is wanted than the
// estimate allows, and to come back after a large drop.
#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <vector>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class ProbeController {
 public:
  /// Why the estimate is what it is: whether more may be tried.
  enum class Limit { kDelay, kDelayIncreased, kLossDecreasing, kLossIncreasing, kRoundTripTime };

  void set_limits(int64_t start_bps, int64_t max_bps, int64_t now_us);
  /// What all streams together could use; 0: not known.
  void set_max_allocated(int64_t bps, int64_t now_us);
  void set_network_available(bool available, int64_t now_us);
  void set_estimate(int64_t bps, Limit limit, int64_t now_us);
  void set_application_limited_since(std::optional<int64_t> since_us) { limited_since_us_ = since_us; }
  /// A probe has shown a rate, whichever.
  void on_measured() { measured_ = true; }
  /// Probes have to last longer than what jitter moves packets.
  void set_jitter(int64_t jitter_us) { jitter_us_ = jitter_us; }
  void on_application_limit_ended(int64_t now_us) { limit_ended_us_ = now_us; }
  /// The detector has left overuse: if the estimate fell far, ask whether that was a passing thing.
  void on_overuse_ended(int64_t now_us);
  void process(int64_t now_us);
  void reset();

  std::vector<ProbeCluster> take_probes();
  /// A cluster that was made lately.
  const ProbeCluster* find(int id) const;

 private:
  enum class State { kInitial, kWaiting, kComplete };

  void probe(std::initializer_list<int64_t> rates, bool further, int64_t now_us);
  int64_t jitter_duration_us() const;
  bool is_time_for_recovery(int64_t now_us) const;
  bool is_time_while_limited(int64_t now_us) const;
  /// Above which nothing is probed.
  int64_t highest_rate() const;
  bool may_probe() const;

  State state_ = State::kInitial;
  bool network_available_ = false;
  int64_t start_bps_ = 0;
  int64_t max_bps_ = kUnlimited;
  int64_t max_allocated_bps_ = 0;
  int64_t estimate_bps_ = 0;
  Limit limit_ = Limit::kDelay;
  int64_t jitter_us_ = 0;
  int64_t further_above_bps_ = kUnlimited;
  int64_t last_probe_us_ = kNever;
  bool measured_ = false;
  std::optional<int64_t> limited_since_us_;
  int64_t limit_ended_us_ = kNever;
  int64_t last_drop_us_ = kNever;
  int64_t before_drop_bps_ = 0;
  int64_t last_drop_probe_us_ = kNever;
  int next_id_ = 1;
  std::vector<ProbeCluster> pending_;
  std::deque<ProbeCluster> recent_;
};

}  // namespace peerwire::congestion
