#include "media/receive/audio_stretch.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace peerwire {
namespace {

// In frames at 4 kHz, where the search begins: 2.5 and 15 ms, and a window of at most 12.5.
constexpr size_t kShortestLag = 10;
constexpr size_t kLongestLag = 60;
constexpr size_t kLongestWindow = 50;
constexpr int kSearchRate = 4000;
/// Mean square below which sound is background: -54 dB.
constexpr double kSilence = 65.0 * 65.0;
/// NetEq's: below it the joint would be heard.
constexpr float kLeastCorrelation = 0.9f;
constexpr float kLeastCorrelationFast = 0.5f;

/// Sum of the channels of one frame.
int mono(const int16_t* frame, size_t width) {
  int sum = 0;
  for (size_t channel = 0; channel < width; ++channel) sum += frame[channel];
  return sum;
}

float correlation_of(float product, float energy_a, float energy_b) {
  const float energy = energy_a * energy_b;
  return energy > 0 ? product / std::sqrt(energy) : 0;
}

int16_t mix(int from, int to, size_t step, size_t steps) {
  const auto weight = static_cast<int64_t>(step);
  const auto all = static_cast<int64_t>(steps);
  return static_cast<int16_t>((from * (all - weight) + to * weight) / all);
}

}  // namespace

Pitch find_pitch(const AudioSignal& signal, ptrdiff_t begin, size_t window, size_t reach, bool forward) {
  Pitch pitch;
  const auto width = static_cast<size_t>(signal.channels());
  const auto factor = static_cast<size_t>(std::max(signal.sample_rate() / kSearchRate, 1));
  const size_t low_window = std::min(window / factor, kLongestWindow);
  const size_t low_reach = std::min(reach / factor, kLongestLag + (forward ? kLongestWindow : 0));
  if (low_window < kShortestLag) return pitch;
  // Ahead, the window lies within the reach.
  const size_t span = forward ? low_reach : low_reach + low_window;
  if (forward && low_reach < low_window + kShortestLag) return pitch;
  const size_t longest_lag = std::min(forward ? low_reach - low_window : low_reach, kLongestLag);
  if (longest_lag < kShortestLag) return pitch;

  // Coarse: averages at 4 kHz, of which `anchor` is the window that is compared.
  std::array<float, kLongestLag + 2 * kLongestWindow> low;
  const ptrdiff_t first = begin - (forward ? 0 : static_cast<ptrdiff_t>(low_reach * factor));
  const int16_t* from = signal.next() + first * static_cast<ptrdiff_t>(width);
  double energy = 0;
  for (size_t i = 0; i < span; ++i) {
    int sum = 0;
    for (size_t k = 0; k < factor; ++k, from += width) sum += mono(from, width);
    low[i] = static_cast<float>(sum) / static_cast<float>(factor * width);
    energy += low[i] * low[i];
  }
  const float* anchor = forward ? low.data() : low.data() + low_reach;
  float anchor_energy = 0;
  for (size_t i = 0; i < low_window; ++i) anchor_energy += anchor[i] * anchor[i];
  float best = -2;
  for (size_t lag = kShortestLag; lag <= longest_lag; ++lag) {
    const float* other = forward ? anchor + lag : anchor - lag;
    float product = 0;
    float other_energy = 0;
    for (size_t i = 0; i < low_window; ++i) {
      product += anchor[i] * other[i];
      other_energy += other[i] * other[i];
    }
    const float correlation = correlation_of(product, anchor_energy, other_energy);
    if (correlation > best) {
      best = correlation;
      pitch.lag = lag * factor;
    }
  }

  // Fine: all samples, at the lags around the best.
  const size_t fine_window = low_window * factor;
  const size_t limit = forward ? low_reach * factor - fine_window : low_reach * factor;
  const int16_t* a = signal.next() + begin * static_cast<ptrdiff_t>(width);
  const size_t centre = pitch.lag;
  best = -2;
  double fine_energy = 0;
  for (size_t lag = centre - factor + 1; lag < centre + factor && lag <= limit; ++lag) {
    const ptrdiff_t shift = static_cast<ptrdiff_t>(lag * width) * (forward ? 1 : -1);
    const int16_t* b = a + shift;
    int64_t product = 0, energy_a = 0, energy_b = 0;
    for (size_t i = 0; i < fine_window * width; ++i) {
      product += static_cast<int32_t>(a[i]) * b[i];
      energy_a += static_cast<int32_t>(a[i]) * a[i];
      energy_b += static_cast<int32_t>(b[i]) * b[i];
    }
    fine_energy = static_cast<double>(energy_a) / static_cast<double>(fine_window * width);
    const float correlation =
        correlation_of(static_cast<float>(product), static_cast<float>(energy_a), static_cast<float>(energy_b));
    if (correlation > best) {
      best = correlation;
      pitch.lag = lag;
      pitch.correlation = correlation;
    }
  }
  pitch.is_silence = std::max(energy / static_cast<double>(span), fine_energy) < kSilence;
  if (pitch.is_silence) pitch.lag = longest_lag * factor;  // any will do: the most for the trouble
  return pitch;
}

