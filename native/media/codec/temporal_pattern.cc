#include "media/codec/temporal_pattern.h"

#include <array>
#include <cstddef>

namespace peerwire {
namespace {

using Steps = std::array<TemporalStep, TemporalPattern::kLength>;

constexpr TemporalStep kBase{.layer = 0, .updates_base = true};

constexpr Steps kOneLayer{kBase, kBase, kBase, kBase, kBase, kBase, kBase, kBase};

/// The last one of layer 1 writes nothing: the next one of its layer is a sync frame again.
constexpr Steps kTwoLayers{
    kBase, TemporalStep{.layer = 1, .updates_second = true, .is_sync = true},
    kBase, TemporalStep{.layer = 1, .refers_to_second = true, .updates_second = true},
    kBase, TemporalStep{.layer = 1, .refers_to_second = true, .updates_second = true},
    kBase, TemporalStep{.layer = 1, .refers_to_second = true},
};

constexpr Steps kThreeLayers{
    kBase,
    TemporalStep{.layer = 2, .is_sync = true},
    TemporalStep{.layer = 1, .updates_second = true, .is_sync = true},
    TemporalStep{.layer = 2, .refers_to_second = true},
    kBase,
    TemporalStep{.layer = 2, .refers_to_second = true},
    TemporalStep{.layer = 1, .refers_to_second = true, .updates_second = true},
    TemporalStep{.layer = 2, .refers_to_second = true},
};

}  // namespace

const TemporalStep& TemporalPattern::step() const {
  const Steps& steps = layers_ == 1 ? kOneLayer : layers_ == 2 ? kTwoLayers : kThreeLayers;
  return steps[static_cast<size_t>(index_)];
}

int cumulative_rate_percent(int layers, int layer) {
  // As libwebrtc allocates (simulcast_rate_allocator.cc, kLayerRateAllocation).
  if (layer >= layers - 1) return 100;
  if (layers == 2) return 60;
  return layer == 0 ? 40 : 60;
}

int frame_rate_divisor(int layers, int layer) {
  return 1 << (layers - 1 - layer);
}

}  // namespace peerwire
