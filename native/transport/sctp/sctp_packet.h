// What we look at in SCTP packets on their way to and from usrsctp.
#pragma once

#include <cstdint>

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "transport/sctp/message_reassembly.h"

namespace peerwire {

struct SctpHeader {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t verification_tag = 0;
};

/// What the peer's INIT or INIT ACK tells.
struct SctpInit {
  bool accepts_zero_checksum = false;  // RFC 9653, with DTLS as the error detection method
  uint16_t outgoing_streams = 0;
};

enum class SctpChunk : uint8_t { kData = 0, kInit = 1, kInitAck = 2, kCookieEcho = 10, kIData = 64 };

/// False when `packet` is no well-formed sequence of chunks (RFC 9260 section 3): too short, or a length that points
/// outside. Such a packet is dropped before usrsctp sees it.
bool read_sctp_packet(ByteView packet, SctpHeader& header, SctpChunk& first_chunk);

/// Reads the first chunk of a packet that read_sctp_packet() accepted and that begins with INIT or INIT ACK.
SctpInit read_sctp_init(ByteView packet);

/// Which of our incoming streams a packet of the peer names.
struct SctpStreamsNamed {
  uint32_t end = 0;  // one above the highest
  bool all = false;  // any of them, in either direction
};
/// For a packet that read_sctp_packet() accepted.
SctpStreamsNamed read_streams_named(ByteView packet);

/// A packet of the peer's, taken apart: what usrsctp is to see of it, and what not, or not yet.
struct IncomingPacket {
  Bytes packet;                               // for usrsctp now; empty: nothing
  std::vector<SkippedMessages> skipped;       // from I-FORWARD-TSN, which usrsctp sees without them
  std::optional<uint32_t> skipped_up_to_tsn;  // what they are good for
  Bytes reset_request;                        // a packet with the chunk that asks for a stream reset (RFC 6525)
  uint32_t reset_after_tsn = 0;               // when all up to it has come
  size_t fragment_octets = 0;                 // in DATA chunks that are no whole messages, with what each costs beside
};
/// For a packet that read_sctp_packet() accepted. Clears `parts` first. `mark_i_data` gives the flags of an I-DATA
/// chunk (RFC 8260) anew.
void take_apart(ByteView packet, uint8_t (*mark_i_data)(uint8_t), IncomingPacket& parts);

/// Of a packet that take_apart() made of a request for stream resets: leaves no more than `kept` of the streams that
/// the first of them names, and returns the others.
std::vector<uint16_t> take_named_streams(Bytes& reset_request, size_t kept);

/// Whether a number, of a transmission or of a message, is the other one or comes after it (RFC 9260 section 1.6).
constexpr bool at_or_after(uint32_t number, uint32_t other) {
  return static_cast<int32_t>(number - other) >= 0;
}

/// For a packet of our own: calls `visit` with the TSN and payload size of each DATA or I-DATA chunk.
template <typename Visit>
void for_each_data_chunk(ByteView packet, Visit visit) {
  for (size_t at = 12; at + 16 <= packet.size();) {
    const uint8_t* chunk = packet.data() + at;
    const size_t length = static_cast<size_t>(chunk[2]) << 8 | chunk[3];
    if (length < 4) return;
    const size_t header_size = chunk[0] == static_cast<uint8_t>(SctpChunk::kData)    ? 16
                               : chunk[0] == static_cast<uint8_t>(SctpChunk::kIData) ? 20
                                                                                     : 0;
    if (header_size != 0 && length >= header_size) {
      const uint32_t tsn = static_cast<uint32_t>(chunk[4]) << 24 | static_cast<uint32_t>(chunk[5]) << 16 |
                           static_cast<uint32_t>(chunk[6]) << 8 | chunk[7];
      visit(tsn, length - header_size);
    }
    at += (length + 3) & ~size_t{3};
  }
}

}  // namespace peerwire
