#include "media/receive/nack_generator.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr int64_t kMinRetryUs = 15'000;
/// Above the round trip: what the path's jitter adds to it. Browsers leave a request unanswered that comes within their
/// own round trip and 5 ms of the one before: ours has to be clear of that, or another interval goes by.
constexpr int64_t kRetryMarginUs = 12'000;
constexpr int64_t kMaxReorderingUs = 40'000;
constexpr int64_t kReorderingMarginUs = 2'000;
/// Reordering that was not seen for so long is forgotten, by half at a time.
constexpr int64_t kReorderingHalfLifeUs = 10'000'000;

}  // namespace

int64_t NackGenerator::retry_interval_us() const {
  return std::max(kMinRetryUs, rtt_us_ + rtt_us_ / 10 + kRetryMarginUs);
}

void NackGenerator::learn_reordering(const Missing& missing, int64_t now_us) {
  // Asked for, and a round trip ago: an answer. Otherwise it was only late.
  if (missing.tries > 0 && now_us - missing.last_sent_us >= rtt_us_ * 3 / 4) return;
  const int64_t late_us = std::min(now_us - missing.since_us + kReorderingMarginUs, kMaxReorderingUs);
  if (late_us > reordering_us_) {
    reordering_us_ = late_us;
    reordering_learnt_us_ = now_us;
  } else if (late_us > reordering_us_ / 2) {
    reordering_learnt_us_ = now_us;
  }
}

bool NackGenerator::on_packet(int64_t sequence, bool recovered, int64_t now_us) {
  if (!newest_) {
    newest_ = sequence;
    return false;
  }
  if (sequence <= *newest_) {
    const auto found = missing_.find(sequence);
    if (found == missing_.end()) return false;
    const bool was_asked_for = found->second.tries > 0;
    if (!recovered) learn_reordering(found->second, now_us);
    missing_.erase(found);
    return was_asked_for;
  }
  if (reordering_us_ > 0 && now_us - reordering_learnt_us_ > kReorderingHalfLifeUs) {
    reordering_us_ = reordering_us_ > kReorderingMarginUs ? reordering_us_ / 2 : 0;
    reordering_learnt_us_ = now_us;
  }
  const int64_t first = std::max(*newest_ + 1, sequence - static_cast<int64_t>(kMaxMissing));
  if (first > *newest_ + 1) has_given_up_ = true;
  for (int64_t each = first; each < sequence; ++each) {
    missing_.emplace_hint(missing_.end(), each, Missing{now_us, now_us + reordering_us_, 0, 0});
  }
  newest_ = sequence;
  while (missing_.size() > kMaxMissing) {
    missing_.erase(missing_.begin());
    has_given_up_ = true;
  }
  return false;
}

std::vector<uint16_t> NackGenerator::take(int64_t now_us) {
  std::vector<uint16_t> numbers;
  const int64_t retry_us = retry_interval_us();
  for (auto each = missing_.begin(); each != missing_.end();) {
    Missing& missing = each->second;
    if (missing.next_us > now_us) {
      ++each;
      continue;
    }
    if (missing.tries >= kMaxTries || now_us - missing.since_us > kMaxAgeUs) {
      has_given_up_ = true;
      each = missing_.erase(each);
      continue;
    }
    ++missing.tries;
    missing.last_sent_us = now_us;
    missing.next_us = now_us + retry_us;
    numbers.push_back(static_cast<uint16_t>(each->first));
    ++each;
  }
  sent_ += numbers.size();
  return numbers;
}

std::optional<int64_t> NackGenerator::next_us() const {
  std::optional<int64_t> next;
  for (const auto& [sequence, missing] : missing_) {
    if (!next || missing.next_us < *next) next = missing.next_us;
  }
  return next;
}

void NackGenerator::clear_until(int64_t sequence) {
  missing_.erase(missing_.begin(), missing_.upper_bound(sequence));
}

void NackGenerator::reset() {
  newest_.reset();
  missing_.clear();
}

bool NackGenerator::take_given_up() {
  const bool value = has_given_up_;
  has_given_up_ = false;
  return value;
}

}  // namespace peerwire
