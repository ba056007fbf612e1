// What receivers see of a stream with spatial layers when some do not arrive.
#include <algorithm>
#include <random>

#include "media/stream/layered_call.h"
#include "media/stream/real_encoder.h"

namespace peerwire::test {
namespace {

constexpr double kGood = 26;  // dB

using Layered = std::tuple<VideoCodec, std::string>;

std::vector<Layered> layered_codecs() {
  std::vector<Layered> layered;
  for (const char* mode : {"L2T1", "L3T3", "L3T3_KEY", "L2T2h", "S2T3"}) {
    for (const VideoCodec codec : {VideoCodec::kVp9, VideoCodec::kAv1}) {
      if (VideoDecoder::create(codec, 1)) layered.emplace_back(codec, mode);
    }
  }
  return layered;
}

class SpatialLayerReception : public testing::TestWithParam<Layered> {
 protected:
  SpatialLayerReception() : call(std::get<0>(GetParam()), std::get<1>(GetParam())) {}

  int layers() const { return parse_scalability_mode(std::get<1>(GetParam()))->spatial_layers; }
  bool is_independent() const { return std::get<1>(GetParam())[0] == 'S'; }
  int width_of(int layer) const { return call.size_of(layer).width; }
  int shown_with(int width, int from_picture = 0) const {
    return static_cast<int>(std::count_if(call.shown.begin(), call.shown.end(), [&](const auto& each) {
      return each.picture >= from_picture && each.width == width;
    }));
  }
  void expect_good() const {
    EXPECT_EQ(call.decode_failures, 0);
    int last = -1;
    for (const LayeredCall::Shown& each : call.shown) {
      EXPECT_GT(each.psnr, kGood) << "picture " << each.picture << ", " << each.width << " wide";
      EXPECT_GT(each.picture, last);
      last = each.picture;
    }
  }

