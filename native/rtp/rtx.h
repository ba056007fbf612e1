// Retransmissions in a stream of their own (https://datatracker.ietf.org/doc/html/rfc4588#section-4).
#pragma once

#include <cstdint>
#include <span>

#include "rtp/rtp_packet.h"

namespace peerwire {

/// The packet that an RTX packet carries, restored within its octets: the header moves two octets towards the payload,
/// what is returned begins there. Extensions stay, and speak of the retransmission: read the transport-wide sequence
/// number and abs-send-time before. Empty when there is nothing in it (padding that probes the path) or it is no
/// packet.
std::span<uint8_t> restore_from_rtx(std::span<uint8_t> rtx_packet, uint8_t media_payload_type, uint32_t media_ssrc);

/// What carries a packet again: the RID becomes a repaired RID (RFC 8852 section 3.1), stamps are to be made anew.
RtpPacketToSend to_rtx(const RtpPacketToSend& packet, uint8_t rtx_payload_type, uint32_t rtx_ssrc,
                       uint16_t sequence_number);

/// The number of the packet that one made by to_rtx() carries.
uint16_t original_sequence_number(const RtpPacketToSend& rtx);

}  // namespace peerwire
