// Which frames can be decoded, given those that were.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "media/receive/frame_assembler.h"

namespace peerwire {

/// Told of frames in order of decoding. A frame "follows" when no packet is missing between it and the one before, be
/// that one decoded or dropped.
class Decodability {
 public:
  bool can_decode(const AssembledFrame& frame, bool follows) const;
  /// How many of a picture's upper layers can be decoded, too.
  size_t decodable_layers(const AssembledFrame& frame) const;
  /// @param layers of the upper ones, how many are decoded
  void on_decoded(const AssembledFrame& frame, bool follows, size_t layers);
  /// It was whole, but is passed over.
  void on_dropped(const AssembledFrame& frame);
  /// Only a keyframe helps: at the start, after the decoder failed, after a restart.
  void require_keyframe();
  bool needs_keyframe() const { return needs_keyframe_; }
  /// Layers come that cannot be decoded: a keyframe would bring back the whole picture.
  bool lacks_layers() const { return lacks_layers_; }
  /// Those of a picture that need none of the others (S2T1): decoders get one of them alone.
  bool is_independent(const EncodedVideoFrame& upper) const { return (independent_ & bit(upper)) != 0; }
  /// Nobody can tell by the packets what is a keyframe, as payloads are encrypted: where one is needed, any frame is
  /// let through, and whoever decrypts it has to look.
  void set_opaque(bool opaque) { is_opaque_ = opaque; }
  bool is_opaque() const { return is_opaque_; }

 private:
  static constexpr uint8_t kAll = 0xff;
  static uint8_t bit(const EncodedVideoFrame& frame);
  bool has_decoded(int64_t number) const;
  bool can_decode_layer(const AssembledFrame& picture, size_t index) const;
  void remember(const std::optional<FrameDependencies>& dependencies);

  bool needs_keyframe_ = true;
  bool is_opaque_ = false;
  int payload_type_ = -1;
  /// A bit for each temporal layer of which nothing is missing; kAll: nothing at all.
  uint8_t intact_layers_ = kAll;
  // A bit for each spatial layer: of which nothing is missing; which needs no other.
  uint8_t intact_spatial_ = 0;
  uint8_t independent_ = 0;
  int top_layer_ = 0;  // of the last keyframe
  bool lacks_layers_ = false;
  std::optional<uint8_t> base_index_;  // TL0PICIDX of the base layer's last frame
  std::array<int64_t, 256> numbers_{};
  size_t next_number_ = 0;
};

}  // namespace peerwire
