// The rate that delay allows: grouping, trendline and rate control in one.
#pragma once

#include <optional>
#include <span>

#include "media/congestion_control/aimd_rate_control.h"
#include "media/congestion_control/inter_arrival.h"
#include "media/congestion_control/trendline_estimator.h"

namespace peerwire::congestion {

class DelayBasedEstimator {
 public:
  struct Result {
    bool updated = false;
    bool from_probe = false;
    bool recovered_from_overuse = false;
    int64_t target_bps = 0;
  };

  void set_start_bitrate(int64_t bps) { rate_control_.set_start_bitrate(bps); }
  void set_min_bitrate(int64_t bps) { rate_control_.set_min_bitrate(bps); }
  void set_rtt(int64_t rtt_us) { rate_control_.set_rtt(rtt_us); }

  /// Received packets of one feedback, in order of arrival; not none. `queue_stands`: so the round trip says.
  Result update(std::span<const PacketResult> received, std::optional<int64_t> acknowledged_bps,
                std::optional<int64_t> probe_bps, bool queue_stands, int64_t now_us);

  /// A queue stands on the path that is not jitter: what is sent besides would make it longer.
  bool has_queue() const;
  /// The same, of a queue so short that only the loss of packets shows when it overflows.
  bool has_short_queue() const;
  int64_t jitter_us() const { return static_cast<int64_t>(trendline_.lasting_jitter_ms() * 1000); }
  BandwidthUsage usage() const { return trendline_.state(); }
  std::optional<int64_t> estimate_bps() const;

 private:
  void add(const PacketResult& packet, int64_t now_us);
  bool has_queue_above(double ms) const;

  InterArrival inter_arrival_;
  TrendlineEstimator trendline_;
  AimdRateControl rate_control_;
  int64_t last_feedback_us_ = kNever;
  int64_t probe_queue_until_us_ = kNever;
};

}  // namespace peerwire::congestion
