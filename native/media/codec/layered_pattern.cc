#include "media/codec/layered_pattern.h"

namespace peerwire {
namespace {

// Of each spatial layer: its last frame in the base temporal layer, and in the middle one. What only the layer above
// refers to, in the same picture, goes into one of the two that are left.
constexpr int kBaseSlot = 0;
constexpr int kMiddleSlot = ScalabilityMode::kMaxSpatialLayers;
constexpr int kPassingSlot = 2 * ScalabilityMode::kMaxSpatialLayers;

}  // namespace

bool LayeredPattern::is_sync() const {
  // Of three layers the fourth picture builds on the third, of the middle layer.
  return !is_base() && !(mode_.temporal_layers == 3 && index_ == 3);
}

bool LayeredPattern::is_discardable() const {
  return !is_base() && !is_middle();
}

bool LayeredPattern::predicts_from_lower(int spatial_index, bool is_keyframe) const {
  if (spatial_index < 1 || spatial_index >= mode_.spatial_layers) return false;
  return mode_.predicts_between_layers(is_keyframe);
}

int LayeredPattern::written_slot(int spatial_index, bool is_keyframe) const {
  if (is_base()) return kBaseSlot + spatial_index;
  if (is_middle()) return kMiddleSlot + spatial_index;
  return predicts_from_lower(spatial_index + 1, is_keyframe) ? kPassingSlot + spatial_index : -1;
}

LayerReferences LayeredPattern::references(int spatial_index, bool is_keyframe) const {
  LayerReferences references;
  if (!is_keyframe) {
    const bool builds_on_middle = !is_base() && !is_sync();
    references.earlier_slot = (builds_on_middle ? kMiddleSlot : kBaseSlot) + spatial_index;
  }
  if (predicts_from_lower(spatial_index, is_keyframe)) {
    references.lower_slot = written_slot(spatial_index - 1, is_keyframe);
  }
  references.written_slot = written_slot(spatial_index, is_keyframe);
  const bool begins_alone = is_keyframe && spatial_index > 0 && mode_.prediction == InterLayerPrediction::kNever;
  if (begins_alone && mode_.temporal_layers == 3) references.begun_slot = kMiddleSlot + spatial_index;
  return references;
}

void LayeredPattern::describe(int spatial_index, bool is_keyframe, int width, int height,
                              EncodedVideoFrame& frame) const {
  const LayerSize size = layer_size(mode_, spatial_index, width, height);
  frame.width = size.width;
  frame.height = size.height;
  frame.spatial_index = spatial_index;
  frame.spatial_layers = mode_.spatial_layers;
  frame.prediction = mode_.prediction;
  frame.ends_picture = spatial_index + 1 == mode_.spatial_layers;
  frame.temporal_index = temporal_index();
  frame.is_layer_sync = is_sync();
  frame.is_discardable = is_discardable();
  frame.refers_to_earlier = !is_keyframe;
  frame.refers_to_lower = predicts_from_lower(spatial_index, is_keyframe);
  frame.serves_upper = predicts_from_lower(spatial_index + 1, is_keyframe);
  frame.is_independent = spatial_index > 0 && mode_.prediction == InterLayerPrediction::kNever;
  frame.is_keyframe = is_keyframe && !frame.refers_to_lower;
  if (!is_keyframe || spatial_index > 0) return;
  for (int layer = 0; layer < mode_.spatial_layers; ++layer) {
    frame.layer_sizes.push_back(layer_size(mode_, layer, width, height));
  }
}

}  // namespace peerwire
