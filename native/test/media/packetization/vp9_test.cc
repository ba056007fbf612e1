#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

EncodedVideoFrame vp9_frame(size_t size, bool is_keyframe) {
  EncodedVideoFrame frame;
  frame.codec = VideoCodec::kVp9;
  frame.data = random_octets(size, static_cast<uint32_t>(size));
  frame.is_keyframe = is_keyframe;
  frame.width = 1280;
  frame.height = 720;
  return frame;
}

TEST(Vp9, ComesBackWhole) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp9});
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  for (const size_t size : {1u, 100u, 1180u, 1190u, 5000u, 60000u}) {
    for (const int layers : {1, 2, 3}) {
      for (const bool is_keyframe : {true, false}) {
        const PayloadLimits limits{1200, 12, 7, 19};
        auto sent = vp9_frame(size, is_keyframe);
        sent.temporal_layers = layers;
        const auto payloads = packetizer->packetize(sent, limits);
        expect_fits(payloads, limits);
        const auto received = assemble(*depacketizer, payloads);
        ASSERT_TRUE(received);
        EXPECT_EQ(received->data, sent.data);
        const auto descriptions = describe(*depacketizer, payloads);
        EXPECT_EQ(descriptions[0].is_keyframe, is_keyframe);
        EXPECT_EQ(descriptions[0].width, is_keyframe ? 1280 : 0);
        EXPECT_EQ(descriptions[0].height, is_keyframe ? 720 : 0);
      }
    }
  }
}

TEST(Vp9, WritesTheDescriptorOfRfc9628) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp9, .first_picture_id = 0x1234, .first_tl0_index = 6});
  auto frame = vp9_frame(2, true);
  frame.temporal_layers = 2;
  auto payloads = packetizer->packetize(frame, {});
  ASSERT_EQ(payloads.size(), 1u);
  Bytes expected{0xae, 0x92, 0x34, 0x00, 0x07, 0x18, 0x05, 0x00, 0x02, 0xd0, 2, 0x14, 2, 0x34, 1};
  expected.insert(expected.end(), frame.data.begin(), frame.data.end());
  EXPECT_EQ(payloads[0].payload, expected);
  frame = vp9_frame(2, false);
  frame.temporal_layers = 2;
  frame.temporal_index = 1;
  frame.is_layer_sync = true;
  payloads = packetizer->packetize(frame, {});
  expected = {0xec, 0x92, 0x35, 0x30, 0x07};
  expected.insert(expected.end(), frame.data.begin(), frame.data.end());
  EXPECT_EQ(payloads[0].payload, expected);
}

TEST(Vp9, ReadsFlexibleMode) {
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  // I P L F B: identifier 5, layer 1 switching up, two references.
  const Bytes payload{0xf8, 0x05, 0x30, 0x03, 0x04, 0xaa};
  auto description = depacketizer->parse(payload);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->picture_id, 5);
  EXPECT_EQ(description->temporal_index, 1);
  EXPECT_TRUE(description->is_layer_sync);
  ASSERT_TRUE(description->references);
  ASSERT_EQ(description->references->count, 2u);
  EXPECT_EQ(description->references->differences[0], 1);
  EXPECT_EQ(description->references->differences[1], 2);
  EXPECT_FALSE(description->tl0_index);
  EXPECT_EQ(description->media.size(), 1u);
  // More than three references.
  const Bytes endless{0xd8, 0x05, 0x03, 0x03, 0x03, 0x03, 0xaa};
  EXPECT_FALSE(depacketizer->parse(endless));
}

TEST(Vp9, KnowsTheKeyPictureByItsLowestLayer) {
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  // No inter-picture prediction, spatial layer 1 built on layer 0: not where a picture begins.
  const Bytes upper{0xa8, 0x05, 0x03, 0x07, 0xaa};
  const auto description = depacketizer->parse(upper);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->spatial_index, 1);
  EXPECT_FALSE(description->begins_picture || description->is_keyframe);
  const Bytes lower{0xa8, 0x05, 0x00, 0x07, 0xaa};
  EXPECT_TRUE(depacketizer->parse(lower)->begins_picture);
  EXPECT_TRUE(depacketizer->parse(lower)->is_keyframe);
}

TEST(Vp9, ReadsTheSizeFromTheFrameWhenTheStructureIsMissing) {
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  // Frame marker 2, profile 0, keyframe, shown; sync code; colour space 2; 320 x 180.
  const Bytes payload{0x8c, 0x05, 0x82, 0x49, 0x83, 0x42, 0x40, 0x13, 0xf0, 0x0b, 0x30};
  const auto description = depacketizer->parse(payload);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->width, 320);
  EXPECT_EQ(description->height, 180);
}

TEST(Vp9, RefusesWhatIsCutOff) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp9});
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  auto frame = vp9_frame(1, true);
  frame.temporal_layers = 3;
  const Bytes whole = packetizer->packetize(frame, {})[0].payload;
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(depacketizer->parse(ByteView(whole).first(size))) << size;
  }
}

}  // namespace
}  // namespace peerwire
