#include "media/codec/comfort_noise.h"

#include <algorithm>
#include <cmath>

#include "media/codec/audio_level.h"

namespace peerwire {
namespace {

constexpr int kPacketIntervalMs = 100;
constexpr int kLevelChangeDb = 3;
constexpr size_t kAnalysisOrder = 8;
/// Poles nearer to the unit circle than this would ring for longer than a pause lasts.
constexpr float kSharpest = 0.98f;
/// Far beyond what 16 bits hold: coefficients that leap about can pump up a lattice that is stable with each of them.
constexpr float kRunaway = 1e6f;
constexpr float kGlide = 0.004f;  // a sample: most of the way in 30 ms at 8 kHz

float rms_of_level(uint8_t level) {
  return level >= 127 ? 0 : 32767.0f * std::pow(10.0f, -level / 20.0f);
}

}  // namespace

std::optional<NoiseDescription> parse_comfort_noise(ByteView payload) {
  if (payload.empty()) return std::nullopt;
  NoiseDescription noise;
  noise.level = payload[0] & 0x7f;
  noise.order = std::min(payload.size() - 1, kMaxNoiseOrder);
  for (size_t i = 0; i < noise.order; ++i) {
    // Section 3.2. 255 is no code; it would leave the unit circle.
    noise.reflection[i] = static_cast<float>(258 * (std::min<int>(payload[i + 1], 254) - 127)) / 32768.0f;
  }
  return noise;
}

void serialize_comfort_noise(const NoiseDescription& noise, Bytes& out) {
  out.resize(1 + noise.order);
  out[0] = std::min<uint8_t>(noise.level, 127);
  for (size_t i = 0; i < noise.order; ++i) {
    const long code = 127 + std::lround(noise.reflection[i] * 32768.0f / 258.0f);
    out[i + 1] = static_cast<uint8_t>(std::clamp(code, 0l, 254l));
  }
}

NoiseDescription describe_noise(const int16_t* samples, size_t count, size_t order) {
  NoiseDescription noise;
  noise.level = minus_dbov(audio_energy(samples, count));
  order = std::min(order, kMaxNoiseOrder);
  if (count <= order || noise.level >= 127) return noise;

  std::array<double, kMaxNoiseOrder + 1> correlation{};
  for (size_t lag = 0; lag <= order; ++lag) {
    int64_t sum = 0;
    for (size_t i = lag; i < count; ++i) sum += static_cast<int32_t>(samples[i]) * samples[i - lag];
    correlation[lag] = static_cast<double>(sum);
  }
  correlation[0] *= 1.001;  // a floor of white noise keeps the recursion stable

  std::array<double, kMaxNoiseOrder + 1> filter{};
  double error = correlation[0];
  filter[0] = 1;
  for (size_t m = 1; m <= order; ++m) {
    double sum = 0;
    for (size_t i = 0; i < m; ++i) sum += filter[i] * correlation[m - i];
    const double k = -sum / error;
    if (!(std::abs(k) < 0.99)) break;
    const auto before = filter;
    for (size_t i = 1; i < m; ++i) filter[i] = before[i] + k * before[m - i];
    filter[m] = k;
    error *= 1 - k * k;
    noise.reflection[m - 1] = static_cast<float>(k);
    noise.order = m;
  }
  return noise;
}

float NoiseGenerator::next_white() {
  // xorshift (Marsaglia 2003), uniform; the variance is brought to 1.
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return static_cast<float>(static_cast<int32_t>(random_)) * (1.7320508f / 2147483648.0f);
}

void NoiseGenerator::settle() {
  gain_ = rms_of_level(target_.level);
  for (size_t i = 0; i < kMaxNoiseOrder; ++i) {
    reflection_[i] = std::clamp(target_.reflection[i], -kSharpest, kSharpest);
  }
}

void NoiseGenerator::generate(size_t frames, int channels, std::vector<int16_t>& out) {
  const auto width = static_cast<size_t>(channels);
  size_t at = out.size();
  out.resize(at + frames * width);
  const float wanted_gain = rms_of_level(target_.level);
  // Less than a sample's step: zeros, and no numbers too small for the processor.
  if (wanted_gain == 0 && gain_ < 0.1f) {
    gain_ = 0;
    backward_ = {};
    return;
  }
  // Convex combinations of stable reflection coefficients are stable.
  const float step = std::min(1.0f, kGlide * static_cast<float>(frames));
  float excitation = 1;
  for (size_t i = 0; i < kMaxNoiseOrder; ++i) {
    const float wanted = std::clamp(target_.reflection[i], -kSharpest, kSharpest);
    reflection_[i] += step * (wanted - reflection_[i]);
    excitation *= 1 - reflection_[i] * reflection_[i];
  }
  excitation = std::sqrt(excitation);
  for (size_t frame = 0; frame < frames; ++frame) {
    gain_ += kGlide * (wanted_gain - gain_);
    float value = next_white() * excitation * gain_;
    for (size_t i = kMaxNoiseOrder; i > 0; --i) {
      value -= reflection_[i - 1] * backward_[i - 1];
      backward_[i] = backward_[i - 1] + reflection_[i - 1] * value;
    }
    if (!(std::abs(value) < kRunaway)) {
      backward_ = {};
      value = 0;
    }
    backward_[0] = value;
    const auto sample = static_cast<int16_t>(std::clamp(value, -32768.0f, 32767.0f));
    for (size_t channel = 0; channel < width; ++channel) out[at++] = sample;
  }
}

bool NoiseAnalyzer::update(const int16_t* samples, size_t count, int duration_ms) {
  NoiseDescription now = describe_noise(samples, count, kAnalysisOrder);
  const bool is_first = since_packet_ms_ < 0;
  if (is_first) {
    smooth_ = now;
    level_db_ = now.level;
  } else {
    level_db_ += 0.3 * (now.level - level_db_);
    for (size_t i = 0; i < kMaxNoiseOrder; ++i) {
      smooth_.reflection[i] += 0.3f * (now.reflection[i] - smooth_.reflection[i]);
    }
    smooth_.order = std::max(smooth_.order, now.order);
  }
  smooth_.level = static_cast<uint8_t>(std::lround(level_db_));
  since_packet_ms_ = is_first ? 0 : since_packet_ms_ + duration_ms;
  const bool is_due =
      is_first || since_packet_ms_ >= kPacketIntervalMs || std::abs(smooth_.level - packet_level_) >= kLevelChangeDb;
  if (is_due) {
    since_packet_ms_ = 0;
    packet_level_ = smooth_.level;
  }
  return is_due;
}

}  // namespace peerwire
