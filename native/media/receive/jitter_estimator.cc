#include "media/receive/jitter_estimator.h"

#include <algorithm>

namespace peerwire {
namespace {

/// A jump that is no jitter: the sender's clock or the path began anew.
constexpr int64_t kJumpUs = 5'000'000;
constexpr int64_t kMaxSampleAgeUs = 15'000'000;
constexpr size_t kPercent = 96;
/// So many frames may come from a backlog; each of them is earlier than the one before by more than clocks can tell.
constexpr size_t kBeginning = 50;
constexpr int64_t kBacklogStepUs = 10'000;

}  // namespace

void JitterEstimator::reset() {
  *this = JitterEstimator();
}

int64_t JitterEstimator::smallest_offset() const {
  std::optional<int64_t> smallest;
  for (const auto& bucket : buckets_) {
    if (bucket && (!smallest || *bucket < *smallest)) smallest = bucket;
  }
  return smallest.value_or(0);
}

std::optional<int64_t> JitterEstimator::expected_arrival_us(int64_t rtp_us) const {
  if (sample_count_ == 0) return std::nullopt;
  return rtp_us + smallest_offset();
}

void JitterEstimator::on_frame(int64_t rtp_us, int64_t arrival_us) {
  const int64_t offset = arrival_us - rtp_us;
  if (sample_count_ > 0) {
    const int64_t late = offset - smallest_offset();
    if (late > kJumpUs || late < -kJumpUs) reset();
  }
  forget_backlog(offset);
  const int64_t bucket = arrival_us / kBucketUs;
  // Buckets that nothing fell into are empty, not old.
  if (bucket_ < 0 || bucket < bucket_ || bucket - bucket_ >= static_cast<int64_t>(kBuckets)) {
    buckets_.fill(std::nullopt);
    bucket_ = bucket;
  }
  while (bucket_ < bucket) buckets_[static_cast<size_t>(++bucket_) % kBuckets].reset();
  auto& current = buckets_[static_cast<size_t>(bucket) % kBuckets];
  current = std::min(current.value_or(offset), offset);
  samples_[next_sample_] = {arrival_us, offset};
  next_sample_ = (next_sample_ + 1) % kSamples;
  sample_count_ = std::min(sample_count_ + 1, kSamples);
  update_jitter(arrival_us);
}

void JitterEstimator::forget_backlog(int64_t offset) {
  if (sample_count_ == 0 || sample_count_ > kBeginning || offset > smallest_offset() - kBacklogStepUs) return;
  sample_count_ = next_sample_ = 0;
}

void JitterEstimator::update_jitter(int64_t now_us) {
  std::array<int64_t, kSamples> late;
  size_t count = 0;
  const int64_t smallest = smallest_offset();
  for (size_t i = 0; i < sample_count_; ++i) {
    if (now_us - samples_[i].arrival_us > kMaxSampleAgeUs) continue;
    late[count++] = samples_[i].offset_us - smallest;
  }
  if (count == 0) return;
  const size_t rank = std::min(count - 1, count * kPercent / 100);
  std::nth_element(late.begin(), late.begin() + static_cast<ptrdiff_t>(rank),
                   late.begin() + static_cast<ptrdiff_t>(count));
  jitter_us_ = std::clamp<int64_t>(late[rank], 0, kMaxJitterUs);
}

}  // namespace peerwire
