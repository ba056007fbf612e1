#include "transport/sctp/cubic_window.h"

#include <algorithm>
#include <cmath>

namespace peerwire {
namespace {

// RFC 9438, sections 4.1 and 4.6.
constexpr double kC = 0.4;
constexpr double kBeta = 0.7;
constexpr double kAlpha = 3 * (1 - kBeta) / (1 + kBeta);
constexpr uint32_t kMinPackets = 2;

// RFC 9406, section 4.3.
constexpr uint32_t kMinThresholdUs = 4'000;
constexpr uint32_t kMaxThresholdUs = 16'000;
constexpr uint32_t kThresholdDivisor = 8;
constexpr int kSamples = 8;
constexpr uint32_t kConservativeDivisor = 4;
constexpr int kConservativeRounds = 5;
constexpr uint32_t kMaxPacketsAtOnce = 8;  // L, where packets are not paced

}  // namespace

uint32_t CubicWindow::after_acknowledgement(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged) {
  if (window < threshold_) return grow_slowly_started(window, packet, acknowledged);
  return grow_cubically(window, packet, acknowledged);
}

uint32_t CubicWindow::grow_slowly_started(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged) {
  // After a time-out the way up is known (RFC 9406, section 4.3).
  const bool is_first = threshold_ == kUnknown;
  if (is_first) follow_rounds(acknowledged);
  if (acknowledged.filled_window) {
    uint32_t more = std::min(acknowledged.octets, kMaxPacketsAtOnce * packet);
    if (is_first && baseline_us_ != kUnknown) more /= kConservativeDivisor;
    window += more;
  }
  if (is_first && baseline_us_ != kUnknown && conservative_rounds_ >= kConservativeRounds) threshold_ = window;
  return window;
}

void CubicWindow::follow_rounds(const Acknowledgement& acknowledged) {
  if (acknowledged.octets >= round_left_) {
    round_left_ = acknowledged.flight;
    last_round_min_us_ = round_min_us_;
    round_min_us_ = kUnknown;
    if (baseline_us_ != kUnknown) ++conservative_rounds_;
  } else {
    round_left_ -= acknowledged.octets;
  }
  if (acknowledged.last_sent_us < 0) return;
  const int64_t sample = acknowledged.now_us - acknowledged.last_sent_us;
  const auto round_trip = static_cast<uint32_t>(std::clamp<int64_t>(sample, 0, kUnknown - 1));
  round_min_us_ = std::min(round_min_us_, round_trip);
  recent_min_us_ = samples_ == 0 ? round_trip : std::min(recent_min_us_, round_trip);
  if (++samples_ < kSamples) return;
  // The RFC has the smallest of the whole round. But where packets are not paced, the round that fills the queue begins
  // with an empty one, and the next is the one that overflows it.
  samples_ = 0;
  if (last_round_min_us_ == kUnknown) return;
  if (baseline_us_ == kUnknown) {
    const uint32_t threshold = std::clamp(last_round_min_us_ / kThresholdDivisor, kMinThresholdUs, kMaxThresholdUs);
    if (recent_min_us_ < last_round_min_us_ + threshold) return;
    baseline_us_ = recent_min_us_;
    conservative_rounds_ = 0;
  } else if (recent_min_us_ < baseline_us_) {
    baseline_us_ = kUnknown;  // it was no queue
  }
}

void CubicWindow::begin_epoch(uint32_t window, uint32_t packet, int64_t now_us) {
  epoch_us_ = now_us;
  limited_since_us_ = -1;
  // Section 4.8, after a time-out, and section 4.10, after a slow start that ended without loss.
  if (maximum_ == 0) maximum_ = prior_ = static_cast<float>(window);
  reno_estimate_ = static_cast<float>(window);
  const double below = std::max(0.0, static_cast<double>(maximum_) - window) / packet;
  plateau_s_ = static_cast<float>(std::cbrt(below / kC));
}

uint32_t CubicWindow::grow_cubically(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged) {
  const int64_t now_us = acknowledged.now_us;
  if (epoch_us_ < 0) begin_epoch(window, packet, now_us);
  // Section 5.8: the time in which there was too little to send is none in which the window could have grown.
  if (!acknowledged.filled_window) {
    if (limited_since_us_ < 0) limited_since_us_ = now_us;
    return window;
  }
  if (limited_since_us_ >= 0) {
    epoch_us_ += now_us - limited_since_us_;
    limited_since_us_ = -1;
  }
  const double octets = window;
  const double share = acknowledged.octets / octets;
  const auto cubic = [&](int64_t elapsed_us) {
    const double from_plateau = static_cast<double>(elapsed_us) / 1e6 - plateau_s_;
    return kC * packet * from_plateau * from_plateau * from_plateau + maximum_;
  };
  // Section 4.3: where Reno would have more by now.
  const double alpha = reno_estimate_ < prior_ ? kAlpha : 1;
  reno_estimate_ += static_cast<float>(alpha * share * packet);
  const int64_t elapsed_us = now_us - epoch_us_;
  if (cubic(elapsed_us) < reno_estimate_) {
    return static_cast<uint32_t>(std::max(octets, static_cast<double>(reno_estimate_)));
  }
  // Sections 4.4 and 4.5.
  const double target = std::clamp(cubic(elapsed_us + acknowledged.round_trip_us), octets, 1.5 * octets);
  return static_cast<uint32_t>(octets + (target - octets) * share);
}

void CubicWindow::decrease_threshold(uint32_t window, uint32_t packet) {
  threshold_ = std::max(static_cast<uint32_t>(window * kBeta), kMinPackets * packet);
  epoch_us_ = -1;
}

uint32_t CubicWindow::after_loss(uint32_t window, uint32_t packet) {
  // Section 4.7: others have come, and are made room for.
  const bool is_lower = static_cast<float>(window) < maximum_;
  prior_ = static_cast<float>(window);
  maximum_ = static_cast<float>(is_lower ? window * (1 + kBeta) / 2 : window);
  decrease_threshold(window, packet);
  return threshold_;
}

uint32_t CubicWindow::after_timeout(uint32_t window, uint32_t packet) {
  maximum_ = 0;
  decrease_threshold(window, packet);
  return packet;
}

}  // namespace peerwire
