// Scalability modes, https://w3c.github.io/webrtc-svc/#scalabilitymodes*: how many layers there are, how large, and
// what they are predicted from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerwire {

/// What a spatial layer may refer to of the layer below, in the same picture.
enum class InterLayerPrediction : uint8_t {
  kAlways,   // L2T1
  kKeyOnly,  // L2T1_KEY: in key pictures alone
  kNever,    // S2T1: each layer is a stream of its own
};

struct ScalabilityMode {
  static constexpr int kMaxSpatialLayers = 3;
  static constexpr int kMaxTemporalLayers = 3;
  /// After so many pictures temporal layers repeat.
  static constexpr int kTemporalPeriod = 4;

  int spatial_layers = 1;
  int temporal_layers = 1;
  InterLayerPrediction prediction = InterLayerPrediction::kAlways;
  /// Each layer is 2/3 as wide and high as the one above (L2T1h), and not half.
  bool is_three_to_two = false;

  bool operator==(const ScalabilityMode&) const = default;
  /// The same with no more than `count` spatial layers, of which the highest is left out first.
  ScalabilityMode with_spatial_layers(int count) const;
  /// Whether a frame refers to the layer below, or serves the one above, in the same picture.
  bool predicts_between_layers(bool is_key_picture) const;
  /// Of the picture that comes so many after a key picture: 0 0 (one layer), 0 1 (two), 0 2 1 2 (three).
  int temporal_index(int picture) const;
};

/// Nothing for names of modes that we do not have.
std::optional<ScalabilityMode> parse_scalability_mode(std::string_view name);
/// The default first.
std::vector<std::string> scalability_mode_names(bool has_spatial_layers);

struct LayerSize {
  int width = 0;
  int height = 0;
  bool operator==(const LayerSize&) const = default;
};
struct LayerScale {
  int numerator = 1;
  int denominator = 1;
};

/// Of the layer at `spatial_index`, in terms of the highest one.
LayerScale layer_scale(const ScalabilityMode& mode, int spatial_index);
/// The same where the highest one is `width` x `height`: as libvpx and libaom reckon, rounded up to even numbers.
LayerSize layer_size(const ScalabilityMode& mode, int spatial_index, int width, int height);

/// What share of the whole rate the layer at `spatial_index` has; of all layers together 1.
double spatial_rate_share(const ScalabilityMode& mode, int spatial_index);

}  // namespace peerwire
