// When a frame is to be shown: when it would have come on a path without jitter, and the playout delay.
#pragma once

#include <cstdint>
#include <optional>

#include "media/receive/jitter_estimator.h"

namespace peerwire {

class FrameTiming {
 public:
  static constexpr int64_t kMaxDelayUs = 10'000'000;

  /// Of every whole frame, before render_time_us() of it. `timestamp`: unwrapped, 90,000 a second.
  void on_frame(int64_t timestamp, int64_t arrival_us);
  /// Called once a frame, in order of decoding: the delay moves towards its target. `arrival_us`: as of on_frame().
  int64_t render_time_us(int64_t timestamp, int64_t arrival_us);
  /// The same without moving anything.
  int64_t preview_us(int64_t timestamp, int64_t arrival_us) const;
  /// That the frame, due at `render_time_us`, could be given to the decoder only now.
  void on_released(int64_t render_time_us, int64_t now_us);
  void on_decoded(int64_t decode_time_us);
  /// Another clock begins.
  void reset();

  /// Of the API (jitterBufferTarget).
  void set_target_delay(std::optional<int64_t> delay_us) { target_delay_us_ = delay_us; }
  /// Of lip sync.
  void set_sync_delay(int64_t delay_us) { sync_delay_us_ = delay_us; }
  /// Of the playout-delay header extension.
  void set_playout_delay(int64_t min_us, int64_t max_us);

  /// Between handing a frame to the decoder and showing it.
  int64_t decode_delay_us() const { return decode_time_us_; }
  /// What jitter and decoding call for, without what anybody asked for.
  int64_t minimum_delay_us() const;
  int64_t target_delay_us() const;
  /// Without lip sync.
  int64_t unsynced_delay_us() const;
  /// When a frame would have come on a path without jitter. After on_frame().
  int64_t expected_us(int64_t timestamp) const;
  int64_t jitter_us() const { return jitter_.jitter_us(); }
  int64_t current_delay_us() const { return current_delay_us_.value_or(target_delay_us()); }

 private:
  bool renders_at_once() const;

  JitterEstimator jitter_;
  std::optional<int64_t> target_delay_us_;
  int64_t sync_delay_us_ = 0;
  std::optional<int64_t> min_playout_us_;
  int64_t max_playout_us_ = kMaxDelayUs;
  int64_t decode_time_us_ = 0;
  std::optional<int64_t> current_delay_us_;
  std::optional<int64_t> last_rtp_us_;
  int64_t last_render_us_ = INT64_MIN;
};

}  // namespace peerwire
