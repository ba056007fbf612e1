#include "transport/sctp/sctp_packet.h"

namespace peerwire {
namespace {

constexpr size_t kCommonHeader = 12;
constexpr size_t kChunkHeader = 4;
constexpr size_t kInitChunk = 20;
constexpr uint16_t kZeroChecksumAcceptable = 0x8001;
constexpr uint32_t kMethodDtls = 1;

uint16_t read16(const uint8_t* p) {
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
}
uint32_t read32(const uint8_t* p) {
  return static_cast<uint32_t>(read16(p)) << 16 | read16(p + 2);
}

}  // namespace

bool read_sctp_packet(ByteView packet, SctpHeader& header, SctpChunk& first_chunk) {
  if (packet.size() < kCommonHeader + kChunkHeader || packet.size() > 65535) return false;
  header.source_port = read16(packet.data());
  header.destination_port = read16(packet.data() + 2);
  header.verification_tag = read32(packet.data() + 4);
  first_chunk = static_cast<SctpChunk>(packet[kCommonHeader]);
  for (size_t at = kCommonHeader; at < packet.size();) {
    if (packet.size() - at < kChunkHeader) return false;
    const size_t length = read16(packet.data() + at + 2);
    if (length < kChunkHeader || length > packet.size() - at) return false;
    at += (length + 3) & ~size_t{3};
  }
  return true;
}

SctpInit read_sctp_init(ByteView packet) {
  SctpInit init;
  const ByteView chunk = packet.subspan(kCommonHeader, read16(packet.data() + kCommonHeader + 2));
  if (chunk.size() < kInitChunk) return init;
  init.outgoing_streams = read16(chunk.data() + 12);
  for (size_t at = kInitChunk; at + 4 <= chunk.size();) {
    const size_t length = read16(chunk.data() + at + 2);
    if (length < 4 || length > chunk.size() - at) break;
    if (read16(chunk.data() + at) == kZeroChecksumAcceptable && length == 8 &&
        read32(chunk.data() + at + 4) == kMethodDtls) {
      init.accepts_zero_checksum = true;
    }
    at += (length + 3) & ~size_t{3};
  }
  return init;
}

}  // namespace peerwire
