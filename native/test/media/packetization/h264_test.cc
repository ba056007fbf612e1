#include "media/packetization/h264_bitstream.h"

#include "media/packetization/h264_depacketizer.h"
#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

// Constrained baseline, 640 x 360 (cropped from 368), with VUI.
const Bytes kSps{0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0xc0, 0x44, 0x00, 0x00,
                 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x58, 0xba, 0x80};
const Bytes kPps{0x68, 0xce, 0x38, 0x80};

Bytes slice(uint8_t header, size_t size, uint32_t seed) {
  Bytes out = octets_without_zeros(size, seed);
  out[0] = header;
  out[1] = 0xb8;  // first_mb 0, type 5, pps 0
  return out;
}
Bytes idr(size_t size, uint32_t seed = 1) {
  return slice(0x65, size, seed);
}
Bytes delta(size_t size, uint32_t seed = 2) {
  return slice(0x41, size, seed);
}

EncodedVideoFrame frame_of(const std::vector<Bytes>& units) {
  EncodedVideoFrame frame;
  frame.codec = VideoCodec::kH264;
  for (const Bytes& unit : units) {
    const uint8_t start[] = {0, 0, 0, 1};
    frame.data.insert(frame.data.end(), std::begin(start), std::end(start));
    frame.data.insert(frame.data.end(), unit.begin(), unit.end());
  }
  return frame;
}

TEST(H264Bitstream, FindsUnitsBehindEitherStartCode) {
  const Bytes stream{0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 0, 1, 0x65, 0, 0, 3, 0};
  const auto units = h264::split_annex_b(stream);
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(Bytes(units[0].begin(), units[0].end()), (Bytes{0x67, 1, 2}));
  EXPECT_EQ(Bytes(units[1].begin(), units[1].end()), (Bytes{0x68, 3}));
  EXPECT_EQ(Bytes(units[2].begin(), units[2].end()), (Bytes{0x65, 0, 0, 3, 0}));
  EXPECT_TRUE(h264::split_annex_b({}).empty());
  EXPECT_EQ(h264::split_annex_b(kPps).size(), 1u);
}

TEST(H264Bitstream, ReadsTheCroppedSize) {
  const auto sps = h264::parse_sps(kSps);
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->width, 640);
  EXPECT_EQ(sps->height, 360);
  for (size_t size = 0; size < 8; ++size) EXPECT_FALSE(h264::parse_sps(ByteView(kSps).first(size))) << size;
}

TEST(H264, ComesBackWholeInModeOne) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  for (const size_t size : {20u, 1150u, 1199u, 1200u, 1201u, 5000u, 60000u}) {
    auto depacketizer = Depacketizer::create(VideoCodec::kH264);
    const PayloadLimits limits{1200, 12, 7, 19};
    const auto sent = frame_of({kSps, kPps, idr(size), idr(300, 3), delta(40)});
    const auto payloads = packetizer->packetize(sent, limits);
    expect_fits(payloads, limits);
    const auto received = assemble(*depacketizer, payloads);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->data, sent.data);
    EXPECT_TRUE(received->is_keyframe);
    EXPECT_EQ(received->width, 640);
    EXPECT_EQ(received->height, 360);
    const auto descriptions = describe(*depacketizer, payloads);
    EXPECT_TRUE(descriptions[0].begins_picture);
    EXPECT_EQ(descriptions[0].width, 640);
  }
}

TEST(H264, KeepsWhatATransformHasAppended) {
  // Encrypted, with a trailer that ends with the number of the key.
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  for (const size_t size : {100u, 3000u}) {
    Bytes unit = idr(size);
    unit.insert(unit.end(), {12, 0, 0});
    auto depacketizer = Depacketizer::create(VideoCodec::kH264);
    const auto sent = frame_of({kSps, kPps, unit});
    const auto received = assemble(*depacketizer, packetizer->packetize(sent, {}));
    ASSERT_TRUE(received);
    EXPECT_EQ(received->data, sent.data);
  }
}

TEST(H264, AggregatesSmallUnits) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  const auto payloads = packetizer->packetize(frame_of({kSps, kPps, idr(100)}), {});
  ASSERT_EQ(payloads.size(), 1u);
  EXPECT_EQ(payloads[0].payload[0], 0x60 | 24);
  EXPECT_EQ(payloads[0].payload.size(), 1 + 2 + kSps.size() + 2 + kPps.size() + 2 + 100);
}

