// Which section RTCP packets are about.
#pragma once

#include <algorithm>
#include <span>
#include <variant>

#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire {

inline bool has_block_of(std::span<const rtcp::ReportBlock> blocks, const auto& section) {
  return std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) { return section.has_ssrc(block.ssrc); });
}

/// Whether one of the packets says something of media of the section, or of the whole path.
inline bool addresses(std::span<const rtcp::Packet> packets, const auto& section) {
  return std::any_of(packets.begin(), packets.end(), [&](const rtcp::Packet& packet) {
    if (const auto* sent = std::get_if<rtcp::SenderReport>(&packet)) return has_block_of(sent->report_blocks, section);
    if (const auto* received = std::get_if<rtcp::ReceiverReport>(&packet)) {
      return has_block_of(received->report_blocks, section);
    }
    if (const auto* nack = std::get_if<rtcp::Nack>(&packet)) return section.has_ssrc(nack->media_ssrc);
    if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&packet)) return section.has_ssrc(pli->media_ssrc);
    if (const auto* fir = std::get_if<rtcp::FullIntraRequest>(&packet)) {
      return std::any_of(fir->entries.begin(), fir->entries.end(),
                         [&](const auto& entry) { return section.has_ssrc(entry.ssrc); });
    }
    return std::holds_alternative<rtcp::TransportFeedback>(packet) ||
           std::holds_alternative<rtcp::ReceiverEstimatedMaximumBitrate>(packet);
  });
}

}  // namespace peerwire
