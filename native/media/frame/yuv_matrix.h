// Pictures with other meanings of Y, U and V than cameras and WebRTC have (media/frame/convert.h), as programs hand
// them over and say so.
#pragma once

#include <cstddef>
#include <cstdint>

#include "media/frame/convert.h"
#include "media/frame/video_frame.h"

namespace peerwire {

enum class YuvMatrix { kBt601, kBt709, kBt2020 };

/// As i420_to_rgb() without a matrix, which is that of BT.601 in limited range. `full_range`: 0 is black and 255 white.
void i420_to_rgb(const I420Buffer& buffer, YuvMatrix matrix, bool full_range, RgbFormat format, uint8_t* to,
                 size_t stride);

}  // namespace peerwire
