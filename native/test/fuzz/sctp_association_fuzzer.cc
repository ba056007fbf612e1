// Packets from a hostile peer, into a connected association and into one that is connecting.
//
// The first octet: 1 connects first, 2 leaves interleaving (RFC 8260) out, 4 does not take messages at first. Then a
// row of packets, each behind two octets of length and one of flags: 1 puts the right verification tag in, 2 waits 30
// ms afterwards, 4 waits 2 s, 8 counts the numbers of chunks and requests from those the peer has come to, so that they
// are taken for its next.
#include <cstdint>
#include <cstring>

#include "sctp/association_pair.h"
#include "transport/sctp/sctp_packet.h"

namespace {

void add(uint8_t* number, uint32_t base) {
  uint32_t sum = base;
  for (int i = 0; i < 4; ++i) sum += static_cast<uint32_t>(number[i]) << (24 - 8 * i);
  for (int i = 0; i < 4; ++i) number[i] = static_cast<uint8_t>(sum >> (24 - 8 * i));
}

/// Of (I-)DATA, (I-)FORWARD-TSN and RE-CONFIG.
void count_from(uint32_t tsn, uint32_t first_tsn, peerwire::Bytes& packet) {
  for (size_t at = 12; at + 8 <= packet.size();) {
    const uint8_t type = packet[at];
    const size_t length = static_cast<size_t>(packet[at + 2]) << 8 | packet[at + 3];
    if (type == 0 || type == 64 || type == 192 || type == 194) {
      add(&packet[at + 4], tsn);
    } else if (type == 130 && at + 20 <= packet.size()) {
      add(&packet[at + 8], first_tsn);
      add(&packet[at + 16], tsn);
    }
    if (length < 4) return;
    at += (length + 3) & ~size_t{3};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peerwire;
  using namespace peerwire::test;
  if (size < 4 || size > 20000) return 0;
  uint8_t tag[4] = {};
  uint32_t tsn = 0, first_tsn = 0;
  Pair pair;
  pair.b.link.watch = [&](ByteView packet) {
    if (packet.size() > 32 && (packet[12] == 1 || packet[12] == 2)) {
      for (size_t i = 28; i < 32; ++i) first_tsn = first_tsn << 8 | packet[i];
      tsn = first_tsn - 1;
    }
    if (packet.size() > 16 && packet[12] != 1) std::memcpy(tag, packet.data() + 4, 4);
    for_each_data_chunk(packet, [&](uint32_t sent, size_t) { tsn = sent; });
  };
  const bool interleaving = (data[0] & 2) == 0;
  pair.a.create({.interleaving = interleaving});
  pair.b.create({.interleaving = interleaving});
  const bool connected = (data[0] & 1) != 0;
  if (connected && !pair.connect()) return 0;
  if (!connected) pair.a.association->start();
  if (connected) {
    pair.a.send(1, pattern(5000, 1));
    pair.b.send(1, pattern(100, 1));
    pair.a.send(2, pattern(3000, 1), false, 0);
    pair.net.run_for(20ms);
  }
  if ((data[0] & 4) != 0) pair.a.association->set_receiving(false);
  for (size_t at = 1; at + 3 <= size;) {
    const size_t length = std::min<size_t>(static_cast<size_t>(data[at]) << 8 | data[at + 1], size - at - 3);
    const uint8_t flags = data[at + 2];
    Bytes packet(12 + length);
    packet[0] = packet[2] = 5000 >> 8;
    packet[1] = packet[3] = 5000 & 255;
    if ((flags & 1) != 0) std::memcpy(packet.data() + 4, tag, 4);
    if (length > 0) std::memcpy(packet.data() + 12, data + at + 3, length);
    if ((flags & 8) != 0) count_from(tsn, first_tsn, packet);
    pair.a.link.arrive(packet);
    at += 3 + length;
    pair.net.run_for(1ms);
    if ((flags & 2) != 0) pair.net.run_for(30ms);
    if ((flags & 4) != 0) pair.net.run_for(2s);
  }
  if (pair.a.association) {
    pair.a.association->set_receiving(true);
    pair.a.send(3, pattern(2000, 1));
    pair.a.association->reset_stream(3);
  }
  pair.net.run_for(1s);
  return 0;
}
