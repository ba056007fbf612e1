// Decoded sound on its way out: what was played last, which concealment and stretching look back at, and what is to be
// played next, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peerwire {

class AudioSignal {
 public:
  AudioSignal(int sample_rate, int channels) : sample_rate_(sample_rate), channels_(channels) {}

  int sample_rate() const { return sample_rate_; }
  int channels() const { return channels_; }
  /// Frames (samples of one channel) of each part.
  size_t history() const { return next_ / width(); }
  size_t pending() const { return (samples_.size() - next_) / width(); }
  size_t frames_of_ms(int ms) const { return static_cast<size_t>(ms) * static_cast<size_t>(sample_rate_) / 1000; }

  /// Interleaved samples; append to them what is to be played. `next()` points to the first one to be played.
  std::vector<int16_t>& samples() { return samples_; }
  int16_t* next() { return samples_.data() + next_; }
  const int16_t* next() const { return samples_.data() + next_; }

  /// Moves `frames` that are pending into history and copies them.
  void take(size_t frames, std::vector<int16_t>& out);
  /// Makes the first `frames` that are pending be gone.
  void remove(size_t frames);
  /// Puts interleaved samples before the pending frame `at`.
  void insert(size_t at, const std::vector<int16_t>& samples);
  /// Another form from now on: what there is follows, by linear interpolation. It is a matter of milliseconds.
  void set_format(int sample_rate, int channels);
  void clear();

 private:
  size_t width() const { return static_cast<size_t>(channels_); }

  int sample_rate_;
  int channels_;
  std::vector<int16_t> samples_;
  size_t next_ = 0;
};

}  // namespace peerwire
