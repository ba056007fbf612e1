// How far frames are apart, for a rate control that shares out bits among those to come.
#pragma once

#include <cstdint>
#include <deque>

namespace peerwire {

/// The mean of the latest gaps, which is right however uneven they are. What is faster than anything lately is a new
/// rate, at once: it would get the bits of several frames for each until the mean had followed. One long gap alone is a
/// pause, and says nothing of what comes after it.
class FrameInterval {
 public:
  /// Since the frame before; more than 0.
  void add(int64_t gap_us);
  double us() const { return us_; }

 private:
  void forget_old();
  bool is_new_rate() const;
  double mean() const;

  static constexpr double kFirstUs = 1e6 / 30;
  std::deque<double> gaps_{kFirstUs, kFirstUs, kFirstUs, kFirstUs};
  double us_ = kFirstUs;
};

}  // namespace peerwire
