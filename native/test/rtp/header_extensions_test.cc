#include "rtp/header_extensions.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(AbsSendTime, Is618FixedPointWithin64Seconds) {
  EXPECT_EQ(to_abs_send_time(0), 0u);
  EXPECT_EQ(to_abs_send_time(1'000'000), 1u << 18);
  EXPECT_EQ(to_abs_send_time(63'500'000), 63u << 18 | 1u << 17);
  EXPECT_EQ(to_abs_send_time(64'000'000 + 250'000), 1u << 16);
  EXPECT_EQ(to_abs_send_time(-1'000'000), 63u << 18);
  EXPECT_EQ(to_abs_send_time(INT64_MAX) >> 24, 0u);
  EXPECT_EQ(encode_abs_send_time(1'000'000), (std::array<uint8_t, 3>{4, 0, 0}));
  EXPECT_EQ(decode_abs_send_time(Bytes{4, 0, 1}), (1u << 18) + 1);
  EXPECT_FALSE(decode_abs_send_time(Bytes{4, 0}));
  for (const int64_t us : {int64_t{1}, int64_t{123'456}, int64_t{63'999'990}}) {
    EXPECT_NEAR(static_cast<double>(abs_send_time_us(to_abs_send_time(us))), static_cast<double>(us), 4);
  }
}

TEST(AbsSendTime, TellsDifferencesAcrossItsWrap) {
  const uint32_t before = to_abs_send_time(63'990'000), after = to_abs_send_time(64'010'000);
  EXPECT_NEAR(static_cast<double>(abs_send_time_difference_us(after, before)), 20'000, 4);
  EXPECT_NEAR(static_cast<double>(abs_send_time_difference_us(before, after)), -20'000, 4);
}

TEST(Stamps, AreWrittenIntoASerializedPacket) {
  RtpExtensionMap map;
  map.set(RtpExtension::kAbsSendTime, 2);
  map.set(RtpExtension::kTransportWideSequenceNumber, 3);
  RtpPacketToSend packet;
  packet.set_extension(RtpExtension::kAbsSendTime, encode_abs_send_time(0));
  packet.set_extension(RtpExtension::kTransportWideSequenceNumber, encode_transport_sequence_number(0));
  Bytes octets = packet.serialize(map);
  EXPECT_TRUE(stamp_abs_send_time(octets, map, 1'000'000));
  EXPECT_TRUE(stamp_transport_sequence_number(octets, map, 0xABCD));
  const auto view = RtpPacketView::parse(octets);
  EXPECT_EQ(decode_abs_send_time(*view->extension(map, RtpExtension::kAbsSendTime)), 1u << 18);
  EXPECT_EQ(decode_transport_sequence_number(*view->extension(map, RtpExtension::kTransportWideSequenceNumber)),
            0xABCD);
  EXPECT_FALSE(stamp_abs_send_time(octets, {}, 1'000'000));
}

TEST(AbsCaptureTime, HasAnOffsetOrNone) {
  const AbsCaptureTime time{0x0123456789ABCDEF, -(int64_t{1} << 32)};
  const auto value = encode_abs_capture_time(time);
  EXPECT_EQ(decode_abs_capture_time(value), time);
  EXPECT_EQ(decode_abs_capture_time(ByteView(value).first(8)), (AbsCaptureTime{0x0123456789ABCDEF, std::nullopt}));
  for (const size_t size : {size_t{0}, size_t{7}, size_t{9}, size_t{15}}) {
    EXPECT_FALSE(decode_abs_capture_time(ByteView(value).first(size)));
  }
}

TEST(TransportSequenceNumber, IsReadOfBothVersions) {
  EXPECT_EQ(decode_transport_sequence_number(Bytes{1, 2}), 0x0102);
  EXPECT_EQ(decode_transport_sequence_number(Bytes{1, 2, 0x80, 0}), 0x0102);
  EXPECT_FALSE(decode_transport_sequence_number(Bytes{1}));
}

TEST(AudioLevel, CarriesVoiceAndLevel) {
  EXPECT_EQ(encode_audio_level({true, 30})[0], 0x80 | 30);
  EXPECT_EQ(encode_audio_level({false, 200})[0], 127);
  EXPECT_EQ(decode_audio_level(Bytes{0x85}), (AudioLevel{true, 5}));
  EXPECT_EQ(decode_audio_level(Bytes{0x7F}), (AudioLevel{false, 127}));
  EXPECT_FALSE(decode_audio_level(Bytes{}));
  const auto levels = decode_csrc_audio_levels(Bytes{1, 0x82});
  ASSERT_TRUE(levels);
  EXPECT_EQ(levels->count, 2u);
  EXPECT_EQ(levels->levels[1], 2);
  EXPECT_FALSE(decode_csrc_audio_levels(Bytes(16, 0)));
}

TEST(VideoOrientation, CarriesRotationFlipAndCamera) {
  for (int rotation = 0; rotation < 360; rotation += 90) {
    for (int bits = 0; bits < 4; ++bits) {
      const VideoOrientation orientation{rotation, (bits & 1) != 0, (bits & 2) != 0};
      const auto octet = encode_video_orientation(orientation);
      EXPECT_EQ(octet[0], rotation / 90 | bits << 2);
      EXPECT_EQ(decode_video_orientation(octet), orientation);
    }
  }
  EXPECT_FALSE(decode_video_orientation(Bytes{0, 0}));
}

TEST(PlayoutDelay, CarriesTwelveBitsEach) {
  EXPECT_EQ(encode_playout_delay({100, 400}), (std::array<uint8_t, 3>{0, 0xA0, 0x28}));
  EXPECT_EQ(decode_playout_delay(Bytes{0, 0xA0, 0x28}), (PlayoutDelay{100, 400}));
  EXPECT_EQ(decode_playout_delay(encode_playout_delay({-5, 1'000'000})), (PlayoutDelay{0, 40'950}));
  EXPECT_FALSE(decode_playout_delay(Bytes{0, 0x20, 0x01})) << "more than the most";
}

TEST(StreamText, EndsAtAZeroOctet) {
  EXPECT_EQ(decode_stream_text(as_bytes("hi")), "hi");
  EXPECT_EQ(decode_stream_text(Bytes{'h', 0, 'i'}), "h");
  EXPECT_FALSE(decode_stream_text(Bytes{0, 'i'}));
  EXPECT_FALSE(decode_stream_text(Bytes{}));
}

}  // namespace
}  // namespace peerwire
