#include "media/congestion_control/loss_based_estimator.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr double kCandidateFactors[] = {1.02, 1.0, 0.95};
constexpr double kHighBandwidthBias = 0.0002;
constexpr double kHighLogBandwidthBias = 0.02;
constexpr double kHighBandwidthLossThreshold = 0.2;
constexpr double kHighBandwidthSmoothing = 0.002;
constexpr double kMinInherentLoss = 1e-3;
constexpr double kInherentLossBalanceBps = 100'000;
constexpr double kInstantBalanceBps = 100'000;
// Loss that a path may have by itself. Ours: 0.10, and less where it goes with a queue; libwebrtc's: 0.05 always.
constexpr double kOrdinaryLoss = 0.10;
constexpr double kOrdinaryLossOfQueue = 0.03;
constexpr double kFewOfQueue = 0.3;
constexpr double kMostOfQueue = 0.6;
constexpr double kQueueShareRate = 0.05;
constexpr double kNewtonStep = 0.75;
constexpr double kTemporalWeight = 0.9;
constexpr int64_t kMinObservationUs = 250'000;
constexpr int kMinObservations = 3;
constexpr double kMaxIncrease = 1.3;
constexpr int64_t kIncreaseWindowUs = 300'000;
constexpr double kRampup = 1.5;
constexpr int64_t kPaddingUs = 2'000'000;
constexpr double kMedianFactor = 2.0;
constexpr double kUnbounded = 1e15;
// How late a packet may be that was reported as lost; forgotten slowly.
constexpr int64_t kMaxReorderingUs = 500'000;
constexpr int64_t kReorderingStepUs = 50'000;
constexpr int64_t kReorderingDecay = 64;
constexpr size_t kMaxMissing = 5'000;

double to_rate(int64_t bps) {
  return bps == kUnlimited ? kUnbounded : static_cast<double>(bps);
}

double loss_probability(double inherent_loss, double bandwidth_bps, double sending_bps) {
  double loss = std::clamp(inherent_loss, 0.0, 1.0);
  if (sending_bps > bandwidth_bps) loss += (1 - loss) * (sending_bps - bandwidth_bps) / sending_bps;
  return std::clamp(loss, 1e-6, 1 - 1e-6);
}

double adjusted_bias(double loss, double factor) {
  const double distance = kHighBandwidthLossThreshold - loss;
  return factor * distance / (kHighBandwidthSmoothing + std::abs(distance));
}

}  // namespace

std::array<double, LossBasedEstimator::kWindow> LossBasedEstimator::make_weights() {
  std::array<double, kWindow> weights{};
  double weight = 1;
  for (double& one : weights) {
    one = weight;
    weight *= kTemporalWeight;
  }
  return weights;
}

void LossBasedEstimator::set_limits(int64_t min_bps, int64_t max_bps) {
  min_bps_ = min_bps;
  max_bps_ = max_bps;
}

void LossBasedEstimator::set_estimate(int64_t bps) {
  current_.bandwidth_bps = static_cast<double>(bps);
  result_ = {bps, State::kDelayBased};
}

bool LossBasedEstimator::is_ready() const {
  return current_.bandwidth_bps > 0 && observation_count_ >= kMinObservations;
}

double LossBasedEstimator::weight(const Observation& observation) const {
  return weights_[static_cast<size_t>(observation_count_ - 1 - observation.id)];
}

void LossBasedEstimator::take_back(int64_t sequence_number, int64_t now_us) {
  const auto found = std::find_if(missing_.begin(), missing_.end(), [sequence_number](const Missing& one) {
    return one.sequence_number == sequence_number;
  });
  if (found == missing_.end()) {
    // It came after we had given up: wait longer from now on.
    reordering_us_ = std::min(kMaxReorderingUs, reordering_us_ + kReorderingStepUs);
    return;
  }
  const int64_t late_us = now_us - found->reported_us;
  reordering_us_ = std::min(kMaxReorderingUs, std::max(reordering_us_, late_us + late_us / 4));
  partial_kilobytes_ += found->kilobytes;
  missing_.erase(found);
}

