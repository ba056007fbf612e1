// The dependency descriptor header extension, as received:
// https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "media/packetization/depacketizer.h"

namespace peerwire {

struct DependencyDescriptor {
  bool starts_frame = false;
  bool ends_frame = false;
  uint16_t frame_number = 0;
  int spatial_index = 0;
  int temporal_index = 0;
  bool has_structure = false;
  FrameReferences references;
  int width = 0;  // of the largest spatial layer; with a structure that tells it
  int height = 0;
};

/// Keeps the template structure from one frame to the next.
class DependencyDescriptorReader {
 public:
  /// Nothing when it is malformed or built on a structure that is not known: then one has to do without.
  std::optional<DependencyDescriptor> parse(ByteView extension);
  /// Another stream begins.
  void reset() { structure_.reset(); }

 private:
  struct Template {
    int spatial_index = 0;
    int temporal_index = 0;
    FrameReferences references;
  };
  struct Structure {
    uint32_t id_offset = 0;
    uint32_t decode_targets = 1;
    uint32_t chains = 0;
    std::vector<Template> templates;  // at most 64
    int width = 0;
    int height = 0;
    uint16_t frame_number = 0;
  };

  static std::optional<Structure> read_structure(class BitReader& reader);

  std::optional<Structure> structure_;
};

}  // namespace peerwire
