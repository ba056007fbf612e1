// Tells from the trend of one-way delay whether a queue grows: linear regression over the smoothed delay, compared
// with a threshold that adapts (Carlucci et al., "Analysis and Design of the Google Congestion Control for Web
// Real-time Communication", sections 3.2 to 3.4).
#pragma once

#include <array>
#include <cstddef>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class TrendlineEstimator {
 public:
  /// Of two groups of packets: how far apart they came and were sent, when the later one came, and whether a probe may
  /// have delayed it.
  void update(double arrival_delta_ms, double send_delta_ms, double arrival_ms, bool probed = false);

  BandwidthUsage state() const { return state_; }
  double threshold() const { return threshold_; }
  double trend() const { return previous_trend_; }
  /// The smoothed delay, above its least of the last 5 to 10 seconds.
  double queue_ms() const { return queue_ms_; }
  /// Mean deviation of single delays from the smoothed one.
  double jitter_ms() const { return jitter_ms_; }
  /// What it did not fall below for 2 to 4 seconds: a queue that comes and goes is no jitter.
  double lasting_jitter_ms() const;

 private:
  static constexpr size_t kWindow = 20;
  struct Sample {
    double arrival_ms = 0;
    double smoothed_ms = 0;
  };

  double slope() const;
  void observe_queue(double now_ms);
  void observe_jitter(double now_ms, bool probed);
  void detect(double trend, double send_delta_ms, double now_ms);
  void adapt_threshold(double modified_trend, double now_ms);

  std::array<Sample, kWindow> samples_{};
  size_t sample_count_ = 0;
  size_t next_sample_ = 0;
  int deltas_ = 0;
  double first_arrival_ms_ = 0;
  double accumulated_ms_ = 0;
  double smoothed_ms_ = 0;
  double previous_trend_ = 0;
  double jitter_ms_ = 0;
  double jitter_bucket_began_ms_ = -1;
  double jitter_bucket_least_ms_ = 0;
  double previous_jitter_least_ms_ = -1;  // none yet
  double queue_ms_ = 0;
  double bucket_began_ms_ = -1;
  double bucket_least_ms_ = 0;
  double previous_least_ms_ = 0;
  double threshold_ = 12.5;
  double last_threshold_ms_ = -1;
  double overusing_ms_ = -1;
  int overuse_count_ = 0;
  BandwidthUsage state_ = BandwidthUsage::kNormal;
};

}  // namespace peerwire::congestion
