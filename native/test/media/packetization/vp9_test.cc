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

/// Two spatial layers of a picture, one packet each.
std::vector<Bytes> layered_payloads(Packetizer& packetizer, bool is_key_picture, bool builds_on_lower) {
  std::vector<Bytes> out;
  for (const int layer : {0, 1}) {
    auto frame = vp9_frame(2, is_key_picture && !(layer == 1 && builds_on_lower));
    frame.spatial_layers = 2;
    frame.spatial_index = layer;
    frame.ends_picture = layer == 1;
    frame.refers_to_earlier = !is_key_picture;
    frame.refers_to_lower = layer == 1 && builds_on_lower;
    frame.serves_upper = layer == 0 && builds_on_lower;
    if (is_key_picture && layer == 0) frame.layer_sizes = {{640, 360}, {1280, 720}};
    for (VideoPayload& payload : packetizer.packetize(frame, {})) out.push_back(std::move(payload.payload));
  }
  return out;
}

TEST(Vp9, WritesSpatialLayersUnderOnePictureIdentifier) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp9, .first_picture_id = 0x7fff, .first_tl0_index = 6});
  auto payloads = layered_payloads(*packetizer, true, true);
  ASSERT_EQ(payloads.size(), 2u);
  const Bytes structure{0x38, 0x02, 0x80, 0x01, 0x68, 0x05, 0x00, 0x02, 0xd0, 1, 0x14, 1};
  Bytes base{0xae, 0xff, 0xff, 0x00, 0x07};
  base.insert(base.end(), structure.begin(), structure.end());
  const Bytes media = vp9_frame(2, true).data;
  base.insert(base.end(), media.begin(), media.end());
  EXPECT_EQ(payloads[0], base);
  Bytes upper{0xad, 0xff, 0xff, 0x03, 0x07};
  upper.insert(upper.end(), media.begin(), media.end());
  EXPECT_EQ(payloads[1], upper);
  // Of a picture whose layers need only their own past.
  payloads = layered_payloads(*packetizer, false, false);
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_EQ(Bytes(payloads[0].begin(), payloads[0].begin() + 5), (Bytes{0xed, 0x80, 0x00, 0x00, 0x08}));
  EXPECT_EQ(Bytes(payloads[1].begin(), payloads[1].begin() + 5), (Bytes{0xed, 0x80, 0x00, 0x02, 0x08}));
}

TEST(Vp9, ReadsSpatialLayers) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp9});
  auto depacketizer = Depacketizer::create(VideoCodec::kVp9);
  const auto payloads = layered_payloads(*packetizer, true, true);
  const auto base = depacketizer->parse(payloads[0]);
  const auto upper = depacketizer->parse(payloads[1]);
  ASSERT_TRUE(base && upper);
  EXPECT_TRUE(base->is_keyframe && base->begins_picture && base->ends_layer);
  EXPECT_EQ(base->layer_sizes[0], (LayerSize{640, 360}));
  EXPECT_EQ(base->layer_sizes[1], (LayerSize{1280, 720}));
  EXPECT_EQ(base->width, 1280);
  EXPECT_FALSE(upper->is_keyframe || upper->begins_picture || upper->may_begin_picture || upper->refers_to_earlier);
  EXPECT_TRUE(upper->refers_to_lower && upper->ends_layer);
  EXPECT_EQ(upper->spatial_index, 1);
  // One that needs no other may be all that comes.
  const auto alone = depacketizer->parse(layered_payloads(*packetizer, true, false)[1]);
  ASSERT_TRUE(alone);
  EXPECT_TRUE(alone->is_keyframe && alone->may_begin_picture);
  EXPECT_FALSE(alone->begins_picture);
  const auto delta = depacketizer->parse(layered_payloads(*packetizer, false, true)[1]);
  ASSERT_TRUE(delta);
  EXPECT_TRUE(delta->refers_to_earlier && delta->refers_to_lower);
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
