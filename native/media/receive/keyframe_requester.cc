#include "media/receive/keyframe_requester.h"

#include <algorithm>

namespace peerwire {

int64_t KeyframeRequester::interval_us() const {
  int64_t interval = std::max(kMinIntervalUs, rtt_us_ + rtt_us_ / 2);
  // Half as long again with every one that went unanswered: senders limit their rate of keyframes.
  for (int i = 1; i < unanswered_ && interval < kMaxIntervalUs; ++i) interval += interval / 2;
  return std::max(std::min(interval, kMaxIntervalUs), rtt_us_);
}

int64_t KeyframeRequester::next_us(int64_t now_us) const {
  return last_us_ ? std::max(now_us, *last_us_ + interval_us()) : now_us;
}

bool KeyframeRequester::take(bool is_needed, int64_t now_us) {
  if (!is_needed || next_us(now_us) > now_us) return false;
  last_us_ = now_us;
  ++unanswered_;
  ++sent_;
  return true;
}

void KeyframeRequester::on_keyframe() {
  unanswered_ = 0;
}

}  // namespace peerwire
