#include "rtp/reception_statistics.h"

#include <gtest/gtest.h>

#include "rtp/ntp_time.h"

namespace peerwire {
namespace {

constexpr uint32_t kClockRate = 90'000;

class Reception : public testing::Test {
 protected:
  void receive(uint16_t sequence_number, uint32_t timestamp = 0, size_t payload = 100) {
    to_send_.header.sequence_number = sequence_number;
    to_send_.header.timestamp = timestamp;
    to_send_.payload.assign(payload, 1);
    octets_ = to_send_.serialize({});
    stream_.on_packet(*RtpPacketView::parse(octets_), kClockRate, now_us_);
  }
  rtcp::ReportBlock report() { return *stream_.make_report_block(7, now_us_); }

  RtpPacketToSend to_send_;
  Bytes octets_;
  SsrcReception stream_;
  int64_t now_us_ = 1'000'000;
};

TEST_F(Reception, CountsPacketsAndOctets) {
  EXPECT_FALSE(stream_.make_report_block(7, now_us_));
  to_send_.padding_size = 4;
  receive(10);
  now_us_ += 5;
  receive(11);
  const auto counters = stream_.counters();
  EXPECT_EQ(counters.packets_received, 2u);
  EXPECT_EQ(counters.bytes_received, 200u);
  EXPECT_EQ(counters.header_bytes_received, 2u * (12 + 4));
  EXPECT_EQ(counters.packets_lost, 0);
  EXPECT_EQ(counters.last_packet_received_us, 1'000'005);
}

TEST_F(Reception, ReportsLossOfTheIntervalAndOfAll) {
  for (uint16_t i : {65533, 65534, 0, 1}) receive(i);  // 65535 is missing
  auto block = report();
  EXPECT_EQ(block.ssrc, 7u);
  EXPECT_EQ(block.extended_highest_sequence_number, 0x10001u);
  EXPECT_EQ(block.cumulative_lost, 1);
  EXPECT_EQ(block.fraction_lost, 256 / 5);
  for (uint16_t i : {2, 3}) receive(i);
  block = report();
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 1);
  receive(65535);
  EXPECT_EQ(report().cumulative_lost, 0) << "late, not lost";
  receive(3);
  EXPECT_EQ(report().cumulative_lost, -1) << "a duplicate";
  EXPECT_EQ(stream_.counters().packets_lost, -1);
  receive(104);
  EXPECT_EQ(report().fraction_lost, 100 * 256 / 101);
}

TEST_F(Reception, KeepsRetransmissionsOutOfTheReport) {
  receive(1);
  receive(3);
  to_send_.header.sequence_number = 9;
  to_send_.payload.assign(52, 0);
  octets_ = to_send_.serialize({});
  stream_.on_retransmission(*RtpPacketView::parse(octets_), now_us_);
  EXPECT_EQ(report().cumulative_lost, 1);
  EXPECT_EQ(report().extended_highest_sequence_number, 3u);
  const auto counters = stream_.counters();
  EXPECT_EQ(counters.packets_received, 3u);
  EXPECT_EQ(counters.retransmitted_packets_received, 1u);
  EXPECT_EQ(counters.retransmitted_bytes_received, 52u);
  EXPECT_EQ(counters.bytes_received, 252u);
}

TEST_F(Reception, BeginsAnewWhenTheSenderDid) {
  for (uint16_t i = 100; i < 110; ++i) receive(i);
  receive(111);
  receive(40'000);
  EXPECT_EQ(report().extended_highest_sequence_number, 111u) << "one stray packet moves nothing";
  EXPECT_EQ(report().cumulative_lost, 1);
  receive(112);
  receive(40'000);
  EXPECT_EQ(report().extended_highest_sequence_number, 112u) << "nor do two that are not in a row";
  receive(20'000);
  receive(20'001);
  EXPECT_EQ(report().extended_highest_sequence_number, 20'001u);
  EXPECT_EQ(report().cumulative_lost, 1) << "what was lost stays lost";
  receive(20'003);
  EXPECT_EQ(report().cumulative_lost, 2);
}

TEST_F(Reception, TakesNeighboursThatAreSentAgainLateForWhatTheyAre) {
  for (uint16_t i = 1; i <= 300; ++i) {
    if (i != 150 && i != 151) receive(i, i * 3'000u);
  }
  receive(150, 150 * 3'000);
  receive(151, 151 * 3'000);
  EXPECT_EQ(report().cumulative_lost, 0);
  EXPECT_EQ(report().extended_highest_sequence_number, 300u);
}

TEST_F(Reception, BeginsAnewALittleLower) {
  for (uint16_t i = 1; i <= 300; ++i) receive(i, i * 3'000u);
  receive(100, 301 * 3'000);
  receive(101, 302 * 3'000);
  EXPECT_EQ(report().extended_highest_sequence_number, 101u) << "what is sent again is older";
  for (uint16_t i = 102; i <= 300; ++i) receive(i, 400 * 3'000u);
  // Its timestamps begin anew, too.
  for (uint16_t i = 100; i < 170; ++i) receive(i, i);
  EXPECT_EQ(report().extended_highest_sequence_number, 169u);
}

TEST_F(Reception, MeasuresJitterAsRfc3550) {
  // Each frame of 20 ms arrives alternately 10 ms early and late.
  uint32_t timestamp = 0;
  for (uint16_t i = 0; i < 400; ++i, timestamp += 1800) {
    now_us_ += i % 2 == 0 ? 10'000 : 30'000;
    receive(i, timestamp);
  }
  EXPECT_NEAR(stream_.counters().jitter_s, 0.010, 0.0002);
  EXPECT_NEAR(report().jitter, 900, 10);
}

TEST_F(Reception, TakesNoJitterFromSmoothOrUnfitPackets) {
  uint32_t timestamp = 0xFFFFF000;
  for (uint16_t i = 0; i < 100; ++i) {
    receive(i, timestamp);
    if (i % 4 == 3) {  // frames of four packets, spread over the frame's time
      timestamp += 3000;
      now_us_ += 3'333;
    }
    now_us_ += 7'500;
  }
  EXPECT_LT(stream_.counters().jitter_s, 0.0001);
  receive(90, timestamp - 30'000);  // late
  now_us_ += 20'000'000;            // a pause
  receive(100, timestamp);
  EXPECT_LT(stream_.counters().jitter_s, 0.0001);
}

TEST_F(Reception, AnswersTheLastSenderReport) {
  receive(1);
  EXPECT_EQ(report().last_sender_report, 0u);
  rtcp::SenderReport sent;
  sent.ntp_time = 0x1122334455667788;
  sent.packet_count = 5;
  sent.octet_count = 6;
  sent.rtp_timestamp = 77;
  stream_.on_sender_report(sent, now_us_);
  stream_.on_sender_report(sent, now_us_);
  now_us_ += 1'500'000;
  EXPECT_EQ(report().last_sender_report, 0x33445566u);
  EXPECT_EQ(report().delay_since_last_sender_report, 65536u * 3 / 2);
  ASSERT_TRUE(stream_.remote_sender());
  EXPECT_EQ(stream_.remote_sender()->reports_received, 2u);
  EXPECT_EQ(stream_.remote_sender()->packets_sent, 5u);
  EXPECT_EQ(stream_.remote_sender()->bytes_sent, 6u);
}

TEST(ReceptionStatistics, ReportsInTurnAndForgetsTheSilent) {
  ReceptionStatistics statistics;
  RtpPacketToSend packet;
  const Bytes octets = packet.serialize({});
  const auto hear = [&](uint32_t ssrc, int64_t now_us) {
    statistics.stream(ssrc).on_packet(*RtpPacketView::parse(octets), kClockRate, now_us);
  };
  const auto ssrcs = [&](int64_t now_us, size_t max) {
    std::vector<uint32_t> found;
    for (const auto& block : statistics.make_report_blocks(now_us, max)) found.push_back(block.ssrc);
    return found;
  };
  using Ssrcs = std::vector<uint32_t>;
  for (uint32_t ssrc = 1; ssrc <= 5; ++ssrc) hear(ssrc, 0);
  EXPECT_EQ(ssrcs(1, 3), (Ssrcs{1, 2, 3}));
  EXPECT_EQ(ssrcs(1, 3), (Ssrcs{4, 5, 1}));
  statistics.remove(1);
  statistics.remove(99);
  EXPECT_EQ(ssrcs(1, 3), (Ssrcs{2, 3, 4}));
  EXPECT_EQ(ssrcs(1, 31), (Ssrcs{5, 2, 3, 4})) << "each once";
  hear(3, 5'000'000);
  EXPECT_EQ(ssrcs(8'000'000, 31), Ssrcs{3});
  EXPECT_EQ(statistics.find(1), nullptr);
  EXPECT_NE(statistics.find(2), nullptr);
  rtcp::SenderReport report;
  report.sender_ssrc = 1;
  statistics.on_sender_report(report, 5);
  EXPECT_EQ(statistics.find(1), nullptr) << "a report alone makes no stream";
  report.sender_ssrc = 2;
  statistics.on_sender_report(report, 5);
  EXPECT_TRUE(statistics.find(2)->remote_sender());
}

}  // namespace
}  // namespace peerwire
