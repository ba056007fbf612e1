// The time of day as it goes on evenly from one moment on: a later step of the system's clock does not move it. What
// performance.timeOrigin + performance.now() are in a thread of JavaScript.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace peerwire {

class UnixClock {
 public:
  /// By the system's clock as it is now.
  UnixClock() : UnixClock(milliseconds(std::chrono::system_clock::now())) {}
  /// `now_ms`: milliseconds since the Unix epoch, now.
  explicit UnixClock(double now_ms) : offset_ms_(now_ms - milliseconds(Clock::now())) {}

  double now_ms() const { return milliseconds(Clock::now()) + offset_ms_; }
  double ms_of(int64_t monotonic_us) const { return static_cast<double>(monotonic_us) / 1000 + offset_ms_; }

 private:
  static double milliseconds(auto time) {
    return std::chrono::duration<double, std::milli>(time.time_since_epoch()).count();
  }

  double offset_ms_;
};

}  // namespace peerwire