void LossBasedEstimator::give_up_missing(int64_t now_us) {
  while (!missing_.empty() &&
         (now_us - missing_.front().reported_us >= reordering_us_ || missing_.size() > kMaxMissing)) {
    partial_kilobytes_ += missing_.front().kilobytes;
    partial_lost_kilobytes_ += missing_.front().kilobytes;
    queue_share_ += kQueueShareRate * ((missing_.front().queue_stood ? 1 : 0) - queue_share_);
    missing_.pop_front();
  }
}

bool LossBasedEstimator::observe(std::span<const PacketResult> results, int64_t now_us) {
  int64_t first_send = kUnlimited, last_send = kNever;
  for (const PacketResult& packet : results) {
    const double kilobytes = static_cast<double>(packet.sent.size) / 1000;
    if (!packet.received()) {
      missing_.push_back({packet.sent.sequence_number, kilobytes, now_us, queue_stands_});
    } else if (packet.was_reported_lost) {
      take_back(packet.sent.sequence_number, now_us);
    } else {
      partial_kilobytes_ += kilobytes;
    }
    first_send = std::min(first_send, packet.sent.send_time_us);
    last_send = std::max(last_send, packet.sent.send_time_us);
  }
  give_up_missing(now_us);
  if (last_send_us_ == kNever) last_send_us_ = first_send;
  const int64_t duration = last_send - last_send_us_;
  if (duration < kMinObservationUs) return false;
  last_send_us_ = last_send;

  Observation observation;
  observation.id = observation_count_++;
  observation.kilobytes = partial_kilobytes_;
  observation.lost_kilobytes = partial_lost_kilobytes_;
  observation.sending_bps = partial_kilobytes_ * 8000 / (static_cast<double>(duration) / 1e6);
  observations_[static_cast<size_t>(observation.id % kWindow)] = observation;
  partial_kilobytes_ = 0;
  partial_lost_kilobytes_ = 0;
  reordering_us_ -= reordering_us_ / kReorderingDecay;
  average_loss_ = compute_average_loss();
  return true;
}

double LossBasedEstimator::median_sending_bps() const {
  std::array<double, kWindow> rates{};
  size_t count = 0;
  for (const Observation& observation : observations_) {
    if (observation.id >= 0 && observation.kilobytes > 0) rates[count++] = observation.sending_bps;
  }
  if (count == 0) return 0;
  std::sort(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(count));
  return count % 2 ? rates[count / 2] : (rates[count / 2 - 1] + rates[count / 2]) / 2;
}

double LossBasedEstimator::compute_average_loss() const {
  double total = 0, lost = 0;
  double least = 2, most = -1;
  double least_total = 0, least_lost = 0, most_total = 0, most_lost = 0, most_sending = 0;
  for (const Observation& observation : observations_) {
    if (observation.id < 0 || observation.kilobytes <= 0) continue;
    const double factor = weight(observation);
    const double loss = observation.lost_kilobytes / observation.kilobytes;
    total += factor * observation.kilobytes;
    lost += factor * observation.lost_kilobytes;
    if (observation_count_ <= kMinObservations) continue;
    if (loss > most) {
      most = loss;
      most_total = factor * observation.kilobytes;
      most_lost = factor * observation.lost_kilobytes;
      most_sending = observation.sending_bps;
    }
    if (loss < least) {
      least = loss;
      least_total = factor * observation.kilobytes;
      least_lost = factor * observation.lost_kilobytes;
    }
  }
  if (total <= 0) return 0;
  // The extremes are left out, unless the worst of them came of a burst: that loss is our own doing.
  const bool burst = kMedianFactor * median_sending_bps() <= most_sending;
  const double rest = total - least_total - most_total;
  if (burst || rest <= 1e-9) return lost / total;
  return std::clamp((lost - least_lost - most_lost) / rest, 0.0, 1.0);
}

double LossBasedEstimator::ordinary_loss() const {
  const double of_queue = std::clamp((queue_share_ - kFewOfQueue) / (kMostOfQueue - kFewOfQueue), 0.0, 1.0);
  return kOrdinaryLoss + of_queue * (kOrdinaryLossOfQueue - kOrdinaryLoss);
}

