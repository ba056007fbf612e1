// What tests of every codec share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/video_codec/moving_picture.h"

namespace peerwire::test {

constexpr int kWidth = 320;
constexpr int kHeight = 180;

/// The codecs that the build has.
inline std::vector<VideoCodec> built_codecs() {
  std::vector<VideoCodec> codecs;
  for (const VideoCodec codec : {VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1}) {
    if (VideoDecoder::create(codec, 1)) codecs.push_back(codec);
  }
  return codecs;
}

inline std::string name_of(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kVp8:
      return "Vp8";
    case VideoCodec::kVp9:
      return "Vp9";
    case VideoCodec::kH264:
      return "H264";
    case VideoCodec::kAv1:
      return "Av1";
  }
  return "";
}

inline VideoEncoderSettings settings_for(VideoCodec codec, int width = kWidth, int height = kHeight,
                                         uint32_t bitrate_bps = 500'000) {
  VideoEncoderSettings settings;
  settings.codec = codec;
  settings.width = width;
  settings.height = height;
  settings.bitrate_bps = bitrate_bps;
  return settings;
}

/// As `encoder` makes them of pictures 0 to `count` - 1; those dropped are empty.
inline std::vector<EncodedVideoFrame> encode_pictures(VideoEncoder& encoder, int count, int width = kWidth,
                                                      int height = kHeight) {
  std::vector<EncodedVideoFrame> frames;
  for (int i = 0; i < count; i++) {
    std::vector<EncodedVideoFrame> out;
    EXPECT_TRUE(encoder.encode(moving_picture(width, height, i), false, out)) << "picture " << i;
    frames.push_back(!out.empty() ? std::move(out.front()) : EncodedVideoFrame{});
  }
  return frames;
}

class CodecTest : public testing::TestWithParam<VideoCodec> {
 protected:
  std::unique_ptr<VideoEncoder> make_encoder(const VideoEncoderSettings& settings) {
    std::string error;
    auto encoder = VideoEncoder::create(settings, &error);
    EXPECT_NE(encoder, nullptr) << error;
    return encoder;
  }
  std::unique_ptr<VideoEncoder> make_encoder() { return make_encoder(settings_for(GetParam())); }
  std::unique_ptr<VideoDecoder> make_decoder() { return VideoDecoder::create(GetParam(), 1); }
};

inline std::string test_name(const testing::TestParamInfo<VideoCodec>& info) {
  return name_of(info.param);
}

}  // namespace peerwire::test
