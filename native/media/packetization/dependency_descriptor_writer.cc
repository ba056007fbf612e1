#include "media/packetization/dependency_descriptor_writer.h"

#include <algorithm>

#include "media/packetization/bit_stream.h"

namespace peerwire {
namespace {

constexpr uint8_t kStartOfFrame = 0x80;
constexpr uint8_t kEndOfFrame = 0x40;
constexpr uint16_t kMaxReference = 4096;
constexpr uint16_t kMaxChainDifference = 255;

enum NextLayer : uint32_t { kSameLayer = 0, kNextTemporal = 1, kNextSpatial = 2, kNoMoreLayers = 3 };

uint32_t next_layer(const FrameTemplate& from, const FrameTemplate& to) {
  if (from.spatial_index != to.spatial_index) return kNextSpatial;
  return from.temporal_index != to.temporal_index ? kNextTemporal : kSameLayer;
}

/// template_dependency_structure()
void write_structure(BitWriter& writer, const DependencyStructure& structure, uint32_t id_offset,
                     const std::vector<LayerSize>& sizes) {
  const std::vector<FrameTemplate>& templates = structure.templates;
  writer.write(id_offset, 6);
  writer.write(structure.decode_targets() - 1, 5);
  for (size_t i = 0; i + 1 < templates.size(); ++i) writer.write(next_layer(templates[i], templates[i + 1]), 2);
  writer.write(kNoMoreLayers, 2);
  for (const FrameTemplate& each : templates) {
    for (const DecodeIndication indication : each.indications) writer.write(static_cast<uint32_t>(indication), 2);
  }
  for (const FrameTemplate& each : templates) {
    for (const uint16_t reference : each.distances.references) {
      writer.write(1, 1);
      writer.write(reference - 1u, 4);
    }
    writer.write(0, 1);
  }
  const uint32_t chains = structure.chains();
  writer.non_symmetric(chains, structure.decode_targets() + 1);
  for (uint32_t target = 0; target < structure.decode_targets(); ++target) {
    writer.non_symmetric(target / static_cast<uint32_t>(structure.mode.temporal_layers), chains);
  }
  for (const FrameTemplate& each : templates) {
    for (uint32_t chain = 0; chain < chains; ++chain) writer.write(each.distances.chains[chain], 4);
  }
  const bool has_sizes =
      std::all_of(sizes.begin(), sizes.end(), [](const LayerSize& size) { return size.width > 0 && size.height > 0; });
  writer.write(has_sizes, 1);
  if (!has_sizes) return;
  for (const LayerSize& size : sizes) {
    writer.write(static_cast<uint32_t>(size.width - 1), 16);
    writer.write(static_cast<uint32_t>(size.height - 1), 16);
  }
}

ScalabilityMode mode_of(const EncodedVideoFrame& frame) {
  ScalabilityMode mode;
  mode.spatial_layers = std::clamp(frame.spatial_layers, 1, ScalabilityMode::kMaxSpatialLayers);
  mode.temporal_layers = std::clamp(frame.temporal_layers, 1, ScalabilityMode::kMaxTemporalLayers);
  if (mode.spatial_layers > 1) mode.prediction = frame.prediction;
  return mode;
}

}  // namespace

Bytes DependencyDescriptorWriter::Frame::for_packet(bool is_first, bool is_last) const {
  Bytes out = is_first ? first : middle;
  if (is_first) out[0] |= kStartOfFrame;
  if (is_last) out[0] |= kEndOfFrame;
  return out;
}

Bytes DependencyDescriptorWriter::write(size_t template_index, bool has_structure,
                                        const FrameDistances& distances) const {
  const FrameDistances& expected = structure_->templates[template_index].distances;
  const bool has_references = distances.references != expected.references;
  const bool has_chains = distances.chains != expected.chains;
  Bytes out;
  BitWriter writer(out);
  writer.write(0, 2);
  writer.write((id_offset_ + static_cast<uint32_t>(template_index)) % 64, 6);
  writer.write(next_number_, 16);
  if (!has_structure && !has_references && !has_chains) return out;
  writer.write(has_structure, 1);
  writer.write(0, 2);  // active decode targets, custom indications
  writer.write(has_references, 1);
  writer.write(has_chains, 1);
  if (has_structure) write_structure(writer, *structure_, id_offset_, sizes_);
  if (has_references) {
    for (const uint16_t reference : distances.references) {
      writer.write(3, 2);
      writer.write(std::min(reference, kMaxReference) - 1u, 12);
    }
    writer.write(0, 2);
  }
  if (has_chains) {
    for (uint32_t chain = 0; chain < structure_->chains(); ++chain) {
      writer.write(std::min(distances.chains[chain], kMaxChainDifference), 8);
    }
  }
  return out;
}

void DependencyDescriptorWriter::begin_structure(const ScalabilityMode& mode, const EncodedVideoFrame& frame) {
  std::vector<LayerSize> sizes = frame.layer_sizes;
  if (sizes.size() != static_cast<size_t>(mode.spatial_layers)) {
    sizes.assign(static_cast<size_t>(mode.spatial_layers), {frame.width, frame.height});
  }
  if (structure_ && structure_->mode == mode && sizes_ == sizes) return;
  // Another structure takes other template identifiers, so that frames cannot be read by the wrong one.
  if (structure_) id_offset_ = (id_offset_ + static_cast<uint32_t>(structure_->templates.size())) % 64;
  structure_.emplace(mode);
  sizes_ = std::move(sizes);
}

FrameDistances DependencyDescriptorWriter::distances_of(const EncodedVideoFrame& frame, int spatial,
                                                        int temporal) const {
  FrameDistances distances;
  const auto layer = static_cast<size_t>(spatial);
  if (!frame.is_keyframe && frame.refers_to_earlier) {
    // The base layer refers to itself, what is above it to the nearest frame below. Frames that were dropped make
    // distances that no template has.
    const TemporalNumbers& own = last_numbers_[layer];
    uint16_t nearest = own[0];
    for (int below = 1; below < temporal; ++below) {
      const uint16_t number = own[static_cast<size_t>(below)];
      if (static_cast<int16_t>(number - nearest) > 0) nearest = number;
    }
    distances.references.push_back(static_cast<uint16_t>(next_number_ - nearest));
  }
  // The layer below came just before.
  if (frame.refers_to_lower) distances.references.push_back(1);
  for (uint32_t chain = 0; chain < structure_->chains(); ++chain) {
    if (chains_begun_ >> chain & 1) distances.chains[chain] = static_cast<uint16_t>(next_number_ - chain_ends_[chain]);
  }
  return distances;
}

void DependencyDescriptorWriter::remember(int spatial, int temporal) {
  TemporalNumbers& own = last_numbers_[static_cast<size_t>(spatial)];
  if (is_key_picture_) {
    own.fill(next_number_);
  } else {
    own[static_cast<size_t>(temporal)] = next_number_;
  }
  if (temporal > 0) return;
  for (uint32_t chain = 0; chain < structure_->chains(); ++chain) {
    if (!is_in_chain(structure_->mode, spatial, static_cast<int>(chain), is_key_picture_)) continue;
    chain_ends_[chain] = next_number_;
    chains_begun_ |= 1 << chain;
  }
}

DependencyDescriptorWriter::Frame DependencyDescriptorWriter::next_frame(const EncodedVideoFrame& frame) {
  const bool begins_picture = frame.spatial_index == 0;
  if (begins_picture) is_key_picture_ = frame.is_keyframe;
  const bool has_structure = begins_picture && is_key_picture_;
  // A stream that did not begin with a keyframe has no structure that receivers would know; any will do.
  if (has_structure || !structure_) begin_structure(mode_of(frame), frame);
  if (has_structure) chains_begun_ = 0;
  const ScalabilityMode& mode = structure_->mode;
  const int spatial = std::clamp(frame.spatial_index, 0, mode.spatial_layers - 1);
  const int temporal = is_key_picture_ ? 0 : std::clamp(frame.temporal_index, 0, mode.temporal_layers - 1);
  const FrameDistances distances = distances_of(frame, spatial, temporal);
  const auto indications = decode_indications(mode, spatial, temporal, is_key_picture_);
  size_t best = 0;
  int best_match = -1;
  for (size_t i = 0; i < structure_->templates.size(); ++i) {
    const FrameTemplate& each = structure_->templates[i];
    if (each.spatial_index != spatial || each.temporal_index != temporal || each.indications != indications) continue;
    const int match = (each.distances.references == distances.references ? 2 : 0) +
                      (each.distances.chains == distances.chains ? 1 : 0);
    if (match > best_match) {
      best_match = match;
      best = i;
    }
  }
  Frame out;
  out.first = write(best, has_structure, distances);
  out.middle = has_structure ? write(best, false, distances) : out.first;
  remember(spatial, temporal);
  ++next_number_;
  return out;
}

}  // namespace peerwire
