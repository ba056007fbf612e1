#include "media/frame/convert.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace peerwire::test {
namespace {

constexpr int kSizes[][2] = {{1, 1}, {2, 2}, {3, 5}, {17, 9}, {64, 36}, {321, 181}};

struct Colour {
  uint8_t r, g, b;
  uint8_t y, u, v;  // BT.601, limited range
};
constexpr Colour kColours[] = {
    {0, 0, 0, 16, 128, 128},  {255, 255, 255, 235, 128, 128}, {255, 0, 0, 82, 90, 240},
    {0, 255, 0, 145, 54, 34}, {0, 0, 255, 41, 240, 110},
};

std::array<uint8_t, 4> octets_of(RgbFormat format, const Colour& colour) {
  switch (format) {
    case RgbFormat::kRgba:
    case RgbFormat::kRgbx:
      return {colour.r, colour.g, colour.b, 255};
    case RgbFormat::kBgra:
    case RgbFormat::kBgrx:
      return {colour.b, colour.g, colour.r, 255};
    case RgbFormat::kArgb:
      return {255, colour.r, colour.g, colour.b};
  }
  return {};
}

void fill(I420Buffer& buffer, uint8_t y, uint8_t u, uint8_t v) {
  const auto luma = static_cast<size_t>(buffer.width() * buffer.height());
  std::vector<uint8_t> packed(buffer.packed_size(), u);
  std::fill_n(packed.begin(), luma, y);
  std::fill_n(packed.rbegin(), (packed.size() - luma) / 2, v);
  buffer.copy_packed_from(packed.data());
}

std::vector<uint8_t> packed(const I420Buffer& buffer) {
  std::vector<uint8_t> octets(buffer.packed_size());
  buffer.copy_packed_to(octets.data());
  return octets;
}

TEST(Convert, ColoursAreThoseOfBt601) {
  for (const auto& [width, height] : kSizes) {
    for (const RgbFormat format :
         {RgbFormat::kRgba, RgbFormat::kBgra, RgbFormat::kArgb, RgbFormat::kRgbx, RgbFormat::kBgrx}) {
      for (const Colour& colour : kColours) {
        const auto pixel = octets_of(format, colour);
        const size_t stride = static_cast<size_t>(width) * 4 + 12;
        std::vector<uint8_t> rgb(stride * static_cast<size_t>(height), 77);
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width * 4; x++)
            rgb[static_cast<size_t>(y) * stride + static_cast<size_t>(x)] = pixel[x % 4];
        }
        const auto buffer = I420Buffer::allocate(width, height);
        rgb_to_i420(rgb.data(), stride, format, *buffer);
        for (int y = 0; y < height; y++) EXPECT_NEAR(buffer->y()[y * buffer->stride_y() + width - 1], colour.y, 2);
        for (int y = 0; y < buffer->chroma_height(); y++) {
          EXPECT_NEAR(buffer->u()[y * buffer->stride_uv() + buffer->chroma_width() - 1], colour.u, 2);
          EXPECT_NEAR(buffer->v()[y * buffer->stride_uv() + buffer->chroma_width() - 1], colour.v, 2);
        }

        fill(*buffer, colour.y, colour.u, colour.v);
        std::vector<uint8_t> back(rgb.size(), 77);
        i420_to_rgb(*buffer, format, back.data(), stride);
        for (int y = 0; y < height; y++) {
          const uint8_t* row = back.data() + static_cast<size_t>(y) * stride;
          for (int i = 0; i < 4; i++) {
            EXPECT_NEAR(row[i], pixel[static_cast<size_t>(i)], 4);
            EXPECT_NEAR(row[(width - 1) * 4 + i], pixel[static_cast<size_t>(i)], 4);
          }
          for (int i = width * 4; i < width * 4 + 12; i++) EXPECT_EQ(row[i], 77) << "written beyond the row";
        }
      }
    }
  }
}

TEST(Convert, Nv12) {
  for (const auto& [width, height] : kSizes) {
    const int chroma_width = (width + 1) / 2;
    const int chroma_height = (height + 1) / 2;
    std::vector<uint8_t> y(static_cast<size_t>(width * height));
    std::vector<uint8_t> uv(static_cast<size_t>(2 * chroma_width * chroma_height));
    for (size_t i = 0; i < y.size(); i++) y[i] = static_cast<uint8_t>(i * 7);
    for (size_t i = 0; i < uv.size(); i++) uv[i] = static_cast<uint8_t>(i * 3);
    const auto buffer = I420Buffer::allocate(width, height);
    nv12_to_i420(y.data(), static_cast<size_t>(width), uv.data(), static_cast<size_t>(2 * chroma_width), *buffer);
    const auto last = static_cast<size_t>(2 * chroma_width * chroma_height - 2);
    const auto at = (chroma_height - 1) * buffer->stride_uv() + chroma_width - 1;
    EXPECT_EQ(buffer->u()[at], uv[last]);
    EXPECT_EQ(buffer->v()[at], uv[last + 1]);
    std::vector<uint8_t> y_back(y.size());
    std::vector<uint8_t> uv_back(uv.size());
    i420_to_nv12(*buffer, y_back.data(), static_cast<size_t>(width), uv_back.data(),
                 static_cast<size_t>(2 * chroma_width));
    EXPECT_EQ(y, y_back);
    EXPECT_EQ(uv, uv_back);
  }
}

