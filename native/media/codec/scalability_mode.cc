#include "media/codec/scalability_mode.h"

#include <algorithm>
#include <cmath>

namespace peerwire {

ScalabilityMode ScalabilityMode::with_spatial_layers(int count) const {
  ScalabilityMode fewer = *this;
  fewer.spatial_layers = std::clamp(count, 1, spatial_layers);
  return fewer;
}

bool ScalabilityMode::predicts_between_layers(bool is_key_picture) const {
  return prediction == InterLayerPrediction::kAlways ||
         (prediction == InterLayerPrediction::kKeyOnly && is_key_picture);
}

int ScalabilityMode::temporal_index(int picture) const {
  constexpr int kIndices[kMaxTemporalLayers][kTemporalPeriod] = {{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 2, 1, 2}};
  return kIndices[temporal_layers - 1][picture % kTemporalPeriod];
}

std::optional<ScalabilityMode> parse_scalability_mode(std::string_view name) {
  const auto layers = [](char digit) { return digit - '0'; };
  if (name.size() < 4 || (name[0] != 'L' && name[0] != 'S') || name[2] != 'T') return std::nullopt;
  ScalabilityMode mode;
  mode.spatial_layers = layers(name[1]);
  mode.temporal_layers = layers(name[3]);
  const bool is_simulcast = name[0] == 'S';
  if (is_simulcast) mode.prediction = InterLayerPrediction::kNever;
  if (mode.spatial_layers < (is_simulcast ? 2 : 1) || mode.spatial_layers > ScalabilityMode::kMaxSpatialLayers ||
      mode.temporal_layers < 1 || mode.temporal_layers > ScalabilityMode::kMaxTemporalLayers) {
    return std::nullopt;
  }
  const std::string_view rest = name.substr(4);
  if (rest.empty()) return mode;
  if (mode.spatial_layers == 1) return std::nullopt;
  if (rest == "h") {
    mode.is_three_to_two = true;
    return mode;
  }
  if (rest == "_KEY" && !is_simulcast) {
    mode.prediction = InterLayerPrediction::kKeyOnly;
    return mode;
  }
  return std::nullopt;
}

std::vector<std::string> scalability_mode_names(bool has_spatial_layers) {
  std::vector<std::string> names{"L1T1", "L1T2", "L1T3"};
  if (!has_spatial_layers) return names;
  const auto add = [&](const char* spatial, const char* suffix) {
    for (const char* temporal : {"T1", "T2", "T3"}) names.push_back(std::string(spatial) + temporal + suffix);
  };
  for (const char* spatial : {"L2", "L3"}) {
    for (const char* suffix : {"", "h", "_KEY"}) add(spatial, suffix);
  }
  for (const char* spatial : {"S2", "S3"}) {
    for (const char* suffix : {"", "h"}) add(spatial, suffix);
  }
  return names;
}

LayerScale layer_scale(const ScalabilityMode& mode, int spatial_index) {
  LayerScale scale;
  for (int above = mode.spatial_layers - 1; above > spatial_index; --above) {
    scale.numerator *= mode.is_three_to_two ? 2 : 1;
    scale.denominator *= mode.is_three_to_two ? 3 : 2;
  }
  return scale;
}

LayerSize layer_size(const ScalabilityMode& mode, int spatial_index, int width, int height) {
  const LayerScale scale = layer_scale(mode, spatial_index);
  if (scale.denominator == 1) return {width, height};
  const auto side = [&](int length) {
    const int scaled = length * scale.numerator / scale.denominator;
    return scaled + scaled % 2;
  };
  return {side(width), side(height)};
}

double spatial_rate_share(const ScalabilityMode& mode, int spatial_index) {
  // Larger pictures need fewer bits a pixel: about as rates of simulcast's encodings are to each other.
  constexpr double kExponent = 0.9;
  const auto weight = [&](int index) {
    const LayerScale scale = layer_scale(mode, index);
    const double side = static_cast<double>(scale.numerator) / scale.denominator;
    return std::pow(side * side, kExponent);
  };
  double all = 0;
  for (int index = 0; index < mode.spatial_layers; ++index) all += weight(index);
  return weight(spatial_index) / all;
}

}  // namespace peerwire
