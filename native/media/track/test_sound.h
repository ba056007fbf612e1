// What fake microphones hear: a quiet tone of the device's own, and a loud one of 1 kHz in the first tenth of each
// second of the monotonic clock, when the fake cameras flash (media/track/test_picture.h).
#pragma once

#include <cstdint>

#include "media/frame/audio_block.h"

namespace peerwire {

class TestSound {
 public:
  static constexpr double kBeepHertz = 1000;
  static constexpr int kBeepAmplitude = 12'000;
  static constexpr int kToneAmplitude = 800;

  /// `device` chooses the quiet tone.
  explicit TestSound(uint32_t device) : device_(device) {}

  /// The quiet tone of a channel: 300 Hz and up for the devices, a major third higher with each channel.
  static double tone_hertz(uint32_t device, int channel);

  /// `frames` samples of each channel, the first one at `time_us`. Tones go on from one block to the next.
  AudioBlockPtr make(int sample_rate, int channels, int frames, int64_t time_us);

 private:
  const uint32_t device_;
  double tone_phase_[8] = {};  // turns, of each channel
};

}  // namespace peerwire
