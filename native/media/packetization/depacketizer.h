// From the payloads of RTP packets back to encoded frames. Everything read here comes from the network: parsing is
// total, in bounds and linear.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "media/codec/video_codec.h"

namespace peerwire {

/// Frames that a frame refers to, as distances of numbers; as many as any format can tell.
struct FrameReferences {
  static constexpr size_t kMax = 16;
  std::array<uint16_t, kMax> differences{};
  size_t count = 0;
  /// False when there are more than fit.
  bool add(uint16_t difference) {
    if (count == kMax) return false;
    differences[count++] = difference;
    return true;
  }
};

/// What one payload tells of itself.
struct PayloadDescription {
  /// What assemble() wants of this packet; a part of the payload.
  ByteView media;
  /// It begins a picture for certain. False tells nothing: H.264 does not mark beginnings.
  bool begins_picture = false;
  /// It may be the first one, if nothing came before: H.264, a first slice; VP9, a layer that needs no other.
  bool may_begin_picture = false;
  bool is_keyframe = false;
  /// H.264: parameter sets, which mostly come before a keyframe.
  bool has_parameter_sets = false;
  int width = 0;
  int height = 0;
  /// VP9: of each spatial layer of the stream, as far as a keyframe tells.
  std::array<LayerSize, 8> layer_sizes{};
  /// VP8 and VP9, of 7 or 15 bits.
  std::optional<uint16_t> picture_id;
  int picture_id_bits = 15;
  /// VP8 and VP9 (not flexible): number of the base layer's frame that this one is, or builds on.
  std::optional<uint8_t> tl0_index;
  int temporal_index = 0;
  int spatial_index = 0;
  /// VP9: it ends a spatial layer of its picture.
  bool ends_layer = false;
  /// VP9: what its frame refers to.
  bool refers_to_earlier = true;
  bool refers_to_lower = false;
  /// VP8 Y, VP9 U: of what is above the base layer, only frames from here on are needed.
  bool is_layer_sync = false;
  bool is_discardable = false;
  /// VP9, flexible mode: differences of picture identifiers.
  std::optional<FrameReferences> references;
};

class Depacketizer {
 public:
  virtual ~Depacketizer() = default;
  /// `sprop_parameter_sets`: of H.264's fmtp, base64 with commas; others have none.
  static std::unique_ptr<Depacketizer> create(VideoCodec codec, std::string_view sprop_parameter_sets = {});

  /// Nothing when the payload is malformed.
  virtual std::optional<PayloadDescription> parse(ByteView payload) const = 0;
  /// The `media` of all packets of a picture in order. Sets `data`, and of keyframes `is_keyframe`, `width` and
  /// `height` where they can be told. False when they make no picture, or one that misses parameter sets.
  virtual bool assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) = 0;
};

}  // namespace peerwire
