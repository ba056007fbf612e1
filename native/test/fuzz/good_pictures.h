// Small pictures as our encoders make them, with and without spatial layers, so that a fuzzer without a corpus gets
// beyond the first header.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/video_codec/moving_picture.h"

namespace peerwire::test {

/// A frame for each layer, from the lowest one up.
using GoodPicture = std::vector<EncodedVideoFrame>;

/// Fewer than `count` where the rate control drops some; none where the build has no such encoder.
inline std::vector<GoodPicture> good_pictures(VideoCodec codec, std::string_view mode, int count, int keyframe_at) {
  constexpr int kWidth = 96;
  constexpr int kHeight = 64;
  VideoEncoderSettings settings;
  settings.codec = codec;
  settings.width = kWidth;
  settings.height = kHeight;
  settings.bitrate_bps = 200'000;
  settings.h264_profile = H264Profile::kConstrainedHigh;
  settings.scalability = *parse_scalability_mode(mode);
  const auto encoder = VideoEncoder::create(settings, nullptr);
  std::vector<GoodPicture> pictures;
  for (int i = 0; encoder && i < count; i++) {
    GoodPicture picture;
    if (encoder->encode(moving_picture(kWidth, kHeight, i), i == keyframe_at, picture) && !picture.empty())
      pictures.push_back(std::move(picture));
  }
  return pictures;
}

/// Modes of which each predicts between layers in another way, the one without spatial layers first.
inline std::vector<std::string_view> modes_of(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kVp9:
      return {"L1T2", "L2T1", "L3T3", "L3T3_KEY", "L2T2h", "S2T3"};
    case VideoCodec::kAv1:
      return {"L1T2", "L2T1", "L3T3", "L3T3_KEY", "L2T2h"};
    default:
      return {"L1T2"};
  }
}

}  // namespace peerwire::test