double LossBasedEstimator::instant_upper_bps() const {
  const double ordinary = ordinary_loss();
  if (average_loss_ <= ordinary) return kUnbounded;
  return kInstantBalanceBps / (average_loss_ - ordinary);
}

double LossBasedEstimator::instant_lower_bps() const {
  return std::max(to_rate(min_bps_), acknowledged_bps_ ? static_cast<double>(*acknowledged_bps_) : 0.0);
}

double LossBasedEstimator::inherent_loss_bound(double bandwidth_bps) const {
  if (bandwidth_bps <= 0) return 1;
  return std::min(1.0, ordinary_loss() + kInherentLossBalanceBps / bandwidth_bps);
}

double LossBasedEstimator::feasible_inherent_loss(const Channel& channel) const {
  return std::min(std::max(channel.inherent_loss, kMinInherentLoss), inherent_loss_bound(channel.bandwidth_bps));
}

std::vector<LossBasedEstimator::Channel> LossBasedEstimator::candidates(double delay_based_bps,
                                                                        bool application_limited) const {
  std::vector<Channel> channels;
  channels.reserve(5);
  const double upper =
      result_.state != State::kDelayBased && limit_in_window_bps_ > 0 ? limit_in_window_bps_ : kUnbounded;
  const auto consider = [&](double bandwidth_bps) {
    Channel channel = current_;
    channel.bandwidth_bps = std::min(bandwidth_bps, std::max(current_.bandwidth_bps, upper));
    channel.inherent_loss = feasible_inherent_loss(channel);
    channels.push_back(channel);
  };
  for (double factor : kCandidateFactors) consider(factor * current_.bandwidth_bps);
  if (acknowledged_bps_ && !application_limited) consider(static_cast<double>(*acknowledged_bps_));
  // A queue too short for the delay to tell: step by step, then.
  const bool short_queue = average_loss_ > kOrdinaryLossOfQueue && queue_share_ > kFewOfQueue;
  if (delay_based_bps < kUnbounded && delay_based_bps > current_.bandwidth_bps && !short_queue) {
    consider(delay_based_bps);
  }
  return channels;
}

void LossBasedEstimator::newton_step(Channel& channel) const {
  double first = 0, second = 0;
  for (const Observation& observation : observations_) {
    if (observation.id < 0) continue;
    const double loss = loss_probability(channel.inherent_loss, channel.bandwidth_bps, observation.sending_bps);
    const double received = observation.kilobytes - observation.lost_kilobytes;
    const double factor = weight(observation);
    first += factor * (observation.lost_kilobytes / loss - received / (1 - loss));
    second -= factor * (observation.lost_kilobytes / (loss * loss) + received / ((1 - loss) * (1 - loss)));
  }
  if (second >= 0) second = -1e-6;
  channel.inherent_loss -= kNewtonStep * first / second;
  channel.inherent_loss = feasible_inherent_loss(channel);
}

double LossBasedEstimator::high_bandwidth_bias(double bandwidth_bps) const {
  const double kbps = bandwidth_bps / 1000;
  return adjusted_bias(average_loss_, kHighBandwidthBias) * kbps +
         adjusted_bias(average_loss_, kHighLogBandwidthBias) * std::log(1 + kbps);
}

double LossBasedEstimator::objective(const Channel& channel) const {
  const double bias = high_bandwidth_bias(channel.bandwidth_bps);
  double sum = 0;
  for (const Observation& observation : observations_) {
    if (observation.id < 0) continue;
    const double loss = loss_probability(channel.inherent_loss, channel.bandwidth_bps, observation.sending_bps);
    const double received = observation.kilobytes - observation.lost_kilobytes;
    sum += weight(observation) *
           (observation.lost_kilobytes * std::log(loss) + received * std::log(1 - loss) + bias * observation.kilobytes);
  }
  return sum;
}