  LayeredCall call;
};

INSTANTIATE_TEST_SUITE_P(Modes, SpatialLayerReception, testing::ValuesIn(layered_codecs()), [](const auto& info) {
  return (std::get<0>(info.param) == VideoCodec::kVp9 ? "Vp9" : "Av1") + std::get<1>(info.param);
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SpatialLayerReception);

TEST_P(SpatialLayerReception, ShowsTheWholePicture) {
  call.run(40);
  expect_good();
  EXPECT_GE(shown_with(width_of(layers() - 1)), 36);
  EXPECT_EQ(call.keyframe_requests, 0);
  EXPECT_EQ(call.buffer->stats().frames_received, call.shown.size());
}

TEST_P(SpatialLayerReception, ShowsTheHighestLayerThatIsForwarded) {
  // Of layers that need no other a forwarder sends one, of others all from the lowest on.
  for (int top = 0; top < layers(); ++top) {
    LayeredCall forwarded(std::get<0>(GetParam()), std::get<1>(GetParam()));
    forwarded.forwards = [&](int layer, bool) { return is_independent() ? layer == top : layer <= top; };
    forwarded.run(30);
    EXPECT_EQ(forwarded.decode_failures, 0);
    EXPECT_GE(forwarded.shown.size(), 26u);
    for (const LayeredCall::Shown& each : forwarded.shown) {
      EXPECT_EQ(each.width, width_of(top));
      EXPECT_GT(each.psnr, kGood) << each.picture;
    }
    EXPECT_EQ(forwarded.keyframe_requests, 0);
  }
}

TEST_P(SpatialLayerReception, SwitchesAtAKeyPicture) {
  int top = 0;
  call.forwards = [&](int layer, bool is_key) {
    if (is_key) top = call.pictures_sent() > 60 ? 0 : call.pictures_sent() > 20 ? layers() - 1 : 0;
    return is_independent() ? layer == top : layer <= top;
  };
  call.run(30);
  call.force_keyframe();
  call.run(40);
  call.force_keyframe();
  call.run(30);
  expect_good();
  EXPECT_EQ(call.keyframe_requests, 0);
  EXPECT_GE(shown_with(width_of(0)), 50);
  EXPECT_GE(shown_with(width_of(layers() - 1)), 34);
}

TEST_P(SpatialLayerReception, RepairsALostPacketOfTheTopLayer) {
  call.loses = [&](const LayeredCall::Packet& packet) {
    return packet.picture == 20 && packet.spatial_index == layers() - 1;
  };
  call.run(40);
  expect_good();
  EXPECT_GE(shown_with(width_of(layers() - 1)), 36);
  EXPECT_EQ(call.keyframe_requests, 0);
}

TEST_P(SpatialLayerReception, LosingTheTopLayerForGoodDoesNotStopTheOthers) {
  if (is_independent()) return;  // one layer is decoded alone
  call.repairs = false;
  call.loses = [&](const LayeredCall::Packet& packet) {
    return packet.picture >= 20 && packet.picture < 24 && packet.spatial_index == layers() - 1 && packet.ends_frame;
  };
  call.run(80);
  expect_good();
  EXPECT_GE(call.keyframe_requests, 1);
  EXPECT_GE(shown_with(width_of(layers() - 1), 45), 30);
  // Of those that came until the keyframe did, no more than the wait for the repair has cost.
  EXPECT_GE(shown_with(width_of(layers() - 2)), 1);
  EXPECT_GE(call.shown.size(), 65u);
}

TEST_P(SpatialLayerReception, LayersGoOnBelowWhereTheTopNeverArrives) {
  if (is_independent()) return;
  call.repairs = false;
  call.loses = [&](const LayeredCall::Packet& packet) {
    return packet.picture >= 20 && packet.spatial_index == layers() - 1 && packet.ends_frame;
  };
  call.run(80);
  expect_good();
  EXPECT_GE(call.keyframe_requests, 2);
  EXPECT_GE(shown_with(width_of(layers() - 2), 20), 40);
}

TEST_P(SpatialLayerReception, NothingIsEverBuiltOnWhatIsMissing) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    LayeredCall lossy(std::get<0>(GetParam()), std::get<1>(GetParam()));
    std::mt19937 random(seed);
    lossy.repairs = seed != 3;
    lossy.loses = [&](const LayeredCall::Packet&) { return random() % 100 < 3; };
    lossy.run(60);
    EXPECT_EQ(lossy.decode_failures, 0);
    EXPECT_GE(lossy.shown.size(), seed == 3 ? 5u : 40u) << "seed " << seed;
    for (const LayeredCall::Shown& each : lossy.shown) {
      EXPECT_GT(each.psnr, kGood) << "seed " << seed << ", picture " << each.picture << ", " << each.width;
    }
  }
}

class SpatialLayerSender : public testing::TestWithParam<VideoCodec> {};

TEST_P(SpatialLayerSender, LeavesOutFromAboveWhatTheRateIsNotGoodFor) {
  if (!VideoDecoder::create(GetParam(), 1)) GTEST_SKIP() << "the build has no such codec";
  RealEncoder encoder(GetParam(), 1280, 720, *parse_scalability_mode("L3T1"));
  int64_t now_us = 1'000'000'000;
  struct Step {
    int64_t bps;
    int layers;
    int width;
  };
  int layers_before = 0;
  for (const Step& step : {Step{100'000, 1, 320}, {450'000, 2, 640}, {2'500'000, 3, 1280}, {450'000, 2, 640}}) {
    int keyframes = 0;
    for (int i = 0; i < 8; ++i, now_us += 33'000) {
      keyframes += encoder.code(step.bps, step.bps, now_us).is_keyframe ? 1 : 0;
    }
    EXPECT_EQ(encoder.layers(), step.layers) << step.bps;
    EXPECT_EQ(encoder.stats().width, step.width);
    EXPECT_EQ(encoder.stats().wanted_width, 1280);
    const bool is_limited = step.layers < 3;
    EXPECT_EQ(encoder.stats().limitation, is_limited ? QualityLimitation::kBandwidth : QualityLimitation::kNone);
    EXPECT_EQ(keyframes, step.layers != layers_before ? 1 : 0);
    layers_before = step.layers;
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, SpatialLayerSender, testing::Values(VideoCodec::kVp9, VideoCodec::kAv1),
                         [](const auto& info) { return info.param == VideoCodec::kVp9 ? "Vp9" : "Av1"; });

}  // namespace
}  // namespace peerwire::test
