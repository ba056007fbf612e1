#include "media/packetization/av1_bitstream.h"

#include "media/packetization/bit_stream.h"

namespace peerwire::av1 {

std::optional<Leb128> read_leb128(ByteView data) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8 && i < data.size(); ++i) {
    value |= static_cast<uint64_t>(data[i] & 0x7f) << (7 * i);
    if (!(data[i] & 0x80)) {
      if (value > UINT32_MAX) return std::nullopt;
      return Leb128{static_cast<size_t>(value), i + 1};
    }
  }
  return std::nullopt;
}

void write_leb128(Bytes& out, size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<uint8_t>(value));
}

size_t leb128_size(size_t value) {
  size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

std::optional<std::vector<Obu>> split_obus(ByteView temporal_unit) {
  std::vector<Obu> units;
  size_t at = 0;
  while (at < temporal_unit.size()) {
    Obu unit;
    unit.header = temporal_unit[at++];
    if (unit.header & kObuHasExtension) {
      if (at >= temporal_unit.size()) return std::nullopt;
      unit.extension = temporal_unit[at++];
    }
    size_t size = temporal_unit.size() - at;
    if (unit.header & kObuHasSize) {
      const auto field = read_leb128(temporal_unit.subspan(at));
      if (!field || field->value > size - field->size) return std::nullopt;
      at += field->size;
      size = field->value;
    }
    unit.payload = temporal_unit.subspan(at, size);
    at += size;
    units.push_back(unit);
  }
  return units;
}

std::optional<Size> parse_sequence_header(ByteView payload) {
  // https://aomediacodec.github.io/av1-spec/#sequence-header-obu-syntax
  BitReader reader(payload);
  reader.skip(4);  // seq_profile, still_picture
  const bool is_reduced = reader.flag();
  if (is_reduced) {
    reader.skip(5);
  } else {
    bool has_decoder_model = false;
    int buffer_delay_bits = 0;
    if (reader.flag()) {  // timing_info_present_flag
      reader.skip(64);
      if (reader.flag()) reader.exponential_golomb();
      has_decoder_model = reader.flag();
      if (has_decoder_model) {
        buffer_delay_bits = static_cast<int>(reader.read(5)) + 1;
        reader.skip(32 + 5 + 5);
      }
    }
    const bool has_display_delay = reader.flag();
    const uint32_t points = reader.read(5) + 1;
    for (uint32_t i = 0; i < points && reader.ok(); ++i) {
      reader.skip(12);
      if (reader.read(5) > 7) reader.skip(1);
      if (has_decoder_model && reader.flag()) reader.skip(2 * static_cast<size_t>(buffer_delay_bits) + 1);
      if (has_display_delay && reader.flag()) reader.skip(4);
    }
  }
  const int width_bits = static_cast<int>(reader.read(4)) + 1;
  const int height_bits = static_cast<int>(reader.read(4)) + 1;
  Size size;
  size.width = static_cast<int>(reader.read(width_bits)) + 1;
  size.height = static_cast<int>(reader.read(height_bits)) + 1;
  if (!reader.ok()) return std::nullopt;
  return size;
}

bool is_keyframe_header(ByteView payload) {
  // https://aomediacodec.github.io/av1-spec/#uncompressed-header-syntax: show_existing_frame, frame_type, show_frame
  return !payload.empty() && (payload[0] & 0xf0) == 0x10;
}

}  // namespace peerwire::av1
