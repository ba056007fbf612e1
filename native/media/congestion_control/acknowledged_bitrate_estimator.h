// What arrives at the peer, in bits per second: a Bayesian estimate over short windows, which follows quick changes
// and ignores noise.
#pragma once

#include <optional>
#include <span>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class AcknowledgedBitrateEstimator {
 public:
  /// Received packets, in order of arrival.
  void add(std::span<const PacketResult> received);
  void set_application_limited(bool limited) { application_limited_ = limited; }
  /// A queue of the path is gone, and the sender does not yet send what it may: less says nothing of the path.
  void set_drained(bool drained) { drained_ = drained; }
  /// The sender has just left an application limited region: the rate will jump.
  void on_application_limit_ended(int64_t now_us) { limit_ended_us_ = now_us; }
  /// The rate has certainly changed: the next windows count more than the estimate.
  void expect_change();
  std::optional<int64_t> bitrate_bps() const;

 private:
  void add_packet(int64_t arrival_us, size_t size);
  std::optional<double> advance(int64_t arrival_us, size_t size, int64_t window_us);

  bool application_limited_ = false;
  bool drained_ = false;
  int64_t limit_ended_us_ = kNever;
  double sum_bytes_ = 0;
  int64_t window_us_ = 0;
  int64_t last_arrival_us_ = kNever;
  std::optional<double> estimate_kbps_;
  double variance_ = 50;
  int expected_changes_ = 0;  // windows that are trusted more than the estimate
};

}  // namespace peerwire::congestion
