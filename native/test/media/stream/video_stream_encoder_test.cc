// What the encoder of a sender makes of pictures that come and go, and what it says of it. Virtual time.
#include "media/stream/video_stream_encoder.h"

#include <gtest/gtest.h>

#include "media/stream/callers_thread.h"
#include "media/track/test_picture.h"

namespace peerwire::test {
namespace {

constexpr int64_t kMs = 1'000;
constexpr int64_t kSecond = 1'000'000;

class StreamEncoder : public testing::Test {
 protected:
  StreamEncoder() { configure(VideoCodec::kVp8); }

  void configure(VideoCodec codec, double max_framerate = -1) {
    EncodingParameters encoding;
    encoding.codec.video = codec;
    encoding.max_framerate = max_framerate;
    encoder_->configure(encoding, DegradationPreference::kBalanced, false, true, 1100);
  }

  void offer(int width = 320, int height = 240) {
    VideoFrame frame;
    frame.buffer = picture_.draw(width, height, {number_++, now_us_, now_us_ / 1000});
    frame.capture_time_us = now_us_;
    encoder_->on_video_frame(frame);
  }

  /// Each after so much time.
  void offer_each(int64_t interval_us, int count) {
    for (int each = 0; each < count; ++each) {
      now_us_ += interval_us;
      offer();
    }
  }

  double coded_octets() const {
    size_t octets = 0;
    for (const EncodedVideoFrame& frame : coded_) octets += frame.data.size();
    return static_cast<double>(octets);
  }

  /// 25 frames a second, in bursts with these gaps.
  void expect_share_of_bursts(const std::vector<int64_t>& gaps_us, int count) {
    constexpr uint32_t kBps = 300'000;
    encoder_->set_bitrate(kBps, kBps);
    const auto offer_bursts = [&] {
      for (int each = 0; each < count; ++each) {
        for (const int64_t gap_us : gaps_us) offer_each(gap_us, 1);
      }
    };
    offer_bursts();
    coded_.clear();
    const int64_t begun_us = now_us_;
    offer_bursts();
    EXPECT_NEAR(encoder_->stats().framerate, 25, 5);
    const double share = kBps / 8 * static_cast<double>(now_us_ - begun_us) / kSecond;
    EXPECT_NEAR(coded_octets(), share, share * 0.3);
  }

