#include "media/stream/picture_size.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(PictureSize, IsScaledDownAsTheEncodingSays) {
  EncodingParameters encoding;
  EXPECT_EQ(wanted_size({1280, 720}, encoding), (PictureSize{1280, 720}));
  encoding.scale_down_by = 2;
  EXPECT_EQ(wanted_size({1280, 720}, encoding), (PictureSize{640, 360}));
  encoding.scale_down_by = 3;
  EXPECT_EQ(wanted_size({1280, 720}, encoding), (PictureSize{426, 240}));
}

TEST(PictureSize, ScaleResolutionDownToBoundsEitherOrientationAndEnlargesNothing) {
  EncodingParameters encoding;
  encoding.scale_down_by = 4;
  encoding.max_width = 640;
  encoding.max_height = 360;
  EXPECT_EQ(wanted_size({1280, 720}, encoding), (PictureSize{640, 360}));
  EXPECT_EQ(wanted_size({720, 1280}, encoding), (PictureSize{360, 640}));
  EXPECT_EQ(wanted_size({320, 180}, encoding), (PictureSize{320, 180}));
}

TEST(PictureSize, HasNoMoreMacroblocksThanThePeerTakes) {
  EncodingParameters encoding;
  encoding.max_macroblocks = 396;
  EXPECT_EQ(wanted_size({352, 288}, encoding), (PictureSize{352, 288}));
  for (const PictureSize captured : {PictureSize{1920, 1080}, {1080, 1920}, {640, 480}, {353, 289}}) {
    const PictureSize size = wanted_size(captured, encoding);
    EXPECT_LE((size.width + 15) / 16 * ((size.height + 15) / 16), 396) << captured.width;
    EXPECT_GT(size.width * size.height, 396 * 256 / 2) << captured.width;
    EXPECT_EQ(size.width % 2 + size.height % 2, 0);
  }
}

TEST(PictureSize, ReducedSizesAreEvenAndNotTiny) {
  EXPECT_EQ(reduced_size({1280, 720}, 0), (PictureSize{1280, 720}));
  EXPECT_EQ(reduced_size({1280, 720}, 1), (PictureSize{960, 540}));
  EXPECT_EQ(reduced_size({1280, 720}, 2), (PictureSize{720, 404}));
  const PictureSize least = reduced_size({160, 90}, 5);
  EXPECT_GE(least.height, 64);
  EXPECT_EQ(reduced_size({48, 32}, 5), (PictureSize{48, 32}));
}

