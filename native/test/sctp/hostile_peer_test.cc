// A peer that has completed DTLS and SCTP, and then sends what no stack would: what it costs us is bounded.
#include <gtest/gtest.h>

#include "sctp/association_pair.h"
#include "transport/sctp/crc32c.h"
#include "transport/sctp/sctp_packet.h"

namespace peerwire::test {
namespace {

constexpr uint8_t kBegin = 2, kUnordered = 4;  // flags of DATA
constexpr uint8_t kData = 0, kForwardTsn = 192;

void append(Bytes& to, uint64_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i) to.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

void append_chunk(Bytes& packet, uint8_t type, uint8_t flags, const Bytes& body) {
  append(packet, type, 1);
  append(packet, flags, 1);
  append(packet, 4 + body.size(), 2);
  packet.insert(packet.end(), body.begin(), body.end());
  packet.resize((packet.size() + 3) & ~size_t{3});
}

/// Two that are connected without interleaving, of which `b` speaks no more: what comes from it is ours to say.
struct Siege : Pair {
  Siege() {
    b.link.watch = [this](ByteView packet) {
      if (packet.size() > 16 && packet[12] != 1) tag.assign(packet.begin() + 4, packet.begin() + 8);
      for_each_data_chunk(packet, [this](uint32_t sent, size_t) { tsn = sent; });
    };
    a.create({.interleaving = false});
    b.create({.interleaving = false});
    EXPECT_TRUE(connect());
    b.send(1, pattern(1, 1));
    net.run_for(50ms);
    b.link.set_packet_receiver(nullptr);
    a.keep = false;
  }
  ~Siege() { b.link.watch = nullptr; }

  void send(uint8_t type, uint8_t flags, const Bytes& body) {
    Bytes packet = {5000 >> 8, 5000 & 255, 5000 >> 8, 5000 & 255};
    packet.insert(packet.end(), tag.begin(), tag.end());
    packet.resize(12);
    append_chunk(packet, type, flags, body);
    const uint32_t crc = crc32c(packet);
    for (int i = 0; i < 4; ++i) packet[static_cast<size_t>(8 + i)] = static_cast<uint8_t>(crc >> (8 * i));
    a.link.arrive(packet);
  }

  void send_data(uint8_t flags, uint16_t stream, size_t size) {
    Bytes body;
    append(body, ++tsn, 4);
    append(body, stream, 2);
    append(body, 1, 2);
    append(body, 53, 4);
    body.resize(body.size() + size);
    send(kData, flags, body);
  }

  Bytes tag = Bytes(4);
  uint32_t tsn = 0;
};

struct Beginnings {
  size_t pieces;  // on each stream
  size_t size;    // of each
  uint8_t flags;
};

class SctpBeginnings : public testing::TestWithParam<Beginnings> {};

TEST_P(SctpBeginnings, of_messages_without_end_are_held_to_a_limit) {
  const auto [pieces, size, flags] = GetParam();
  Siege siege;
  // Far more than may be held, and so much that the window alone does not stop it.
  constexpr size_t kMost = 100'000'000 / 256;
  size_t sent = 0;
  for (; sent < kMost && siege.a.state == SctpState::kConnected; ++sent) {
    const bool first = sent % pieces == 0;
    siege.send_data(flags | (first ? kBegin : 0), static_cast<uint16_t>(2 + sent / pieces), size);
    if (sent % 10 == 0) siege.net.run_for(1ms);
  }
  EXPECT_EQ(siege.a.state, SctpState::kClosed);
  EXPECT_EQ(siege.a.error, "the peer has begun too many messages and ended none");
  EXPECT_EQ(siege.a.cause, 13);
  // 256 octets and its own for each, of 16 MiB.
  EXPECT_LT(sent, 18 * 1024 * 1024 / 256u);
  EXPECT_GT(sent * (2048 + 256), 15 * 1024 * 1024u);
}

INSTANTIATE_TEST_SUITE_P(, SctpBeginnings,
                         testing::Values(Beginnings{100, 1000, kUnordered}, Beginnings{1000, 1, 0},
                                         Beginnings{1'000'000, 1, kUnordered}, Beginnings{1'000'000, 1, 0}));

TEST(SctpHostilePeer, a_stream_that_is_skipped_again_and_again_is_walked_once) {
  Bytes packet(12);
  Bytes body;
  append(body, 77, 4);
  // The numbers go round.
  for (uint32_t i = 0; i < 50; ++i) {
    append(body, 7, 2);
    append(body, (65530 + i) & 0xffff, 2);
    append(body, 5, 2);
    append(body, 100 - i, 2);
  }
  append_chunk(packet, kForwardTsn, 0, body);
  append_chunk(packet, kData, 3, Bytes(16, 9));
  IncomingPacket parts;
  take_apart(
      packet, [](uint8_t flags) { return flags; }, parts);
  Bytes expected(12);
  Bytes once;
  append(once, 77, 4);
  append(once, 5, 2);
  append(once, 100, 2);
  append(once, 7, 2);
  append(once, (65530 + 49) & 0xffff, 2);
  append_chunk(expected, kForwardTsn, 0, once);
  append_chunk(expected, kData, 3, Bytes(16, 9));
  EXPECT_EQ(parts.packet, expected);
}

TEST(SctpHostilePeer, a_forward_tsn_cut_short_stays_well_formed) {
  for (size_t size = 0; size < 12; ++size) {
    Bytes packet(12);
    append_chunk(packet, kForwardTsn, 0, Bytes(size, 1));
    IncomingPacket parts;
    take_apart(
        packet, [](uint8_t flags) { return flags; }, parts);
    SctpHeader header;
    SctpChunk first;
    EXPECT_TRUE(read_sctp_packet(parts.packet, header, first)) << size;
  }
}

}  // namespace
}  // namespace peerwire::test
