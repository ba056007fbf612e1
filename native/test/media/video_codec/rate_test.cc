// The rate that was asked for is kept.
#include <cmath>

#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

class RateTest : public CodecTest {
 protected:
  /// Bits a second of pictures at 30 a second, or `framerate`.
  double measure(VideoEncoder& encoder, int first, int count, double framerate = 30) {
    size_t octets = 0;
    for (int i = first; i < first + count; i++) {
      VideoFrame picture = noisy_picture(kWidth, kHeight, i);
      time_us_ += static_cast<int64_t>(1'000'000 / framerate);
      picture.capture_time_us = time_us_;
      std::vector<EncodedVideoFrame> out;
      EXPECT_TRUE(encoder.encode(picture, false, out));
      if (!out.empty()) {
        octets += out.front().data.size();
        frames_++;
      }
    }
    return static_cast<double>(octets) * 8 * framerate / count;
  }

  int64_t time_us_ = 0;
  int frames_ = 0;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RateTest);  // a build may leave out all of them
INSTANTIATE_TEST_SUITE_P(Codecs, RateTest, testing::ValuesIn(built_codecs()), test_name);

TEST_P(RateTest, FollowsTheTarget) {
  const auto encoder = make_encoder(settings_for(GetParam(), kWidth, kHeight, 400'000));
  EXPECT_NEAR(measure(*encoder, 0, 150), 400'000, 0.3 * 400'000);
  EXPECT_GT(frames_, 100);
}

TEST_P(RateTest, FollowsChanges) {
  const auto encoder = make_encoder(settings_for(GetParam(), kWidth, kHeight, 500'000));
  measure(*encoder, 0, 60);
  for (const uint32_t rate : {250'000u, 800'000u}) {
    encoder->set_rates(rate, 30);
    measure(*encoder, 60, 30);  // a second to get there
    EXPECT_NEAR(measure(*encoder, 90, 90), rate, 0.3 * rate);
  }
}

TEST_P(RateTest, FollowsTheFrameRate) {
  const auto encoder = make_encoder(settings_for(GetParam(), kWidth, kHeight, 300'000));
  measure(*encoder, 0, 30);
  encoder->set_rates(300'000, 10);
  measure(*encoder, 30, 10, 10);
  EXPECT_NEAR(measure(*encoder, 40, 50, 10), 300'000, 0.3 * 300'000);
}

TEST_P(RateTest, SurvivesAbsurdRates) {
  const auto encoder = make_encoder();
  int number = 0;
  for (const auto& [rate, framerate] : {std::pair{0u, 30.0},
                                        {1u, 1.0},
                                        {4'000'000'000u, 30.0},
                                        {500'000u, 0.0},
                                        {500'000u, std::nan("")},
                                        {500'000u, 1e9},
                                        {300'000u, 30.0}}) {
    encoder->set_rates(rate, framerate);
    for (int i = 0; i < 3; i++) {
      std::vector<EncodedVideoFrame> out;
      encoder->encode(moving_picture(kWidth, kHeight, number++), false, out);
    }
  }
  std::vector<EncodedVideoFrame> out;
  ASSERT_TRUE(encoder->encode(moving_picture(kWidth, kHeight, number), true, out));
  ASSERT_FALSE(out.empty());
  EXPECT_TRUE(out.front().is_keyframe);
}

}  // namespace
}  // namespace peerwire::test
