#include "media/frame/yuv_matrix.h"

#include <libyuv.h>

namespace peerwire {
namespace {

/// The constants for B, G, R, A in memory and, with U and V exchanged, for R, G, B, A.
struct Constants {
  const libyuv::YuvConstants* bgra;
  const libyuv::YuvConstants* rgba;
};

Constants constants_of(YuvMatrix matrix, bool full_range) {
  using namespace libyuv;
  switch (matrix) {
    case YuvMatrix::kBt709:
      return full_range ? Constants{&kYuvF709Constants, &kYvuF709Constants}
                        : Constants{&kYuvH709Constants, &kYvuH709Constants};
    case YuvMatrix::kBt2020:
      return full_range ? Constants{&kYuvV2020Constants, &kYvuV2020Constants}
                        : Constants{&kYuv2020Constants, &kYvu2020Constants};
    case YuvMatrix::kBt601:
      break;
  }
  return full_range ? Constants{&kYuvJPEGConstants, &kYvuJPEGConstants}
                    : Constants{&kYuvI601Constants, &kYvuI601Constants};
}

}  // namespace

void i420_to_rgb(const I420Buffer& buffer, YuvMatrix matrix, bool full_range, RgbFormat format, uint8_t* to,
                 size_t stride) {
  const Constants constants = constants_of(matrix, full_range);
  const auto to_stride = static_cast<int>(stride);
  if (format == RgbFormat::kRgba || format == RgbFormat::kRgbx) {
    libyuv::I420ToARGBMatrix(buffer.y(), buffer.stride_y(), buffer.v(), buffer.stride_uv(), buffer.u(),
                             buffer.stride_uv(), to, to_stride, constants.rgba, buffer.width(), buffer.height());
    return;
  }
  if (format == RgbFormat::kArgb) {
    // libyuv has no conversion of its own for this order: made as B, G, R, A and turned round in place.
    i420_to_rgb(buffer, matrix, full_range, RgbFormat::kBgra, to, stride);
    libyuv::ARGBToBGRA(to, to_stride, to, to_stride, buffer.width(), buffer.height());
    return;
  }
  libyuv::I420ToARGBMatrix(buffer.y(), buffer.stride_y(), buffer.u(), buffer.stride_uv(), buffer.v(),
                           buffer.stride_uv(), to, to_stride, constants.bgra, buffer.width(), buffer.height());
}

}  // namespace peerwire
