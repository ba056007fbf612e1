// How long sound has to wait so that what comes late is still in time.
#pragma once

#include <array>
#include <cstdint>

namespace peerwire {

/// Follows how much later packets come than the quickest of the last two seconds, and the delay that nearly all of them
/// keep. What counts is the worst of each half second, so that a burst after one hold-up weighs as one event and not as
/// its many packets; a hold-up now and then is forgotten, one every few seconds is provided for. The idea and the
/// constants are those of libwebrtc's NetEq (modules/audio_coding/neteq: delay_manager, underrun_optimizer).
class AudioDelayEstimator {
 public:
  AudioDelayEstimator() { reset(); }
  void reset();

  /// Takes a packet and tells its relative delay. `timestamp` is unwrapped, of a clock of `clock_rate` ticks a second.
  int64_t update(int64_t timestamp, int clock_rate, int64_t arrival_us);

  /// What is to be waited for, without margin.
  int64_t wanted_us() const { return wanted_us_; }

 private:
  static constexpr int kBuckets = 400;
  static constexpr int kSlots = 20;

  void add_to_histogram(int64_t delay_us);

  std::array<float, kBuckets> histogram_;
  int observations_;
  /// Quickest transit of each tenth of a second, a ring.
  std::array<int64_t, kSlots> quickest_;
  int64_t slot_;
  int64_t interval_begin_us_;
  int64_t worst_us_;  // of this interval
  int64_t wanted_us_;
  bool has_begun_;
};

}  // namespace peerwire
