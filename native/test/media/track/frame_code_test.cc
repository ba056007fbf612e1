#include "media/track/frame_code.h"

#include <gtest/gtest.h>

#include <random>

#include "media/track/picture_paint.h"
#include "media/track/test_picture.h"

namespace peerwire {
namespace {

TEST(FrameCode, IsReadAsItWasWritten) {
  for (const uint32_t number : {0u, 1u, 0xffu, 0x80000000u, 0xdeadbeefu, 0xffffffffu}) {
    for (const auto& [width, height] : {std::pair(640, 480), {160, 90}, {1920, 1080}, {101, 77}, {90, 160}}) {
      const auto picture = I420Buffer::allocate(width, height);
      fill(*picture, {0, 0, width, height}, {200, 90, 90});
      write_frame_code(*picture, number);
      EXPECT_EQ(read_frame_code(*picture), number) << width << "x" << height;
    }
  }
}

TEST(FrameCode, IsNotSeenWhereThereIsNone) {
  const auto picture = I420Buffer::allocate(320, 240);
  for (const YuvColour colour : {kBlack, kGrey, kWhite}) {
    fill(*picture, {0, 0, 320, 240}, colour);
    EXPECT_EQ(read_frame_code(*picture), std::nullopt);
  }
  EXPECT_EQ(read_frame_code(*I420Buffer::allocate(8, 8)), std::nullopt);
}

TEST(FrameCode, SurvivesScalingAndNoise) {
  TestPicture test(0);
  std::mt19937 random(1);
  for (uint32_t number = 0; number < 100; ++number) {
    VideoFrame frame;
    frame.buffer = test.draw(1280, 720, {number * 2654435761u, number * 33'333, 0});
    for (const auto& [width, height] : {std::pair(640, 360), {320, 180}, {160, 90}, {427, 240}}) {
      VideoFrame small = scale_frame(frame, width, height);
      // What strong quantization does to it, and worse.
      const auto noisy = I420Buffer::allocate(width, height);
      std::vector<uint8_t> octets(noisy->packed_size());
      small.buffer->copy_packed_to(octets.data());
      for (uint8_t& octet : octets) octet = static_cast<uint8_t>(std::clamp<int>(octet + random() % 81 - 40, 0, 255));
      noisy->copy_packed_from(octets.data());
      EXPECT_EQ(read_frame_code(*noisy), number * 2654435761u) << width << "x" << height;
    }
  }
}

}  // namespace
}  // namespace peerwire
