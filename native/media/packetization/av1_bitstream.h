// Open bitstream units of AV1 (https://aomediacodec.github.io/av1-spec/#obu-syntax), as far as transport reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace peerwire::av1 {

enum ObuType : uint8_t {
  kSequenceHeader = 1,
  kTemporalDelimiter = 2,
  kFrameHeader = 3,
  kTileGroup = 4,
  kMetadata = 5,
  kFrame = 6,
  kRedundantFrameHeader = 7,
  kTileList = 8,
  kPadding = 15,
};

inline constexpr uint8_t kObuHasExtension = 0x04;
inline constexpr uint8_t kObuHasSize = 0x02;

inline uint8_t obu_type(uint8_t header) {
  return header >> 3 & 0x0f;
}

struct Leb128 {
  size_t value = 0;
  size_t size = 0;  // octets read
};
/// Of at most 32 bits, in at most eight octets.
std::optional<Leb128> read_leb128(ByteView data);
void write_leb128(Bytes& out, size_t value);
size_t leb128_size(size_t value);

struct Obu {
  uint8_t header = 0;
  std::optional<uint8_t> extension;
  ByteView payload;
};
/// Of low-overhead format (section 5.2), or one without a size, which then takes all that is left. Nothing when sizes
/// do not fit.
std::optional<std::vector<Obu>> split_obus(ByteView temporal_unit);

struct Size {
  int width = 0;
  int height = 0;
};
/// Of a sequence header's payload: the largest size of its frames.
std::optional<Size> parse_sequence_header(ByteView payload);
/// Whether a frame (header) OBU's payload begins a keyframe that is shown.
bool is_keyframe_header(ByteView payload);

}  // namespace peerwire::av1
