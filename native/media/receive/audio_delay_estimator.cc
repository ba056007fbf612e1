#include "media/receive/audio_delay_estimator.h"

#include <algorithm>
#include <limits>

namespace peerwire {
namespace {

constexpr int64_t kBucketUs = 10'000;
constexpr int64_t kSlotUs = 100'000;
constexpr int64_t kIntervalUs = 500'000;
constexpr float kQuantile = 0.95f;
constexpr float kForget = 0.983f;  // each interval: half is forgotten in 20 s
/// Before anything is known.
constexpr int64_t kFirstGuessUs = 40'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

constexpr size_t place_of(int64_t slot, int slots) {
  return static_cast<size_t>((slot % slots + slots) % slots);
}

}  // namespace

void AudioDelayEstimator::reset() {
  histogram_.fill(0);
  observations_ = 0;
  quickest_.fill(kNever);
  slot_ = 0;
  interval_begin_us_ = 0;
  worst_us_ = 0;
  wanted_us_ = kFirstGuessUs;
  has_begun_ = false;
}

int64_t AudioDelayEstimator::update(int64_t timestamp, int clock_rate, int64_t arrival_us) {
  const int64_t transit_us =
      arrival_us - (timestamp / clock_rate * 1'000'000 + timestamp % clock_rate * 1'000'000 / clock_rate);
  const int64_t slot = arrival_us / kSlotUs;
  if (!has_begun_) {
    has_begun_ = true;
    slot_ = slot;
    interval_begin_us_ = arrival_us;
  }
  // Slots between were without packets. After a long pause the network may have become another one.
  for (int64_t i = std::max(slot_ + 1, slot - kSlots + 1); i <= slot; ++i) {
    quickest_[place_of(i, kSlots)] = kNever;
  }
  slot_ = std::max(slot_, slot);
  auto& of_slot = quickest_[place_of(slot_, kSlots)];
  of_slot = std::min(of_slot, transit_us);
  const int64_t relative_us = transit_us - *std::min_element(quickest_.begin(), quickest_.end());

  // A burst after a hold-up is of one interval: it begins with its first packet.
  if (arrival_us - interval_begin_us_ >= kIntervalUs) {
    add_to_histogram(worst_us_);
    interval_begin_us_ = arrival_us;
    worst_us_ = 0;
  }
  worst_us_ = std::max(worst_us_, relative_us);
  if (observations_ == 0) wanted_us_ = std::max(wanted_us_, worst_us_);
  return relative_us;
}

void AudioDelayEstimator::add_to_histogram(int64_t delay_us) {
  // The first observations are forgotten faster: each weighs about twice its share.
  ++observations_;
  const float forget = std::min(kForget, 1 - 2.0f / static_cast<float>(observations_ + 1));
  for (float& share : histogram_) share *= forget;
  const auto bucket = static_cast<size_t>(std::clamp<int64_t>(delay_us / kBucketUs, 0, kBuckets - 1));
  histogram_[bucket] += 1 - forget;

  float sum = 0;
  size_t index = 0;
  while (index + 1 < histogram_.size() && (sum += histogram_[index]) < kQuantile) ++index;
  wanted_us_ = static_cast<int64_t>(index + 1) * kBucketUs;
}

}  // namespace peerwire
