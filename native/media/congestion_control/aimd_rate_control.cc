#include "media/congestion_control/aimd_rate_control.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr double kBackoff = 0.85;
constexpr double kIncreasePerSecond = 1.08;
constexpr int64_t kMinIncreaseBps = 1'000;
constexpr double kMinAdditiveBps = 4'000;
constexpr double kMaxAdditiveShare = 0.15;
constexpr double kThroughputFactor = 1.5;
constexpr int64_t kThroughputOffsetBps = 10'000;
constexpr int64_t kExtraBackoffBps = 5'000;
constexpr int64_t kExtraBackoffShare = 100;
constexpr int64_t kInitializationUs = 5'000'000;
constexpr int64_t kMinReductionIntervalUs = 10'000;
constexpr int64_t kMaxReductionIntervalUs = 200'000;
// What an overuse needs to be noticed, beyond the round trip.
constexpr int64_t kDetectionUs = 100'000;
// What was acknowledged before a probe has raised the rate says nothing of what passes since.
constexpr int64_t kProbeTrustUs = 600'000;
constexpr double kPacketBits = 1200 * 8;
constexpr double kFramesPerSecond = 30;

double seconds_between(int64_t from_us, int64_t to_us) {
  return static_cast<double>(to_us - from_us) / 1e6;
}

}  // namespace

void AimdRateControl::set_start_bitrate(int64_t bps) {
  current_bps_ = bps;
  throughput_bps_ = bps;
  initialized_ = true;
}

void AimdRateControl::set_min_bitrate(int64_t bps) {
  min_bps_ = bps;
  current_bps_ = std::max(current_bps_, bps);
}

int64_t AimdRateControl::clamp(int64_t bps) const {
  return std::clamp(bps, min_bps_, std::max(min_bps_, kMaxBps));
}

bool AimdRateControl::may_reduce_further(int64_t now_us, int64_t acknowledged_bps) const {
  const int64_t interval = std::clamp(rtt_us_, kMinReductionIntervalUs, kMaxReductionIntervalUs);
  if (last_change_us_ == kNever || now_us - last_change_us_ >= interval) return true;
  return initialized_ && acknowledged_bps < current_bps_ / 2;
}

bool AimdRateControl::may_reduce_further_initially(int64_t now_us) const {
  return initialized_ && may_reduce_further(now_us, current_bps_ / 2);
}

double AimdRateControl::additive_increase_bps() const {
  const double frame_bits = static_cast<double>(current_bps_) / kFramesPerSecond;
  const double packets = std::max(1.0, std::ceil(frame_bits / kPacketBits));
  const double response_s = static_cast<double>(rtt_us_ + kDetectionUs) / 1e6;
  // One packet more per response time, whatever the rate: so flows that share a link become equal. At low rates and
  // short round trips that would be a quarter of the rate a second, which overshoots.
  const double most = static_cast<double>(current_bps_) * kMaxAdditiveShare;
  return std::max(kMinAdditiveBps, std::min(frame_bits / packets / response_s, most));
}

void AimdRateControl::set_estimate(int64_t bps, int64_t now_us, bool from_probe) {
  initialized_ = true;
  current_bps_ = clamp(bps);
  last_change_us_ = now_us;
  if (!from_probe) return;
  capacity_.on_probe(bps);
  probe_bps_ = current_bps_;
  // The round trip of now: when the rate falls, the queue makes it longer than what was sent before lasts.
  probe_trusted_until_us_ = now_us + kProbeTrustUs + rtt_us_;
}

int64_t AimdRateControl::passed_bps(int64_t now_us) const {
  return now_us < probe_trusted_until_us_ ? std::max(throughput_bps_, probe_bps_) : throughput_bps_;
}

int64_t AimdRateControl::update(BandwidthUsage usage, std::optional<int64_t> acknowledged_bps, int64_t now_us) {
  // Without a starting rate, what has arrived for some seconds is one.
  if (!initialized_ && acknowledged_bps) {
    if (first_throughput_us_ == kNever) {
      first_throughput_us_ = now_us;
    } else if (now_us - first_throughput_us_ > kInitializationUs) {
      current_bps_ = *acknowledged_bps;
      initialized_ = true;
    }
  }
  throughput_bps_ = acknowledged_bps.value_or(throughput_bps_);
  if (!initialized_ && usage != BandwidthUsage::kOverusing) return current_bps_;

  change_state(usage, now_us);
  if (state_ == State::kIncrease) {
    if (throughput_bps_ > capacity_.upper_bps()) capacity_.reset();
    current_bps_ = clamp(increase(throughput_bps_, now_us));
    last_change_us_ = now_us;
  } else if (state_ == State::kDecrease) {
    const int64_t passed = passed_bps(now_us);
    current_bps_ = clamp(decrease(passed));
    capacity_.on_overuse(passed);
    initialized_ = true;
    state_ = State::kHold;
    last_change_us_ = now_us;
  }
  return current_bps_;
}

void AimdRateControl::change_state(BandwidthUsage usage, int64_t now_us) {
  switch (usage) {
    case BandwidthUsage::kNormal:
      if (state_ == State::kHold) {
        last_change_us_ = now_us;
        state_ = State::kIncrease;
      }
      break;
    case BandwidthUsage::kOverusing:
      state_ = State::kDecrease;
      break;
    case BandwidthUsage::kUnderusing:
      state_ = State::kHold;  // the queue drains: let it
      break;
  }
}

int64_t AimdRateControl::increase(int64_t throughput_bps, int64_t now_us) const {
  // Not far beyond what has been shown to pass.
  const int64_t limit =
      static_cast<int64_t>(kThroughputFactor * static_cast<double>(throughput_bps)) + kThroughputOffsetBps;
  if (current_bps_ >= limit) return current_bps_;
  const double elapsed = last_change_us_ == kNever ? 1.0 : seconds_between(last_change_us_, now_us);
  int64_t more;
  if (capacity_.has_estimate()) {
    more = static_cast<int64_t>(additive_increase_bps() * elapsed);
  } else {
    const double factor = std::pow(kIncreasePerSecond, std::min(elapsed, 1.0)) - 1;
    more = std::max(static_cast<int64_t>(static_cast<double>(current_bps_) * factor), kMinIncreaseBps);
  }
  return std::min(current_bps_ + more, limit);
}

int64_t AimdRateControl::decrease(int64_t throughput_bps) {
  if (throughput_bps < capacity_.lower_bps()) capacity_.reset();
  // What arrives in short windows scatters. While it agrees with what the link is known to carry, that is taken:
  // otherwise several decreases in a row would follow the least of the samples.
  if (capacity_.has_estimate()) throughput_bps = std::max(throughput_bps, capacity_.estimate_bps());
  // A little below that, so that the queue drains.
  int64_t next = static_cast<int64_t>(kBackoff * static_cast<double>(throughput_bps));
  next -= std::min(kExtraBackoffBps, next / kExtraBackoffShare);
  if (next > current_bps_ && capacity_.has_estimate()) {
    next = static_cast<int64_t>(kBackoff * static_cast<double>(capacity_.estimate_bps()));
  }
  return std::min(next, current_bps_);
}

}  // namespace peerwire::congestion
