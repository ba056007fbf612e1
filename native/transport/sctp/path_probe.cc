#include "transport/sctp/path_probe.h"

#include <cstring>

namespace peerwire {
namespace {

constexpr size_t kCommonHeader = 12;
constexpr uint8_t kHeartbeat = 4, kHeartbeatAck = 5, kPad = 0x84;
constexpr uint8_t kHeartbeatInfo = 1;
// What usrsctp puts into heartbeats of its own is longer: neither takes the other's for its own.
constexpr uint8_t kMark[8] = {'p', 'a', 't', 'h', ' ', 'm', 't', 'u'};
constexpr size_t kInfo = 4 + sizeof kMark + 4;
constexpr size_t kHeartbeatChunk = 4 + kInfo;

void write16(uint8_t* p, size_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}
void write32(uint8_t* p, size_t value) {
  write16(p, value >> 16 & 0xffff);
  write16(p + 2, value & 0xffff);
}

}  // namespace

Bytes make_path_probe(const SctpHeader& header, size_t size) {
  Bytes packet(size);
  if (size < kCommonHeader + kHeartbeatChunk + 4) return {};
  write16(packet.data(), header.source_port);
  write16(packet.data() + 2, header.destination_port);
  write32(packet.data() + 4, header.verification_tag);
  uint8_t* chunk = packet.data() + kCommonHeader;
  chunk[0] = kHeartbeat;
  write16(chunk + 2, kHeartbeatChunk);
  write16(chunk + 4, kHeartbeatInfo);
  write16(chunk + 6, kInfo);
  std::memcpy(chunk + 8, kMark, sizeof kMark);
  write32(chunk + 8 + sizeof kMark, size);
  uint8_t* pad = chunk + kHeartbeatChunk;
  pad[0] = kPad;
  write16(pad + 2, size - kCommonHeader - kHeartbeatChunk);
  return packet;
}

std::optional<size_t> read_path_probe_acknowledgement(ByteView packet) {
  if (packet.size() < kCommonHeader + kHeartbeatChunk) return std::nullopt;
  const uint8_t* chunk = packet.data() + kCommonHeader;
  const bool ours = chunk[0] == kHeartbeatAck && chunk[2] == 0 && chunk[3] == kHeartbeatChunk && chunk[4] == 0 &&
                    chunk[5] == kHeartbeatInfo && chunk[6] == 0 && chunk[7] == kInfo &&
                    std::memcmp(chunk + 8, kMark, sizeof kMark) == 0;
  if (!ours) return std::nullopt;
  const uint8_t* size = chunk + 8 + sizeof kMark;
  return static_cast<size_t>(size[0]) << 24 | static_cast<size_t>(size[1]) << 16 | static_cast<size_t>(size[2]) << 8 |
         size[3];
}

}  // namespace peerwire
