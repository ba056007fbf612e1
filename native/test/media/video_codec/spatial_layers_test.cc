// Spatial layers of one stream: from the lowest up to any of them they make pictures, of the layer's size.
#include "media/codec/layered_pattern.h"
#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

constexpr int kTopWidth = 320;
constexpr int kTopHeight = 180;

using Layered = std::tuple<VideoCodec, std::string>;

std::vector<std::string> layered_modes() {
  std::vector<std::string> modes;
  for (const std::string& name : scalability_mode_names(true)) {
    if (parse_scalability_mode(name)->spatial_layers > 1) modes.push_back(name);
  }
  return modes;
}

std::vector<Layered> layered_codecs() {
  std::vector<Layered> layered;
  for (const VideoCodec codec : built_codecs()) {
    if (codec != VideoCodec::kVp9 && codec != VideoCodec::kAv1) continue;
    for (const std::string& mode : layered_modes()) layered.emplace_back(codec, mode);
  }
  return layered;
}

using Picture = std::vector<EncodedVideoFrame>;

class SpatialLayersTest : public testing::TestWithParam<Layered> {
 protected:
  VideoCodec codec() const { return std::get<0>(GetParam()); }
  ScalabilityMode mode() const { return *parse_scalability_mode(std::get<1>(GetParam())); }

  VideoEncoderSettings settings() const {
    VideoEncoderSettings settings = settings_for(codec(), kTopWidth, kTopHeight, 800'000);
    settings.scalability = mode();
    return settings;
  }

  std::vector<Picture> encode(int count, int keyframe_at = 0) const {
    std::string error;
    const auto encoder = VideoEncoder::create(settings(), &error);
    EXPECT_NE(encoder, nullptr) << error;
    std::vector<Picture> pictures;
    for (int i = 0; encoder && i < count; i++) {
      Picture picture;
      EXPECT_TRUE(encoder->encode(moving_picture(kTopWidth, kTopHeight, i), i == keyframe_at, picture)) << i;
      pictures.push_back(std::move(picture));
    }
    return pictures;
  }

  double quality(const VideoFrame& decoded, int number) const {
    const VideoFrame original =
        scale_frame(moving_picture(kTopWidth, kTopHeight, number), decoded.width(), decoded.height());
    return psnr(*decoded.buffer, *original.buffer);
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, SpatialLayersTest, testing::ValuesIn(layered_codecs()),
                         [](const auto& info) { return name_of(std::get<0>(info.param)) + std::get<1>(info.param); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SpatialLayersTest);

TEST_P(SpatialLayersTest, TellsOfEachLayer) {
  for (const Picture& picture : encode(9, 4)) {
    if (picture.empty()) continue;
    ASSERT_EQ(picture.size(), static_cast<size_t>(mode().spatial_layers));
    const bool is_key = picture.front().is_keyframe;
    for (size_t layer = 0; layer < picture.size(); ++layer) {
      const EncodedVideoFrame& frame = picture[layer];
      const bool is_top = layer + 1 == picture.size();
      EXPECT_EQ(frame.spatial_index, static_cast<int>(layer));
      EXPECT_EQ(frame.spatial_layers, mode().spatial_layers);
      EXPECT_EQ(frame.ends_picture, is_top);
      const LayerSize size = layer_size(mode(), static_cast<int>(layer), kTopWidth, kTopHeight);
      EXPECT_EQ(frame.width, size.width);
      EXPECT_EQ(frame.height, size.height);
      const bool predicts = mode().prediction == InterLayerPrediction::kAlways ||
                            (mode().prediction == InterLayerPrediction::kKeyOnly && is_key);
      EXPECT_EQ(frame.refers_to_lower, layer > 0 && predicts);
      EXPECT_EQ(frame.serves_upper, !is_top && predicts);
      EXPECT_EQ(frame.refers_to_earlier, !is_key);
      EXPECT_EQ(frame.is_keyframe, is_key && (layer == 0 || !predicts));
    }
    EXPECT_EQ(picture.front().layer_sizes.size(), is_key ? picture.size() : 0);
  }
}

TEST_P(SpatialLayersTest, EveryLayerMakesPictures) {
  const std::vector<Picture> pictures = encode(24);
  for (int top = 0; top < mode().spatial_layers; ++top) {
    const auto decoder = VideoDecoder::create(codec(), 1);
    int shown = 0;
    for (size_t i = 0; i < pictures.size(); ++i) {
      if (pictures[i].empty()) continue;
      const auto end = pictures[i].begin() + top + 1;
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(decoder->decode(join_layers({pictures[i].begin(), end}), decoded)) << "layer " << top << ", " << i;
      ASSERT_TRUE(decoded) << "layer " << top << ", " << i;
      const LayerSize size = layer_size(mode(), top, kTopWidth, kTopHeight);
      EXPECT_EQ(decoded->width(), size.width);
      EXPECT_EQ(decoded->height(), size.height);
      EXPECT_GT(quality(*decoded, static_cast<int>(i)), 28) << "layer " << top << ", picture " << i;
      ++shown;
    }
    EXPECT_GE(shown, 20);
  }
}

TEST_P(SpatialLayersTest, HigherTemporalLayersCanBeLeftOut) {
  const std::vector<Picture> pictures = encode(24);
  const auto decoder = VideoDecoder::create(codec(), 1);
  int left_out = 0;
  for (size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].empty()) continue;
    if (pictures[i].front().temporal_index > 0) {
      ++left_out;
      continue;
    }
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(decoder->decode(join_layers(pictures[i]), decoded)) << i;
    ASSERT_TRUE(decoded);
    EXPECT_GT(quality(*decoded, static_cast<int>(i)), 28) << i;
  }
  EXPECT_EQ(left_out >= 10, mode().temporal_layers > 1);
}

TEST_P(SpatialLayersTest, AKeyPictureBringsBackLayersThatWereLeftOut) {
  const std::vector<Picture> pictures = encode(24, 12);
  const auto decoder = VideoDecoder::create(codec(), 1);
  bool is_whole = false;
  int large = 0;
  for (size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].empty()) continue;
    is_whole = is_whole || (i > 0 && pictures[i].front().is_keyframe);
    Picture picture = pictures[i];
    if (!is_whole) picture.resize(1);
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(decoder->decode(join_layers(std::move(picture)), decoded)) << i;
    ASSERT_TRUE(decoded);
    EXPECT_GT(quality(*decoded, static_cast<int>(i)), 28) << i;
    if (decoded->width() == kTopWidth) ++large;
  }
  EXPECT_GE(large, 8);
}

