#include "rtp/rtx.h"

#include <cstring>
#include <utility>

#include "rtp/network_order.h"

namespace peerwire {
namespace {

constexpr size_t kOriginalSequenceNumberSize = 2;

}  // namespace

std::span<uint8_t> restore_from_rtx(std::span<uint8_t> rtx_packet, uint8_t media_payload_type, uint32_t media_ssrc) {
  const auto view = RtpPacketView::parse(rtx_packet);
  if (!view || view->payload().size() < kOriginalSequenceNumberSize) return {};
  const uint16_t original_sequence_number = read_u16(view->payload().data());
  const auto restored = rtx_packet.subspan(kOriginalSequenceNumberSize);
  std::memmove(restored.data(), rtx_packet.data(), view->header_size());
  restored[1] = static_cast<uint8_t>((restored[1] & 0x80) | (media_payload_type & 0x7F));
  write_u16(&restored[2], original_sequence_number);
  write_u32(&restored[8], media_ssrc);
  return restored;
}

RtpPacketToSend to_rtx(const RtpPacketToSend& packet, uint8_t rtx_payload_type, uint32_t rtx_ssrc,
                       uint16_t sequence_number) {
  RtpPacketToSend rtx = packet;
  rtx.header.payload_type = rtx_payload_type;
  rtx.header.ssrc = rtx_ssrc;
  rtx.header.sequence_number = sequence_number;
  rtx.payload.resize(packet.payload.size() + kOriginalSequenceNumberSize);
  write_u16(rtx.payload.data(), packet.header.sequence_number);
  if (!packet.payload.empty()) {
    std::memcpy(rtx.payload.data() + kOriginalSequenceNumberSize, packet.payload.data(), packet.payload.size());
  }
  rtx.padding_size = 0;
  rtx.is_retransmission = true;
  if (const auto rid = packet.extension(RtpExtension::kRid)) {
    rtx.set_extension(RtpExtension::kRepairedRid, *rid);
    rtx.remove_extension(RtpExtension::kRid);
  }
  return rtx;
}

uint16_t original_sequence_number(const RtpPacketToSend& rtx) {
  return rtx.payload.size() < kOriginalSequenceNumberSize ? 0 : read_u16(rtx.payload.data());
}

}  // namespace peerwire
