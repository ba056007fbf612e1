#include "media/frame/convert.h"

#include <libyuv.h>

#include <cassert>
#include <utility>

namespace peerwire {

// libyuv names formats by the order of octets in a little-endian word: its ABGR is R, G, B, A in memory.

void i420_to_rgb(const I420Buffer& buffer, RgbFormat format, uint8_t* to, size_t stride) {
  decltype(&libyuv::I420ToABGR) convert = nullptr;
  switch (format) {
    case RgbFormat::kRgba:
    case RgbFormat::kRgbx:
      convert = libyuv::I420ToABGR;
      break;
    case RgbFormat::kBgra:
    case RgbFormat::kBgrx:
      convert = libyuv::I420ToARGB;
      break;
    case RgbFormat::kArgb:
      convert = libyuv::I420ToBGRA;
      break;
  }
  convert(buffer.y(), buffer.stride_y(), buffer.u(), buffer.stride_uv(), buffer.v(), buffer.stride_uv(), to,
          static_cast<int>(stride), buffer.width(), buffer.height());
}

void rgb_to_i420(const uint8_t* from, size_t stride, RgbFormat format, I420Buffer& to) {
  decltype(&libyuv::ABGRToI420) convert = nullptr;
  switch (format) {
    case RgbFormat::kRgba:
    case RgbFormat::kRgbx:
      convert = libyuv::ABGRToI420;
      break;
    case RgbFormat::kBgra:
    case RgbFormat::kBgrx:
      convert = libyuv::ARGBToI420;
      break;
    case RgbFormat::kArgb:
      convert = libyuv::BGRAToI420;
      break;
  }
  convert(from, static_cast<int>(stride), to.y(), to.stride_y(), to.u(), to.stride_uv(), to.v(), to.stride_uv(),
          to.width(), to.height());
}

void nv12_to_i420(const uint8_t* y, size_t stride_y, const uint8_t* uv, size_t stride_uv, I420Buffer& to) {
  libyuv::NV12ToI420(y, static_cast<int>(stride_y), uv, static_cast<int>(stride_uv), to.y(), to.stride_y(), to.u(),
                     to.stride_uv(), to.v(), to.stride_uv(), to.width(), to.height());
}

void i420_to_nv12(const I420Buffer& buffer, uint8_t* y, size_t stride_y, uint8_t* uv, size_t stride_uv) {
  libyuv::I420ToNV12(buffer.y(), buffer.stride_y(), buffer.u(), buffer.stride_uv(), buffer.v(), buffer.stride_uv(), y,
                     static_cast<int>(stride_y), uv, static_cast<int>(stride_uv), buffer.width(), buffer.height());
}

std::shared_ptr<const I420Buffer> rotate(const std::shared_ptr<const I420Buffer>& buffer, int degrees) {
  if (degrees == 0) return buffer;
  assert((degrees == 90 || degrees == 180 || degrees == 270) && "pictures are turned by quarters");
  const bool is_lying = degrees != 180;
  auto to = I420Buffer::allocate(is_lying ? buffer->height() : buffer->width(),
                                 is_lying ? buffer->width() : buffer->height());
  libyuv::I420Rotate(buffer->y(), buffer->stride_y(), buffer->u(), buffer->stride_uv(), buffer->v(),
                     buffer->stride_uv(), to->y(), to->stride_y(), to->u(), to->stride_uv(), to->v(), to->stride_uv(),
                     buffer->width(), buffer->height(), static_cast<libyuv::RotationMode>(degrees));
  return to;
}

VideoFrame upright_frame(const VideoFrame& frame) {
  VideoFrame upright = frame;
  upright.buffer = rotate(frame.buffer, frame.rotation);
  upright.rotation = 0;
  return upright;
}

VideoFrame crop_and_scale_frame(const VideoFrame& frame, const CropRect& crop, int width, int height) {
  const I420Buffer& from = *frame.buffer;
  assert(crop.x >= 0 && crop.y >= 0 && crop.width > 0 && crop.height > 0 && crop.x + crop.width <= from.width() &&
         crop.y + crop.height <= from.height() && "the part to be cut out lies within the picture");
  const int x = crop.x / 2;
  const int y = crop.y / 2;
  VideoFrame part = frame;
  part.buffer = I420Buffer::wrap(crop.width, crop.height, from.y() + 2 * y * from.stride_y() + 2 * x, from.stride_y(),
                                 from.u() + y * from.stride_uv() + x, from.v() + y * from.stride_uv() + x,
                                 from.stride_uv(), frame.buffer);
  return scale_frame(part, width, height);
}

}  // namespace peerwire
