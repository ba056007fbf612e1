#include "media/track/block_converter.h"

#include <cmath>
#include <cstddef>

namespace peerwire {

double BlockConverter::us_of(size_t frames) const {
  return static_cast<double>(frames) * 1e6 / shape_.sample_rate;
}

std::vector<AudioBlockPtr> BlockConverter::convert(const AudioBlockPtr& block) {
  if (sample_rate_ == 0 && channels_ == 0) return {block};
  const int sample_rate = sample_rate_ ? sample_rate_ : block->sample_rate;
  const int channels = channels_ ? channels_ : block->channels;
  if (!converter_ || sample_rate != shape_.sample_rate || channels != shape_.channels) {
    converter_ = AudioConverter::create(sample_rate, channels);
    shape_.sample_rate = sample_rate;
    shape_.channels = channels;
    converted_.clear();
    from_rate_ = 0;
  }
  const auto width = static_cast<size_t>(channels);
  if (block->sample_rate != from_rate_ || block->channels != from_channels_) {
    // The resampler begins anew.
    from_rate_ = block->sample_rate;
    from_channels_ = block->channels;
    held_us_ = us_of(converted_.size() / width);
  }
  double time_us = static_cast<double>(block->capture_time_us) - held_us_;
  held_us_ += static_cast<double>(block->frames()) * 1e6 / from_rate_;
  converter_->convert(*block, converted_);
  const size_t frames = static_cast<size_t>(sample_rate) / 100;
  std::vector<AudioBlockPtr> whole;
  size_t taken = 0;
  for (; converted_.size() - taken >= frames * width; taken += frames * width) {
    auto part = std::make_shared<AudioBlock>(shape_);
    const auto begin = converted_.begin() + static_cast<std::ptrdiff_t>(taken);
    part->samples.assign(begin, begin + static_cast<std::ptrdiff_t>(frames * width));
    part->capture_time_us = std::llround(time_us);
    time_us += us_of(frames);
    held_us_ -= us_of(frames);
    whole.push_back(std::move(part));
  }
  converted_.erase(converted_.begin(), converted_.begin() + static_cast<std::ptrdiff_t>(taken));
  return whole;
}

}  // namespace peerwire
