#include "media/packetization/h264_bitstream.h"

#include <algorithm>

#include "media/packetization/bit_stream.h"

namespace peerwire::h264 {
namespace {

/// The raw sequence payload behind the header octet: without emulation prevention (section 7.4.1). `limit`: so many
/// octets of it suffice.
Bytes unescape(ByteView nal, size_t limit) {
  Bytes out;
  const size_t size = std::min(nal.size(), limit);
  out.reserve(size);
  int zeros = 0;
  for (size_t i = 1; i < size; ++i) {
    if (zeros >= 2 && nal[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = nal[i] == 0 ? zeros + 1 : 0;
    out.push_back(nal[i]);
  }
  return out;
}

void skip_scaling_list(BitReader& reader, int size) {
  int last = 8;
  int next = 8;
  for (int i = 0; i < size && reader.ok(); ++i) {
    // Modulo 256, whatever a bad stream has in place of a difference of -128 to 127 (H.264 section 7.4.2.1.1.1).
    if (next != 0) next = (last + (reader.signed_exponential_golomb() & 255)) & 255;
    if (next != 0) last = next;
  }
}

bool has_chroma_format(uint32_t profile) {
  switch (profile) {
    case 100:
    case 110:
    case 122:
    case 244:
    case 44:
    case 83:
    case 86:
    case 118:
    case 128:
    case 138:
    case 139:
    case 134:
    case 135:
      return true;
    default:
      return false;
  }
}

constexpr size_t kMaxParameterSetOctets = 4096;
constexpr size_t kSliceHeaderOctets = 24;
constexpr uint32_t kMaxSps = 31;
constexpr uint32_t kMaxPps = 255;

}  // namespace

std::vector<ByteView> split_annex_b(ByteView stream) {
  std::vector<ByteView> units;
  const size_t size = stream.size();
  size_t begin = size;
  bool found = false;
  size_t i = 0;
  const auto close = [&](size_t end) {
    if (end > begin) units.push_back(stream.subspan(begin, end - begin));
  };
  while (i + 3 <= size) {
    // The third octet decides how far to step: most are above one.
    if (stream[i + 2] > 1) {
      i += 3;
    } else if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
      size_t end = i;
      while (end > begin && stream[end - 1] == 0) --end;
      if (found) close(end);
      found = true;
      begin = i + 3;
      i += 3;
    } else {
      ++i;
    }
  }
  if (!found) begin = 0;
  close(size);
  return units;
}

std::optional<SequenceParameters> parse_sps(ByteView nal) {
  // Section 7.3.2.1.1.
  const Bytes payload = unescape(nal, kMaxParameterSetOctets);
  BitReader reader(payload);
  SequenceParameters sps;
  const uint32_t profile = reader.read(8);
  reader.skip(16);
  sps.id = reader.exponential_golomb();
  uint32_t chroma_format = 1;
  if (has_chroma_format(profile)) {
    chroma_format = reader.exponential_golomb();
    if (chroma_format == 3) reader.skip(1);
    reader.exponential_golomb();  // bit depths
    reader.exponential_golomb();
    reader.skip(1);
    if (reader.flag()) {
      for (int i = 0; i < (chroma_format == 3 ? 12 : 8); ++i) {
        if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
      }
    }
  }
  reader.exponential_golomb();  // log2_max_frame_num_minus4
  const uint32_t order_count_type = reader.exponential_golomb();
  if (order_count_type == 0) {
    reader.exponential_golomb();
  } else if (order_count_type == 1) {
    reader.skip(1);
    reader.exponential_golomb();
    reader.exponential_golomb();
    const uint32_t cycle = reader.exponential_golomb();
    if (cycle > 255) return std::nullopt;
    for (uint32_t i = 0; i < cycle && reader.ok(); ++i) reader.exponential_golomb();
  }
  reader.exponential_golomb();  // max_num_ref_frames
  reader.skip(1);
  const uint32_t width = reader.exponential_golomb() + 1;
  const uint32_t map_height = reader.exponential_golomb() + 1;
  const bool frames_only = reader.flag();
  if (!frames_only) reader.skip(1);
  reader.skip(1);
  uint32_t left = 0, right = 0, top = 0, bottom = 0;
  if (reader.flag()) {
    left = reader.exponential_golomb();
    right = reader.exponential_golomb();
    top = reader.exponential_golomb();
    bottom = reader.exponential_golomb();
  }
  constexpr uint32_t kMaxMacroblocks = 1024;
  constexpr uint32_t kMaxCrop = 16 * kMaxMacroblocks;
  if (!reader.ok() || sps.id > kMaxSps || chroma_format > 3 || width > kMaxMacroblocks ||
      map_height > kMaxMacroblocks || std::max({left, right, top, bottom}) > kMaxCrop) {
    return std::nullopt;
  }
  // Formulas 7-19 to 7-22.
  const uint32_t fields = frames_only ? 1 : 2;
  const uint32_t crop_x = chroma_format == 1 || chroma_format == 2 ? 2 : 1;
  const uint32_t crop_y = (chroma_format == 1 ? 2 : 1) * fields;
  sps.width = static_cast<int>(16 * width) - static_cast<int>(crop_x * (left + right));
  sps.height = static_cast<int>(16 * map_height * fields) - static_cast<int>(crop_y * (top + bottom));
  if (sps.width <= 0 || sps.height <= 0) return std::nullopt;
  return sps;
}

std::optional<PictureParameters> parse_pps(ByteView nal) {
  const Bytes payload = unescape(nal, kSliceHeaderOctets);
  BitReader reader(payload);
  PictureParameters pps;
  pps.id = reader.exponential_golomb();
  pps.sps_id = reader.exponential_golomb();
  if (!reader.ok() || pps.id > kMaxPps || pps.sps_id > kMaxSps) return std::nullopt;
  return pps;
}

std::optional<SliceHeader> parse_slice_header(ByteView nal) {
  const Bytes payload = unescape(nal, kSliceHeaderOctets);
  BitReader reader(payload);
  SliceHeader slice;
  slice.first_macroblock = reader.exponential_golomb();
  reader.exponential_golomb();  // slice_type
  slice.pps_id = reader.exponential_golomb();
  if (!reader.ok() || slice.pps_id > kMaxPps) return std::nullopt;
  return slice;
}

}  // namespace peerwire::h264
