// Layers can be left out, and taken up again where the encoder says so.
#include "media/video_codec/codec_test.h"

namespace peerwire::test {
namespace {

class TemporalLayersTest : public CodecTest {
 protected:
  std::vector<EncodedVideoFrame> encode_layers(int layers) {
    VideoEncoderSettings settings = settings_for(GetParam(), kWidth, kHeight, 1'000'000);
    settings.scalability.temporal_layers = layers;
    return encode_pictures(*make_encoder(settings), 48);
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TemporalLayersTest);  // a build may leave out all of them
INSTANTIATE_TEST_SUITE_P(Codecs, TemporalLayersTest, testing::ValuesIn(built_codecs()), test_name);

TEST_P(TemporalLayersTest, NumbersLayers) {
  for (const int layers : {1, 2, 3}) {
    const std::vector<int> expected = layers == 1   ? std::vector{0, 0, 0, 0}
                                      : layers == 2 ? std::vector{0, 1, 0, 1}
                                                    : std::vector{0, 2, 1, 2};
    int index = 0;
    for (const EncodedVideoFrame& frame : encode_layers(layers)) {
      if (frame.data.empty()) continue;
      EXPECT_EQ(frame.temporal_layers, layers);
      EXPECT_EQ(frame.temporal_index, expected[static_cast<size_t>(index++ % 4)]);
      if (frame.temporal_index == 0) {
        EXPECT_FALSE(frame.is_discardable);
      }
      if (frame.temporal_index == 2) {
        EXPECT_TRUE(frame.is_discardable);
      }
      if (frame.temporal_index == 0) {
        EXPECT_FALSE(frame.is_layer_sync);
      }
    }
    EXPECT_GE(index, 40);
  }
}

TEST_P(TemporalLayersTest, HigherLayersCanBeLeftOut) {
  for (const int layers : {2, 3}) {
    const auto frames = encode_layers(layers);
    for (int kept = 0; kept < layers; kept++) {
      const auto decoder = make_decoder();
      int shown = 0;
      for (size_t i = 0; i < frames.size(); i++) {
        if (frames[i].data.empty() || frames[i].temporal_index > kept) continue;
        std::optional<VideoFrame> decoded;
        ASSERT_TRUE(decoder->decode(frames[i], decoded)) << layers << " layers, up to " << kept << ", picture " << i;
        ASSERT_TRUE(decoded);
        shown++;
        EXPECT_GT(psnr(*decoded->buffer, *moving_picture(kWidth, kHeight, static_cast<int>(i)).buffer), 30)
            << layers << " layers, up to " << kept << ", picture " << i;
      }
      EXPECT_GE(shown, 40 >> (layers - 1 - kept));
    }
  }
}

TEST_P(TemporalLayersTest, DiscardableFramesCanBeLeftOut) {
  const auto frames = encode_layers(3);
  const auto decoder = make_decoder();
  int left_out = 0;
  for (size_t i = 0; i < frames.size(); i++) {
    if (frames[i].data.empty()) continue;
    if (frames[i].is_discardable && i % 3 != 0) {
      left_out++;
      continue;
    }
    std::optional<VideoFrame> decoded;
    ASSERT_TRUE(decoder->decode(frames[i], decoded));
    ASSERT_TRUE(decoded);
    EXPECT_GT(psnr(*decoded->buffer, *moving_picture(kWidth, kHeight, static_cast<int>(i)).buffer), 30) << i;
  }
  EXPECT_GT(left_out, 5);
}

TEST_P(TemporalLayersTest, ReceiversMaySwitchUpAtSyncFrames) {
  for (const int layers : {2, 3}) {
    const auto frames = encode_layers(layers);
    const auto decoder = make_decoder();
    int allowed = 0;  // only the base layer for a while
    int switched = 0;
    for (size_t i = 0; i < frames.size(); i++) {
      if (frames[i].data.empty()) continue;
      if (i >= 12 && frames[i].is_layer_sync && frames[i].temporal_index > allowed) {
        allowed = frames[i].temporal_index;
        switched++;
      }
      if (frames[i].temporal_index > allowed) continue;
      // A switch to the highest layer does not bring those between that came before.
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(decoder->decode(frames[i], decoded)) << i;
      ASSERT_TRUE(decoded);
      EXPECT_GT(psnr(*decoded->buffer, *moving_picture(kWidth, kHeight, static_cast<int>(i)).buffer), 30)
          << layers << " layers, picture " << i;
    }
    EXPECT_GE(switched, 1) << layers;
  }
}

TEST_P(TemporalLayersTest, NothingIsBuiltOnTheSameLayerAboveTheBase) {
  if (GetParam() != VideoCodec::kVp9 && GetParam() != VideoCodec::kAv1) {
    GTEST_SKIP() << "its packets tell of each frame whether it is";
  }
  // So say VP9's scalability structure and AV1's dependency descriptor: who has lost such a frame shows the next one.
  const auto packed = [](const VideoFrame& frame) {
    std::vector<uint8_t> octets(frame.buffer->packed_size());
    frame.buffer->copy_packed_to(octets.data());
    return octets;
  };
  for (const int layers : {2, 3}) {
    const auto frames = encode_layers(layers);
    const auto whole = make_decoder();
    int compared = 0;
    for (size_t last = 0; last < 20; last++) {
      if (frames[last].data.empty()) continue;
      std::optional<VideoFrame> meant;
      ASSERT_TRUE(whole->decode(frames[last], meant) && meant);
      const int layer = frames[last].temporal_index;
      if (layer == 0) continue;
      const auto decoder = make_decoder();
      std::optional<VideoFrame> shown;
      for (size_t i = 0; i <= last; i++) {
        if (frames[i].data.empty() || (i < last && frames[i].temporal_index >= layer)) continue;
        ASSERT_TRUE(decoder->decode(frames[i], shown) && shown);
      }
      EXPECT_TRUE(packed(*shown) == packed(*meant)) << layers << " layers, picture " << last;
      compared++;
    }
    EXPECT_GE(compared, 8);
  }
}

TEST_P(TemporalLayersTest, ChangesTheNumberOfLayers) {
  VideoEncoderSettings settings = settings_for(GetParam());
  const auto encoder = make_encoder(settings);
  const auto decoder = make_decoder();
  for (const int layers : {1, 3, 2, 1}) {
    settings.scalability.temporal_layers = layers;
    ASSERT_TRUE(encoder->reconfigure(settings));
    for (const EncodedVideoFrame& frame : encode_pictures(*encoder, 8)) {
      if (frame.data.empty()) continue;
      std::optional<VideoFrame> decoded;
      ASSERT_TRUE(decoder->decode(frame, decoded));
      ASSERT_TRUE(decoded);
    }
  }
}

}  // namespace
}  // namespace peerwire::test