TEST(PictureSize, MoreBitrateIsGoodForMorePixels) {
  int64_t before = 0;
  for (const uint32_t bps : {0u, 150'000u, 300'000u, 600'000u, 1'000'000u, 3'000'000u, 5'000'000u, 9'000'000u}) {
    const int64_t pixels = pixels_for_bitrate(bps);
    EXPECT_GT(pixels, before) << bps;
    before = pixels;
  }
}

TEST(PictureSize, APictureThatIsSentAloneIsMadeSmallerBeforeItPauses) {
  EXPECT_EQ(bitrate_range({1280, 720}, 30, false, false).least_bps, 30'000u);
  EXPECT_EQ(bitrate_range({1280, 720}, 30, false, false).useful_bps, 2'500'000u);
}

TEST(PictureSize, LayersOfASimulcastLeaveSomethingForTheLargerOnes) {
  uint32_t least = 0, good = 0;
  for (const PictureSize size : {PictureSize{320, 180}, {640, 360}, {1280, 720}}) {
    const BitrateRange range = bitrate_range(size, 30, false, true);
    EXPECT_LE(range.least_bps, range.good_bps);
    EXPECT_LE(range.good_bps, range.useful_bps);
    EXPECT_GT(range.least_bps, least);
    EXPECT_GT(range.good_bps, good);
    least = range.least_bps;
    good = range.good_bps;
  }
  // All three fit into what browsers give them.
  EXPECT_LT(bitrate_range({320, 180}, 30, false, true).good_bps + bitrate_range({640, 360}, 30, false, true).good_bps +
                bitrate_range({1280, 720}, 30, false, true).least_bps,
            1'300'000u);
}

TEST(PictureSize, SmallPicturesHaveFewerSpatialLayers) {
  const ScalabilityMode mode = *parse_scalability_mode("L3T3_KEY");
  EXPECT_EQ(fitting_scalability(mode, {1280, 720}), mode);
  EXPECT_EQ(fitting_scalability(mode, {720, 1280}).spatial_layers, 3);
  EXPECT_EQ(fitting_scalability(mode, {960, 540}).spatial_layers, 3);
  EXPECT_EQ(fitting_scalability(mode, {640, 360}).spatial_layers, 2);
  EXPECT_EQ(fitting_scalability(mode, {60, 60}).spatial_layers, 1);
  EXPECT_EQ(fitting_scalability(mode, {60, 60}).temporal_layers, 3);
  EXPECT_EQ(fitting_scalability(*parse_scalability_mode("L3T1h"), {640, 360}).spatial_layers, 3);
}

TEST(PictureSize, SpatialLayersThatDoNotFitAreLeftOutFromAbove) {
  const ScalabilityMode mode = *parse_scalability_mode("L3T1");
  const PictureSize size{1280, 720};
  const auto layers = [&](uint32_t bps, int current) {
    return affordable_spatial_layers(mode, size, 30, false, {bps, 0}, current);
  };
  EXPECT_EQ(layers(10'000, 0), 1);
  EXPECT_EQ(layers(400'000, 0), 2);
  EXPECT_EQ(layers(2'000'000, 0), 3);
  int before = 1;
  for (uint32_t bps = 20'000; bps < 3'000'000; bps += 20'000) {
    const int now = layers(bps, 0);
    EXPECT_GE(now, before);
    // What wavers by a tenth changes nothing.
    EXPECT_EQ(layers(bps + bps / 10, now), now) << bps;
    before = now;
  }
  const BitrateRange all = layered_bitrate_range(mode, size, 30, false);
  EXPECT_EQ(layers(all.good_bps, 0), 3);
  EXPECT_EQ(all.least_bps, bitrate_range({320, 180}, 30, false, true).least_bps);
}

/// What conference systems ask for (livekit-client's presets for VP9 and AV1) is good for all layers in browsers.
TEST(PictureSize, TheBoundOfAnEncodingIsGoodForAllOfItsLayers) {
  const ScalabilityMode mode = *parse_scalability_mode("L3T3_KEY");
  const auto layers = [&](PictureSize size, uint32_t bps, uint32_t most_bps, int current) {
    return affordable_spatial_layers(mode, size, 30, false, {bps, most_bps}, current);
  };
  struct Preset {
    PictureSize size;
    uint32_t most_bps;
  };
  for (const auto& [size, most_bps] : std::initializer_list<Preset>{{{960, 540}, 680'000},
                                                                    {{1280, 720}, 1'190'000},
                                                                    {{1280, 720}, 1'445'000},
                                                                    {{1920, 1080}, 2'550'000},
                                                                    {{2560, 1440}, 4'250'000}}) {
    EXPECT_EQ(layers(size, most_bps, most_bps, 0), 3) << size.width;
    // Also when the rate has come up from the start's.
    EXPECT_EQ(layers(size, most_bps, most_bps, 1), 3) << size.width;
    EXPECT_EQ(layers(size, most_bps, most_bps, 2), 3) << size.width;
    EXPECT_LT(layers(size, most_bps / 4, most_bps, 3), 3) << size.width;
  }
  // What comes back pays for its keyframe, as long as there can be more.
  EXPECT_EQ(layers({960, 540}, 620'000, 2'000'000, 3), 3);
  EXPECT_EQ(layers({960, 540}, 620'000, 2'000'000, 2), 2);
  EXPECT_EQ(layers({960, 540}, 620'000, 620'000, 2), 3);
}

}  // namespace
}  // namespace peerwire
