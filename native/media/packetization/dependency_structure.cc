#include "media/packetization/dependency_structure.h"

#include <algorithm>
#include <tuple>

namespace peerwire {

std::vector<DecodeIndication> decode_indications(const ScalabilityMode& mode, int spatial_index, int temporal_index,
                                                 bool is_key_picture) {
  std::vector<DecodeIndication> indications;
  for (int spatial = 0; spatial < mode.spatial_layers; ++spatial) {
    for (int temporal = 0; temporal < mode.temporal_layers; ++temporal) {
      const bool is_needed =
          spatial_index == spatial || (spatial_index < spatial && mode.predicts_between_layers(is_key_picture));
      if (!is_needed || temporal_index > temporal) {
        indications.push_back(DecodeIndication::kNotPresent);
      } else if (is_key_picture) {
        indications.push_back(DecodeIndication::kSwitch);
      } else if (spatial_index < spatial) {
        indications.push_back(DecodeIndication::kRequired);
      } else if (temporal_index > 0 && temporal_index == temporal) {
        indications.push_back(DecodeIndication::kDiscardable);
      } else {
        indications.push_back(DecodeIndication::kSwitch);
      }
    }
  }
  return indications;
}

bool is_in_chain(const ScalabilityMode& mode, int spatial_index, int chain, bool is_key_picture) {
  return spatial_index == chain || (spatial_index < chain && mode.predicts_between_layers(is_key_picture));
}

DependencyStructure::DependencyStructure(const ScalabilityMode& scalability) : mode(scalability) {
  // As the frames come: a key picture, and what follows until everything has come that ever will.
  const auto spatial_layers = static_cast<size_t>(mode.spatial_layers);
  std::vector<std::array<int, ScalabilityMode::kMaxTemporalLayers>> last(spatial_layers, {-1, -1, -1});
  std::vector<int> chain_ends(spatial_layers, -1);
  int number = 0;
  for (int picture = 0; picture < 2 * ScalabilityMode::kTemporalPeriod + 1; ++picture) {
    const bool is_key = picture == 0;
    const int temporal = mode.temporal_index(picture);
    for (int spatial = 0; spatial < mode.spatial_layers; ++spatial, ++number) {
      auto& own = last[static_cast<size_t>(spatial)];
      FrameTemplate frame;
      frame.spatial_index = spatial;
      frame.temporal_index = temporal;
      frame.indications = decode_indications(mode, spatial, temporal, is_key);
      const auto refer_to = [&](int to) { frame.distances.references.push_back(static_cast<uint16_t>(number - to)); };
      // The nearest frame of its layer that is below it in time; of the base layer, the one before.
      if (!is_key) refer_to(temporal == 0 ? own[0] : *std::max_element(own.begin(), own.begin() + temporal));
      if (spatial > 0 && mode.predicts_between_layers(is_key)) refer_to(number - 1);
      for (size_t chain = 0; chain < spatial_layers; ++chain) {
        if (chain_ends[chain] >= 0) frame.distances.chains[chain] = static_cast<uint16_t>(number - chain_ends[chain]);
        if (temporal == 0 && is_in_chain(mode, spatial, static_cast<int>(chain), is_key)) {
          chain_ends[chain] = number;
        }
      }
      if (is_key) {
        own.fill(number);
      } else {
        own[static_cast<size_t>(temporal)] = number;
      }
      if (std::find(templates.begin(), templates.end(), frame) == templates.end()) templates.push_back(frame);
    }
  }
  std::stable_sort(templates.begin(), templates.end(), [](const FrameTemplate& a, const FrameTemplate& b) {
    return std::tie(a.spatial_index, a.temporal_index) < std::tie(b.spatial_index, b.temporal_index);
  });
}

}  // namespace peerwire
