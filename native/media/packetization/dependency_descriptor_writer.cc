#include "media/packetization/dependency_descriptor_writer.h"

#include <algorithm>
#include <span>

#include "media/packetization/bit_stream.h"

namespace peerwire {
namespace {

enum Indication : uint8_t { kNotPresent = 0, kDiscardable = 1, kSwitch = 2 };

/// Of one spatial layer, in order of temporal layers. Every decode target is protected by the one chain of base layer
/// frames. A difference of 0: none.
struct FrameTemplate {
  int temporal_index;
  uint8_t indications[3];
  uint8_t reference;
  uint8_t chain_difference;
};

constexpr FrameTemplate kOneLayer[] = {
    {0, {kSwitch}, 0, 0},
    {0, {kSwitch}, 1, 1},
};
constexpr FrameTemplate kTwoLayers[] = {
    {0, {kSwitch, kSwitch}, 0, 0},
    {0, {kSwitch, kSwitch}, 2, 2},
    {1, {kNotPresent, kDiscardable}, 1, 1},
};
constexpr FrameTemplate kThreeLayers[] = {
    {0, {kSwitch, kSwitch, kSwitch}, 0, 0},
    {0, {kSwitch, kSwitch, kSwitch}, 4, 4},
    {1, {kNotPresent, kDiscardable, kSwitch}, 2, 2},
    {2, {kNotPresent, kNotPresent, kDiscardable}, 1, 1},
    {2, {kNotPresent, kNotPresent, kDiscardable}, 1, 3},
};

std::span<const FrameTemplate> templates_of(int temporal_layers) {
  if (temporal_layers <= 1) return kOneLayer;
  if (temporal_layers == 2) return kTwoLayers;
  return kThreeLayers;
}

constexpr uint8_t kStartOfFrame = 0x80;
constexpr uint8_t kEndOfFrame = 0x40;
constexpr uint32_t kChains = 1;

void write_structure(BitWriter& writer, int layers, uint32_t id_offset, int width, int height) {
  // template_dependency_structure()
  const auto templates = templates_of(layers);
  const auto targets = static_cast<uint32_t>(std::clamp(layers, 1, 3));
  writer.write(id_offset, 6);
  writer.write(targets - 1, 5);
  for (size_t i = 0; i < templates.size(); ++i) {
    const bool is_last = i + 1 == templates.size();
    writer.write(is_last ? 3 : templates[i + 1].temporal_index - templates[i].temporal_index, 2);
  }
  for (const FrameTemplate& each : templates) {
    for (uint32_t target = 0; target < targets; ++target) writer.write(each.indications[target], 2);
  }
  for (const FrameTemplate& each : templates) {
    if (each.reference > 0) {
      writer.write(1, 1);
      writer.write(each.reference - 1u, 4);
    }
    writer.write(0, 1);
  }
  writer.non_symmetric(kChains, targets + 1);
  for (uint32_t target = 0; target < targets; ++target) writer.non_symmetric(0, kChains);
  for (const FrameTemplate& each : templates) writer.write(each.chain_difference, 4);
  const bool has_size = width > 0 && height > 0;
  writer.write(has_size, 1);
  if (has_size) {
    writer.write(static_cast<uint32_t>(width - 1), 16);
    writer.write(static_cast<uint32_t>(height - 1), 16);
  }
}

}  // namespace

Bytes DependencyDescriptorWriter::Frame::for_packet(bool is_first, bool is_last) const {
  Bytes out = is_first ? first : middle;
  if (is_first) out[0] |= kStartOfFrame;
  if (is_last) out[0] |= kEndOfFrame;
  return out;
}

Bytes DependencyDescriptorWriter::write(uint32_t template_index, bool has_structure, std::optional<uint16_t> reference,
                                        std::optional<uint16_t> chain_difference) const {
  Bytes out;
  BitWriter writer(out);
  writer.write(0, 2);
  writer.write((id_offset_ + template_index) % 64, 6);
  writer.write(next_number_, 16);
  if (!has_structure && !reference && !chain_difference) return out;
  writer.write(has_structure, 1);
  writer.write(0, 2);  // active decode targets, custom indications
  writer.write(reference.has_value(), 1);
  writer.write(chain_difference.has_value(), 1);
  if (has_structure) write_structure(writer, temporal_layers_, id_offset_, width_, height_);
  if (reference) {
    writer.write(3, 2);
    writer.write(*reference - 1u, 12);
    writer.write(0, 2);
  }
  if (chain_difference) writer.write(*chain_difference, 8);
  return out;
}

DependencyDescriptorWriter::Frame DependencyDescriptorWriter::next_frame(const EncodedVideoFrame& frame) {
  const int layers = std::clamp(frame.temporal_layers, 1, 3);
  if (frame.is_keyframe && (layers != temporal_layers_ || frame.width != width_ || frame.height != height_)) {
    // Another structure takes other template identifiers, so that frames cannot be read by the wrong one.
    if (temporal_layers_ > 0) {
      id_offset_ = (id_offset_ + static_cast<uint32_t>(templates_of(temporal_layers_).size())) % 64;
    }
    temporal_layers_ = layers;
    width_ = frame.width;
    height_ = frame.height;
  }
  // A stream that did not begin with a keyframe has no structure that receivers would know; any will do.
  if (temporal_layers_ == 0) temporal_layers_ = layers;
  const auto templates = templates_of(temporal_layers_);
  const int layer = std::clamp(frame.temporal_index, 0, temporal_layers_ - 1);
  Frame out;
  if (frame.is_keyframe) {
    out.first = write(0, true, std::nullopt, std::nullopt);
    out.middle = write(0, false, std::nullopt, std::nullopt);
    std::fill(std::begin(last_number_), std::end(last_number_), next_number_);
  } else {
    // The base layer refers to itself, what is above it to the nearest frame below. Frames that the encoder dropped
    // make distances that no template has.
    uint16_t nearest = last_number_[0];
    for (int below = 1; below < layer; ++below) {
      if (static_cast<int16_t>(last_number_[below] - nearest) > 0) nearest = last_number_[below];
    }
    const auto reference = static_cast<uint16_t>(next_number_ - nearest);
    const auto chain = static_cast<uint16_t>(next_number_ - last_number_[0]);
    size_t best = 0;
    int best_match = -1;
    for (size_t i = 1; i < templates.size(); ++i) {
      if (templates[i].temporal_index != layer) continue;
      const int match =
          (templates[i].reference == reference ? 2 : 0) + (templates[i].chain_difference == chain ? 1 : 0);
      if (match > best_match) {
        best_match = match;
        best = i;
      }
    }
    constexpr uint16_t kMaxReference = 4096;
    constexpr uint16_t kMaxChainDifference = 255;
    out.first = out.middle = write(
        static_cast<uint32_t>(best), false,
        templates[best].reference == reference ? std::nullopt : std::optional(std::min(reference, kMaxReference)),
        templates[best].chain_difference == chain ? std::nullopt : std::optional(std::min(chain, kMaxChainDifference)));
    last_number_[layer] = next_number_;
  }
  ++next_number_;
  return out;
}

}  // namespace peerwire
