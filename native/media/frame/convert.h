// Pictures in other forms: colour formats of applications, turned, cropped. BT.601, limited range, as cameras and
// WebRTC have it without further words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "media/frame/video_frame.h"

namespace peerwire {

/// Four octets a pixel, named in the order of the octets in memory (W3C webcodecs: VideoPixelFormat).
enum class RgbFormat { kRgba, kBgra, kArgb, kRgbx, kBgrx };

/// Writes `buffer`; alpha is 255. `stride`: octets from row to row, at least 4 * width.
void i420_to_rgb(const I420Buffer& buffer, RgbFormat format, uint8_t* to, size_t stride);
/// Fills `to`, whose size is the picture's. Alpha is not looked at.
void rgb_to_i420(const uint8_t* from, size_t stride, RgbFormat format, I420Buffer& to);
/// Fills `to` from a luma plane and a plane of interleaved U and V.
void nv12_to_i420(const uint8_t* y, size_t stride_y, const uint8_t* uv, size_t stride_uv, I420Buffer& to);
/// Writes `buffer` as a luma plane and a plane of interleaved U and V.
void i420_to_nv12(const I420Buffer& buffer, uint8_t* y, size_t stride_y, uint8_t* uv, size_t stride_uv);

/// Turned clockwise by 0, 90, 180 or 270 degrees; the same buffer for 0.
std::shared_ptr<const I420Buffer> rotate(const std::shared_ptr<const I420Buffer>& buffer, int degrees);
/// The frame as it is to be seen: turned by its rotation, which is 0 then.
VideoFrame upright_frame(const VideoFrame& frame);

/// A part of a picture.
struct CropRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};
/// `crop` lies within the frame; x and y are rounded down to even numbers, where chroma samples begin. Without scaling
/// (the size of `crop`) nothing is copied: the result shares the frame's memory.
VideoFrame crop_and_scale_frame(const VideoFrame& frame, const CropRect& crop, int width, int height);

}  // namespace peerwire
