#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

EncodedVideoFrame vp8_frame(size_t size, bool is_keyframe, uint32_t seed = 1) {
  EncodedVideoFrame frame;
  frame.data = random_octets(size, seed);
  frame.is_keyframe = is_keyframe;
  if (is_keyframe) {
    const uint8_t head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41};
    std::copy(std::begin(head), std::end(head), frame.data.begin());
  } else {
    frame.data[0] |= 1;
  }
  return frame;
}

TEST(Vp8, ComesBackWhole) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp8});
  auto depacketizer = Depacketizer::create(VideoCodec::kVp8);
  for (const size_t size : {10u, 100u, 1196u, 1197u, 5000u, 60000u}) {
    const PayloadLimits limits{1200, 12, 7, 19};
    const auto sent = vp8_frame(size, true, static_cast<uint32_t>(size));
    const auto payloads = packetizer->packetize(sent, limits);
    expect_fits(payloads, limits);
    const auto received = assemble(*depacketizer, payloads);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->data, sent.data);
    EXPECT_TRUE(received->is_keyframe);
    EXPECT_EQ(received->width, 640);
    EXPECT_EQ(received->height, 360);  // the upper two bits are a scale
  }
}

TEST(Vp8, WritesTheDescriptorOfRfc7741) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp8, .first_picture_id = 0x7fff, .first_tl0_index = 255});
  auto frame = vp8_frame(20, true);
  auto payloads = packetizer->packetize(frame, {});
  ASSERT_EQ(payloads.size(), 1u);
  EXPECT_EQ(Bytes(payloads[0].payload.begin(), payloads[0].payload.begin() + 4), (Bytes{0x90, 0x80, 0xff, 0xff}));
  // The next one: two layers, an upper frame that nothing builds on. The identifier has wrapped.
  frame = vp8_frame(20, false);
  frame.temporal_layers = 2;
  frame.temporal_index = 1;
  frame.is_layer_sync = true;
  frame.is_discardable = true;
  payloads = packetizer->packetize(frame, {});
  ASSERT_EQ(payloads.size(), 1u);
  EXPECT_EQ(Bytes(payloads[0].payload.begin(), payloads[0].payload.begin() + 6),
            (Bytes{0xb0, 0xe0, 0x80, 0x00, 0x00, 0x60}));
  frame.temporal_index = 0;
  payloads = packetizer->packetize(frame, {});
  EXPECT_EQ(payloads[0].payload[4], 1);  // TL0PICIDX
}

TEST(Vp8, ReadsWhatItWrites) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kVp8, .first_picture_id = 300, .first_tl0_index = 9});
  auto depacketizer = Depacketizer::create(VideoCodec::kVp8);
  auto frame = vp8_frame(3000, false);
  frame.temporal_layers = 3;
  frame.temporal_index = 2;
  const auto descriptions = describe(*depacketizer, packetizer->packetize(frame, {}));
  ASSERT_EQ(descriptions.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(descriptions[i].begins_picture, i == 0);
    EXPECT_EQ(descriptions[i].picture_id, 300);
    EXPECT_EQ(descriptions[i].tl0_index, 9);
    EXPECT_EQ(descriptions[i].temporal_index, 2);
    EXPECT_FALSE(descriptions[i].is_layer_sync);
    EXPECT_FALSE(descriptions[i].is_keyframe);
  }
}

TEST(Vp8, ToleratesEveryFormOfDescriptor) {
  auto depacketizer = Depacketizer::create(VideoCodec::kVp8);
  // KEYIDX alone, a picture identifier of seven bits, none at all.
  const Bytes key_index{0x90, 0x10, 0x1f, 0x01};
  auto description = depacketizer->parse(key_index);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->media.size(), 1u);
  const Bytes short_id{0x90, 0x80, 0x11, 0x01};
  description = depacketizer->parse(short_id);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->picture_id, 0x11);
  EXPECT_EQ(description->picture_id_bits, 7);
  const Bytes bare{0x10, 0x00};
  description = depacketizer->parse(bare);
  ASSERT_TRUE(description);
  EXPECT_TRUE(description->begins_picture && description->is_keyframe);
  // Another partition begins no picture.
  const Bytes partition{0x11, 0x00};
  EXPECT_FALSE(depacketizer->parse(partition)->begins_picture);
}

TEST(Vp8, RefusesWhatIsCutOff) {
  auto depacketizer = Depacketizer::create(VideoCodec::kVp8);
  const Bytes whole{0x90, 0xf0, 0x81, 0x02, 0x03, 0x20, 0x01};
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(depacketizer->parse(ByteView(whole).first(size))) << size;
  }
  EXPECT_TRUE(depacketizer->parse(whole));
}

}  // namespace
}  // namespace peerwire
