// What is H.264's alone: profiles, parameter sets, slices that fit a packet.
#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

/// NAL units of an access unit in Annex B form, without start codes.
std::vector<Bytes> split(const Bytes& octets) {
  std::vector<Bytes> units;
  size_t begin = 0;
  for (size_t i = 0; i + 3 <= octets.size(); i++) {
    if (octets[i] != 0 || octets[i + 1] != 0 || octets[i + 2] != 1) continue;
    if (begin > 0) units.emplace_back(octets.begin() + begin, octets.begin() + (octets[i - 1] == 0 ? i - 1 : i));
    begin = i + 3;
  }
  if (begin > 0) units.emplace_back(octets.begin() + begin, octets.end());
  return units;
}

class H264Test : public testing::Test {
 protected:
  void SetUp() override {
    if (!VideoDecoder::create(VideoCodec::kH264, 1)) GTEST_SKIP() << "the build has no H.264";
  }
  VideoEncoderSettings settings_ = settings_for(VideoCodec::kH264);
};

TEST_F(H264Test, KeepsToItsProfile) {
  struct Case {
    H264Profile profile;
    int profile_idc;
    int constraints;  // bits that have to be set
    bool has_cabac;
  };
  // Constraint flags: Rec. ITU-T H.264, A.2.
  for (const Case& expected :
       {Case{H264Profile::kConstrainedBaseline, 66, 0x40, false}, Case{H264Profile::kBaseline, 66, 0x40, false},
        Case{H264Profile::kMain, 77, 0, true}, Case{H264Profile::kConstrainedHigh, 100, 0x0c, true},
        Case{H264Profile::kHigh, 100, 0, true}}) {
    settings_.h264_profile = expected.profile;
    const auto encoder = VideoEncoder::create(settings_, nullptr);
    ASSERT_NE(encoder, nullptr);
    const auto decoder = VideoDecoder::create(VideoCodec::kH264, 1);
    const auto frames = encode_pictures(*encoder, 5);
    const auto units = split(frames[0].data);
    ASSERT_GE(units.size(), 3u);
    EXPECT_EQ(units[0][0] & 0x1f, 7);
    EXPECT_EQ(units[1][0] & 0x1f, 8);
    EXPECT_EQ(units[2][0] & 0x1f, 5);
    EXPECT_EQ(units[0][1], expected.profile_idc);
    EXPECT_EQ(units[0][2] & expected.constraints, expected.constraints);
    EXPECT_LE(units[0][3], 31);
    // entropy_coding_mode_flag follows two ue(v) of value 0.
    EXPECT_EQ((units[1][1] & 0x20) != 0, expected.has_cabac);
    for (const EncodedVideoFrame& frame : frames) {
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(decoder->decode(frame, decoded));
      EXPECT_TRUE(decoded) << "every picture comes at once";
    }
  }
}

TEST_F(H264Test, RepeatsParameterSets) {
  const auto encoder = VideoEncoder::create(settings_, nullptr);
  encode_pictures(*encoder, 3);
  std::vector<EncodedVideoFrame> out;
  ASSERT_TRUE(encoder->encode(moving_picture(kWidth, kHeight, 3), true, out));
  const auto units = split(out.front().data);
  ASSERT_GE(units.size(), 3u);
  EXPECT_EQ(units[0][0] & 0x1f, 7);
  EXPECT_EQ(units[1][0] & 0x1f, 8);
}

TEST_F(H264Test, SlicesFitPackets) {
  for (const auto& [width, height, rate] : {std::tuple{320, 180, 2'000'000u}, {1280, 720, 6'000'000u}}) {
    settings_.width = width;
    settings_.height = height;
    settings_.bitrate_bps = rate;
    settings_.single_nal_units = true;
    settings_.max_payload_size = 1100;
    settings_.threads = 4;
    const auto encoder = VideoEncoder::create(settings_, nullptr);
    ASSERT_NE(encoder, nullptr);
    const auto decoder = VideoDecoder::create(VideoCodec::kH264, 1);
    size_t largest = 0;
    size_t most = 0;
    for (int i = 0; i < 8; i++) {
      std::vector<EncodedVideoFrame> out;
      const VideoFrame picture = noisy_picture(width, height, i);
      ASSERT_TRUE(encoder->encode(picture, false, out));
      if (out.empty()) continue;
      const auto units = split(out.front().data);
      most = std::max(most, units.size());
      for (const Bytes& unit : units) largest = std::max(largest, unit.size());
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(decoder->decode(out.front(), decoded));
      ASSERT_TRUE(decoded);
      EXPECT_GT(psnr(*decoded->buffer, *picture.buffer), 25);
    }
    EXPECT_LE(largest, 1100u);
    EXPECT_GT(most, 4u);
  }
}

}  // namespace
}  // namespace peerwire::test
