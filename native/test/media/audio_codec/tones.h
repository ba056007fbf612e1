// Tones, and how much of a signal is one.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace peerwire::test {

inline std::vector<int16_t> make_tone(int rate, double hertz, double amplitude, size_t frames, size_t from = 0) {
  std::vector<int16_t> samples(frames);
  for (size_t i = 0; i < frames; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(from + i) / rate;
    samples[i] = static_cast<int16_t>(std::lround(amplitude * std::sin(phase)));
  }
  return samples;
}

struct ToneFit {
  double amplitude;
  double snr_db;
};

/// Best sine of that frequency, and the rest.
inline ToneFit fit_tone(std::span<const int16_t> samples, int rate, double hertz) {
  double ss = 0, sc = 0, cc = 0, xs = 0, xc = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    const double s = std::sin(phase), c = std::cos(phase);
    ss += s * s, sc += s * c, cc += c * c, xs += samples[i] * s, xc += samples[i] * c;
  }
  const double determinant = ss * cc - sc * sc;
  const double a = (xs * cc - xc * sc) / determinant, b = (xc * ss - xs * sc) / determinant;
  double signal = 0, noise = 1e-9;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    const double value = a * std::sin(phase) + b * std::cos(phase);
    signal += value * value;
    noise += (samples[i] - value) * (samples[i] - value);
  }
  return {std::hypot(a, b), 10 * std::log10(signal / noise)};
}

/// The frequency at which most of the power is, by a search in steps of `step` hertz.
inline double strongest_frequency(std::span<const int16_t> samples, int rate, double from, double to, double step) {
  double best = from, best_power = -1;
  for (double hertz = from; hertz <= to; hertz += step) {
    double s = 0, c = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
      s += samples[i] * std::sin(phase), c += samples[i] * std::cos(phase);
    }
    if (s * s + c * c > best_power) best_power = s * s + c * c, best = hertz;
  }
  return best;
}

/// Repeatable noise whose loudness changes every 800 samples: what the reference codecs were fed.
inline std::vector<int16_t> make_reference_noise(size_t count) {
  constexpr int kAmplitudes[] = {100, 1000, 8000, 32000, 3000, 20};
  std::vector<int16_t> samples(count);
  uint32_t state = 12345;
  for (size_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    const int noise = static_cast<int>(state >> 16) - 32768;
    samples[i] = static_cast<int16_t>((noise * kAmplitudes[(i / 800) % 6]) >> 15);
  }
  return samples;
}

/// FNV-1a over values of 16 bits.
template <typename Range>
uint64_t hash_of(const Range& values) {
  uint64_t hash = 1469598103934665603ull;
  for (const auto value : values) hash = (hash ^ static_cast<uint16_t>(value)) * 1099511628211ull;
  return hash;
}

}  // namespace peerwire::test
