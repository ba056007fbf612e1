#include "rtp/rtp_packet.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

RtpExtensionMap small_map() {
  RtpExtensionMap map;
  map.set(RtpExtension::kMid, 4);
  map.set(RtpExtension::kAbsSendTime, 2);
  map.set(RtpExtension::kTransportWideSequenceNumber, 3);
  map.set(RtpExtension::kDependencyDescriptor, 12);
  return map;
}

RtpPacketToSend small_packet() {
  RtpPacketToSend packet;
  packet.header.marker = true;
  packet.header.payload_type = 96;
  packet.header.sequence_number = 0xFFFE;
  packet.header.timestamp = 0x01020304;
  packet.header.ssrc = 0xA1A2A3A4;
  packet.payload = {9, 8, 7};
  return packet;
}

std::string text(const std::optional<ByteView>& value) {
  return value ? std::string(value->begin(), value->end()) : "(none)";
}

TEST(RtpPacket, WritesTheOctetsOfRfc3550) {
  RtpPacketToSend packet = small_packet();
  packet.header.csrcs = {0x11121314};
  packet.padding_size = 2;
  const Bytes expected = {0xA1, 0xE0, 0xFF, 0xFE, 1,    2, 3, 4, 0xA1, 0xA2, 0xA3,
                          0xA4, 0x11, 0x12, 0x13, 0x14, 9, 8, 7, 0,    2};
  EXPECT_EQ(packet.serialize({}), expected);
  EXPECT_EQ(packet.header_size({}), 16u);
  EXPECT_EQ(packet.size({}), expected.size());
}

