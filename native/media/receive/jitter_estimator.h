// How unevenly frames arrive: the delay to add so that nearly all of them are there in time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace peerwire {

/// Takes the smallest of (arrival - RTP time) of some seconds as the path's own delay, and what frames come later than
/// that as jitter, of which a high percentile is the estimate. Large frames, queues and repaired losses all are in it,
/// as far as they are frequent. Unlike a filter over the variation between neighbours, this also follows a path whose
/// delay has changed for good. Nor is it jitter that a stream begins with what had piled up before there was a way for
/// it.
class JitterEstimator {
 public:
  static constexpr int64_t kMaxJitterUs = 2'000'000;

  /// Of every whole frame. `rtp_us`: its unwrapped RTP timestamp in microseconds.
  void on_frame(int64_t rtp_us, int64_t arrival_us);
  void reset();
  /// Nothing before the first frame. When a frame with this time would arrive on a path without jitter.
  std::optional<int64_t> expected_arrival_us(int64_t rtp_us) const;
  int64_t jitter_us() const { return jitter_us_; }

 private:
  static constexpr int64_t kBucketUs = 1'000'000;
  static constexpr size_t kBuckets = 10;
  static constexpr size_t kSamples = 300;

  struct Sample {
    int64_t arrival_us = 0;
    int64_t offset_us = 0;
  };
  int64_t smallest_offset() const;
  void forget_backlog(int64_t offset);
  void update_jitter(int64_t now_us);

  std::array<std::optional<int64_t>, kBuckets> buckets_;
  int64_t bucket_ = -1;
  std::array<Sample, kSamples> samples_{};
  size_t next_sample_ = 0;
  size_t sample_count_ = 0;
  int64_t jitter_us_ = 0;
};

}  // namespace peerwire
