#include "media/frame/video_frame.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace peerwire::test {
namespace {

constexpr int kSizes[][2] = {{1, 1}, {2, 2}, {3, 5}, {17, 33}, {320, 180}, {321, 181}};

TEST(I420Buffer, PlanesAreAlignedAndApart) {
  for (const auto& [width, height] : kSizes) {
    const auto buffer = I420Buffer::allocate(width, height);
    EXPECT_EQ(buffer->chroma_width(), (width + 1) / 2);
    EXPECT_EQ(buffer->chroma_height(), (height + 1) / 2);
    for (const uint8_t* plane : {buffer->y(), buffer->u(), buffer->v()}) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(plane) % 64, 0u);
    }
    EXPECT_GE(buffer->stride_y(), width);
    EXPECT_GE(buffer->stride_uv(), buffer->chroma_width());
    EXPECT_GE(buffer->u() - buffer->y(), buffer->stride_y() * height);
    EXPECT_GE(buffer->v() - buffer->u(), buffer->stride_uv() * buffer->chroma_height());
  }
}

TEST(I420Buffer, PackedCopiesComeBack) {
  for (const auto& [width, height] : kSizes) {
    const auto buffer = I420Buffer::allocate(width, height);
    const auto chroma = static_cast<size_t>((width + 1) / 2) * static_cast<size_t>((height + 1) / 2);
    ASSERT_EQ(buffer->packed_size(), static_cast<size_t>(width * height) + 2 * chroma);
    std::vector<uint8_t> from(buffer->packed_size());
    std::iota(from.begin(), from.end(), uint8_t{1});
    buffer->copy_packed_from(from.data());
    std::vector<uint8_t> to(from.size());
    buffer->copy_packed_to(to.data());
    EXPECT_EQ(from, to);
    EXPECT_EQ(buffer->y()[0], from[0]);
    EXPECT_EQ(buffer->u()[0], from[static_cast<size_t>(width * height)]);
    EXPECT_EQ(buffer->v()[0], from[static_cast<size_t>(width * height) + chroma]);
  }
}

TEST(I420Buffer, WrappedMemoryIsKept) {
  auto owner = std::make_shared<std::vector<uint8_t>>(64, uint8_t{7});
  const std::weak_ptr<std::vector<uint8_t>> watch = owner;
  const uint8_t* memory = owner->data();
  auto buffer = I420Buffer::wrap(4, 4, memory, 4, memory + 16, memory + 20, 2, std::move(owner));
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(buffer->v()[3], 7);
  buffer.reset();
  EXPECT_TRUE(watch.expired());
}

VideoFrame plain_frame(int width, int height, uint8_t y, uint8_t u, uint8_t v) {
  auto buffer = I420Buffer::allocate(width, height);
  std::vector<uint8_t> packed(buffer->packed_size(), u);
  std::fill_n(packed.begin(), width * height, y);
  std::fill_n(packed.rbegin(), buffer->chroma_width() * buffer->chroma_height(), v);
  buffer->copy_packed_from(packed.data());
  VideoFrame frame;
  frame.buffer = buffer;
  frame.capture_time_us = 5;
  frame.rotation = 90;
  frame.rtp_timestamp = 6;
  return frame;
}

std::vector<uint8_t> packed(const VideoFrame& frame) {
  std::vector<uint8_t> octets(frame.buffer->packed_size());
  frame.buffer->copy_packed_to(octets.data());
  return octets;
}

TEST(ScaleFrame, KeepsColourTimesAndRotation) {
  const VideoFrame frame = plain_frame(320, 180, 100, 50, 200);
  for (const auto& [width, height] : kSizes) {
    const VideoFrame scaled = scale_frame(frame, width, height);
    ASSERT_EQ(scaled.width(), width);
    ASSERT_EQ(scaled.height(), height);
    const auto expected = packed(plain_frame(width, height, 100, 50, 200));
    const auto octets = packed(scaled);
    ASSERT_EQ(octets.size(), expected.size());
    for (size_t i = 0; i < octets.size(); i++) EXPECT_NEAR(octets[i], expected[i], 3);
    EXPECT_EQ(scaled.capture_time_us, 5);
    EXPECT_EQ(scaled.rotation, 90);
    EXPECT_EQ(scaled.rtp_timestamp, 6u);
  }
  EXPECT_EQ(scale_frame(frame, 320, 180).buffer, frame.buffer);
}

TEST(ScaleFrame, AveragesWhatBecomesOne) {
  auto buffer = I420Buffer::allocate(64, 64);
  std::vector<uint8_t> octets(buffer->packed_size(), 128);
  for (size_t i = 0; i < 64 * 64; i++) octets[i] = i % 2 ? 200 : 100;
  buffer->copy_packed_from(octets.data());
  VideoFrame frame;
  frame.buffer = buffer;
  const VideoFrame scaled = scale_frame(frame, 16, 16);
  for (int i = 0; i < 16; i++) EXPECT_NEAR(scaled.buffer->y()[i], 150, 1);
}

TEST(BlackFrame, IsBlackOfTheSameSize) {
  for (const auto& [width, height] : kSizes) {
    const VideoFrame black = black_frame(plain_frame(width, height, 100, 50, 200));
    EXPECT_EQ(packed(black), packed(plain_frame(width, height, 16, 128, 128)));
    EXPECT_EQ(black.rotation, 90);
    EXPECT_EQ(black.capture_time_us, 5);
  }
}

}  // namespace
}  // namespace peerwire::test
