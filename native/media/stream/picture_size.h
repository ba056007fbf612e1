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
/// orientation, and replaces the former.
PictureSize wanted_size(PictureSize captured, const EncodingParameters& encoding);

/// `size` times 3/4 for each step, even, at least 64 pixels wide and high (or what it was).
PictureSize reduced_size(PictureSize size, int steps);

/// Largest picture, in pixels, that looks well at the bitrate; as browsers choose what to begin with.
int64_t pixels_for_bitrate(uint32_t bitrate_bps);

/// Bitrate above which a picture gains nothing that is worth it.
uint32_t useful_bitrate_bps(PictureSize size, double framerate, bool is_detail);
/// Bitrate below which it should not be sent at all.
uint32_t least_bitrate_bps(PictureSize size);

}  // namespace peerwire
