// Damaged, foreign and missing input fails, and a keyframe mends it.
#include <random>

#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

class DamageTest : public CodecTest {
 protected:
  void SetUp() override {
    encoder_ = make_encoder();
    decoder_ = make_decoder();
    frames_ = encode_pictures(*encoder_, 20);
  }

  /// A keyframe of picture `number` is decoded well.
  void expect_recovery(VideoDecoder& decoder, int number) {
    const VideoFrame picture = moving_picture(kWidth, kHeight, number);
    std::vector<EncodedVideoFrame> encoded;
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(encoder_->encode(picture, true, encoded));
    ASSERT_FALSE(encoded.empty());
    ASSERT_TRUE(decoder.decode(encoded.front(), decoded));
    ASSERT_TRUE(decoded);
    EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 30);
  }

  std::unique_ptr<VideoEncoder> encoder_;
  std::unique_ptr<VideoDecoder> decoder_;
  std::vector<EncodedVideoFrame> frames_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DamageTest);  // a build may leave out all of them
INSTANTIATE_TEST_SUITE_P(Codecs, DamageTest, testing::ValuesIn(built_codecs()), test_name);

TEST_P(DamageTest, BeginsWithAKeyframe) {
  std::optional<VideoFrame> decoded;
  for (size_t i = 1; i < 5; i++) {
    if (frames_[i].data.empty()) continue;
    EXPECT_FALSE(decoder_->decode(frames_[i], decoded));
    EXPECT_FALSE(decoded);
  }
  expect_recovery(*decoder_, 30);
}

TEST_P(DamageTest, NothingIsNoFrame) {
  std::optional<VideoFrame> decoded;
  EXPECT_FALSE(decoder_->decode(EncodedVideoFrame{}, decoded));
  ASSERT_TRUE(decoder_->decode(frames_[0], decoded));
  EXPECT_FALSE(decoder_->decode(EncodedVideoFrame{}, decoded));
  EXPECT_FALSE(decoded);
  expect_recovery(*decoder_, 30);
}

TEST_P(DamageTest, GarbageFails) {
  std::mt19937 random(4711);
  for (int i = 0; i < 200; i++) {
    EncodedVideoFrame garbage;
    garbage.codec = GetParam();
    garbage.is_keyframe = i % 2 == 0;
    garbage.data.resize(1 + random() % 300);
    for (uint8_t& octet : garbage.data) octet = static_cast<uint8_t>(random());
    std::optional<VideoFrame> decoded;
    EXPECT_FALSE(decoder_->decode(garbage, decoded) && decoded) << i;
  }
  expect_recovery(*decoder_, 30);
}

TEST_P(DamageTest, TruncatedKeyframesNeverCrash) {
  const Bytes whole = frames_[0].data;
  int failed = 0;
  for (size_t size = 1; size < whole.size(); size += size < 64 ? 1 : 1 + whole.size() / 60) {
    EncodedVideoFrame cut = frames_[0];
    cut.data.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto decoder = make_decoder();
    std::optional<VideoFrame> decoded;
    if (!decoder->decode(cut, decoded) || !decoded) failed++;
  }
  EXPECT_GT(failed, 60);
}

TEST_P(DamageTest, DamagedFramesNeverCrashAndAKeyframeMends) {
  std::mt19937 random(815);
  std::optional<VideoFrame> decoded;
  for (int round = 0; round < 25; round++) {
    for (EncodedVideoFrame frame : frames_) {
      if (frame.data.empty()) continue;
      for (int i = 0; i < 3; i++) frame.data[random() % frame.data.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      if (random() % 4 == 0) frame.data.resize(1 + random() % frame.data.size());
      decoder_->decode(frame, decoded);
    }
  }
  expect_recovery(*decoder_, 30);
}

TEST_P(DamageTest, AfterAFailureAKeyframeIsAwaited) {
  std::optional<VideoFrame> decoded;
  ASSERT_TRUE(decoder_->decode(frames_[0], decoded));
  EncodedVideoFrame foreign = frames_[1];
  foreign.data.assign(5, 0xff);
  EXPECT_FALSE(decoder_->decode(foreign, decoded));
  for (size_t i = 2; i < 6; i++) {
    if (!frames_[i].data.empty()) {
      EXPECT_FALSE(decoder_->decode(frames_[i], decoded)) << i;
    }
  }
  expect_recovery(*decoder_, 30);
}

TEST_P(DamageTest, AKeyframeMendsALoss) {
  std::optional<VideoFrame> decoded;
  ASSERT_TRUE(decoder_->decode(frames_[0], decoded));
  // What is decoded of the wrong picture, if anything, is the receiver's to prevent (it knows of the gap).
  for (size_t i = 5; i < 10; i++) {
    if (!frames_[i].data.empty()) decoder_->decode(frames_[i], decoded);
  }
  expect_recovery(*decoder_, 30);
  for (int i = 31; i < 40; i++) {
    std::vector<EncodedVideoFrame> encoded;
    const VideoFrame picture = moving_picture(kWidth, kHeight, i);
    ASSERT_TRUE(encoder_->encode(picture, false, encoded));
    if (encoded.empty()) continue;
    ASSERT_TRUE(decoder_->decode(encoded.front(), decoded));
    ASSERT_TRUE(decoded);
    EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 30) << i;
  }
}

}  // namespace
}  // namespace peerwire::test