size_t accelerate(AudioSignal& signal, bool fast) {
  const size_t pending = signal.pending();
  const size_t block = signal.frames_of_ms(10);
  if (pending <= block) return 0;
  const size_t window = std::min(signal.frames_of_ms(12), pending / 2);
  const Pitch pitch = find_pitch(signal, 0, window, pending, true);
  if (pitch.lag == 0 || 2 * pitch.lag > pending) return 0;
  if (!pitch.is_silence && pitch.correlation < (fast ? kLeastCorrelationFast : kLeastCorrelation)) return 0;
  // Whole periods; one block has to be left.
  const size_t most = std::min(pending - std::max(block, pitch.lag), signal.frames_of_ms(15));
  const size_t removed = fast ? most / pitch.lag * pitch.lag : pitch.lag;
  if (removed == 0 || removed > most) return 0;
  const auto width = static_cast<size_t>(signal.channels());
  int16_t* at = signal.next();
  // The joint is written at the end of what goes, so that what follows it stays where it is.
  for (size_t frame = pitch.lag; frame-- > 0;) {
    for (size_t channel = 0; channel < width; ++channel) {
      int16_t& late = at[(frame + removed) * width + channel];
      late = mix(at[frame * width + channel], late, frame, pitch.lag);
    }
  }
  signal.remove(removed);
  return removed;
}

size_t decelerate(AudioSignal& signal) {
  const size_t pending = signal.pending();
  const size_t window = std::min(signal.frames_of_ms(10), pending);
  const Pitch pitch = find_pitch(signal, 0, window, std::min(signal.history(), pending), false);
  if (pitch.lag == 0 || pitch.lag > pending || pitch.lag > signal.history()) return 0;
  if (!pitch.is_silence && pitch.correlation < kLeastCorrelation) return 0;
  const auto width = static_cast<size_t>(signal.channels());
  const int16_t* at = signal.next();
  // What comes next goes over into what was one period ago; after that it begins again.
  std::vector<int16_t> period(pitch.lag * width);
  for (size_t i = 0; i < period.size(); ++i) {
    period[i] = mix(at[i], *(at + i - period.size()), i / width, pitch.lag);
  }
  signal.insert(0, period);
  return pitch.lag;
}

void fade_in_after(AudioSignal& signal, size_t at, const std::vector<int16_t>& tail) {
  const auto width = static_cast<size_t>(signal.channels());
  if (at >= signal.pending()) return;
  const size_t frames = std::min(tail.size() / width, signal.pending() - at);
  int16_t* to = signal.next() + at * width;
  for (size_t i = 0; i < frames * width; ++i) to[i] = mix(tail[i], to[i], i / width, frames);
}

void PitchConcealer::begin(const AudioSignal& signal) {
  const auto width = static_cast<size_t>(signal.channels());
  const size_t available = signal.history() + signal.pending();
  const auto end = static_cast<ptrdiff_t>(signal.pending());
  const size_t window = signal.frames_of_ms(12);
  cycle_.clear();
  position_ = 0;
  offset_ = 0;
  voiced_ = 0;
  unvoiced_ = 0;
  noise_.set({});
  noise_.settle();
  if (available < window + signal.frames_of_ms(4)) return;
  const Pitch pitch = find_pitch(signal, end - static_cast<ptrdiff_t>(window), window, available - window, false);
  if (pitch.lag == 0) return;

  const auto sample = [&](ptrdiff_t back) { return signal.next()[(end - back) * static_cast<ptrdiff_t>(width)]; };
  const auto lag = static_cast<ptrdiff_t>(pitch.lag);
  cycle_.resize(pitch.lag);
  for (ptrdiff_t i = 0; i < lag; ++i) cycle_[static_cast<size_t>(i)] = sample(lag - i);
  // Its last quarter goes over into what came before the period, which its beginning follows smoothly.
  const ptrdiff_t overlap = std::min(lag / 4, static_cast<ptrdiff_t>(available) - lag);
  for (ptrdiff_t i = 0; i < overlap; ++i) {
    auto& value = cycle_[static_cast<size_t>(lag - overlap + i)];
    value = mix(value, sample(lag + overlap - i), static_cast<size_t>(i) + 1, static_cast<size_t>(overlap) + 1);
  }

  voiced_ = pitch.is_silence ? 0 : std::clamp((pitch.correlation - 0.3f) / 0.4f, 0.0f, 1.0f);
  unvoiced_ = std::sqrt(1 - voiced_ * voiced_);
  if (static_cast<ptrdiff_t>(available) > lag) {
    offset_ = static_cast<float>(sample(1)) - voiced_ * static_cast<float>(sample(lag + 1));
  }
  std::vector<int16_t> last(std::min(available, signal.frames_of_ms(20)));
  for (size_t i = 0; i < last.size(); ++i) last[i] = sample(static_cast<ptrdiff_t>(last.size() - i));
  noise_.set(describe_noise(last.data(), last.size(), 8));
  noise_.settle();
}

void PitchConcealer::produce(size_t frames, int channels, std::vector<int16_t>& out) {
  noise_samples_.clear();
  if (unvoiced_ > 0.05f) {
    noise_.generate(frames, 1, noise_samples_);
  } else {
    noise_samples_.resize(frames, 0);
  }
  const float decay = std::exp(-1000.0f / 8000.0f);  // gone in a millisecond or so at 8 kHz; faster at 16 kHz
  for (size_t i = 0; i < frames; ++i) {
    float value = unvoiced_ * static_cast<float>(noise_samples_[i]) + offset_;
    offset_ *= decay;
    if (!cycle_.empty()) {
      value += voiced_ * static_cast<float>(cycle_[position_]);
      position_ = (position_ + 1) % cycle_.size();
    }
    const auto sample = static_cast<int16_t>(std::clamp(value, -32768.0f, 32767.0f));
    out.insert(out.end(), static_cast<size_t>(channels), sample);
  }
}

}  // namespace peerwire
