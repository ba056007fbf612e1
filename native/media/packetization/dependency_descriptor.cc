#include "media/packetization/dependency_descriptor.h"

#include <algorithm>

#include "media/packetization/bit_stream.h"

namespace peerwire {
namespace {

constexpr size_t kMandatorySize = 3;
constexpr size_t kMaxTemplates = 64;
constexpr int kMaxLayers = 8;
/// Frame numbers further apart are a restart, not a late packet.
constexpr int kMaxLateFrames = 1000;

enum NextLayer : uint32_t { kSameLayer = 0, kNextTemporal = 1, kNextSpatial = 2, kNoMoreLayers = 3 };

}  // namespace

std::optional<DependencyDescriptorReader::Structure> DependencyDescriptorReader::read_structure(BitReader& reader) {
  // template_dependency_structure()
  Structure structure;
  structure.id_offset = reader.read(6);
  structure.decode_targets = reader.read(5) + 1;
  Template current;
  while (true) {
    if (structure.templates.size() == kMaxTemplates || !reader.ok()) return std::nullopt;
    structure.templates.push_back(current);
    const uint32_t next = reader.read(2);
    if (next == kNoMoreLayers) break;
    if (next == kNextTemporal) {
      ++current.temporal_index;
    } else if (next == kNextSpatial) {
      current.temporal_index = 0;
      ++current.spatial_index;
    }
    if (current.temporal_index >= kMaxLayers || current.spatial_index >= kMaxLayers) return std::nullopt;
  }
  reader.skip(structure.templates.size() * structure.decode_targets * 2);  // template_dtis()
  for (Template& each : structure.templates) {
    while (reader.flag()) {
      if (!each.references.add(static_cast<uint16_t>(reader.read(4) + 1))) return std::nullopt;
    }
  }
  structure.chains = reader.non_symmetric(structure.decode_targets + 1);
  if (structure.chains > 0) {
    for (uint32_t i = 0; i < structure.decode_targets; ++i) reader.non_symmetric(structure.chains);
    reader.skip(structure.templates.size() * structure.chains * 4);
  }
  if (reader.flag()) {
    for (int i = 0; i <= structure.templates.back().spatial_index; ++i) {
      structure.width = std::max(structure.width, static_cast<int>(reader.read(16)) + 1);
      structure.height = std::max(structure.height, static_cast<int>(reader.read(16)) + 1);
    }
  }
  if (!reader.ok()) return std::nullopt;
  return structure;
}

std::optional<DependencyDescriptor> DependencyDescriptorReader::parse(ByteView extension) {
  if (extension.size() < kMandatorySize) return std::nullopt;
  BitReader reader(extension);
  DependencyDescriptor descriptor;
  descriptor.starts_frame = reader.flag();
  descriptor.ends_frame = reader.flag();
  const uint32_t template_id = reader.read(6);
  descriptor.frame_number = static_cast<uint16_t>(reader.read(16));
  bool has_active_targets = false;
  bool has_targets = false;
  bool has_references = false;
  bool has_chains = false;
  std::optional<Structure> attached;
  if (extension.size() > kMandatorySize) {
    descriptor.has_structure = reader.flag();
    has_active_targets = reader.flag();
    has_targets = reader.flag();
    has_references = reader.flag();
    has_chains = reader.flag();
    if (descriptor.has_structure) {
      attached = read_structure(reader);
      if (!attached) return std::nullopt;
      attached->frame_number = descriptor.frame_number;
    }
  }
  const Structure* structure = attached ? &*attached : structure_ ? &*structure_ : nullptr;
  if (!structure) return std::nullopt;
  if (has_active_targets) reader.skip(structure->decode_targets);
  // frame_dependency_definition()
  const size_t index = (template_id + 64 - structure->id_offset) % 64;
  if (index >= structure->templates.size()) return std::nullopt;
  const Template& used = structure->templates[index];
  descriptor.spatial_index = used.spatial_index;
  descriptor.temporal_index = used.temporal_index;
  if (has_targets) reader.skip(size_t{structure->decode_targets} * 2);
  if (has_references) {
    while (const uint32_t size = reader.read(2)) {
      if (!descriptor.references.add(static_cast<uint16_t>(reader.read(static_cast<int>(size) * 4) + 1))) {
        return std::nullopt;
      }
    }
  } else {
    descriptor.references = used.references;
  }
  if (has_chains) reader.skip(size_t{structure->chains} * 8);
  if (!reader.ok()) return std::nullopt;
  if (attached) {
    descriptor.width = attached->width;
    descriptor.height = attached->height;
    // A keyframe that comes late must not bring back its structure.
    const int age = structure_ ? static_cast<int16_t>(descriptor.frame_number - structure_->frame_number) : 0;
    if (age >= 0 || age < -kMaxLateFrames) structure_ = std::move(attached);
  }
  return descriptor;
}

}  // namespace peerwire
