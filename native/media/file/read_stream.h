// Reading whole pieces, and numbers as files have them.
#pragma once

#include <cstdint>
#include <istream>

namespace peerwire {

/// Whether all of it was there. At the end the stream is left so that it can be rewound.
inline bool read_exactly(std::istream& stream, void* to, size_t size) {
  stream.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
  return static_cast<size_t>(stream.gcount()) == size;
}

/// Little-endian, of `octets` octets.
inline uint64_t read_little(const uint8_t* from, int octets) {
  uint64_t value = 0;
  for (int index = octets - 1; index >= 0; --index) value = value << 8 | from[index];
  return value;
}

/// Back to a place; also from behind the end.
inline bool seek(std::istream& stream, std::streamoff place) {
  stream.clear();
  return static_cast<bool>(stream.seekg(place));
}

}  // namespace peerwire
