// AudioConverter: SpeexDSP's resampler between two matrices.
#include <speex/speex_resampler.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "media/codec/audio_codec.h"

namespace peerwire {
namespace {

constexpr int kMaxChannels = 8;
/// Of ten. Six keeps images and distortion of a tone below the noise of 16 bits up to 0.9 of the band, at a seventh of
/// ten's price.
constexpr int kQuality = 6;
constexpr float kMinus3Db = 0.70710678f;

/// Where a channel of a layout of so many goes when there are two: the order is that of WAVE files and Web Audio.
enum class Place : uint8_t { kLeft, kRight, kCentre, kLowFrequency, kSideLeft, kSideRight, kBack };

constexpr std::array<std::array<Place, kMaxChannels>, kMaxChannels + 1> kLayouts = {{
    {},
    {Place::kCentre},
    {Place::kLeft, Place::kRight},
    {Place::kLeft, Place::kRight, Place::kCentre},
    {Place::kLeft, Place::kRight, Place::kSideLeft, Place::kSideRight},
    {Place::kLeft, Place::kRight, Place::kCentre, Place::kSideLeft, Place::kSideRight},
    {Place::kLeft, Place::kRight, Place::kCentre, Place::kLowFrequency, Place::kSideLeft, Place::kSideRight},
    {Place::kLeft, Place::kRight, Place::kCentre, Place::kLowFrequency, Place::kBack, Place::kSideLeft,
     Place::kSideRight},
    {Place::kLeft, Place::kRight, Place::kCentre, Place::kLowFrequency, Place::kSideLeft, Place::kSideRight,
     Place::kSideLeft, Place::kSideRight},
}};

/// Gains into left and right. https://www.w3.org/TR/webaudio/#down-mix
constexpr std::array<float, 2> gains_of(Place place) {
  switch (place) {
    case Place::kLeft:
      return {1, 0};
    case Place::kRight:
      return {0, 1};
    case Place::kCentre:
      return {kMinus3Db, kMinus3Db};
    case Place::kLowFrequency:
      return {0, 0};
    case Place::kSideLeft:
      return {kMinus3Db, 0};
    case Place::kSideRight:
      return {0, kMinus3Db};
    case Place::kBack:
      return {0.5f, 0.5f};
  }
  return {0, 0};
}

int16_t saturate(float value) {
  return static_cast<int16_t>(std::lrintf(std::clamp(value, -32768.0f, 32767.0f)));
}

/// Replaces `to`.
void remix(const int16_t* from, size_t frames, int from_channels, int to_channels, std::vector<int16_t>& to) {
  const auto in = static_cast<size_t>(from_channels);
  const auto out = static_cast<size_t>(to_channels);
  to.resize(frames * out);
  if (in == 1) {
    for (size_t i = 0; i < frames; ++i) {
      for (size_t channel = 0; channel < out; ++channel) to[i * out + channel] = channel < 2 ? from[i] : 0;
    }
    return;
  }
  if (in == 2 && out == 1) {
    for (size_t i = 0; i < frames; ++i) to[i] = static_cast<int16_t>((from[2 * i] + from[2 * i + 1]) / 2);
    return;
  }
  if (out <= 2) {
    std::array<std::array<float, 2>, kMaxChannels> gains{};
    for (size_t channel = 0; channel < in; ++channel) gains[channel] = gains_of(kLayouts[in][channel]);
    for (size_t i = 0; i < frames; ++i) {
      float left = 0;
      float right = 0;
      for (size_t channel = 0; channel < in; ++channel) {
        const float sample = from[i * in + channel];
        left += gains[channel][0] * sample;
        right += gains[channel][1] * sample;
      }
      if (out == 2) {
        to[2 * i] = saturate(left);
        to[2 * i + 1] = saturate(right);
      } else {
        to[i] = saturate((left + right) / 2);
      }
    }
    return;
  }
  // To more than two: each channel keeps its number.
  for (size_t i = 0; i < frames; ++i) {
    for (size_t channel = 0; channel < out; ++channel) {
      to[i * out + channel] = channel < in ? from[i * in + channel] : 0;
    }
  }
}

struct Destroy {
  void operator()(SpeexResamplerState* state) const { speex_resampler_destroy(state); }
};

class SpeexConverter final : public AudioConverter {
 public:
  SpeexConverter(int sample_rate, int channels) : sample_rate_(sample_rate), channels_(channels) {}

