// Sender and receiver reports, https://datatracker.ietf.org/doc/html/rfc3550#section-6.4
#include <algorithm>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr size_t kReportBlockSize = 24;
constexpr size_t kSenderPartSize = 24;  // with the sender's SSRC
constexpr size_t kReceiverPartSize = 4;
constexpr int32_t kMaxCumulativeLost = 0x7FFFFF;
constexpr int32_t kMinCumulativeLost = -0x800000;

int32_t sign_extend_24(uint32_t value) {
  return static_cast<int32_t>(value << 8) >> 8;
}

/// `at`: where the count of the header says that blocks begin. What follows them is an extension of some profile.
bool read_report_blocks(const Block& block, size_t at, std::vector<ReportBlock>& into) {
  if (block.body.size() < at + block.count * kReportBlockSize) return false;
  into.reserve(block.count);
  for (size_t i = 0; i < block.count; ++i, at += kReportBlockSize) {
    const uint8_t* from = block.body.data() + at;
    ReportBlock& report = into.emplace_back();
    report.ssrc = read_u32(from);
    report.fraction_lost = from[4];
    report.cumulative_lost = sign_extend_24(read_u24(from + 5));
    report.extended_highest_sequence_number = read_u32(from + 8);
    report.jitter = read_u32(from + 12);
    report.last_sender_report = read_u32(from + 16);
    report.delay_since_last_sender_report = read_u32(from + 20);
  }
  return true;
}

void add_report_blocks(const std::vector<ReportBlock>& reports, PacketWriter& writer) {
  const size_t count = std::min(reports.size(), kMaxCount);
  writer.set_count(count);
  for (size_t i = 0; i < count; ++i) {
    const ReportBlock& report = reports[i];
    writer.add_u32(report.ssrc);
    writer.add_u8(report.fraction_lost);
    writer.add_u24(static_cast<uint32_t>(std::clamp(report.cumulative_lost, kMinCumulativeLost, kMaxCumulativeLost)) &
                   0xFFFFFF);
    writer.add_u32(report.extended_highest_sequence_number);
    writer.add_u32(report.jitter);
    writer.add_u32(report.last_sender_report);
    writer.add_u32(report.delay_since_last_sender_report);
  }
}

}  // namespace

std::optional<SenderReport> parse_sender_report(const Block& block) {
  if (block.body.size() < kSenderPartSize) return std::nullopt;
  const uint8_t* from = block.body.data();
  SenderReport report;
  report.sender_ssrc = read_u32(from);
  report.ntp_time = read_u64(from + 4);
  report.rtp_timestamp = read_u32(from + 12);
  report.packet_count = read_u32(from + 16);
  report.octet_count = read_u32(from + 20);
  if (!read_report_blocks(block, kSenderPartSize, report.report_blocks)) return std::nullopt;
  return report;
}

std::optional<ReceiverReport> parse_receiver_report(const Block& block) {
  if (block.body.size() < kReceiverPartSize) return std::nullopt;
  ReceiverReport report;
  report.sender_ssrc = read_u32(block.body.data());
  if (!read_report_blocks(block, kReceiverPartSize, report.report_blocks)) return std::nullopt;
  return report;
}

void write(const SenderReport& report, Bytes& out) {
  PacketWriter writer(out, kSenderReport);
  writer.add_u32(report.sender_ssrc);
  writer.add_u64(report.ntp_time);
  writer.add_u32(report.rtp_timestamp);
  writer.add_u32(report.packet_count);
  writer.add_u32(report.octet_count);
  add_report_blocks(report.report_blocks, writer);
}

void write(const ReceiverReport& report, Bytes& out) {
  PacketWriter writer(out, kReceiverReport);
  writer.add_u32(report.sender_ssrc);
  add_report_blocks(report.report_blocks, writer);
}

}  // namespace peerwire::rtcp
