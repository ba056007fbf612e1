// How many frames there were in the last second: framesPerSecond, as webrtc-stats has it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

namespace peerwire {

/// Counts when it is asked, so that after the last frame it falls to nothing. Times are monotonic microseconds.
class FrameRate {
 public:
  void add(int64_t now_us) {
    times_.push_back(now_us);
    while (times_.front() <= now_us - kWindowUs) times_.pop_front();
  }
  int in_last_second(int64_t now_us) const {
    return static_cast<int>(times_.end() - std::upper_bound(times_.begin(), times_.end(), now_us - kWindowUs));
  }

 private:
  static constexpr int64_t kWindowUs = 1'000'000;

  std::deque<int64_t> times_;
};

}  // namespace peerwire
