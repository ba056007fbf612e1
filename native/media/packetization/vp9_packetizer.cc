#include "media/packetization/vp9_packetizer.h"

#include <algorithm>
#include <array>

namespace peerwire {
namespace {

constexpr uint8_t kPictureIdPresent = 0x80;
constexpr uint8_t kInterPicturePredicted = 0x40;
constexpr uint8_t kLayerIndicesPresent = 0x20;
constexpr uint8_t kStartOfFrame = 0x08;
constexpr uint8_t kEndOfFrame = 0x04;
constexpr uint8_t kScalabilityStructurePresent = 0x02;
constexpr uint8_t kNotForUpperLayers = 0x01;

/// One picture of the group of pictures that a temporal pattern repeats.
struct GroupPicture {
  uint8_t temporal_index;
  uint8_t reference;  // distance
};
// Every picture refers to one before it and is a point to switch up at.
constexpr GroupPicture kOneLayer[] = {{0, 1}};
constexpr GroupPicture kTwoLayers[] = {{0, 2}, {1, 1}};
constexpr GroupPicture kThreeLayers[] = {{0, 4}, {2, 1}, {1, 2}, {2, 1}};

std::span<const GroupPicture> group_of(int temporal_layers) {
  if (temporal_layers <= 1) return kOneLayer;
  if (temporal_layers == 2) return kTwoLayers;
  return kThreeLayers;
}

/// https://www.rfc-editor.org/rfc/rfc9628#section-4.2.1
void write_scalability_structure(const EncodedVideoFrame& frame, Bytes& out) {
  std::vector<LayerSize> sizes = frame.layer_sizes;
  if (sizes.empty()) sizes.push_back({frame.width, frame.height});
  const bool has_sizes =
      std::all_of(sizes.begin(), sizes.end(), [](const LayerSize& size) { return size.width > 0 && size.height > 0; });
  out.push_back(static_cast<uint8_t>((sizes.size() - 1) << 5 | (has_sizes ? 0x10 : 0) | 0x08));  // N_S, Y, G
  if (has_sizes) {
    for (const LayerSize& size : sizes) {
      for (const int length : {size.width, size.height}) {
        out.push_back(static_cast<uint8_t>(length >> 8));
        out.push_back(static_cast<uint8_t>(length));
      }
    }
  }
  const auto group = group_of(frame.temporal_layers);
  out.push_back(static_cast<uint8_t>(group.size()));
  for (const GroupPicture& picture : group) {
    out.push_back(static_cast<uint8_t>(picture.temporal_index << 5 | 0x10 | 1 << 2));  // T, U, R 1
    out.push_back(picture.reference);
  }
}

}  // namespace

Vp9Packetizer::Vp9Packetizer(const PacketizerSettings& settings)
    : picture_id_((settings.first_picture_id - 1) & 0x7fff), tl0_index_(settings.first_tl0_index) {}

std::vector<VideoPayload> Vp9Packetizer::packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) {
  const bool is_layered = frame.temporal_layers > 1 || frame.spatial_layers > 1;
  const bool begins_picture = frame.spatial_index == 0;
  Bytes structure;
  if (frame.is_keyframe && begins_picture) write_scalability_structure(frame, structure);
  const size_t descriptor_size = is_layered ? 5 : 3;
  PayloadLimits rest = limits;
  if (rest.max_payload_size <= descriptor_size) return {};
  rest.max_payload_size -= descriptor_size;
  rest.first_packet_reduction += structure.size();
  rest.single_packet_reduction += structure.size();
  const std::vector<size_t> parts = split_evenly(frame.data.size(), rest);
  if (parts.empty()) return {};

  if (frame.temporal_index == 0 && begins_picture) ++tl0_index_;
  if (begins_picture) picture_id_ = (picture_id_ + 1) & 0x7fff;
  std::array<uint8_t, 5> descriptor{};
  const bool refers_to_earlier = !frame.is_keyframe && frame.refers_to_earlier;
  descriptor[0] = static_cast<uint8_t>(kPictureIdPresent | (refers_to_earlier ? kInterPicturePredicted : 0) |
                                       (is_layered ? kLayerIndicesPresent : 0) |
                                       (frame.spatial_layers > 1 && !frame.serves_upper ? kNotForUpperLayers : 0));
  descriptor[1] = static_cast<uint8_t>(0x80 | picture_id_ >> 8);
  descriptor[2] = static_cast<uint8_t>(picture_id_);
  descriptor[3] = static_cast<uint8_t>((frame.temporal_index & 7) << 5 | (frame.is_layer_sync ? 0x10 : 0) |
                                       (frame.spatial_index & 7) << 1 | (frame.refers_to_lower ? 1 : 0));
  descriptor[4] = tl0_index_;

  std::vector<VideoPayload> payloads(parts.size());
  size_t offset = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    VideoPayload& out = payloads[i];
    out.is_first = i == 0;
    out.is_last = i + 1 == parts.size();
    out.payload.reserve(descriptor_size + (out.is_first ? structure.size() : 0) + parts[i]);
    out.payload.insert(out.payload.end(), descriptor.begin(), descriptor.begin() + descriptor_size);
    if (out.is_first) {
      out.payload[0] |= kStartOfFrame;
      if (!structure.empty()) out.payload[0] |= kScalabilityStructurePresent;
      out.payload.insert(out.payload.end(), structure.begin(), structure.end());
    }
    if (out.is_last) out.payload[0] |= kEndOfFrame;
    const auto from = frame.data.begin() + static_cast<ptrdiff_t>(offset);
    out.payload.insert(out.payload.end(), from, from + static_cast<ptrdiff_t>(parts[i]));
    offset += parts[i];
  }
  return payloads;
}

}  // namespace peerwire