TEST(RtpPacket, ReadsWhatItWrote) {
  RtpPacketToSend packet = small_packet();
  packet.header.csrcs = {1, 2, 3};
  packet.padding_size = 255;
  packet.set_mid("video");
  packet.set_extension(RtpExtension::kAbsSendTime, Bytes{1, 2, 3});
  packet.set_rid("not negotiated");
  const auto map = small_map();
  const Bytes octets = packet.serialize(map);
  const auto view = RtpPacketView::parse(octets);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->header().marker);
  EXPECT_EQ(view->header().payload_type, 96);
  EXPECT_EQ(view->header().sequence_number, 0xFFFE);
  EXPECT_EQ(view->header().timestamp, 0x01020304u);
  EXPECT_EQ(view->header().ssrc, 0xA1A2A3A4u);
  EXPECT_EQ(view->header().csrcs, (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(view->padding_size(), 255u);
  EXPECT_EQ(view->header_size(), packet.header_size(map));
  EXPECT_EQ(Bytes(view->payload().begin(), view->payload().end()), packet.payload);
  EXPECT_EQ(text(view->extension(map, RtpExtension::kMid)), "video");
  EXPECT_EQ(text(view->extension(map, RtpExtension::kAbsSendTime)), "\1\2\3");
  EXPECT_FALSE(view->extension(map, RtpExtension::kRid));
  EXPECT_FALSE(view->extension(0));
}

TEST(RtpPacket, WritesOneByteExtensionsAsRfc8285Shows) {
  RtpPacketToSend packet = small_packet();
  packet.payload.clear();
  packet.set_mid("0");
  packet.set_extension(RtpExtension::kTransportWideSequenceNumber, Bytes{0xAA, 0xBB});
  const Bytes octets = packet.serialize(small_map());
  const Bytes extension = {0xBE, 0xDE, 0, 2, 0x40, '0', 0x31, 0xAA, 0xBB, 0, 0, 0};
  EXPECT_EQ(Bytes(octets.begin() + 12, octets.end()), extension);
}

TEST(RtpPacket, TakesTheTwoByteFormForANumberOrALengthThatNeedsIt) {
  RtpPacketToSend packet = small_packet();
  packet.payload.clear();
  packet.set_mid("a");
  auto map = small_map();
  map.set(RtpExtension::kMid, 15);
  Bytes octets = packet.serialize(map);
  EXPECT_EQ(Bytes(octets.begin() + 12, octets.end()), (Bytes{0x10, 0, 0, 1, 15, 1, 'a', 0}));
  EXPECT_EQ(text(RtpPacketView::parse(octets)->extension(map, RtpExtension::kMid)), "a");

  map = small_map();
  const Bytes long_value(17, 5);
  packet.set_extension(RtpExtension::kDependencyDescriptor, long_value);
  octets = packet.serialize(map);
  EXPECT_EQ(octets[12], 0x10);
  const auto view = RtpPacketView::parse(octets);
  EXPECT_EQ(text(view->extension(map, RtpExtension::kDependencyDescriptor)), std::string(17, 5));
  EXPECT_EQ(text(view->extension(map, RtpExtension::kMid)), "a");
}

TEST(RtpPacket, LeavesOutWhatNeedsTheTwoByteFormWhereFormsMayNotMix) {
  RtpPacketToSend packet = small_packet();
  packet.set_mid("a");
  packet.set_extension(RtpExtension::kDependencyDescriptor, Bytes(17, 5));
  auto map = small_map();
  map.set_allows_mixed(false);
  const Bytes octets = packet.serialize(map);
  const auto view = RtpPacketView::parse(octets);
  EXPECT_EQ(octets[12], 0xBE);
  EXPECT_EQ(text(view->extension(map, RtpExtension::kMid)), "a");
  EXPECT_FALSE(view->extension(map, RtpExtension::kDependencyDescriptor));
  // With a number beyond 14 the stream is of the two-byte form throughout.
  map.set(RtpExtension::kMid, 20);
  EXPECT_TRUE(RtpPacketView::parse(packet.serialize(map)));
  const Bytes two_byte = packet.serialize(map);
  EXPECT_TRUE(RtpPacketView::parse(two_byte)->extension(map, RtpExtension::kDependencyDescriptor));
}

TEST(RtpPacket, KeepsTheLastValueOfAnExtension) {
  RtpPacketToSend packet = small_packet();
  const auto map = small_map();
  packet.set_mid("first");
  packet.set_mid("other");
  EXPECT_EQ(text(packet.extension(RtpExtension::kMid)), "other");
  packet.set_mid("longer one");
  Bytes octets = packet.serialize(map);
  EXPECT_EQ(text(RtpPacketView::parse(octets)->extension(map, RtpExtension::kMid)), "longer one");
  packet.remove_extension(RtpExtension::kMid);
  octets = packet.serialize(map);
  EXPECT_FALSE(RtpPacketView::parse(octets)->has_extensions());
  packet.set_mid(std::string(256, 'x'));
  EXPECT_FALSE(packet.extension(RtpExtension::kMid));
}

TEST(RtpPacket, WritesIntoABufferWithRoomOnly) {
  const RtpPacketToSend packet = small_packet();
  Bytes buffer(20, 0xEE);
  EXPECT_EQ(packet.write_to(buffer, {}), 15u);
  EXPECT_EQ(Bytes(buffer.begin(), buffer.begin() + 15), packet.serialize({}));
  EXPECT_EQ(buffer[15], 0xEE);
  EXPECT_EQ(packet.write_to(std::span(buffer).first(14), {}), 0u);
}

TEST(RtpPacket, WritesOverAnExtensionInPlace) {
  RtpPacketToSend packet = small_packet();
  packet.set_mid("v");
  packet.set_extension(RtpExtension::kTransportWideSequenceNumber, Bytes{0, 0});
  const auto map = small_map();
  Bytes octets = packet.serialize(map);
  EXPECT_TRUE(rewrite_extension(octets, map, RtpExtension::kTransportWideSequenceNumber, Bytes{1, 2}));
  packet.set_extension(RtpExtension::kTransportWideSequenceNumber, Bytes{1, 2});
  EXPECT_EQ(octets, packet.serialize(map));
  EXPECT_FALSE(rewrite_extension(octets, map, RtpExtension::kTransportWideSequenceNumber, Bytes{1, 2, 3}));
  EXPECT_FALSE(rewrite_extension(octets, map, RtpExtension::kAbsSendTime, Bytes{1, 2, 3}));
  EXPECT_FALSE(rewrite_extension(octets, map, RtpExtension::kRid, Bytes{1}));
  EXPECT_FALSE(rewrite_extension(std::span<uint8_t>(), map, RtpExtension::kMid, Bytes{1}));
}

TEST(RtpPacket, RefusesWhatIsMalformed) {
  RtpPacketToSend packet = small_packet();
  packet.header.csrcs = {1, 2};
  packet.set_mid("video");
  const Bytes good = packet.serialize(small_map());
  const size_t header_size = packet.header_size(small_map());
  for (size_t size = 0; size < header_size; ++size) EXPECT_FALSE(RtpPacketView::parse(ByteView(good).first(size)));
  EXPECT_TRUE(RtpPacketView::parse(ByteView(good).first(header_size)));
  Bytes bad = good;
  bad[0] = static_cast<uint8_t>((bad[0] & 0x3F) | 0x40);
  EXPECT_FALSE(RtpPacketView::parse(bad)) << "version 1";
  bad = good;
  bad[0] |= 0x20;
  bad.back() = 0;
  EXPECT_FALSE(RtpPacketView::parse(bad)) << "padding of no octets";
  bad.back() = 4;
  EXPECT_FALSE(RtpPacketView::parse(bad)) << "padding that reaches into the header";
  bad.back() = 3;
  EXPECT_EQ(RtpPacketView::parse(bad)->payload().size(), 0u);
  bad.resize(header_size);
  bad.back() = 1;
  EXPECT_FALSE(RtpPacketView::parse(bad)) << "padding in the header";
}

Bytes packet_with_extension(uint16_t profile, const Bytes& elements) {
  Bytes packet = {0x90,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  static_cast<uint8_t>(profile >> 8),
                  static_cast<uint8_t>(profile),
                  0,
                  static_cast<uint8_t>(elements.size() / 4)};
  for (const uint8_t octet : elements) packet.push_back(octet);
  return packet;
}

TEST(RtpPacket, EndsReadingElementsWhereRfc8285SaysSo) {
  const Bytes fifteen = packet_with_extension(0xBEDE, {0x10, 'a', 0xF0, 'b', 0x20, 'c', 0, 0});
  EXPECT_TRUE(RtpPacketView::parse(fifteen)->extension(1));
  EXPECT_FALSE(RtpPacketView::parse(fifteen)->extension(15));
  EXPECT_FALSE(RtpPacketView::parse(fifteen)->extension(2)) << "behind number 15";
  const Bytes zero_with_length = packet_with_extension(0xBEDE, {0x10, 'a', 0x01, 'b', 0x20, 'c', 0, 0});
  EXPECT_FALSE(RtpPacketView::parse(zero_with_length)->extension(2));
  const Bytes padded = packet_with_extension(0xBEDE, {0, 0, 0x10, 'a', 0, 0x20, 'b', 0});
  EXPECT_EQ(text(RtpPacketView::parse(padded)->extension(2)), "b");
  const Bytes cut = packet_with_extension(0xBEDE, {0, 0, 0x11, 'a'});
  EXPECT_FALSE(RtpPacketView::parse(cut)->extension(1));
  const Bytes two_byte = packet_with_extension(0x1007, {1, 0, 0, 2, 1, 'x', 200, 1});
  EXPECT_EQ(text(RtpPacketView::parse(two_byte)->extension(1)), "");
  EXPECT_EQ(text(RtpPacketView::parse(two_byte)->extension(2)), "x");
  EXPECT_FALSE(RtpPacketView::parse(two_byte)->extension(200)) << "its value lies beyond the end";
  const Bytes foreign = packet_with_extension(0x1234, {0x10, 'a', 0, 0});
  EXPECT_FALSE(RtpPacketView::parse(foreign)->extension(1));
}

TEST(RtpExtensionMap, KnowsTheUrisThatAreNegotiated) {
  RtpExtensionMap map;
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:sdes:mid", 1));
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", 2));
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", 3));
  EXPECT_TRUE(map.set("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", 4));
  EXPECT_TRUE(map.set("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", 5));
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:ssrc-audio-level", 6));
  EXPECT_TRUE(map.set("urn:ietf:params:rtp-hdrext:csrc-audio-level", 7));
  EXPECT_TRUE(map.set("urn:3gpp:video-orientation", 8));
  EXPECT_TRUE(map.set("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", 9));
  EXPECT_TRUE(map.set("http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", 10));
  EXPECT_TRUE(map.set("https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", 11));
  for (int i = 0; i < static_cast<int>(RtpExtension::kCount); ++i) {
    EXPECT_EQ(map.id_of(static_cast<RtpExtension>(i)), i + 1);
  }
  EXPECT_FALSE(map.set("urn:example", 11));
  EXPECT_FALSE(map.set("urn:3gpp:video-orientation", 0));
  EXPECT_FALSE(map.set("urn:3gpp:video-orientation", 256));
  EXPECT_EQ(map.id_of(RtpExtension::kVideoOrientation), 8);
}

TEST(Unwrapper, FollowsNumbersAcrossTheirEnds) {
  Unwrapper<uint16_t> unwrapper;
  EXPECT_EQ(unwrapper.unwrap(65534), 65534);
  EXPECT_EQ(unwrapper.peek(1), 65537);
  EXPECT_EQ(unwrapper.unwrap(1), 65537);
  EXPECT_EQ(unwrapper.unwrap(65535), 65535);
  EXPECT_EQ(unwrapper.unwrap(30000), 95536);
}

}  // namespace
}  // namespace peerwire
