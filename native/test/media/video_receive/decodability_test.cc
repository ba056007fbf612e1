#include "media/receive/decodability.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

AssembledFrame keyframe(std::optional<uint8_t> tl0 = std::nullopt) {
  AssembledFrame frame;
  frame.frame.is_keyframe = true;
  frame.tl0_index = tl0;
  frame.payload_type = 96;
  return frame;
}
AssembledFrame delta(std::optional<uint8_t> tl0 = std::nullopt, int layer = 0, bool is_sync = false) {
  AssembledFrame frame = keyframe(tl0);
  frame.frame.is_keyframe = false;
  frame.frame.temporal_index = layer;
  frame.frame.is_layer_sync = is_sync;
  return frame;
}
AssembledFrame referring(int64_t number, std::vector<int64_t> references) {
  AssembledFrame frame = delta();
  frame.dependencies = FrameDependencies{number, std::move(references)};
  return frame;
}

TEST(Decodability, BeginsWithAKeyframe) {
  Decodability decodability;
  EXPECT_TRUE(decodability.needs_keyframe());
  EXPECT_FALSE(decodability.can_decode(delta(), true));
  EXPECT_TRUE(decodability.can_decode(keyframe(), false));
  decodability.on_decoded(keyframe(), false, 0);
  EXPECT_TRUE(decodability.can_decode(delta(), true));
  EXPECT_FALSE(decodability.can_decode(delta(), false));
  decodability.require_keyframe();
  EXPECT_FALSE(decodability.can_decode(delta(), true));
}

TEST(Decodability, DemandsAKeyframeOfAnotherFormat) {
  Decodability decodability;
  decodability.on_decoded(keyframe(), false, 0);
  AssembledFrame other = delta();
  other.payload_type = 97;
  EXPECT_FALSE(decodability.can_decode(other, true));
  other.frame.is_keyframe = true;
  EXPECT_TRUE(decodability.can_decode(other, true));
}

UpperLayer layer_above(int spatial_index, bool refers_to_earlier, bool refers_to_lower) {
  UpperLayer layer;
  layer.frame.spatial_index = spatial_index;
  layer.frame.refers_to_earlier = refers_to_earlier;
  layer.frame.refers_to_lower = refers_to_lower;
  return layer;
}

TEST(Decodability, SpatialLayersNeedTheirOwnPastAndTheLayerBelow) {
  Decodability decodability;
  AssembledFrame key = keyframe(0);
  key.upper = {layer_above(1, false, true), layer_above(2, false, true)};
  EXPECT_EQ(decodability.decodable_layers(key), 2u);
  decodability.on_decoded(key, false, 2);
  AssembledFrame next = delta(1);
  next.upper = {layer_above(1, true, true), layer_above(2, true, true)};
  EXPECT_EQ(decodability.decodable_layers(next), 2u);
  // The highest did not come.
  AssembledFrame partial = next;
  partial.upper.pop_back();
  partial.is_partial = true;
  decodability.on_decoded(partial, true, decodability.decodable_layers(partial));
  EXPECT_TRUE(decodability.lacks_layers());
  EXPECT_EQ(decodability.decodable_layers(next), 1u);
  // One that builds on nothing but the layer below brings it back.
  next.upper[1].frame.refers_to_earlier = false;
  EXPECT_EQ(decodability.decodable_layers(next), 2u);
  decodability.on_decoded(next, true, 2);
  EXPECT_FALSE(decodability.lacks_layers());
  // Without the layer between, the one above is of no use.
  next.upper.erase(next.upper.begin());
  EXPECT_EQ(decodability.decodable_layers(next), 0u);
}

TEST(Decodability, AForwarderThatSendsFewerLayersIsNotAskedForMore) {
  Decodability decodability;
  AssembledFrame key = keyframe(0);
  key.upper = {layer_above(1, false, true)};
  decodability.on_decoded(key, false, 1);
  decodability.on_decoded(delta(1), true, 0);
  EXPECT_FALSE(decodability.lacks_layers());
  // Sent again without what it builds on, it is.
  AssembledFrame next = delta(2);
  next.upper = {layer_above(1, true, true)};
  decodability.on_decoded(next, true, decodability.decodable_layers(next));
  EXPECT_TRUE(decodability.lacks_layers());
}

TEST(Decodability, SpatialLayersFollowExplicitReferences) {
  Decodability decodability;
  AssembledFrame key = keyframe();
  key.dependencies = FrameDependencies{10, {}};
  key.upper = {layer_above(1, true, false)};
  key.upper[0].dependencies = FrameDependencies{11, {10}};
  EXPECT_EQ(decodability.decodable_layers(key), 1u);
  decodability.on_decoded(key, false, 1);
  AssembledFrame next = referring(12, {10});
  next.upper = {layer_above(1, true, false)};
  next.upper[0].dependencies = FrameDependencies{13, {11, 12}};
  EXPECT_EQ(decodability.decodable_layers(next), 1u);
  next.upper[0].dependencies = FrameDependencies{13, {9, 12}};
  EXPECT_EQ(decodability.decodable_layers(next), 0u);
}

TEST(Decodability, PassesOverUpperLayers) {
  Decodability decodability;
  decodability.on_decoded(keyframe(255), false, 0);
  // Something of an upper layer is missing.
  EXPECT_TRUE(decodability.can_decode(delta(0), false));  // wraps
  EXPECT_FALSE(decodability.can_decode(delta(1), false));
  decodability.on_decoded(delta(0), false, 0);
  EXPECT_FALSE(decodability.can_decode(delta(0, 2), true));
  EXPECT_TRUE(decodability.can_decode(delta(0, 2, true), true));
  decodability.on_decoded(delta(0, 2, true), true, 0);
  // The topmost layer is whole again, the one between is not.
  EXPECT_FALSE(decodability.can_decode(delta(0, 1), true));
  EXPECT_FALSE(decodability.can_decode(delta(0, 2), true));
  decodability.on_decoded(delta(0, 1, true), true, 0);
  EXPECT_TRUE(decodability.can_decode(delta(0, 2), true));
  EXPECT_FALSE(decodability.can_decode(delta(0, 2), false));
}

TEST(Decodability, LosesWhatReferredToADroppedFrame) {
  Decodability decodability;
  decodability.on_decoded(keyframe(1), false, 0);
  decodability.on_dropped(delta(1, 1));
  EXPECT_TRUE(decodability.can_decode(delta(2), true));
  EXPECT_FALSE(decodability.can_decode(delta(1, 1), true));
  decodability.on_dropped(delta(2));
  EXPECT_FALSE(decodability.can_decode(delta(3), true));
}

TEST(Decodability, FollowsReferences) {
  Decodability decodability;
  AssembledFrame key = keyframe();
  key.dependencies = FrameDependencies{1'000'100, {}};
  decodability.on_decoded(key, false, 0);
  EXPECT_TRUE(decodability.can_decode(referring(1'000'102, {1'000'100}), false));
  EXPECT_FALSE(decodability.can_decode(referring(1'000'102, {1'000'100, 1'000'101}), false));
  decodability.on_decoded(referring(1'000'102, {1'000'100}), false, 0);
  EXPECT_TRUE(decodability.can_decode(referring(1'000'103, {1'000'102}), true));
  EXPECT_FALSE(decodability.can_decode(referring(1'000'103, {1'000'101}), true));
}

}  // namespace
}  // namespace peerwire