  void convert(const AudioBlock& block, std::vector<int16_t>& out) override {
    if (block.sample_rate < 8000 || block.sample_rate > 192000 || block.channels < 1 || block.channels > kMaxChannels) {
      return;
    }
    if (block.sample_rate != from_rate_ || block.channels != from_channels_) start(block.sample_rate, block.channels);
    const size_t frames = block.frames();
    if (frames == 0) return;
    const int16_t* samples = block.samples.data();
    // Fewer channels are less to resample: down before, up after.
    if (from_channels_ > channels_) {
      remix(samples, frames, from_channels_, channels_, before_);
      samples = before_.data();
    }
    if (from_channels_ >= channels_) {
      resample(samples, frames, out);
      return;
    }
    after_.clear();
    resample(samples, frames, after_);
    remix(after_.data(), after_.size() / static_cast<size_t>(from_channels_), from_channels_, channels_, remixed_);
    out.insert(out.end(), remixed_.begin(), remixed_.end());
  }

 private:
  void start(int rate, int channels) {
    from_rate_ = rate;
    from_channels_ = channels;
    resampler_.reset();
    if (rate == sample_rate_) return;
    int error = RESAMPLER_ERR_SUCCESS;
    resampler_.reset(speex_resampler_init(static_cast<spx_uint32_t>(std::min(channels, channels_)),
                                          static_cast<spx_uint32_t>(rate), static_cast<spx_uint32_t>(sample_rate_),
                                          kQuality, &error));
    // Output begins with the input's first sample and not with the filter's delay.
    if (resampler_) speex_resampler_skip_zeros(resampler_.get());
  }

  /// Appends.
  void resample(const int16_t* samples, size_t frames, std::vector<int16_t>& out) {
    const auto width = static_cast<size_t>(std::min(from_channels_, channels_));
    if (!resampler_) {
      // Either the rates are the same, or there was no memory for the filter: then silence would be no better.
      out.insert(out.end(), samples, samples + frames * width);
      return;
    }
    while (frames > 0) {
      const auto chunk = static_cast<spx_uint32_t>(std::min<size_t>(frames, 1u << 16));
      const size_t room = static_cast<size_t>(uint64_t{chunk} * static_cast<uint64_t>(sample_rate_) /
                                              static_cast<uint64_t>(from_rate_)) +
                          2;
      const size_t at = out.size();
      out.resize(at + room * width);
      spx_uint32_t taken = chunk;
      auto made = static_cast<spx_uint32_t>(room);
      speex_resampler_process_interleaved_int(resampler_.get(), samples, &taken, out.data() + at, &made);
      out.resize(at + made * width);
      if (taken == 0 && made == 0) return;
      samples += taken * width;
      frames -= taken;
    }
  }

  const int sample_rate_;
  const int channels_;
  int from_rate_ = 0;
  int from_channels_ = 0;
  std::unique_ptr<SpeexResamplerState, Destroy> resampler_;
  std::vector<int16_t> before_;
  std::vector<int16_t> after_;
  std::vector<int16_t> remixed_;
};

}  // namespace

std::unique_ptr<AudioConverter> AudioConverter::create(int sample_rate, int channels) {
  return std::make_unique<SpeexConverter>(std::clamp(sample_rate, 8000, 192000), std::clamp(channels, 1, kMaxChannels));
}

}  // namespace peerwire