  int64_t now_us_ = 1'000 * kSecond;
  TestPicture picture_{1};
  uint32_t number_ = 0;
  std::vector<EncodedVideoFrame> coded_;
  const std::shared_ptr<VideoStreamEncoder> encoder_ = std::make_shared<VideoStreamEncoder>(
      std::make_shared<CallersThread>(),
      [this](std::vector<EncodedVideoFrame> picture) {
        for (EncodedVideoFrame& frame : picture) coded_.push_back(std::move(frame));
      },
      [this] { return now_us_; });
};

TEST_F(StreamEncoder, GoesOnAfterAPictureThatNoEncoderTakes) {
  configure(VideoCodec::kH264);
  encoder_->set_bitrate(500'000, 500'000);
  offer(8, 8);
  EXPECT_TRUE(coded_.empty());
  now_us_ += 33 * kMs;
  offer();
  ASSERT_EQ(coded_.size(), 1u);
  EXPECT_TRUE(coded_[0].is_keyframe);
  // And after one in mid-stream, with a keyframe, as the receiver has nothing to build on.
  now_us_ += 33 * kMs;
  offer(8, 8);
  now_us_ += 33 * kMs;
  offer();
  ASSERT_EQ(coded_.size(), 2u);
  EXPECT_TRUE(coded_[1].is_keyframe);
}

TEST_F(StreamEncoder, SaysHowManyFramesTheLastSecondHad) {
  configure(VideoCodec::kVp8, 5);
  encoder_->set_bitrate(400'000, 400'000);
  EXPECT_EQ(encoder_->stats().frames_per_second, 0);
  offer_each(40 * kMs, 150);
  const VideoEncoderStats running = encoder_->stats();
  EXPECT_EQ(running.source_frames_per_second, 25);
  EXPECT_NEAR(running.frames_per_second, 5, 1);
  EXPECT_NEAR(running.framerate, 5, 0.01);
  // Each frame is to have a fifth of a second's worth.
  EXPECT_NEAR(static_cast<double>(running.total_encoded_bytes_target),
              static_cast<double>(running.frames_encoded) * 400'000 / 8 / 5, 1'000);
  now_us_ += 1'001 * kMs;
  const VideoEncoderStats idle = encoder_->stats();
  EXPECT_EQ(idle.source_frames_per_second, 0);
  EXPECT_EQ(idle.frames_per_second, 0);
  EXPECT_EQ(idle.frames_encoded, running.frames_encoded);
}

TEST_F(StreamEncoder, KeepsToTheRateWhenFramesComeFasterAllAtOnce) {
  constexpr uint32_t kBps = 200'000;
  encoder_->set_bitrate(kBps, kBps);
  offer_each(kSecond, 40);
  coded_.clear();
  offer_each(33'333, 15);
  EXPECT_LE(coded_octets(), 1.3 * kBps / 8 * 0.5);
}

TEST_F(StreamEncoder, GivesFramesThatComeInPairsWhatTheyHaveOfTheRate) {
  expect_share_of_bursts({2 * kMs, 78 * kMs}, 50);
}

TEST_F(StreamEncoder, GivesFramesThatComeInBurstsWhatTheyHaveOfTheRate) {
  expect_share_of_bursts({10 * kMs, 10 * kMs, 100 * kMs}, 35);
}

TEST_F(StreamEncoder, KeepsToAFramerateThatIsHigherThanTheOneBefore) {
  configure(VideoCodec::kVp8, 0.1);
  encoder_->set_bitrate(300'000, 300'000);
  offer_each(20 * kMs, 5);
  ASSERT_EQ(coded_.size(), 1u);
  configure(VideoCodec::kVp8, 10);
  coded_.clear();
  offer_each(20 * kMs, 100);
  EXPECT_NEAR(static_cast<double>(coded_.size()), 20, 2);
}

TEST_F(StreamEncoder, GoesOnAtTheRateOfBeforeAfterAPause) {
  constexpr uint32_t kBps = 200'000;
  encoder_->set_bitrate(kBps, kBps);
  offer_each(33'333, 90);
  coded_.clear();
  offer_each(60 * kSecond, 1);
  offer_each(33'333, 15);
  EXPECT_NEAR(encoder_->stats().framerate, 30, 3);
  EXPECT_LE(coded_octets(), 1.5 * kBps / 8 * 0.5);
}

TEST_F(StreamEncoder, SaysThatBandwidthHasSwitchedItOff) {
  const auto duration = [this](QualityLimitation reason) {
    return encoder_->stats().limitation_durations_s[static_cast<size_t>(reason)];
  };
  // What is not to be sent is not limited, nor does its time count.
  encoder_->set_bitrate(0, 0);
  now_us_ += 5 * kSecond;
  EXPECT_EQ(encoder_->stats().limitation, QualityLimitation::kNone);
  EXPECT_EQ(duration(QualityLimitation::kNone), 0);

  encoder_->set_sending(true);
  encoder_->set_bitrate(300'000, 300'000);
  offer_each(50 * kMs, 40);
  EXPECT_EQ(encoder_->stats().limitation, QualityLimitation::kNone);
  EXPECT_NEAR(duration(QualityLimitation::kNone), 2, 1e-6);
  encoder_->set_bitrate(0, 0);
  offer_each(50 * kMs, 60);
  EXPECT_EQ(encoder_->stats().limitation, QualityLimitation::kBandwidth);
  EXPECT_NEAR(duration(QualityLimitation::kBandwidth), 3, 1e-6);
  EXPECT_NEAR(duration(QualityLimitation::kNone), 2, 1e-6);
  encoder_->set_bitrate(300'000, 300'000);
  offer_each(50 * kMs, 20);
  EXPECT_EQ(encoder_->stats().limitation, QualityLimitation::kNone);
  EXPECT_NEAR(duration(QualityLimitation::kBandwidth), 3, 1e-6);
  EXPECT_NEAR(duration(QualityLimitation::kNone), 3, 1e-6);
}

}  // namespace
}  // namespace peerwire::test
