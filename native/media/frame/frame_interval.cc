#include "media/frame/frame_interval.h"

#include <algorithm>

namespace peerwire {
namespace {

/// What real sources have; closer together frames come all at once, late.
constexpr double kShortestUs = 1e6 / 240;
/// So far apart at least frames are for it to be a new rate.
constexpr double kShortestOfNewRateUs = 1e6 / 120;
/// So much above the rate so far it is another rate, and no jitter.
constexpr double kFasterBy = 1.5;
constexpr double kMemoryUs = 2e6;
constexpr size_t kLeastGaps = 4, kMostGaps = 64;
/// A gap that is so many times the mean of the others is a pause.
constexpr double kPause = 4;

}  // namespace

void FrameInterval::add(int64_t gap_us) {
  gaps_.push_back(std::max(static_cast<double>(gap_us), kShortestUs));
  if (is_new_rate()) gaps_.erase(gaps_.begin(), gaps_.end() - 2);
  forget_old();
  us_ = mean();
}

void FrameInterval::forget_old() {
  double remembered_us = 0;
  for (const double gap_us : gaps_) remembered_us += gap_us;
  while (gaps_.size() > kLeastGaps && (gaps_.size() > kMostGaps || remembered_us - gaps_.front() > kMemoryUs)) {
    remembered_us -= gaps_.front();
    gaps_.pop_front();
  }
}

bool FrameInterval::is_new_rate() const {
  if (gaps_.size() < 3) return false;
  const size_t last = gaps_.size() - 1;
  const auto of_two = [this](size_t at) { return (gaps_[at - 1] + gaps_[at]) / 2; };
  const double now_us = of_two(last);
  if (now_us < kShortestOfNewRateUs) return false;
  for (size_t at = 1; at < last; ++at) {
    if (now_us * kFasterBy >= of_two(at)) return false;
  }
  return true;
}

double FrameInterval::mean() const {
  double sum_us = 0, longest_us = 0;
  for (const double gap_us : gaps_) {
    sum_us += gap_us;
    longest_us = std::max(longest_us, gap_us);
  }
  const auto count = static_cast<double>(gaps_.size());
  const double others_us = (sum_us - longest_us) / std::max(count - 1, 1.0);
  return gaps_.size() > 1 && longest_us > kPause * others_us ? others_us : sum_us / count;
}

}  // namespace peerwire
