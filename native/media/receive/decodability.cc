#include "media/receive/decodability.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr int kMaxLayer = 7;
uint8_t bit_of(int layer) {
  return static_cast<uint8_t>(1 << std::clamp(layer, 0, kMaxLayer));
}
uint8_t layers_up_to(int layer) {
  return static_cast<uint8_t>((2 << std::clamp(layer, 0, kMaxLayer)) - 1);
}
int top_layer_of(const AssembledFrame& picture) {
  return picture.upper.empty() ? picture.frame.spatial_index : picture.upper.back().frame.spatial_index;
}

}  // namespace

uint8_t Decodability::bit(const EncodedVideoFrame& frame) {
  return bit_of(frame.spatial_index);
}

bool Decodability::has_decoded(int64_t number) const {
  return std::find(numbers_.begin(), numbers_.end(), number) != numbers_.end();
}

bool Decodability::can_decode(const AssembledFrame& frame, bool follows) const {
  if (frame.is_damaged || frame.is_remainder) return false;
  if (frame.frame.is_keyframe || (is_opaque_ && needs_keyframe_)) return true;
  if (needs_keyframe_ || frame.payload_type != payload_type_) return false;
  // One layer is decoded alone, and another one is nothing to go on with.
  if (independent_ != 0 && top_layer_of(frame) != top_layer_) return false;
  if (follows && intact_layers_ == kAll) return true;
  if (frame.dependencies) {
    const auto& references = frame.dependencies->references;
    return std::all_of(references.begin(), references.end(), [&](int64_t number) { return has_decoded(number); });
  }
  // VP8, https://www.rfc-editor.org/rfc/rfc7741#section-4.2, and VP9 without explicit references,
  // https://www.rfc-editor.org/rfc/rfc9628#section-4.2: a base layer frame needs the one before it, a frame above needs
  // its base, and, unless layers can be switched up at it, all between.
  if (!frame.tl0_index || !base_index_) return false;
  const int layer = frame.frame.temporal_index;
  if (layer == 0) return *frame.tl0_index == static_cast<uint8_t>(*base_index_ + 1);
  if (*frame.tl0_index != *base_index_) return false;
  if (frame.frame.is_layer_sync) return true;
  const auto needed = static_cast<uint8_t>(layers_up_to(layer) & ~1);
  return follows && (intact_layers_ & needed) == needed;
}

bool Decodability::can_decode_layer(const AssembledFrame& picture, size_t index) const {
  const UpperLayer& layer = picture.upper[index];
  if (layer.dependencies) {
    const auto& references = layer.dependencies->references;
    return std::all_of(references.begin(), references.end(), [&](int64_t number) {
      const auto is_it = [&](const auto& dependencies) { return dependencies && dependencies->number == number; };
      bool is_below = is_it(picture.dependencies);
      for (size_t lower = 0; lower < index; ++lower) is_below = is_below || is_it(picture.upper[lower].dependencies);
      return is_below || has_decoded(number);
    });
  }
  const EncodedVideoFrame& below = index > 0 ? picture.upper[index - 1].frame : picture.frame;
  if (layer.frame.refers_to_lower && below.spatial_index + 1 != layer.frame.spatial_index) return false;
  if (!layer.frame.refers_to_earlier) return true;
  return !picture.frame.is_keyframe && (intact_spatial_ & bit(layer.frame)) != 0;
}

size_t Decodability::decodable_layers(const AssembledFrame& frame) const {
  size_t count = 0;
  while (count < frame.upper.size() && can_decode_layer(frame, count)) ++count;
  return count;
}

void Decodability::remember(const std::optional<FrameDependencies>& dependencies) {
  if (!dependencies) return;
  numbers_[next_number_] = dependencies->number;
  next_number_ = (next_number_ + 1) % numbers_.size();
}

void Decodability::on_decoded(const AssembledFrame& frame, bool follows, size_t layers) {
  const int layer = frame.frame.temporal_index;
  if (frame.frame.is_keyframe || (is_opaque_ && needs_keyframe_)) {
    needs_keyframe_ = false;
    payload_type_ = frame.payload_type;
    intact_layers_ = kAll;
    base_index_.reset();
    numbers_.fill(0);
    top_layer_ = top_layer_of(frame);
    independent_ = 0;
    for (const UpperLayer& upper : frame.upper) {
      if (upper.frame.is_keyframe) independent_ |= bit(upper.frame);
    }
  } else {
    if (!follows) intact_layers_ = 0;
    // What is intact again is never taken for all: the structure has to be looked at until the next keyframe.
    if (intact_layers_ != kAll && layer > 0 && frame.frame.is_layer_sync) {
      intact_layers_ = static_cast<uint8_t>((intact_layers_ | bit_of(layer)) & 0x7f);
    }
  }
  if (frame.tl0_index && layer == 0) base_index_ = frame.tl0_index;
  intact_spatial_ = 0;
  remember(frame.dependencies);
  for (size_t index = 0; index < layers; ++index) {
    intact_spatial_ |= bit(frame.upper[index].frame);
    remember(frame.upper[index].dependencies);
  }
  if (frame.is_partial || layers < frame.upper.size()) {
    lacks_layers_ = true;
  } else if (frame.frame.is_keyframe || !frame.upper.empty()) {
    lacks_layers_ = false;
  }
}

void Decodability::on_dropped(const AssembledFrame& frame) {
  // Frames of its layer and above may have referred to it.
  const int layer = frame.frame.temporal_index;
  intact_layers_ &= layer > 0 ? layers_up_to(layer - 1) : 0;
  // Never kAll, even if it was the topmost layer that there can be.
  intact_layers_ &= 0x7f;
}

void Decodability::require_keyframe() {
  needs_keyframe_ = true;
}

}  // namespace peerwire
