#include "media/receive/frame_timing.h"

#include <algorithm>

namespace peerwire {
namespace {

/// The delay changes by so much of the time that passes: nobody sees a picture run a tenth faster or slower. What is
/// far off goes faster.
constexpr int64_t kSlowShare = 10;
constexpr int64_t kFastShare = 4;
constexpr int64_t kFarUs = 500'000;
constexpr int64_t kMaxStepUs = 1'000'000;
/// Beyond jitter: the turn of loops and threads.
constexpr int64_t kMarginUs = 5'000;

int64_t rtp_to_us(int64_t timestamp) {
  return timestamp / 9 * 100 + timestamp % 9 * 100 / 9;
}

}  // namespace

void FrameTiming::on_frame(int64_t timestamp, int64_t arrival_us) {
  jitter_.on_frame(rtp_to_us(timestamp), arrival_us);
}

bool FrameTiming::renders_at_once() const {
  // https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay/README.md: both zero
  return min_playout_us_ == 0 && max_playout_us_ == 0 && target_delay_us_.value_or(0) == 0 && sync_delay_us_ == 0;
}

int64_t FrameTiming::minimum_delay_us() const {
  return std::min(jitter_.jitter_us() + kMarginUs + decode_time_us_, kMaxDelayUs);
}

int64_t FrameTiming::unsynced_delay_us() const {
  if (renders_at_once()) return 0;
  const int64_t wanted = std::max({minimum_delay_us(), target_delay_us_.value_or(0), min_playout_us_.value_or(0)});
  return std::clamp<int64_t>(wanted, 0, max_playout_us_);
}

int64_t FrameTiming::target_delay_us() const {
  return std::clamp<int64_t>(std::max(unsynced_delay_us(), sync_delay_us_), 0, max_playout_us_);
}

int64_t FrameTiming::expected_us(int64_t timestamp) const {
  return jitter_.expected_arrival_us(rtp_to_us(timestamp)).value_or(0);
}

void FrameTiming::set_playout_delay(int64_t min_us, int64_t max_us) {
  if (min_us < 0 || max_us < min_us) return;
  min_playout_us_ = min_us;
  max_playout_us_ = std::min(max_us, kMaxDelayUs);
}

int64_t FrameTiming::preview_us(int64_t timestamp, int64_t arrival_us) const {
  if (renders_at_once()) return arrival_us;
  const int64_t expected = jitter_.expected_arrival_us(rtp_to_us(timestamp)).value_or(arrival_us);
  // Nothing waits longer than the delay, whatever its timestamp says.
  return std::min(expected, arrival_us) + current_delay_us();
}

int64_t FrameTiming::render_time_us(int64_t timestamp, int64_t arrival_us) {
  const int64_t rtp_us = rtp_to_us(timestamp);
  const int64_t target = target_delay_us();
  if (!current_delay_us_) {
    current_delay_us_ = target;
  } else if (last_rtp_us_) {
    const int64_t passed = std::clamp<int64_t>(rtp_us - *last_rtp_us_, 0, kMaxStepUs);
    const int64_t distance = target - *current_delay_us_;
    const int64_t step = passed / (std::abs(distance) > kFarUs ? kFastShare : kSlowShare);
    *current_delay_us_ += std::clamp(distance, -step, step);
  }
  last_rtp_us_ = rtp_us;
  const int64_t render_us = std::max(preview_us(timestamp, arrival_us), last_render_us_);
  last_render_us_ = render_us;
  return render_us;
}

void FrameTiming::on_released(int64_t render_time_us, int64_t now_us) {
  const int64_t late_us = now_us + decode_time_us_ - render_time_us;
  if (late_us <= 0 || !current_delay_us_ || renders_at_once()) return;
  *current_delay_us_ = std::max(*current_delay_us_, std::min(*current_delay_us_ + late_us, target_delay_us()));
}

void FrameTiming::on_decoded(int64_t decode_time_us) {
  // Follows what is slow at once, and forgets it slowly.
  constexpr int64_t kMaxDecodeUs = 200'000;
  const int64_t time = std::clamp<int64_t>(decode_time_us, 0, kMaxDecodeUs);
  if (time > decode_time_us_) {
    decode_time_us_ += (time - decode_time_us_ + 1) / 2;
  } else {
    decode_time_us_ -= (decode_time_us_ - time) / 64;
  }
}

void FrameTiming::reset() {
  jitter_.reset();
  current_delay_us_.reset();
  last_rtp_us_.reset();
  last_render_us_ = INT64_MIN;
  min_playout_us_.reset();
  max_playout_us_ = kMaxDelayUs;
}

}  // namespace peerwire
