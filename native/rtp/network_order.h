// Numbers in network byte order at a place whose size the caller has checked.
#pragma once

#include <cstdint>

namespace peerwire {

inline uint16_t read_u16(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}
inline uint32_t read_u24(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) << 16 | static_cast<uint32_t>(at[1]) << 8 | at[2];
}
inline uint32_t read_u32(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) << 24 | read_u24(at + 1);
}
inline uint64_t read_u64(const uint8_t* at) {
  return static_cast<uint64_t>(read_u32(at)) << 32 | read_u32(at + 4);
}

inline void write_u16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void write_u24(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 16);
  write_u16(at + 1, static_cast<uint16_t>(value));
}
inline void write_u32(uint8_t* at, uint32_t value) {
  write_u16(at, static_cast<uint16_t>(value >> 16));
  write_u16(at + 2, static_cast<uint16_t>(value));
}
inline void write_u64(uint8_t* at, uint64_t value) {
  write_u32(at, static_cast<uint32_t>(value >> 32));
  write_u32(at + 4, static_cast<uint32_t>(value));
}

}  // namespace peerwire
