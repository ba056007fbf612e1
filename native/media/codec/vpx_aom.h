// What libvpx and libaom, which grew from it, are told in the same form.
#pragma once

#include <algorithm>
#include <cstdint>

#include "media/codec/temporal_pattern.h"
#include "media/frame/video_frame.h"

namespace peerwire {

/// Their clock of pictures, as that of RTP.
constexpr int kTicksPerSecond = 90000;

/// Rates are counted in kilobits a second; 0 is none.
inline unsigned kilobits(uint32_t bits) {
  return std::max(1u, (bits + 500) / 1000);
}

/// Of the layers up to `layer` together.
inline unsigned cumulative_kilobits(uint32_t bitrate_bps, int layers, int layer) {
  const auto bits = uint64_t{bitrate_bps} * static_cast<unsigned>(cumulative_rate_percent(layers, layer));
  return kilobits(static_cast<uint32_t>(bits / 100));
}

/// An image of the library's, vpx_image_t or aom_image_t, that shows the picture; its format is left to the caller.
template <typename Image>
Image image_of(const I420Buffer& picture) {
  Image image{};
  image.bit_depth = 8;
  image.bps = 12;
  image.w = image.d_w = static_cast<unsigned>(picture.width());
  image.h = image.d_h = static_cast<unsigned>(picture.height());
  image.x_chroma_shift = image.y_chroma_shift = 1;
  // Only read, whatever their type says.
  image.planes[0] = const_cast<uint8_t*>(picture.y());
  image.planes[1] = const_cast<uint8_t*>(picture.u());
  image.planes[2] = const_cast<uint8_t*>(picture.v());
  image.stride[0] = picture.stride_y();
  image.stride[1] = image.stride[2] = picture.stride_uv();
  return image;
}

}  // namespace peerwire
