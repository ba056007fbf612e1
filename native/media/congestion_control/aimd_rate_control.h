// The rate that the delay detector allows: additive or multiplicative increase, multiplicative decrease
// (draft-ietf-rmcat-gcc-02 section 5.5).
#pragma once

#include <optional>

#include "media/congestion_control/link_capacity_estimator.h"

namespace peerwire::congestion {

class AimdRateControl {
 public:
  void set_start_bitrate(int64_t bps);
  void set_min_bitrate(int64_t bps);
  void set_rtt(int64_t rtt_us) { rtt_us_ = rtt_us; }

  /// The next rate, of what the detector says and what was acknowledged lately.
  int64_t update(BandwidthUsage usage, std::optional<int64_t> acknowledged_bps, int64_t now_us);
  /// A probe, or a reset, has told the rate.
  void set_estimate(int64_t bps, int64_t now_us, bool from_probe);

  bool has_estimate() const { return initialized_; }
  int64_t estimate_bps() const { return current_bps_; }
  /// May a further decrease follow the last one: after a round trip, or at once when what arrives is below half.
  bool may_reduce_further(int64_t now_us, int64_t acknowledged_bps) const;
  bool may_reduce_further_initially(int64_t now_us) const;
  /// Bits per second that an additive increase adds in a second.
  double additive_increase_bps() const;

 private:
  enum class State { kHold, kIncrease, kDecrease };

  void change_state(BandwidthUsage usage, int64_t now_us);
  int64_t increase(int64_t throughput_bps, int64_t now_us) const;
  int64_t decrease(int64_t throughput_bps);
  int64_t clamp(int64_t bps) const;
  int64_t passed_bps(int64_t now_us) const;

  State state_ = State::kHold;
  LinkCapacityEstimator capacity_;
  bool initialized_ = false;
  int64_t min_bps_ = 30'000;
  int64_t current_bps_ = 0;
  int64_t throughput_bps_ = 0;
  int64_t rtt_us_ = 200'000;
  int64_t first_throughput_us_ = kNever;
  int64_t last_change_us_ = kNever;
  int64_t probe_bps_ = 0;
  int64_t probe_trusted_until_us_ = kNever;
};

}  // namespace peerwire::congestion
