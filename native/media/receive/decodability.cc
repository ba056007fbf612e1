#include "media/receive/decodability.h"

#include <algorithm>

namespace peerwire {

bool Decodability::has_decoded(int64_t number) const {
  return std::find(numbers_.begin(), numbers_.end(), number) != numbers_.end();
}

bool Decodability::can_decode(const AssembledFrame& frame, bool follows) const {
  if (frame.is_damaged) return false;
  if (frame.frame.is_keyframe) return true;
  if (needs_keyframe_ || frame.payload_type != payload_type_) return false;
  if (follows && intact_layer_ == kAllLayers) return true;
  if (frame.has_references) {
    return std::all_of(frame.references.begin(), frame.references.end(),
                       [&](int64_t number) { return has_decoded(number); });
  }
  // VP8, https://www.rfc-editor.org/rfc/rfc7741#section-4.2, and VP9 without explicit references,
  // https://www.rfc-editor.org/rfc/rfc9628#section-4.2: a base layer frame needs the one before it, a frame above needs
  // its base, and, unless layers can be switched up at it, all between.
  if (!frame.tl0_index || !base_index_) return false;
  const int layer = frame.frame.temporal_index;
  if (layer == 0) return *frame.tl0_index == static_cast<uint8_t>(*base_index_ + 1);
  if (*frame.tl0_index != *base_index_) return false;
  return frame.frame.is_layer_sync || (follows && layer <= intact_layer_);
}

void Decodability::on_decoded(const AssembledFrame& frame, bool follows) {
  const int layer = frame.frame.temporal_index;
  if (frame.frame.is_keyframe) {
    needs_keyframe_ = false;
    payload_type_ = frame.payload_type;
    intact_layer_ = kAllLayers;
    base_index_.reset();
    numbers_.fill(0);
  } else {
    if (!follows) intact_layer_ = 0;
    if (intact_layer_ != kAllLayers && layer > 0 && frame.frame.is_layer_sync) {
      intact_layer_ = std::max(intact_layer_, layer);
    }
  }
  if (frame.tl0_index && layer == 0) base_index_ = frame.tl0_index;
  for (const int64_t number : frame.numbers) {
    numbers_[next_number_] = number;
    next_number_ = (next_number_ + 1) % numbers_.size();
  }
}

void Decodability::on_dropped(const AssembledFrame& frame) {
  intact_layer_ = std::min(intact_layer_, std::max(0, frame.frame.temporal_index - 1));
}

void Decodability::require_keyframe() {
  needs_keyframe_ = true;
}

}  // namespace peerwire
