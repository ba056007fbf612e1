#include "media/receive/audio_signal.h"

#include <algorithm>

namespace peerwire {
namespace {

/// Two of the longest pitch periods, and a window to compare.
constexpr int kHistoryMs = 50;
/// History is moved to the front when it is this long, and not with each block.
constexpr int kLongestHistoryMs = 150;

}  // namespace

void AudioSignal::take(size_t frames, std::vector<int16_t>& out) {
  frames = std::min(frames, pending());
  out.insert(out.end(), next(), next() + frames * width());
  next_ += frames * width();
  if (history() > frames_of_ms(kLongestHistoryMs)) {
    const size_t keep = frames_of_ms(kHistoryMs) * width();
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<ptrdiff_t>(next_ - keep));
    next_ = keep;
  }
}

void AudioSignal::remove(size_t frames) {
  const auto first = samples_.begin() + static_cast<ptrdiff_t>(next_);
  samples_.erase(first, first + static_cast<ptrdiff_t>(std::min(frames, pending()) * width()));
}

void AudioSignal::insert(size_t at, const std::vector<int16_t>& samples) {
  const size_t place = next_ + std::min(at, pending()) * width();
  samples_.insert(samples_.begin() + static_cast<ptrdiff_t>(place), samples.begin(), samples.end());
}

void AudioSignal::set_format(int sample_rate, int channels) {
  if (sample_rate == sample_rate_ && channels == channels_) return;
  const size_t old_width = width();
  const size_t old_frames = samples_.size() / old_width;
  const auto scale = [&](size_t frames) {
    return frames * static_cast<size_t>(sample_rate) / static_cast<size_t>(sample_rate_);
  };
  const auto new_width = static_cast<size_t>(channels);
  const size_t new_frames = scale(old_frames);
  std::vector<int16_t> converted(new_frames * new_width);
  for (size_t i = 0; i < new_frames; ++i) {
    const double position = static_cast<double>(i) * sample_rate_ / sample_rate;
    const auto whole = static_cast<size_t>(position);
    const double fraction = position - static_cast<double>(whole);
    const size_t after = std::min(whole + 1, old_frames - 1);
    for (size_t channel = 0; channel < new_width; ++channel) {
      const size_t from = std::min(channel, old_width - 1);
      const double a = samples_[whole * old_width + from], b = samples_[after * old_width + from];
      converted[i * new_width + channel] = static_cast<int16_t>(a + (b - a) * fraction);
    }
  }
  next_ = std::min(scale(next_ / old_width), new_frames) * new_width;
  samples_ = std::move(converted);
  sample_rate_ = sample_rate;
  channels_ = channels;
}

void AudioSignal::clear() {
  samples_.clear();
  next_ = 0;
}

}  // namespace peerwire