TEST(H264, FragmentsLargeUnits) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  const auto payloads = packetizer->packetize(frame_of({idr(3000)}), {});
  ASSERT_EQ(payloads.size(), 3u);
  EXPECT_EQ(payloads[0].payload[0], 0x60 | 28);
  EXPECT_EQ(payloads[0].payload[1], 0x80 | 5);
  EXPECT_EQ(payloads[1].payload[1], 5);
  EXPECT_EQ(payloads[2].payload[1], 0x40 | 5);
}

TEST(H264, SendsSingleUnitsInModeZero) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264, .single_nal_units = true});
  const auto sent = frame_of({kSps, kPps, idr(1000)});
  const auto payloads = packetizer->packetize(sent, {});
  ASSERT_EQ(payloads.size(), 3u);
  EXPECT_EQ(payloads[0].payload, kSps);
  EXPECT_EQ(payloads[1].payload, kPps);
  auto depacketizer = Depacketizer::create(VideoCodec::kH264);
  EXPECT_EQ(assemble(*depacketizer, payloads)->data, sent.data);
  EXPECT_TRUE(packetizer->packetize(frame_of({idr(1300)}), {}).empty());
}

TEST(H264, PutsKnownParameterSetsBeforeAnIdrWithoutThem) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  auto depacketizer = Depacketizer::create(VideoCodec::kH264);
  // Not known yet: no decoder could begin here.
  EXPECT_FALSE(assemble(*depacketizer, packetizer->packetize(frame_of({idr(100)}), {})));
  ASSERT_TRUE(assemble(*depacketizer, packetizer->packetize(frame_of({kSps, kPps, idr(100)}), {})));
  for (const size_t size : {100u, 4000u}) {
    const auto received = assemble(*depacketizer, packetizer->packetize(frame_of({idr(size)}), {}));
    ASSERT_TRUE(received);
    EXPECT_EQ(received->data, frame_of({kSps, kPps, idr(size)}).data);
    EXPECT_EQ(received->width, 640);
  }
  // Frames that are no IDR need nothing.
  EXPECT_EQ(assemble(*depacketizer, packetizer->packetize(frame_of({delta(100)}), {}))->data,
            frame_of({delta(100)}).data);
}

TEST(H264, TakesParameterSetsFromTheDescription) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  auto depacketizer = Depacketizer::create(VideoCodec::kH264, "Z0LAHtoCgL/lwEQAAAMABAAAAwDwPFi6gA==,aM44gA==");
  const auto received = assemble(*depacketizer, packetizer->packetize(frame_of({idr(100)}), {}));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->data, frame_of({kSps, kPps, idr(100)}).data);
}

TEST(H264, KeepsParameterSetsThatCameInFragments) {
  auto packetizer = Packetizer::create({.codec = VideoCodec::kH264});
  auto depacketizer = Depacketizer::create(VideoCodec::kH264);
  ASSERT_TRUE(
      assemble(*depacketizer, packetizer->packetize(frame_of({kSps, kPps, idr(100)}), {.max_payload_size = 16})));
  EXPECT_TRUE(assemble(*depacketizer, packetizer->packetize(frame_of({idr(100)}), {})));
}

TEST(H264, RefusesWhatDoesNotFitTogether) {
  auto depacketizer = Depacketizer::create(VideoCodec::kH264);
  EncodedVideoFrame frame;
  const Bytes begin{0x7c, 0x81, 1, 2, 3};
  const Bytes middle{0x7c, 0x01, 1, 2, 3};
  const Bytes end{0x7c, 0x41, 1, 2, 3};
  const Bytes single{0x41, 0xb8, 3};
  const auto try_out = [&](std::vector<ByteView> media) { return depacketizer->assemble(media, frame); };
  EXPECT_TRUE(try_out({begin, middle, end}));
  EXPECT_FALSE(try_out({middle, end}));
  EXPECT_FALSE(try_out({begin, middle}));
  EXPECT_FALSE(try_out({begin, begin, end}));
  EXPECT_FALSE(try_out({begin, single, end}));
  EXPECT_FALSE(try_out({}));
  for (const Bytes& bad : {Bytes{}, Bytes{0x78}, Bytes{0x78, 0, 0}, Bytes{0x78, 0, 9, 1}, Bytes{0x7c, 0x81},
                           Bytes{0x79, 0, 1, 1}, Bytes{0x00, 1}}) {
    EXPECT_FALSE(depacketizer->parse(bad));
  }
}

}  // namespace
}  // namespace peerwire
