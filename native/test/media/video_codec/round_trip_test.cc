// Pictures that were encoded and decoded are the pictures.
#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

class RoundTripTest : public CodecTest {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RoundTripTest);  // a build may leave out all of them
INSTANTIATE_TEST_SUITE_P(Codecs, RoundTripTest, testing::ValuesIn(built_codecs()), test_name);

TEST_P(RoundTripTest, KeepsPictures) {
  const auto encoder = make_encoder();
  const auto decoder = make_decoder();
  double worst = 100;
  int shown = 0;
  for (int i = 0; i < 60; i++) {
    const VideoFrame picture = moving_picture(kWidth, kHeight, i);
    std::vector<EncodedVideoFrame> encoded;
    ASSERT_TRUE(encoder->encode(picture, false, encoded));
    if (encoded.empty()) continue;
    EXPECT_EQ(encoded.front().codec, GetParam());
    EXPECT_EQ(encoded.front().is_keyframe, i == 0);
    EXPECT_EQ(encoded.front().width, kWidth);
    EXPECT_EQ(encoded.front().height, kHeight);
    EXPECT_EQ(encoded.front().capture_time_us, picture.capture_time_us);
    EXPECT_EQ(encoded.front().temporal_index, 0);
    EXPECT_GT(encoded.front().qp, 0);
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(decoder->decode(encoded.front(), decoded)) << "picture " << i;
    ASSERT_TRUE(decoded) << "picture " << i << " came late";
    worst = std::min(worst, psnr(*decoded->buffer, *picture.buffer));
    shown++;
  }
  EXPECT_GE(shown, 50);
  EXPECT_GT(worst, 30);
}

TEST_P(RoundTripTest, CarriesTimesAndRotation) {
  const auto encoder = make_encoder();
  const auto decoder = make_decoder();
  VideoFrame picture = moving_picture(kWidth, kHeight, 0);
  picture.rotation = 90;
  std::vector<EncodedVideoFrame> encoded;
  ASSERT_TRUE(encoder->encode(picture, false, encoded));
  ASSERT_FALSE(encoded.empty());
  EXPECT_EQ(encoded.front().rotation, 90);
  encoded.front().render_time_us = 123'456;
  encoded.front().rtp_timestamp = 4711;
  encoded.front().capture_ntp_ms = 99;
  std::optional<VideoFrame> decoded;
  ASSERT_TRUE(decoder->decode(encoded.front(), decoded));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->rotation, 90);
  EXPECT_EQ(decoded->capture_time_us, 123'456);
  EXPECT_EQ(decoded->rtp_timestamp, 4711u);
  EXPECT_EQ(decoded->capture_ntp_ms, 99);
}

TEST_P(RoundTripTest, MakesKeyframesOnRequestAlone) {
  const auto encoder = make_encoder();
  for (int i = 0; i < 40; i++) {
    std::vector<EncodedVideoFrame> out;
    ASSERT_TRUE(encoder->encode(moving_picture(kWidth, kHeight, i), i == 17, out));
    if (i == 0 || i == 17) {
      ASSERT_FALSE(out.empty());
    }
    if (!out.empty()) {
      EXPECT_EQ(out.front().is_keyframe, i == 0 || i == 17) << "picture " << i;
    }
  }
}

TEST_P(RoundTripTest, EncodesScreens) {
  VideoEncoderSettings settings = settings_for(GetParam());
  settings.is_screen = true;
  const auto encoder = make_encoder(settings);
  const auto decoder = make_decoder();
  for (int i = 0; i < 10; i++) {
    const VideoFrame picture = moving_picture(kWidth, kHeight, i);
    std::vector<EncodedVideoFrame> encoded;
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(encoder->encode(picture, false, encoded));
    if (encoded.empty()) continue;
    ASSERT_TRUE(decoder->decode(encoded.front(), decoded));
    ASSERT_TRUE(decoded);
    EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 30);
  }
}

TEST_P(RoundTripTest, EncodesWithSeveralThreads) {
  VideoEncoderSettings settings = settings_for(GetParam(), 1280, 720, 2'000'000);
  settings.threads = 4;
  const auto encoder = make_encoder(settings);
  const auto decoder = VideoDecoder::create(GetParam(), 4);
  for (int i = 0; i < 4; i++) {
    const VideoFrame picture = moving_picture(1280, 720, i);
    std::vector<EncodedVideoFrame> encoded;
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(encoder->encode(picture, false, encoded));
    if (encoded.empty()) continue;
    ASSERT_TRUE(decoder->decode(encoded.front(), decoded));
    ASSERT_TRUE(decoded);
    EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 30);
  }
}

TEST_P(RoundTripTest, FramesOutliveTheirDecoder) {
  const auto encoder = make_encoder();
  auto decoder = make_decoder();
  std::vector<VideoFrame> kept;
  for (int i = 0; i < 12; i++) {
    std::vector<EncodedVideoFrame> encoded;
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(encoder->encode(moving_picture(kWidth, kHeight, i), false, encoded));
    if (encoded.empty()) {
      kept.push_back(kept.back());
      continue;
    }
    ASSERT_TRUE(decoder->decode(encoded.front(), decoded));
    ASSERT_TRUE(decoded);
    kept.push_back(*decoded);
  }
  decoder.reset();
  for (int i = 0; i < 12; i++) {
    EXPECT_GT(psnr(*kept[static_cast<size_t>(i)].buffer, *moving_picture(kWidth, kHeight, i).buffer), 28) << i;
  }
}

}  // namespace
}  // namespace peerwire::test
