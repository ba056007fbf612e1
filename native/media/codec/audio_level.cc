#include "media/codec/audio_level.h"

#include <algorithm>
#include <cmath>

namespace peerwire {

double audio_energy(const int16_t* samples, size_t count) {
  if (count == 0) return 0;
  int64_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<int32_t>(samples[i]) * samples[i];
  constexpr double kLargest = 32767.0 * 32767.0;
  return std::min(static_cast<double>(sum) / (static_cast<double>(count) * kLargest), 1.0);
}

uint8_t minus_dbov(double energy) {
  if (energy <= 0) return 127;
  return static_cast<uint8_t>(std::lround(std::clamp(-10 * std::log10(energy), 0.0, 127.0)));
}

}  // namespace peerwire
