// Pictures of any size, and of another one.
#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

class SizeTest : public CodecTest {
 protected:
  void expect_round_trip(VideoEncoder& encoder, VideoDecoder& decoder, int width, int height, int count = 3) {
    for (int i = 0; i < count; i++) {
      const VideoFrame picture = moving_picture(width, height, i);
      std::vector<EncodedVideoFrame> encoded;
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(encoder.encode(picture, false, encoded)) << width << " x " << height;
      if (encoded.empty()) continue;
      EXPECT_EQ(encoded.front().is_keyframe, i == 0);
      ASSERT_TRUE(decoder.decode(encoded.front(), decoded)) << width << " x " << height << " picture " << i;
      ASSERT_TRUE(decoded);
      // H.264 cannot say odd sizes.
      const int mask = GetParam() == VideoCodec::kH264 ? ~1 : ~0;
      EXPECT_EQ(decoded->width(), width & mask);
      EXPECT_EQ(decoded->height(), height & mask);
      EXPECT_EQ(encoded.front().width, width & mask);
      EXPECT_EQ(encoded.front().height, height & mask);
      if (mask == ~0) {
        EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 26) << width << " x " << height;
      }
    }
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SizeTest);  // a build may leave out all of them
INSTANTIATE_TEST_SUITE_P(Codecs, SizeTest, testing::ValuesIn(built_codecs()), test_name);

TEST_P(SizeTest, OddAndSmallSizesWorkOrAreRefused) {
  constexpr int kSizes[][2] = {{321, 181}, {33, 17}, {17, 33}, {319, 2}, {16, 16}, {2, 2}, {1, 1}, {1, 64}, {639, 359}};
  int refused = 0;
  for (const auto& [width, height] : kSizes) {
    std::string error;
    const auto encoder = VideoEncoder::create(settings_for(GetParam(), width, height), &error);
    if (!encoder) {
      EXPECT_FALSE(error.empty());
      EXPECT_LT(std::min(width, height), 16) << error;
      refused++;
      continue;
    }
    const auto decoder = make_decoder();
    expect_round_trip(*encoder, *decoder, width, height);
  }
  EXPECT_EQ(refused, GetParam() == VideoCodec::kH264 ? 4 : 0);
}

TEST_P(SizeTest, LargestPictures) {
  const auto encoder = make_encoder(settings_for(GetParam(), 4096, 2304, 20'000'000));
  const auto decoder = make_decoder();
  expect_round_trip(*encoder, *decoder, 4096, 2304, 2);
}

TEST_P(SizeTest, SizesOutOfRangeAreRefused) {
  for (const auto& [width, height] : {std::pair{0, 180}, {320, 0}, {-2, 180}, {20'000, 180}, {320, 1 << 30}}) {
    std::string error;
    EXPECT_EQ(VideoEncoder::create(settings_for(GetParam(), width, height), &error), nullptr);
    EXPECT_FALSE(error.empty());
  }
}

TEST_P(SizeTest, ChangesSize) {
  VideoEncoderSettings settings = settings_for(GetParam());
  const auto encoder = make_encoder(settings);
  const auto decoder = make_decoder();
  expect_round_trip(*encoder, *decoder, kWidth, kHeight);
  for (const auto& [width, height] : {std::pair{160, 90}, {640, 360}, {180, 320}, {322, 182}}) {
    settings.width = width;
    settings.height = height;
    ASSERT_TRUE(encoder->reconfigure(settings));
    expect_round_trip(*encoder, *decoder, width, height);
  }
}

TEST_P(SizeTest, ReconfiguringTheSameMakesNoKeyframe) {
  VideoEncoderSettings settings = settings_for(GetParam());
  const auto encoder = make_encoder(settings);
  encode_pictures(*encoder, 5);
  settings.bitrate_bps = 300'000;
  settings.max_framerate = 15;
  ASSERT_TRUE(encoder->reconfigure(settings));
  std::vector<EncodedVideoFrame> out;
  ASSERT_TRUE(encoder->encode(moving_picture(kWidth, kHeight, 5), false, out));
  if (!out.empty()) {
    EXPECT_FALSE(out.front().is_keyframe);
  }
}

#ifdef NDEBUG  // where it is not an assertion that ends the process
TEST_P(SizeTest, AFrameOfAnotherSizeFails) {
  const auto encoder = make_encoder();
  std::vector<EncodedVideoFrame> out;
  EXPECT_FALSE(encoder->encode(moving_picture(160, 90, 0), false, out));
  EXPECT_TRUE(out.empty());
}
#endif

}  // namespace
}  // namespace peerwire::test
