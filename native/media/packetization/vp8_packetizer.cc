#include "media/packetization/vp8_packetizer.h"

#include <array>

namespace peerwire {

Vp8Packetizer::Vp8Packetizer(const PacketizerSettings& settings)
    : next_picture_id_(settings.first_picture_id & 0x7fff), tl0_index_(settings.first_tl0_index) {}

std::vector<VideoPayload> Vp8Packetizer::packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) {
  // https://www.rfc-editor.org/rfc/rfc7741#section-4.2: X, N, S; I, L, T; a picture identifier of 15 bits.
  const bool is_layered = frame.temporal_layers > 1;
  std::array<uint8_t, 6> descriptor{};
  const size_t descriptor_size = is_layered ? 6 : 4;
  PayloadLimits rest = limits;
  if (rest.max_payload_size <= descriptor_size) return {};
  rest.max_payload_size -= descriptor_size;
  const std::vector<size_t> parts = split_evenly(frame.data.size(), rest);
  if (parts.empty()) return {};

  if (frame.temporal_index == 0) ++tl0_index_;
  descriptor[0] = static_cast<uint8_t>(0x80 | (frame.is_discardable ? 0x20 : 0));
  descriptor[1] = is_layered ? 0xe0 : 0x80;
  descriptor[2] = static_cast<uint8_t>(0x80 | next_picture_id_ >> 8);
  descriptor[3] = static_cast<uint8_t>(next_picture_id_);
  descriptor[4] = tl0_index_;
  descriptor[5] = static_cast<uint8_t>((frame.temporal_index & 3) << 6 | (frame.is_layer_sync ? 0x20 : 0));
  next_picture_id_ = (next_picture_id_ + 1) & 0x7fff;

  std::vector<VideoPayload> payloads(parts.size());
  size_t offset = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    VideoPayload& out = payloads[i];
    out.is_first = i == 0;
    out.is_last = i + 1 == parts.size();
    out.payload.reserve(descriptor_size + parts[i]);
    out.payload.insert(out.payload.end(), descriptor.begin(), descriptor.begin() + descriptor_size);
    // S: the partition begins here; partitions are not told apart, all is one with index 0.
    if (out.is_first) out.payload[0] |= 0x10;
    const auto from = frame.data.begin() + static_cast<ptrdiff_t>(offset);
    out.payload.insert(out.payload.end(), from, from + static_cast<ptrdiff_t>(parts[i]));
    offset += parts[i];
  }
  return payloads;
}

}  // namespace peerwire