std::shared_ptr<I420Buffer> numbered(int width, int height) {
  auto buffer = I420Buffer::allocate(width, height);
  std::vector<uint8_t> octets(buffer->packed_size());
  for (size_t i = 0; i < octets.size(); i++) octets[i] = static_cast<uint8_t>(i * 31 + i / 256);
  buffer->copy_packed_from(octets.data());
  return buffer;
}

TEST(Rotate, TurnsClockwise) {
  for (const auto& [width, height] : kSizes) {
    const auto buffer = numbered(width, height);
    const auto quarter = rotate(buffer, 90);
    ASSERT_EQ(quarter->width(), height);
    ASSERT_EQ(quarter->height(), width);
    // The corner at the lower left comes to the upper left.
    EXPECT_EQ(quarter->y()[0], buffer->y()[(height - 1) * buffer->stride_y()]);
    EXPECT_EQ(quarter->u()[0], buffer->u()[(buffer->chroma_height() - 1) * buffer->stride_uv()]);
    EXPECT_EQ(quarter->v()[0], buffer->v()[(buffer->chroma_height() - 1) * buffer->stride_uv()]);
    EXPECT_EQ(packed(*rotate(quarter, 90)), packed(*rotate(buffer, 180)));
    EXPECT_EQ(packed(*rotate(rotate(buffer, 180), 180)), packed(*buffer));
    EXPECT_EQ(packed(*rotate(quarter, 270)), packed(*buffer));
    EXPECT_EQ(rotate(buffer, 0), buffer);
  }
}

TEST(Rotate, UprightFramesNeedNoMore) {
  VideoFrame frame;
  frame.buffer = numbered(6, 4);
  frame.rotation = 270;
  frame.capture_time_us = 8;
  const VideoFrame upright = upright_frame(frame);
  EXPECT_EQ(upright.width(), 4);
  EXPECT_EQ(upright.rotation, 0);
  EXPECT_EQ(upright.capture_time_us, 8);
}

TEST(CropAndScale, CutsWithoutCopying) {
  VideoFrame frame;
  frame.buffer = numbered(33, 21);
  frame.rotation = 90;
  const VideoFrame cut = crop_and_scale_frame(frame, {5, 3, 28, 18}, 28, 18);
  EXPECT_EQ(cut.width(), 28);
  EXPECT_EQ(cut.height(), 18);
  EXPECT_EQ(cut.rotation, 90);
  EXPECT_EQ(cut.buffer->y(), frame.buffer->y() + 2 * frame.buffer->stride_y() + 4);
  EXPECT_EQ(cut.buffer->u(), frame.buffer->u() + frame.buffer->stride_uv() + 2);
  EXPECT_EQ(cut.buffer->v(), frame.buffer->v() + frame.buffer->stride_uv() + 2);
}

TEST(CropAndScale, CutsOutliveTheFrame) {
  VideoFrame frame;
  frame.buffer = numbered(64, 64);
  const uint8_t expected = frame.buffer->y()[2 * frame.buffer->stride_y() + 2];
  const VideoFrame cut = crop_and_scale_frame(frame, {2, 2, 10, 10}, 10, 10);
  frame = {};
  EXPECT_EQ(cut.buffer->y()[0], expected);
}

TEST(CropAndScale, Scales) {
  VideoFrame frame;
  auto buffer = I420Buffer::allocate(320, 180);
  fill(*buffer, 90, 100, 110);
  frame.buffer = buffer;
  const VideoFrame scaled = crop_and_scale_frame(frame, {40, 0, 240, 180}, 161, 121);
  ASSERT_EQ(scaled.width(), 161);
  ASSERT_EQ(scaled.height(), 121);
  const auto expected = I420Buffer::allocate(161, 121);
  fill(*expected, 90, 100, 110);
  EXPECT_EQ(packed(*scaled.buffer), packed(*expected));
}

}  // namespace
}  // namespace peerwire::test
