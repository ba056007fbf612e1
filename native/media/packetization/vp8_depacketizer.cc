#include "media/packetization/vp8_depacketizer.h"

#include "media/packetization/join_media.h"

namespace peerwire {
namespace {

/// https://www.rfc-editor.org/rfc/rfc6386#section-9.1: what a keyframe begins with.
bool read_keyframe_size(ByteView media, int& width, int& height) {
  if (media.size() < 10 || media[3] != 0x9d || media[4] != 0x01 || media[5] != 0x2a) return false;
  width = (media[6] | media[7] << 8) & 0x3fff;
  height = (media[8] | media[9] << 8) & 0x3fff;
  return true;
}

}  // namespace

std::optional<PayloadDescription> Vp8Depacketizer::parse(ByteView payload) const {
  // https://www.rfc-editor.org/rfc/rfc7741#section-4.2
  if (payload.empty()) return std::nullopt;
  PayloadDescription description;
  size_t at = 0;
  const auto next = [&]() -> std::optional<uint8_t> {
    if (at >= payload.size()) return std::nullopt;
    return payload[at++];
  };
  const uint8_t required = *next();
  description.is_discardable = (required & 0x20) != 0;
  const bool begins_partition = (required & 0x10) != 0;
  if (required & 0x80) {
    const auto extended = next();
    if (!extended) return std::nullopt;
    if (*extended & 0x80) {
      const auto high = next();
      if (!high) return std::nullopt;
      if (*high & 0x80) {
        const auto low = next();
        if (!low) return std::nullopt;
        description.picture_id = static_cast<uint16_t>((*high & 0x7f) << 8 | *low);
      } else {
        description.picture_id = *high;
        description.picture_id_bits = 7;
      }
    }
    if (*extended & 0x40) {
      const auto tl0 = next();
      if (!tl0) return std::nullopt;
      description.tl0_index = *tl0;
    }
    if (*extended & 0x30) {
      const auto layer = next();
      if (!layer) return std::nullopt;
      if (*extended & 0x20) {
        description.temporal_index = *layer >> 6;
        description.is_layer_sync = (*layer & 0x20) != 0;
      } else {
        // Without TID, TL0PICIDX says nothing of where this frame belongs.
        description.tl0_index.reset();
      }
    } else {
      description.tl0_index.reset();
    }
  }
  description.media = payload.subspan(at);
  if (description.media.empty()) return std::nullopt;
  description.begins_picture = begins_partition && (required & 0x07) == 0;
  if (description.begins_picture) {
    description.is_keyframe = (description.media[0] & 0x01) == 0;
    if (description.is_keyframe) read_keyframe_size(description.media, description.width, description.height);
  }
  return description;
}

bool Vp8Depacketizer::assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) {
  join_media(media, frame.data);
  if (frame.data.empty()) return false;
  frame.is_keyframe = (frame.data[0] & 0x01) == 0;
  if (frame.is_keyframe) read_keyframe_size(frame.data, frame.width, frame.height);
  return true;
}

}  // namespace peerwire
