#include "media/receive/render_statistics.h"

#include <algorithm>

namespace peerwire {

void RenderStatistics::on_frame(int64_t now_us) {
  ++totals_.frames;
  if (last_us_) {
    const int64_t delay = std::max<int64_t>(0, now_us - *last_us_);
    // freezeCount: longer than three times the average, or than the average and 150 ms, whichever is more, of the last
    // 30 frames. pauseCount: longer than 5 s.
    constexpr int64_t kPauseUs = 5'000'000;
    constexpr int64_t kFreezeUs = 150'000;
    if (delay >= kPauseUs) {
      ++totals_.pause_count;
      totals_.total_pauses_us += delay;
    } else if (count_ > 0) {
      const int64_t average = sum_us_ / static_cast<int64_t>(count_);
      if (delay >= std::max(3 * average, average + kFreezeUs)) {
        ++totals_.freeze_count;
        totals_.total_freezes_us += delay;
      }
    }
    totals_.total_inter_frame_delay_us += delay;
    const double seconds = static_cast<double>(delay) / 1e6;
    totals_.total_squared_inter_frame_delay_s2 += seconds * seconds;
    if (count_ == kWindow) {
      sum_us_ -= delays_[next_];
    } else {
      ++count_;
    }
    delays_[next_] = delay;
    next_ = (next_ + 1) % kWindow;
    sum_us_ += delay;
  }
  last_us_ = now_us;
}

}  // namespace peerwire
