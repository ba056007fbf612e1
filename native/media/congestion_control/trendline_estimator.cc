#include "media/congestion_control/trendline_estimator.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr double kSmoothing = 0.9;
constexpr double kGain = 4.0;
constexpr int kMinDeltas = 60;
constexpr int kMaxDeltas = 1000;
constexpr double kOverusingMs = 10;
constexpr double kThresholdUp = 0.0087;
constexpr double kThresholdDown = 0.039;
constexpr double kMaxAdaptOffset = 15;
constexpr double kMinThreshold = 6;
constexpr double kMaxThreshold = 600;
constexpr double kMaxAdaptMs = 100;
// Ours: on a path with much jitter the trend of single delays is noise. A queue counts only if it stands out of it.
constexpr double kJitterSmoothing = 0.02;
constexpr double kMaxJitterGrowth = 3;
constexpr double kMinJitterMs = 2;
constexpr double kQueueToJitter = 1.5;
constexpr double kBucketMs = 5000;
constexpr double kJitterBucketMs = 2000;

}  // namespace

void TrendlineEstimator::update(double arrival_delta_ms, double send_delta_ms, double arrival_ms, bool probed) {
  if (deltas_ == 0) first_arrival_ms_ = arrival_ms;
  deltas_ = std::min(deltas_ + 1, kMaxDeltas);
  accumulated_ms_ += arrival_delta_ms - send_delta_ms;
  smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * accumulated_ms_;
  observe_jitter(arrival_ms, probed);
  observe_queue(arrival_ms);
  samples_[next_sample_] = {arrival_ms - first_arrival_ms_, smoothed_ms_};
  next_sample_ = (next_sample_ + 1) % kWindow;
  sample_count_ = std::min(sample_count_ + 1, kWindow);
  detect(sample_count_ == kWindow ? slope() : previous_trend_, send_delta_ms, arrival_ms);
}

void TrendlineEstimator::observe_jitter(double now_ms, bool probed) {
  // A queue that builds up is no jitter: one deviation can raise the mean only so far.
  const double deviation =
      std::min(std::abs(accumulated_ms_ - smoothed_ms_), kMaxJitterGrowth * std::max(jitter_ms_, kMinJitterMs));
  // Nor is the queue of a probe, which would make the next one longer.
  if (!probed || deviation < jitter_ms_) jitter_ms_ += kJitterSmoothing * (deviation - jitter_ms_);
  if (jitter_bucket_began_ms_ < 0) {
    jitter_bucket_began_ms_ = now_ms;
  } else if (now_ms - jitter_bucket_began_ms_ >= kJitterBucketMs) {
    // In the first bucket it grows from zero to what it is.
    previous_jitter_least_ms_ = previous_jitter_least_ms_ < 0 ? jitter_ms_ : jitter_bucket_least_ms_;
    jitter_bucket_began_ms_ = now_ms;
    jitter_bucket_least_ms_ = jitter_ms_;
  }
  jitter_bucket_least_ms_ = std::min(jitter_bucket_least_ms_, jitter_ms_);
}

double TrendlineEstimator::lasting_jitter_ms() const {
  return previous_jitter_least_ms_ < 0 ? jitter_ms_ : std::min(previous_jitter_least_ms_, jitter_bucket_least_ms_);
}

void TrendlineEstimator::observe_queue(double now_ms) {
  if (bucket_began_ms_ < 0 || now_ms - bucket_began_ms_ >= kBucketMs) {
    previous_least_ms_ = bucket_began_ms_ < 0 ? smoothed_ms_ : bucket_least_ms_;
    bucket_began_ms_ = now_ms;
    bucket_least_ms_ = smoothed_ms_;
  }
  bucket_least_ms_ = std::min(bucket_least_ms_, smoothed_ms_);
  queue_ms_ = smoothed_ms_ - std::min(bucket_least_ms_, previous_least_ms_);
}

double TrendlineEstimator::slope() const {
  double sum_x = 0, sum_y = 0;
  for (const Sample& sample : samples_) {
    sum_x += sample.arrival_ms;
    sum_y += sample.smoothed_ms;
  }
  const double mean_x = sum_x / kWindow, mean_y = sum_y / kWindow;
  double numerator = 0, denominator = 0;
  for (const Sample& sample : samples_) {
    numerator += (sample.arrival_ms - mean_x) * (sample.smoothed_ms - mean_y);
    denominator += (sample.arrival_ms - mean_x) * (sample.arrival_ms - mean_x);
  }
  return denominator == 0 ? previous_trend_ : numerator / denominator;
}

void TrendlineEstimator::detect(double trend, double send_delta_ms, double now_ms) {
  if (deltas_ < 2) return;
  const double modified_trend = std::min(deltas_, kMinDeltas) * trend * kGain;
  const bool stands_out = queue_ms_ >= kQueueToJitter * jitter_ms_;
  if (stands_out && modified_trend > threshold_) {
    // The first time we assume that it has been so for half of the time since the last sample.
    overusing_ms_ = overusing_ms_ < 0 ? send_delta_ms / 2 : overusing_ms_ + send_delta_ms;
    ++overuse_count_;
    if (overusing_ms_ > kOverusingMs && overuse_count_ > 1 && trend >= previous_trend_) {
      overusing_ms_ = 0;
      overuse_count_ = 0;
      state_ = BandwidthUsage::kOverusing;
    }
  } else {
    overusing_ms_ = -1;
    overuse_count_ = 0;
    state_ = stands_out && modified_trend < -threshold_ ? BandwidthUsage::kUnderusing : BandwidthUsage::kNormal;
  }
  previous_trend_ = trend;
  adapt_threshold(modified_trend, now_ms);
}

void TrendlineEstimator::adapt_threshold(double modified_trend, double now_ms) {
  if (last_threshold_ms_ < 0) last_threshold_ms_ = now_ms;
  const double magnitude = std::abs(modified_trend);
  // A sudden spike, of a route that changes for example, is no reason to become less sensitive.
  if (magnitude <= threshold_ + kMaxAdaptOffset) {
    const double rate = magnitude < threshold_ ? kThresholdDown : kThresholdUp;
    const double elapsed = std::clamp(now_ms - last_threshold_ms_, 0.0, kMaxAdaptMs);
    threshold_ = std::clamp(threshold_ + rate * (magnitude - threshold_) * elapsed, kMinThreshold, kMaxThreshold);
  }
  last_threshold_ms_ = now_ms;
}

}  // namespace peerwire::congestion
