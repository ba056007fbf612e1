// The dependency descriptor header extension of streams with one spatial layer and up to three temporal ones (L1T1,
// L1T2, L1T3): https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "media/codec/video_codec.h"

namespace peerwire {

class DependencyDescriptorWriter {
 public:
  explicit DependencyDescriptorWriter(uint16_t first_frame_number) : next_number_(first_frame_number) {}

  /// The descriptors of one frame's packets.
  struct Frame {
    Bytes first;   // of a keyframe: with the template structure
    Bytes middle;  // of all packets behind the first
    Bytes for_packet(bool is_first, bool is_last) const;
  };
  Frame next_frame(const EncodedVideoFrame& frame);

 private:
  Bytes write(uint32_t template_index, bool has_structure, std::optional<uint16_t> reference,
              std::optional<uint16_t> chain_difference) const;

  uint16_t next_number_;
  int temporal_layers_ = 0;
  int width_ = 0;
  int height_ = 0;
  uint32_t id_offset_ = 0;
  uint16_t last_number_[3] = {0, 0, 0};  // of each temporal layer
};

}  // namespace peerwire
