// The template dependency structure of a scalability mode: which frames there are, what each refers to, and which
// decode targets need it. https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "media/codec/scalability_mode.h"

namespace peerwire {

/// How a decode target needs a frame (decode target indication).
enum class DecodeIndication : uint8_t { kNotPresent = 0, kDiscardable = 1, kSwitch = 2, kRequired = 3 };

/// What a frame refers to, and how far back the last frame of each chain is; in distances of frame numbers.
struct FrameDistances {
  std::vector<uint16_t> references;
  std::array<uint16_t, ScalabilityMode::kMaxSpatialLayers> chains{};  // 0: there is none
  bool operator==(const FrameDistances&) const = default;
};

struct FrameTemplate {
  int spatial_index = 0;
  int temporal_index = 0;
  std::vector<DecodeIndication> indications;  // of each decode target
  FrameDistances distances;
  bool operator==(const FrameTemplate&) const = default;
};

/// Decode target `s * temporal_layers + t` is everything up to spatial layer s and temporal layer t. A chain for each
/// spatial layer protects the targets of that layer.
struct DependencyStructure {
  explicit DependencyStructure(const ScalabilityMode& scalability);

  uint32_t decode_targets() const { return static_cast<uint32_t>(mode.spatial_layers * mode.temporal_layers); }
  uint32_t chains() const { return static_cast<uint32_t>(mode.spatial_layers); }

  ScalabilityMode mode;
  std::vector<FrameTemplate> templates;  // by spatial, then by temporal layer
};

std::vector<DecodeIndication> decode_indications(const ScalabilityMode& mode, int spatial_index, int temporal_index,
                                                 bool is_key_picture);
/// Whether a frame of the base temporal layer belongs to the chain of `chain`'s spatial layer.
bool is_in_chain(const ScalabilityMode& mode, int spatial_index, int chain, bool is_key_picture);

}  // namespace peerwire
