#include "media/frame/yuv_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace peerwire {
namespace {

struct Matrix {
  YuvMatrix matrix;
  double kr;
  double kb;
};

/// https://www.itu.int/rec/R-REC-BT.601, BT.709, BT.2020: from the definition of the matrices.
std::array<double, 3> expected(const Matrix& matrix, bool full_range, int y, int u, int v) {
  const double kg = 1 - matrix.kr - matrix.kb;
  const double luma = full_range ? y : (y - 16) * 255.0 / 219;
  const double scale = full_range ? 1 : 255.0 / 224;
  const double cb = (u - 128) * scale;
  const double cr = (v - 128) * scale;
  const double red = luma + 2 * (1 - matrix.kr) * cr;
  const double blue = luma + 2 * (1 - matrix.kb) * cb;
  const double green = luma - (2 * matrix.kr * (1 - matrix.kr) * cr + 2 * matrix.kb * (1 - matrix.kb) * cb) / kg;
  return {std::clamp(red, 0.0, 255.0), std::clamp(green, 0.0, 255.0), std::clamp(blue, 0.0, 255.0)};
}

TEST(YuvMatrix, FollowsTheRecommendations) {
  for (const Matrix& matrix : {Matrix{YuvMatrix::kBt601, 0.299, 0.114},
                               {YuvMatrix::kBt709, 0.2126, 0.0722},
                               {YuvMatrix::kBt2020, 0.2627, 0.0593}}) {
    for (const bool full_range : {false, true}) {
      for (const auto& [y, u, v] :
           {std::tuple(81, 90, 240), {145, 54, 34}, {41, 240, 110}, {200, 128, 128}, {120, 100, 150}}) {
        const auto buffer = I420Buffer::allocate(2, 2);
        const std::vector<uint8_t> octets = {static_cast<uint8_t>(y), static_cast<uint8_t>(y), static_cast<uint8_t>(y),
                                             static_cast<uint8_t>(y), static_cast<uint8_t>(u), static_cast<uint8_t>(v)};
        buffer->copy_packed_from(octets.data());
        const auto wanted = expected(matrix, full_range, y, u, v);
        struct Order {
          RgbFormat format;
          int red, green, blue, alpha;
        };
        for (const Order& order :
             {Order{RgbFormat::kRgba, 0, 1, 2, 3}, {RgbFormat::kBgrx, 2, 1, 0, 3}, {RgbFormat::kArgb, 1, 2, 3, 0}}) {
          uint8_t pixels[16] = {};
          i420_to_rgb(*buffer, matrix.matrix, full_range, order.format, pixels, 8);
          EXPECT_NEAR(pixels[order.red], wanted[0], 5);
          EXPECT_NEAR(pixels[order.green], wanted[1], 5);
          EXPECT_NEAR(pixels[order.blue], wanted[2], 5);
          EXPECT_EQ(pixels[order.alpha], 255);
        }
      }
    }
  }
}

}  // namespace
}  // namespace peerwire
