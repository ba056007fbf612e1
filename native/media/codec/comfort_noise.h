// Comfort noise: what a talker's silence sounds like, in a few octets. RFC 3389.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

constexpr size_t kMaxNoiseOrder = 12;

/// Level and spectrum of noise, as the payload tells it (RFC 3389 section 3).
struct NoiseDescription {
  uint8_t level = 127;  // decibels below overload, 0 to 127
  size_t order = 0;
  std::array<float, kMaxNoiseOrder> reflection{};  // within (-1, 1)
};

/// Nullopt for an empty payload. Coefficients beyond kMaxNoiseOrder are left out, as section 3.3 allows.
std::optional<NoiseDescription> parse_comfort_noise(ByteView payload);
/// Replaces `out`.
void serialize_comfort_noise(const NoiseDescription& noise, Bytes& out);

/// Reflection coefficients of `order` by autocorrelation and Levinson-Durbin; the level is that of the samples.
NoiseDescription describe_noise(const int16_t* samples, size_t count, size_t order);

/// Makes noise: white, coloured by a lattice filter. Level and colour glide to what was set.
class NoiseGenerator {
 public:
  void set(const NoiseDescription& noise) { target_ = noise; }
  /// Jumps to what was set.
  void settle();
  /// Appends `frames` times `channels` interleaved samples, the same in each channel.
  void generate(size_t frames, int channels, std::vector<int16_t>& out);

 private:
  float next_white();

  NoiseDescription target_;
  float gain_ = 0;  // root mean square of the output, in samples
  std::array<float, kMaxNoiseOrder> reflection_{};
  std::array<float, kMaxNoiseOrder + 1> backward_{};
  uint32_t random_ = 0x2545f491;
};

/// Follows the background between words and says when it has to be described anew.
class NoiseAnalyzer {
 public:
  /// Takes silence. True when a packet is due: the first of a pause, every 100 ms, and when the level has changed by 3
  /// dB or more.
  bool update(const int16_t* samples, size_t count, int duration_ms);
  const NoiseDescription& description() const { return smooth_; }
  /// Speech came: the next silence is a new pause.
  void reset() { since_packet_ms_ = -1; }

 private:
  NoiseDescription smooth_;
  double level_db_ = 0;
  int packet_level_ = 0;
  int since_packet_ms_ = -1;
};

}  // namespace peerwire
