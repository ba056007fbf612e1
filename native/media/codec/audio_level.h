// Loudness as RTP and webrtc-stats count it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace peerwire {

/// Mean of the squares of samples, each divided by the largest; 0 to 1. 0 for no samples.
double audio_energy(const int16_t* samples, size_t count);

/// RFC 6464 section 3: decibels below the overload point, 0 to 127, of a mean square.
uint8_t minus_dbov(double energy);

}  // namespace peerwire