TEST_P(SpatialLayersTest, HoldsTheRate) {
  constexpr int kPictures = 60;
  size_t octets = 0;
  for (const Picture& picture : encode(kPictures)) {
    for (const EncodedVideoFrame& frame : picture) octets += frame.data.size();
  }
  EXPECT_LT(static_cast<double>(octets) * 8 * 30 / kPictures, 800'000 * 1.3);
}

TEST(ScalabilityMode, ReadsNames) {
  EXPECT_EQ(parse_scalability_mode("L1T1"), ScalabilityMode{});
  const auto mode = parse_scalability_mode("L3T2_KEY");
  ASSERT_TRUE(mode);
  EXPECT_EQ(mode->spatial_layers, 3);
  EXPECT_EQ(mode->temporal_layers, 2);
  EXPECT_EQ(mode->prediction, InterLayerPrediction::kKeyOnly);
  EXPECT_TRUE(parse_scalability_mode("S2T3h")->is_three_to_two);
  EXPECT_EQ(parse_scalability_mode("S2T3h")->prediction, InterLayerPrediction::kNever);
  for (const char* unknown : {"", "L1", "L0T1", "L4T1", "L1T4", "S1T1", "L1T1h", "L1T2_KEY", "S2T1_KEY", "l2t1",
                              "L2T2_KEY_SHIFT", "L2T1h "}) {
    EXPECT_FALSE(parse_scalability_mode(unknown)) << unknown;
  }
  for (const std::string& name : scalability_mode_names(true)) EXPECT_TRUE(parse_scalability_mode(name)) << name;
}

TEST(ScalabilityMode, LayersAreHalfOrTwoThirdsOfTheOneAbove) {
  const auto halves = *parse_scalability_mode("L3T1");
  EXPECT_EQ(layer_size(halves, 0, 1280, 720), (LayerSize{320, 180}));
  EXPECT_EQ(layer_size(halves, 1, 1280, 720), (LayerSize{640, 360}));
  EXPECT_EQ(layer_size(halves, 2, 1279, 719), (LayerSize{1279, 719}));
  EXPECT_EQ(layer_size(*parse_scalability_mode("L2T1h"), 0, 1280, 720), (LayerSize{854, 480}));
  double shares = 0;
  for (int layer = 0; layer < 3; ++layer) shares += spatial_rate_share(halves, layer);
  EXPECT_NEAR(shares, 1, 1e-9);
  EXPECT_GT(spatial_rate_share(halves, 2), 3 * spatial_rate_share(halves, 1));
}

TEST(LayeredPattern, IndependentLayersWriteWhereverTheyAreWrittenLater) {
  for (const std::string& name : layered_modes()) {
    LayeredPattern pattern(*parse_scalability_mode(name));
    if (pattern.mode().prediction != InterLayerPrediction::kNever) continue;
    unsigned begun = 0;
    for (int picture = 0; picture < 8; ++picture, pattern.advance()) {
      for (int layer = 1; layer < pattern.mode().spatial_layers; ++layer) {
        const LayerReferences references = pattern.references(layer, picture == 0);
        for (const int slot : {references.written_slot, references.begun_slot}) {
          if (slot < 0) continue;
          if (picture == 0) begun |= 1U << slot;
          EXPECT_NE(begun & 1U << slot, 0u) << name << ", slot " << slot;
        }
        EXPECT_TRUE(picture == 0 || references.begun_slot < 0) << name;
      }
    }
  }
}

TEST(LayeredPattern, NoFrameRefersToWhatWasNotWritten) {
  for (const std::string& name : layered_modes()) {
    LayeredPattern pattern(*parse_scalability_mode(name));
    // Who wrote each slot last: spatial layer and temporal index; -1: nobody.
    struct Content {
      int spatial = -1;
      int temporal = -1;
      int picture = -1;
    };
    Content slots[8];
    for (int picture = 0; picture < 12; ++picture) {
      for (int layer = 0; layer < pattern.mode().spatial_layers; ++layer) {
        const LayerReferences references = pattern.references(layer, picture == 0);
        if (references.earlier_slot >= 0) {
          const Content& earlier = slots[references.earlier_slot];
          EXPECT_EQ(earlier.spatial, layer) << name;
          EXPECT_LT(earlier.picture, picture) << name;
          EXPECT_LE(earlier.temporal, pattern.temporal_index()) << name;
        }
        if (references.lower_slot >= 0) {
          EXPECT_EQ(slots[references.lower_slot].spatial, layer - 1) << name;
          EXPECT_EQ(slots[references.lower_slot].picture, picture) << name;
        }
        if (references.written_slot >= 0) {
          slots[references.written_slot] = {layer, pattern.temporal_index(), picture};
        }
      }
      pattern.advance();
    }
  }
}

}  // namespace
}  // namespace peerwire::test
