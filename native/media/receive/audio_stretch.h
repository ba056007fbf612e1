// Makes sound shorter and longer without changing its pitch, and invents what is missing: all of it by the period of
// the voice (waveform similarity, WSOLA: Verhelst and Roelands 1993).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "media/codec/comfort_noise.h"
#include "media/receive/audio_signal.h"

namespace peerwire {

struct Pitch {
  size_t lag = 0;           // frames; 0: none found, for want of sound
  float correlation = 0;    // -1 to 1; 1: the period repeats exactly
  bool is_silence = false;  // too quiet to tell, or to matter
};

/// The lag of 2.5 to 15 ms at which sound from `begin` on (frames relative to what is to be played next) looks most
/// like `window` frames at `begin`: ahead of it when `forward`, behind it otherwise. Looks at `reach` frames ahead or
/// behind, window included when ahead.
Pitch find_pitch(const AudioSignal& signal, ptrdiff_t begin, size_t window, size_t reach, bool forward);

/// Takes out a period of what is to be played next, or several when `fast`. Frames taken: 0 when nothing repeats.
size_t accelerate(AudioSignal& signal, bool fast);
/// Plays a period once more. Frames put in: 0 when nothing repeats.
size_t decelerate(AudioSignal& signal);

/// Crossfades linearly: `tail` goes out while the pending sound from frame `at` on comes in.
void fade_in_after(AudioSignal& signal, size_t at, const std::vector<int16_t>& tail);

/// Sound in place of what was lost, for codecs that have none of their own: goes on with the last period and with noise
/// of the same colour, and fades.
class PitchConcealer {
 public:
  /// From what is at the signal's end.
  void begin(const AudioSignal& signal);
  /// Appends `frames`.
  void produce(size_t frames, int channels, std::vector<int16_t>& out);
  size_t lag() const { return cycle_.size(); }

 private:
  std::vector<int16_t> cycle_;  // one period of the first channel
  size_t position_ = 0;
  float voiced_ = 0;
  float unvoiced_ = 0;
  float offset_ = 0;  // what the joint is off by; dies down
  NoiseGenerator noise_;
  std::vector<int16_t> noise_samples_;
};

}  // namespace peerwire
