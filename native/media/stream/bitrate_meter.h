// What a stream of frames takes, smoothed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace peerwire {

class BitrateMeter {
 public:
  void add(size_t octets, int64_t now_us) {
    if (window_us_ == 0 || now_us - window_us_ > 4 * kWindowUs) {
      // It begins, or goes on after a pause.
      window_us_ = now_us;
      octets_ = 0;
    }
    octets_ += octets;
    const int64_t passed_us = now_us - window_us_;
    if (passed_us < kWindowUs) return;
    const double now_bps = static_cast<double>(octets_) * 8e6 / static_cast<double>(passed_us);
    bps_ = bps_ > 0 ? (bps_ + now_bps) / 2 : now_bps;
    window_us_ = now_us;
    octets_ = 0;
  }
  /// 0: not known yet.
  int64_t bps() const { return static_cast<int64_t>(bps_); }

 private:
  static constexpr int64_t kWindowUs = 1'000'000;
  int64_t window_us_ = 0;
  size_t octets_ = 0;
  double bps_ = 0;
};

}  // namespace peerwire
