// NAL units (ITU-T H.264 section 7.3 and annex B): finding them, and reading as much of them as transport needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace peerwire::h264 {

enum NalType : uint8_t {
  kSlice = 1,
  kPartitionA = 2,
  kIdrSlice = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kAccessUnitDelimiter = 9,
  kStapA = 24,
  kFuA = 28,
};

inline uint8_t nal_type(uint8_t header) {
  return header & 0x1f;
}

/// The units of an Annex B stream without start codes, and without the zeros before them. Octets without any start code
/// are one unit. Zeros at the end of the stream stay with the last unit: no encoder writes any, but what a transform
/// has appended may end so, and who undoes it at the other end counts from there.
std::vector<ByteView> split_annex_b(ByteView stream);

struct SequenceParameters {
  uint32_t id = 0;
  int width = 0;  // cropped
  int height = 0;
};
/// `nal`: with its header.
std::optional<SequenceParameters> parse_sps(ByteView nal);

struct PictureParameters {
  uint32_t id = 0;
  uint32_t sps_id = 0;
};
std::optional<PictureParameters> parse_pps(ByteView nal);

struct SliceHeader {
  uint32_t first_macroblock = 0;
  uint32_t pps_id = 0;
};
/// Of types 1, 2 and 5.
std::optional<SliceHeader> parse_slice_header(ByteView nal);

}  // namespace peerwire::h264
