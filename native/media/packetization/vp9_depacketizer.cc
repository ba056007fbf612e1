#include "media/packetization/vp9_depacketizer.h"

#include <algorithm>

#include "media/packetization/bit_stream.h"
#include "media/packetization/join_media.h"

namespace peerwire {
namespace {

/// https://www.rfc-editor.org/rfc/rfc9628#section-4.2.1. The largest spatial layer's size is the picture's. The group
/// of pictures is skipped: TL0PICIDX, TID and U tell as much of what a picture needs.
void read_scalability_structure(BitReader& reader, PayloadDescription& description) {
  const uint32_t layers = reader.read(3) + 1;
  const bool has_sizes = reader.flag();
  const bool has_group = reader.flag();
  reader.skip(3);
  if (has_sizes) {
    for (uint32_t i = 0; i < layers; ++i) {
      LayerSize& size = description.layer_sizes[i];
      size.width = static_cast<int>(reader.read(16));
      size.height = static_cast<int>(reader.read(16));
      description.width = std::max(description.width, size.width);
      description.height = std::max(description.height, size.height);
    }
  }
  if (!has_group) return;
  const uint32_t pictures = reader.read(8);
  for (uint32_t i = 0; i < pictures && reader.ok(); ++i) {
    reader.skip(4);
    const uint32_t references = reader.read(2);
    reader.skip(2);
    reader.skip(size_t{references} * 8);
  }
}

/// uncompressed_header() of the VP9 bitstream specification, section 6.2, as far as the size.
bool read_keyframe_header(ByteView media, int& width, int& height) {
  BitReader reader(media);
  if (reader.read(2) != 2) return false;
  const uint32_t profile = reader.read(1) | reader.read(1) << 1;
  if (profile == 3) reader.skip(1);
  const bool shows_existing_frame = reader.flag();
  if (shows_existing_frame) return false;
  const bool is_inter_frame = reader.flag();
  reader.skip(2);
  if (is_inter_frame || reader.read(24) != 0x498342) return false;
  if (profile >= 2) reader.skip(1);
  constexpr uint32_t kRgb = 7;
  if (reader.read(3) != kRgb) {
    reader.skip(1);
    if (profile == 1 || profile == 3) reader.skip(3);
  } else if (profile == 1 || profile == 3) {
    reader.skip(1);
  }
  const int read_width = static_cast<int>(reader.read(16)) + 1;
  const int read_height = static_cast<int>(reader.read(16)) + 1;
  if (!reader.ok()) return false;
  width = read_width;
  height = read_height;
  return true;
}

}  // namespace

std::optional<PayloadDescription> Vp9Depacketizer::parse(ByteView payload) const {
  // https://www.rfc-editor.org/rfc/rfc9628#section-4.2
  BitReader reader(payload);
  PayloadDescription description;
  const bool has_picture_id = reader.flag();
  const bool is_inter_predicted = reader.flag();
  const bool has_layers = reader.flag();
  const bool is_flexible = reader.flag();
  const bool begins_frame = reader.flag();
  description.ends_layer = reader.flag();
  const bool has_structure = reader.flag();
  reader.skip(1);
  if (has_picture_id) {
    if (reader.flag()) {
      description.picture_id = static_cast<uint16_t>(reader.read(15));
    } else {
      description.picture_id = static_cast<uint16_t>(reader.read(7));
      description.picture_id_bits = 7;
    }
  }
  if (has_layers) {
    description.temporal_index = static_cast<int>(reader.read(3));
    description.is_layer_sync = reader.flag();
    description.spatial_index = static_cast<int>(reader.read(3));
    description.refers_to_lower = reader.flag() && description.spatial_index > 0;
    if (!is_flexible) description.tl0_index = static_cast<uint8_t>(reader.read(8));
  }
  if (is_flexible) {
    if (!has_picture_id) return std::nullopt;
    description.references.emplace();
    if (is_inter_predicted) {
      constexpr int kMaxReferences = 3;
      bool has_more = true;
      for (int i = 0; i < kMaxReferences && has_more; ++i) {
        description.references->add(static_cast<uint16_t>(reader.read(7)));
        has_more = reader.flag();
      }
      if (has_more) return std::nullopt;
    }
  }
  if (has_structure) read_scalability_structure(reader, description);
  if (!reader.ok() || reader.bits_left() < 8) return std::nullopt;
  description.media = payload.subspan(payload.size() - reader.bits_left() / 8);
  description.begins_picture = begins_frame && description.spatial_index == 0;
  description.refers_to_earlier = is_inter_predicted;
  description.is_keyframe = begins_frame && !is_inter_predicted && !description.refers_to_lower;
  description.may_begin_picture = description.is_keyframe;
  if (description.is_keyframe && description.width == 0) {
    read_keyframe_header(description.media, description.width, description.height);
  }
  return description;
}

bool Vp9Depacketizer::assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) {
  // A superframe's layers follow each other; decoders take them so.
  join_media(media, frame.data);
  return !frame.data.empty();
}

}  // namespace peerwire