LossBasedEstimator::Channel LossBasedEstimator::best_candidate(double delay_based_bps, bool application_limited) const {
  Channel best = current_;
  bool first = true;
  double best_objective = 0;
  for (Channel& channel : candidates(delay_based_bps, application_limited)) {
    newton_step(channel);
    const double value = objective(channel);
    if (first || value > best_objective) {
      first = false;
      best_objective = value;
      best = channel;
    }
  }
  // More loss than the path is thought to have by itself is no time to grow.
  if (average_loss_ > best.inherent_loss && best.bandwidth_bps > current_.bandwidth_bps) {
    best.bandwidth_bps = current_.bandwidth_bps;
  }
  return best;
}

bool LossBasedEstimator::is_increasing(double old_bps, double new_bps) const {
  if (result_.state == State::kDelayBased) return false;
  return old_bps < new_bps || (old_bps == new_bps && result_.state == State::kIncreasingWithPadding);
}

void LossBasedEstimator::bound_while_limited(Channel& best) const {
  if (result_.state == State::kDelayBased) return;
  if (recovering_since_us_ != kNever && recovering_since_us_ + kIncreaseWindowUs > last_send_us_ &&
      best.bandwidth_bps > limit_in_window_bps_) {
    best.bandwidth_bps = limit_in_window_bps_;
  }
  if (!is_increasing(current_.bandwidth_bps, best.bandwidth_bps) || !acknowledged_bps_) return;
  const double acknowledged = static_cast<double>(*acknowledged_bps_);
  best.bandwidth_bps = std::max(current_.bandwidth_bps, std::min(best.bandwidth_bps, kRampup * acknowledged));
  // A little more, so that the state becomes one of increase, in which padding shows what the path carries.
  if (result_.state == State::kDecreasing && best.bandwidth_bps == current_.bandwidth_bps) best.bandwidth_bps += 1;
}

void LossBasedEstimator::update(std::span<const PacketResult> results, int64_t delay_based, bool application_limited,
                                bool queue_stands, int64_t now_us) {
  queue_stands_ = queue_stands;
  if (results.empty() || !observe(results, now_us)) return;
  const double delay_based_bps = to_rate(delay_based);
  if (current_.bandwidth_bps <= 0) {
    if (delay_based == kUnlimited) return;
    set_estimate(delay_based);
  }
  Channel best = best_candidate(delay_based_bps, application_limited);
  bound_while_limited(best);
  const double bounded =
      std::max(instant_lower_bps(), std::min({best.bandwidth_bps, instant_upper_bps(), delay_based_bps}));
  if (bounded < best.bandwidth_bps) {
    current_ = {0, bounded};
  } else {
    current_ = best;
    current_.bandwidth_bps = std::max(current_.bandwidth_bps, instant_lower_bps());
  }
  decide(bounded, delay_based_bps);
}

void LossBasedEstimator::decide(double bounded, double delay_based_bps) {
  const bool limited = bounded < delay_based_bps && bounded < to_rate(max_bps_);
  const bool keeps_padding = result_.state != State::kIncreasingWithPadding ||
                             padding_since_us_ + kPaddingUs >= last_send_us_ || padding_bps_ < bounded;
  if (limited && is_increasing(static_cast<double>(result_.bandwidth_bps), std::floor(bounded)) && keeps_padding) {
    if (bounded > padding_bps_) {
      padding_bps_ = bounded;
      padding_since_us_ = last_send_us_;
    }
    result_.state = State::kIncreasingWithPadding;
  } else if (limited) {
    padding_bps_ = 0;
    result_.state = State::kDecreasing;
  } else {
    padding_bps_ = 0;
    result_.state = State::kDelayBased;
  }
  result_.bandwidth_bps = bounded >= kUnbounded ? kUnlimited : static_cast<int64_t>(bounded);

  if (result_.state != State::kDelayBased &&
      (recovering_since_us_ == kNever || recovering_since_us_ + kIncreaseWindowUs < last_send_us_)) {
    limit_in_window_bps_ = std::max(to_rate(min_bps_), current_.bandwidth_bps * kMaxIncrease);
    recovering_since_us_ = last_send_us_;
  }
}

}  // namespace peerwire::congestion
