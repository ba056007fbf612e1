#include "media/track/test_sound.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "media/track/test_picture.h"

namespace peerwire {
namespace {

/// The beep rises and falls in this time: no click, and still a sharp begin.
constexpr double kRampUs = 1000;

double wave(double turns) {
  return std::sin(turns * 2 * std::numbers::pi);
}

}  // namespace

double TestSound::tone_hertz(uint32_t device, int channel) {
  return (300 + 60.0 * (device % 8)) * std::pow(1.25, channel);
}

AudioBlockPtr TestSound::make(int sample_rate, int channels, int frames, int64_t time_us) {
  auto block = std::make_shared<AudioBlock>();
  block->sample_rate = sample_rate;
  block->channels = channels;
  block->capture_time_us = time_us;
  block->samples.resize(static_cast<size_t>(frames) * channels);
  const auto into_second = static_cast<double>(((time_us % kSecondUs) + kSecondUs) % kSecondUs);
  for (int frame = 0; frame < frames; ++frame) {
    const double at_us = std::fmod(into_second + frame * 1e6 / sample_rate, static_cast<double>(kSecondUs));
    double beep = 0;
    if (at_us < static_cast<double>(kFlashUs)) {
      const double ramp = std::min({1.0, at_us / kRampUs, (static_cast<double>(kFlashUs) - at_us) / kRampUs});
      beep = kBeepAmplitude * ramp * wave(kBeepHertz * at_us / 1e6);
    }
    for (int channel = 0; channel < channels; ++channel) {
      double& phase = tone_phase_[channel % 8];
      phase = std::fmod(phase + tone_hertz(device_, channel) / sample_rate, 1.0);
      block->samples[static_cast<size_t>(frame) * channels + channel] =
          static_cast<int16_t>(std::lround(beep + kToneAmplitude * wave(phase)));
    }
  }
  return block;
}

}  // namespace peerwire
