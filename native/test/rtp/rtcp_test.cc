#include <gtest/gtest.h>

#include "rtp/network_order.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire::rtcp {
namespace {

template <typename T>
T round_trip(const T& packet) {
  const Packet packets[] = {packet};
  const Bytes octets = serialize(packets);
  EXPECT_EQ(octets.size() % 4, 0u);
  EXPECT_EQ(read_u16(&octets[2]), octets.size() / 4 - 1);
  EXPECT_TRUE(looks_like_rtcp(octets));
  // Cut anywhere it is none.
  for (size_t size = 0; size < octets.size(); ++size) EXPECT_TRUE(parse(ByteView(octets).first(size)).empty());
  const auto parsed = parse(octets);
  if (parsed.size() != 1 || !std::holds_alternative<T>(parsed[0])) {
    ADD_FAILURE() << "not what was written";
    return {};
  }
  return std::get<T>(parsed[0]);
}

ReportBlock block_of(uint32_t ssrc) {
  return {ssrc, 12, -3, 0x00010002, 77, 0x11223344, 65536};
}

void expect_equal(const ReportBlock& a, const ReportBlock& b) {
  EXPECT_EQ(a.ssrc, b.ssrc);
  EXPECT_EQ(a.fraction_lost, b.fraction_lost);
  EXPECT_EQ(a.cumulative_lost, b.cumulative_lost);
  EXPECT_EQ(a.extended_highest_sequence_number, b.extended_highest_sequence_number);
  EXPECT_EQ(a.jitter, b.jitter);
  EXPECT_EQ(a.last_sender_report, b.last_sender_report);
  EXPECT_EQ(a.delay_since_last_sender_report, b.delay_since_last_sender_report);
}

TEST(Rtcp, ReadsASenderReportByItsOctets) {
  const Bytes octets = {0x81, 200, 0, 12, 1, 2, 3, 4, 0xE0, 0,    0,    1,    0x80, 0,    0,    0,    0,    0,
                        0,    9,   0, 0,  0, 5, 0, 0, 1,    0,    0xAA, 0xBB, 0xCC, 0xDD, 0x40, 0xFF, 0xFF, 0xFE,
                        0,    1,   0, 2,  0, 0, 0, 7, 0x11, 0x22, 0x33, 0x44, 0,    1,    0,    0};
  const auto packets = parse(octets);
  ASSERT_EQ(packets.size(), 1u);
  const auto& report = std::get<SenderReport>(packets[0]);
  EXPECT_EQ(report.sender_ssrc, 0x01020304u);
  EXPECT_EQ(report.ntp_time, 0xE000000180000000u);
  EXPECT_EQ(report.rtp_timestamp, 9u);
  EXPECT_EQ(report.packet_count, 5u);
  EXPECT_EQ(report.octet_count, 256u);
  ASSERT_EQ(report.report_blocks.size(), 1u);
  expect_equal(report.report_blocks[0], {0xAABBCCDD, 0x40, -2, 0x10002, 7, 0x11223344, 65536});
  EXPECT_EQ(serialize(packets), octets);
}

TEST(Rtcp, KeepsReportsWhole) {
  SenderReport sent{0x1234, 0x0102030405060708, 5, 6, 7, {block_of(1), block_of(2)}};
  const auto got = round_trip(sent);
  EXPECT_EQ(got.sender_ssrc, sent.sender_ssrc);
  EXPECT_EQ(got.ntp_time, sent.ntp_time);
  ASSERT_EQ(got.report_blocks.size(), 2u);
  expect_equal(got.report_blocks[1], block_of(2));
  const auto receiver = round_trip(ReceiverReport{9, std::vector<ReportBlock>(40, block_of(3))});
  EXPECT_EQ(receiver.sender_ssrc, 9u);
  EXPECT_EQ(receiver.report_blocks.size(), 31u) << "what the count can say";
  EXPECT_TRUE(round_trip(ReceiverReport{9, {}}).report_blocks.empty());
}

TEST(Rtcp, ClampsWhatWasLostTo24Bits) {
  ReportBlock block = block_of(1);
  block.cumulative_lost = 0x7FFFFFFF;
  EXPECT_EQ(round_trip(ReceiverReport{1, {block}}).report_blocks[0].cumulative_lost, 0x7FFFFF);
  block.cumulative_lost = -0x7FFFFFFF;
  EXPECT_EQ(round_trip(ReceiverReport{1, {block}}).report_blocks[0].cumulative_lost, -0x800000);
}

TEST(Rtcp, KeepsNamesOfAnyLength) {
  SourceDescription sent;
  for (size_t length : {0, 1, 2, 3, 4, 5, 255, 300}) {
    sent.chunks.push_back({static_cast<uint32_t>(length), std::string(length, 'c')});
  }
  const auto got = round_trip(sent);
  ASSERT_EQ(got.chunks.size(), sent.chunks.size());
  for (size_t i = 0; i < got.chunks.size(); ++i) {
    EXPECT_EQ(got.chunks[i].ssrc, sent.chunks[i].ssrc);
    EXPECT_EQ(got.chunks[i].cname, sent.chunks[i].cname.substr(0, 255));
  }
}

TEST(Rtcp, SkipsOtherItemsOfASource) {
  // NAME "x", CNAME "ab", end.
  const Bytes octets = {0x81, 202, 0, 3, 0, 0, 0, 1, 2, 1, 'x', 1, 2, 'a', 'b', 0};
  const auto packets = parse(octets);
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(std::get<SourceDescription>(packets[0]).chunks[0].cname, "ab");
  Bytes unended = octets;
  unended[12] = 3;
  EXPECT_TRUE(parse(unended).empty()) << "no end of the items";
}

TEST(Rtcp, KeepsByes) {
  const auto got = round_trip(Bye{{1, 2}, "gone home"});
  EXPECT_EQ(got.ssrcs, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(got.reason, "gone home");
  EXPECT_EQ(round_trip(Bye{{1}, ""}).reason, "");
  EXPECT_TRUE(parse(Bytes{0x81, 203, 0, 2, 0, 0, 0, 1, 9, 'x', 0, 0}).empty()) << "a reason longer than the packet";
}

TEST(Rtcp, PacksNacksAsPidAndMask) {
  const Packet packets[] = {Nack{1, 2, {65534, 65535, 0, 14, 15, 40, 40}}};
  const Bytes octets = serialize(packets);
  const Bytes entries(octets.begin() + 12, octets.end());
  // 65534 and, by the mask, 1, 2 and 16 behind it; 15 is 17 behind and begins the next.
  EXPECT_EQ(entries, (Bytes{0xFF, 0xFE, 0x80, 0x03, 0, 15, 0, 0, 0, 40, 0, 0}));
  const auto got = round_trip(std::get<Nack>(packets[0]));
  EXPECT_EQ(got.sender_ssrc, 1u);
  EXPECT_EQ(got.media_ssrc, 2u);
  EXPECT_EQ(got.sequence_numbers, (std::vector<uint16_t>{65534, 65535, 0, 14, 15, 40}));
}

TEST(Rtcp, CutsANackThatNoPacketCanHold) {
  Nack nack{1, 2, {}};
  // Each number far from the one before: one entry each.
  for (uint32_t i = 0; i < 80'000; ++i) nack.sequence_numbers.push_back(static_cast<uint16_t>(i * 17));
  const Packet packets[] = {nack};
  const Bytes octets = serialize(packets);
  EXPECT_EQ(octets.size(), 4u * 65536u);
  const auto parsed = parse(octets);
  ASSERT_EQ(parsed.size(), 1u);
  EXPECT_EQ(std::get<Nack>(parsed[0]).sequence_numbers.size(), 65533u);
}

TEST(Rtcp, KeepsPictureRequests) {
  const auto pli = round_trip(PictureLossIndication{3, 4});
  EXPECT_EQ(pli.sender_ssrc, 3u);
  EXPECT_EQ(pli.media_ssrc, 4u);
  const auto fir = round_trip(FullIntraRequest{5, {{6, 7}, {8, 255}}});
  EXPECT_EQ(fir.sender_ssrc, 5u);
  ASSERT_EQ(fir.entries.size(), 2u);
  EXPECT_EQ(fir.entries[1].ssrc, 8u);
  EXPECT_EQ(fir.entries[1].sequence_number, 255);
}

TEST(Rtcp, WritesNothingForRequestsThatAskForNothing) {
  const Packet packets[] = {Nack{1, 2, {}}, FullIntraRequest{1, {}}, TransportFeedback{}, PictureLossIndication{1, 2}};
  EXPECT_EQ(parse(serialize(packets)).size(), 1u);
}

TEST(Rtcp, RoundsRembDownTo18Bits) {
  const Packet packets[] = {ReceiverEstimatedMaximumBitrate{1, 1'000'001, {0xABCDEF01}}};
  EXPECT_EQ(serialize(packets), (Bytes{0x8F, 206, 0,   5,   0, 0,    0,    1,    0,    0,    0,    0,
                                       'R',  'E', 'M', 'B', 1, 0x0B, 0xD0, 0x90, 0xAB, 0xCD, 0xEF, 0x01}));
  for (const uint64_t bitrate : {uint64_t{0}, uint64_t{0x3FFFF}, uint64_t{1} << 40, uint64_t{0x3FFFF} << 46}) {
    EXPECT_EQ(round_trip(ReceiverEstimatedMaximumBitrate{1, bitrate, {1, 2}}).bitrate_bps, bitrate);
  }
  EXPECT_EQ(round_trip(ReceiverEstimatedMaximumBitrate{1, UINT64_MAX, {}}).bitrate_bps, uint64_t{0x3FFFF} << 46);
  Bytes overflow = serialize(packets);
  overflow[17] = 0xFF;
  EXPECT_TRUE(parse(overflow).empty());
  Bytes other = serialize(packets);
  other[12] = 'X';
  EXPECT_TRUE(parse(other).empty()) << "another application's feedback";
}

TEST(Rtcp, KeepsExtendedReports) {
  const auto got = round_trip(ExtendedReport{1, 0x1122334455667788, {{2, 3, 4}, {5, 6, 7}}});
  EXPECT_EQ(got.sender_ssrc, 1u);
  EXPECT_EQ(got.receiver_reference_ntp_time, 0x1122334455667788u);
  ASSERT_EQ(got.dlrr.size(), 2u);
  EXPECT_EQ(got.dlrr[1].ssrc, 5u);
  EXPECT_EQ(got.dlrr[1].delay_since_last_rr, 7u);
  EXPECT_FALSE(round_trip(ExtendedReport{1, {}, {{2, 3, 4}}}).receiver_reference_ntp_time);
  // A block of unknown type 42 in front is skipped.
  const auto skipped =
      parse(Bytes{0x80, 207, 0, 6, 0, 0, 0, 1, 42, 0, 0, 1, 9, 9, 9, 9, 4, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2});
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(std::get<ExtendedReport>(skipped[0]).receiver_reference_ntp_time, 0x0000000100000002u);
}

TEST(Rtcp, ReadsCompoundPacketsPastWhatIsUnknown) {
  Bytes compound = serialize(std::vector<Packet>{ReceiverReport{1, {}}, SourceDescription{{{1, "c"}}}});
  const Bytes app = {0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e'};
  const Bytes unknown = {0x80, 222, 0, 0};
  const Bytes rtpfb = {0x83, 205, 0, 0};
  const Bytes psfb = {0x8E, 206, 0, 0};
  for (const Bytes& more : {app, unknown, rtpfb, psfb}) compound.insert(compound.end(), more.begin(), more.end());
  const Bytes last = serialize(std::vector<Packet>{PictureLossIndication{1, 2}});
  compound.insert(compound.end(), last.begin(), last.end());
  const auto packets = parse(compound);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<ReceiverReport>(packets[0]));
  EXPECT_TRUE(std::holds_alternative<SourceDescription>(packets[1]));
  EXPECT_TRUE(std::holds_alternative<PictureLossIndication>(packets[2]));
}

TEST(Rtcp, EndsAtTheFirstMalformedPacket) {
  Bytes compound = serialize(std::vector<Packet>{PictureLossIndication{1, 2}});
  const size_t first = compound.size();
  for (int i = 0; i < 2; ++i) {
    const Bytes more = serialize(std::vector<Packet>{PictureLossIndication{1, 2}});
    compound.insert(compound.end(), more.begin(), more.end());
  }
  EXPECT_EQ(parse(compound).size(), 3u);
  compound[first] = 0x41;  // version 1
  EXPECT_EQ(parse(compound).size(), 1u);
  compound[first] = 0xA1;  // padding, of what the last octet says: 2
  compound[2 * first - 1] = 9;
  EXPECT_EQ(parse(compound).size(), 1u);
}

TEST(Rtcp, TakesPaddingOff) {
  const Bytes padded = {0xA1, 203, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4};
  const auto packets = parse(padded);
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(std::get<Bye>(packets[0]).ssrcs, std::vector<uint32_t>{7});
  EXPECT_EQ(std::get<Bye>(packets[0]).reason, "");
  Bytes none = padded;
  none.back() = 0;
  EXPECT_TRUE(parse(none).empty());
}

TEST(Rtcp, IsToldFromRtpByItsType) {
  EXPECT_TRUE(looks_like_rtcp(Bytes{0x80, 200, 0, 0}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80, 0x80 | 96, 0, 0}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80, 96, 0, 0}));
  EXPECT_FALSE(looks_like_rtcp(Bytes{0x80, 200}));
}

}  // namespace
}  // namespace peerwire::rtcp
