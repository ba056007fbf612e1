// Extended reports: receiver reference time and DLRR, https://datatracker.ietf.org/doc/html/rfc3611#section-4.4
#include <algorithm>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr uint8_t kReceiverReferenceTime = 4;
constexpr uint8_t kDelaySinceLastReceiverReport = 5;
constexpr size_t kBlockHeaderSize = 4;
constexpr size_t kReferenceTimeSize = 8;
constexpr size_t kDlrrSize = 12;

void read_dlrr(ByteView content, std::vector<ExtendedReport::Dlrr>& into) {
  for (size_t at = 0; at < content.size(); at += kDlrrSize) {
    into.push_back({read_u32(&content[at]), read_u32(&content[at + 4]), read_u32(&content[at + 8])});
  }
}

}  // namespace

std::optional<ExtendedReport> parse_extended_report(const Block& block) {
  if (block.body.size() < 4) return std::nullopt;
  ExtendedReport report;
  report.sender_ssrc = read_u32(block.body.data());
  ByteView rest = block.body.subspan(4);
  while (!rest.empty()) {
    if (rest.size() < kBlockHeaderSize) return std::nullopt;
    const size_t size = 4 * static_cast<size_t>(read_u16(&rest[2]));
    if (rest.size() - kBlockHeaderSize < size) return std::nullopt;
    const ByteView content = rest.subspan(kBlockHeaderSize, size);
    if (rest[0] == kReceiverReferenceTime) {
      if (size != kReferenceTimeSize) return std::nullopt;
      report.receiver_reference_ntp_time = read_u64(content.data());
    } else if (rest[0] == kDelaySinceLastReceiverReport) {
      if (size % kDlrrSize != 0) return std::nullopt;
      read_dlrr(content, report.dlrr);
    }
    rest = rest.subspan(kBlockHeaderSize + size);
  }
  return report;
}

void write(const ExtendedReport& report, Bytes& out) {
  PacketWriter writer(out, kExtendedReport);
  writer.add_u32(report.sender_ssrc);
  if (report.receiver_reference_ntp_time) {
    writer.add_u8(kReceiverReferenceTime);
    writer.add_u8(0);
    writer.add_u16(kReferenceTimeSize / 4);
    writer.add_u64(*report.receiver_reference_ntp_time);
  }
  if (report.dlrr.empty()) return;
  const size_t count = std::min(report.dlrr.size(), (writer.room() - kBlockHeaderSize) / kDlrrSize);
  writer.add_u8(kDelaySinceLastReceiverReport);
  writer.add_u8(0);
  writer.add_u16(static_cast<uint16_t>(count * kDlrrSize / 4));
  for (size_t i = 0; i < count; ++i) {
    writer.add_u32(report.dlrr[i].ssrc);
    writer.add_u32(report.dlrr[i].last_rr);
    writer.add_u32(report.dlrr[i].delay_since_last_rr);
  }
}

}  // namespace peerwire::rtcp
