#include "rtp/rtx.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace peerwire {
namespace {

RtpExtensionMap map_of_all() {
  RtpExtensionMap map;
  for (int i = 0; i < static_cast<int>(RtpExtension::kCount); ++i) map.set(static_cast<RtpExtension>(i), i + 1);
  return map;
}

RtpPacketToSend original() {
  RtpPacketToSend packet;
  packet.header = {true, 96, 4711, 90'000, 0x11111111, {5, 6}};
  packet.payload = {1, 2, 3, 4, 5};
  packet.set_mid("video");
  return packet;
}

TEST(Rtx, RestoresWhatItCarries) {
  const auto map = map_of_all();
  for (const size_t padding : {0, 7}) {
    RtpPacketToSend packet = original();
    RtpPacketToSend rtx = to_rtx(packet, 97, 0x22222222, 9);
    EXPECT_TRUE(rtx.is_retransmission);
    packet.padding_size = rtx.padding_size = padding;
    Bytes octets = rtx.serialize(map);
    const auto sent = RtpPacketView::parse(octets);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->header().ssrc, 0x22222222u);
    EXPECT_EQ(sent->header().payload_type, 97);
    EXPECT_EQ(sent->header().sequence_number, 9);
    EXPECT_EQ(sent->payload()[0] << 8 | sent->payload()[1], 4711);
    const auto restored = restore_from_rtx(octets, 96, 0x11111111);
    EXPECT_EQ(Bytes(restored.begin(), restored.end()), packet.serialize(map)) << padding;
  }
}

TEST(Rtx, NamesTheStreamThatItRepairs) {
  RtpPacketToSend packet = original();
  packet.set_rid("hi");
  const RtpPacketToSend rtx = to_rtx(packet, 97, 2, 9);
  EXPECT_FALSE(rtx.extension(RtpExtension::kRid));
  const auto repaired = rtx.extension(RtpExtension::kRepairedRid);
  ASSERT_TRUE(repaired);
  EXPECT_EQ(std::string(repaired->begin(), repaired->end()), "hi");
}

TEST(Rtx, HasNothingInPadding) {
  RtpPacketToSend padding;
  padding.padding_size = 200;
  Bytes octets = padding.serialize({});
  EXPECT_TRUE(restore_from_rtx(octets, 96, 1).empty());
  padding.payload = {1};
  octets = padding.serialize({});
  EXPECT_TRUE(restore_from_rtx(octets, 96, 1).empty()) << "half a sequence number";
  padding.payload = {1, 2};
  octets = padding.serialize({});
  const auto restored = restore_from_rtx(octets, 96, 1);
  EXPECT_EQ(RtpPacketView::parse(restored)->header().sequence_number, 0x0102);
  EXPECT_TRUE(restore_from_rtx({}, 96, 1).empty());
}

}  // namespace
}  // namespace peerwire
