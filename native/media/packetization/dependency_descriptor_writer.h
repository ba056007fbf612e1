// The dependency descriptor header extension of what our encoders make, and of what comes coded:
// https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "media/codec/video_codec.h"
#include "media/packetization/dependency_structure.h"

namespace peerwire {

class DependencyDescriptorWriter {
 public:
  explicit DependencyDescriptorWriter(uint16_t first_frame_number) : next_number_(first_frame_number) {}

  /// The descriptors of one frame's packets.
  struct Frame {
    Bytes first;   // of a key picture's lowest layer: with the template structure
    Bytes middle;  // of all packets behind the first
    Bytes for_packet(bool is_first, bool is_last) const;
  };
  Frame next_frame(const EncodedVideoFrame& frame);

 private:
  using TemporalNumbers = std::array<uint16_t, ScalabilityMode::kMaxTemporalLayers>;
  using SpatialNumbers = std::array<uint16_t, ScalabilityMode::kMaxSpatialLayers>;

  void begin_structure(const ScalabilityMode& mode, const EncodedVideoFrame& frame);
  FrameDistances distances_of(const EncodedVideoFrame& frame, int spatial, int temporal) const;
  void remember(int spatial, int temporal);
  Bytes write(size_t template_index, bool has_structure, const FrameDistances& distances) const;

  uint16_t next_number_;
  std::optional<DependencyStructure> structure_;
  std::vector<LayerSize> sizes_;
  uint32_t id_offset_ = 0;
  bool is_key_picture_ = false;
  std::array<TemporalNumbers, ScalabilityMode::kMaxSpatialLayers> last_numbers_{};  // of each layer
  SpatialNumbers chain_ends_{};
  int chains_begun_ = 0;  // a bit each
};

}  // namespace peerwire
