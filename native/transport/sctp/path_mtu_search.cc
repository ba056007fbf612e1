#include "transport/sctp/path_mtu_search.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

constexpr int kMaxProbes = 3;                            // MAX_PROBES
constexpr auto kProbeTimer = std::chrono::seconds(3);    // PROBE_TIMER: no acknowledgement takes longer than RTO.Max
constexpr auto kRaiseTimer = std::chrono::seconds(600);  // PMTU_RAISE_TIMER
constexpr auto kFirstHold = std::chrono::seconds(10);

}  // namespace

void PathMtuSearch::begin(size_t base, std::vector<size_t> larger) {
  base_ = size_ = base;
  larger_ = std::move(larger);
  next_ = 0;
  end_ = larger_.size();
  attempts_ = 0;
  due_ = TimePoint{};
  hold_ = Duration::zero();
}

size_t PathMtuSearch::take_probe(TimePoint now) {
  if (next_ >= end_) {
    if (end_ >= larger_.size() || now < raise_at_) return 0;
    end_ = larger_.size();
    attempts_ = 0;
    due_ = now;
  }
  if (now < due_) return 0;
  if (attempts_ == kMaxProbes) {
    complete(now);
    return 0;
  }
  ++attempts_;
  due_ = now + kProbeTimer;
  return larger_[next_];
}

void PathMtuSearch::complete(TimePoint now) {
  end_ = next_;
  raise_at_ = now + kRaiseTimer;
}

void PathMtuSearch::refused(TimePoint now) {
  complete(now);
}

bool PathMtuSearch::acknowledged(TimePoint now, size_t size) {
  // Of a size that has been probed: it may be late, and have been given up for lost.
  const auto found = std::find(larger_.begin(), larger_.end(), size);
  const auto index = static_cast<size_t>(found - larger_.begin());
  if (found == larger_.end() || index != next_ || attempts_ == 0) return false;
  size_ = size;
  ++next_;
  end_ = std::max(end_, next_);
  attempts_ = 0;
  due_ = now;
  return true;
}

void PathMtuSearch::black_hole(TimePoint now) {
  size_ = base_;
  next_ = 0;
  end_ = larger_.size();
  attempts_ = 0;
  hold_ = std::clamp<Duration>(hold_ * 2, kFirstHold, kRaiseTimer);
  due_ = now + hold_;
}

}  // namespace peerwire
