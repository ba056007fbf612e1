// What the frames of a stream with spatial layers refer to and write, over the eight reference buffers that VP9 and AV1
// have. In time a frame refers to one frame at most, of its own layer.
#pragma once

#include <cstdint>

#include "media/codec/scalability_mode.h"
#include "media/codec/video_codec.h"

namespace peerwire {

/// One spatial layer of one picture. Slots are numbered 0 to 7; -1: none.
struct LayerReferences {
  int earlier_slot = -1;  // a picture before this one
  int lower_slot = -1;    // the layer below in this picture
  int written_slot = -1;
  /// Of AV1: where a layer that needs no other begins. It is no keyframe to the codec (that would take every slot), and
  /// what later pictures name, though only to write it, has to have been written.
  int begun_slot = -1;
};

/// One picture of the temporal pattern. A keyframe is the first one.
class LayeredPattern {
 public:
  explicit LayeredPattern(const ScalabilityMode& mode) : mode_(mode) {}

  const ScalabilityMode& mode() const { return mode_; }
  void restart() { index_ = 0; }
  /// The picture was encoded.
  void advance() { index_ = (index_ + 1) % ScalabilityMode::kTemporalPeriod; }

  int temporal_index() const { return mode_.temporal_index(index_); }
  /// Above the base layer in time, and refers to nothing above it.
  bool is_sync() const;
  /// No later picture refers to this one.
  bool is_discardable() const;
  LayerReferences references(int spatial_index, bool is_keyframe) const;
  /// Says of a frame all that follows from its place; `width` and `height` are those of the highest layer.
  void describe(int spatial_index, bool is_keyframe, int width, int height, EncodedVideoFrame& frame) const;

 private:
  bool is_base() const { return temporal_index() == 0; }
  /// Of three temporal layers, the second one.
  bool is_middle() const { return mode_.temporal_layers == 3 && index_ == 2; }
  bool predicts_from_lower(int spatial_index, bool is_keyframe) const;
  int written_slot(int spatial_index, bool is_keyframe) const;

  ScalabilityMode mode_;
  int index_ = 0;
};

}  // namespace peerwire
