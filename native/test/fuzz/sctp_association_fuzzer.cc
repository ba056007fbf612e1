// Packets from a hostile peer, into a connected association and into one that is connecting.
//
// The input is a row of packets, each behind two octets of length and one of flags: 1 puts the right verification tag
// in, 2 waits 30 ms afterwards, 4 waits 2 s.
#include <cstdint>
#include <cstring>

#include "sctp/association_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peerwire;
  using namespace peerwire::test;
  if (size < 4 || size > 20000) return 0;
  uint8_t tag[4] = {};
  Pair pair;
  pair.b.link.watch = [&](ByteView packet) {
    if (packet.size() > 16 && packet[12] != 1) std::memcpy(tag, packet.data() + 4, 4);
  };
  pair.create();
  const bool connected = (data[0] & 1) != 0;
  if (connected && !pair.connect()) return 0;
  if (!connected) pair.a.association->start();
  if (connected) {
    pair.a.send(1, pattern(5000, 1));
    pair.b.send(1, pattern(100, 1));
    pair.a.send(2, pattern(3000, 1), false, 0);
    pair.net.run_for(20ms);
  }
  for (size_t at = 1; at + 3 <= size;) {
    const size_t length = std::min<size_t>(static_cast<size_t>(data[at]) << 8 | data[at + 1], size - at - 3);
    const uint8_t flags = data[at + 2];
    Bytes packet(12 + length);
    packet[0] = packet[2] = 5000 >> 8;
    packet[1] = packet[3] = 5000 & 255;
    if ((flags & 1) != 0) std::memcpy(packet.data() + 4, tag, 4);
    if (length > 0) std::memcpy(packet.data() + 12, data + at + 3, length);
    pair.a.link.arrive(packet);
    at += 3 + length;
    pair.net.run_for(1ms);
    if ((flags & 2) != 0) pair.net.run_for(30ms);
    if ((flags & 4) != 0) pair.net.run_for(2s);
  }
  if (pair.a.association) {
    pair.a.send(3, pattern(2000, 1));
    pair.a.association->reset_stream(3);
  }
  pair.net.run_for(1s);
  return 0;
}
