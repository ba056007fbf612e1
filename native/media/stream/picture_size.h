// How large a picture is coded: what the encoding asks for, and what the bitrate is good for.
#pragma once

#include <cstdint>

#include "media/stream/media_parameters.h"

namespace peerwire {

struct PictureSize {
  int width = 0;
  int height = 0;
  bool operator==(const PictureSize&) const = default;
};

/// scaleResolutionDownBy and scaleResolutionDownTo of
/// https://w3c.github.io/webrtc-extensions/#rtcrtpencodingparameters: the latter bounds the picture in either
/// orientation, and replaces the former. Not more than the peer's decoder takes.
PictureSize wanted_size(PictureSize captured, const EncodingParameters& encoding);

/// `size` times 3/4 for each step, even, at least 64 pixels wide and high (or what it was).
PictureSize reduced_size(PictureSize size, int steps);

/// Largest picture, in pixels, that looks well at the bitrate; as browsers choose what to begin with.
int64_t pixels_for_bitrate(uint32_t bitrate_bps);

/// What an encoding may get of the bitrate.
struct BitrateRange {
  uint32_t least_bps = 30'000;      // below it, it should not be sent at all
  uint32_t good_bps = 1'900'000;    // with this it looks well: the next larger one of a simulcast may get something
  uint32_t useful_bps = 2'500'000;  // above it, it gains nothing that is worth it
};
/// Of pictures that are to be `size` large; a picture that is sent alone is made smaller before it is not sent.
BitrateRange bitrate_range(PictureSize size, double framerate, bool is_detail, bool is_simulcast);

/// What the bitrate may be used for of a picture with spatial layers: of all together.
BitrateRange layered_bitrate_range(const ScalabilityMode& mode, PictureSize size, double framerate, bool is_detail);

/// The mode that a picture of this size is good for: as in browsers, the lowest layer is 240 x 135 at least, and there
/// are fewer layers of smaller pictures.
ScalabilityMode fitting_scalability(const ScalabilityMode& mode, PictureSize size);

/// What there is for the spatial layers of an encoding, and what there can be.
struct LayerBudget {
  uint32_t bitrate_bps = 0;
  uint32_t most_bps = 0;  // as the application has it; 0: no bound
};

/// How many of the spatial layers, from the lowest on, the bitrate is good for.
/// @param current layers that are sent now, so that a rate that wavers does not switch them on and off; 0: none is yet
int affordable_spatial_layers(const ScalabilityMode& mode, PictureSize size, double framerate, bool is_detail,
                              LayerBudget budget, int current);

}  // namespace peerwire
