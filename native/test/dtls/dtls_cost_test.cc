// Prints what a connection costs; fails where a limit of the design is passed by far.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>

#include "dtls_peers.h"

namespace peerwire {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kInstrumented = true;
#else
constexpr bool kInstrumented = false;
#endif

// Delivers within send_packet(), keeps nothing.
struct DirectTransport : PacketTransport {
  bool send_packet(ByteView packet) override {
    if (capture) captured.emplace_back(packet.begin(), packet.end());
    if (peer && peer->receiver) peer->receiver->on_packet(packet);
    return true;
  }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return 1280; }
  void set_packet_receiver(PacketReceiver* r) override { receiver = r; }
  DirectTransport* peer = nullptr;
  PacketReceiver* receiver = nullptr;
  bool capture = false;
  std::vector<Bytes> captured;
};

struct Silent : DtlsTransportObserver, PacketReceiver {
  void on_dtls_state(DtlsTransportState, const DtlsFailure&) override {}
  void on_packet(ByteView packet) override { bytes += packet.size(); }
  void on_writable_changed(bool) override {}
  size_t bytes = 0;
};

struct DirectPair {
  DirectPair(TestLoop& loop, const CertificatePtr& certificate) {
    a.peer = &b;
    b.peer = &a;
    client = DtlsTransport::create(loop, a, certificate, {}, &client_observer);
    server = DtlsTransport::create(loop, b, certificate, {}, &server_observer);
    client->set_packet_receiver(&client_observer);
    server->set_packet_receiver(&server_observer);
  }
  void connect(const Fingerprint& fingerprint) {
    server->start(DtlsRole::kServer, {fingerprint});
    client->start(DtlsRole::kClient, {fingerprint});
  }
  ~DirectPair() { a.peer = b.peer = nullptr; }
  DirectTransport a, b;
  Silent client_observer, server_observer;
  std::unique_ptr<DtlsTransport> client, server;
};

double ns_since(TimePoint begin, int count) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / count;
}

TEST(DtlsCost, OfAHandshakeAndOfAnIdleConnection) {
  TestLoop loop;
  const auto certificate = make_certificate();
  const Fingerprint fingerprint = certificate->fingerprint("sha-256");
  {
    DirectPair warm(loop, certificate);  // what the process needs once
    warm.connect(fingerprint);
    ASSERT_EQ(warm.client->state(), DtlsTransportState::kConnected);
    ASSERT_EQ(warm.server->state(), DtlsTransportState::kConnected);
  }
  constexpr int kPairs = 100;
  std::vector<std::unique_ptr<DirectPair>> pairs;
  pairs.reserve(kPairs);
  const size_t before = mallinfo2().uordblks;
  const TimePoint begin = Clock::now();
  for (int i = 0; i < kPairs; ++i) {
    pairs.push_back(std::make_unique<DirectPair>(loop, certificate));
    pairs.back()->connect(fingerprint);
    ASSERT_EQ(pairs.back()->client->state(), DtlsTransportState::kConnected);
    // One packet each way, so that buffers are there.
    pairs.back()->client->send_packet(Bytes(1200));
    pairs.back()->server->send_packet(Bytes(1200));
  }
  const double ms = ns_since(begin, kPairs) / 1e6;
  const double kb = static_cast<double>(mallinfo2().uordblks - before) / (2.0 * kPairs) / 1024;
  std::printf("handshake, both sides: %.2f ms of CPU; a connected transport: %.1f KB\n", ms, kb);
  if (!kInstrumented) {
    EXPECT_LT(kb, 60);
  }
}

TEST(DtlsCost, OfAPacket) {
  TestLoop loop;
  const auto certificate = make_certificate();
  DirectPair pair(loop, certificate);
  pair.connect(certificate->fingerprint("sha-256"));
  ASSERT_EQ(pair.client->state(), DtlsTransportState::kConnected);
  const Bytes packet(1200, 0x55);
  constexpr int kPackets = kInstrumented ? 2000 : 50000;
  pair.a.peer = nullptr;
  TimePoint begin = Clock::now();
  for (int i = 0; i < kPackets; ++i) pair.client->send_packet(packet);
  const double send_ns = ns_since(begin, kPackets);
  pair.a.capture = true;
  // In small batches: a real receiver finds its packets in the cache too.
  constexpr int kBatch = 100;
  Duration receiving{};
  for (int i = 0; i < kPackets; i += kBatch) {
    pair.a.captured.clear();
    for (int j = 0; j < kBatch; ++j) pair.client->send_packet(packet);
    begin = Clock::now();
    for (const Bytes& datagram : pair.a.captured) pair.b.receiver->on_packet(datagram);
    receiving += Clock::now() - begin;
  }
  const double receive_ns = std::chrono::duration<double, std::nano>(receiving).count() / kPackets;
  EXPECT_EQ(pair.server_observer.bytes, packet.size() * kPackets);
  std::printf("1,200-byte packet: send %.0f ns, receive %.0f ns (%s)\n", send_ns, receive_ns,
              pair.client->info().cipher.c_str());
}

}  // namespace
}  // namespace peerwire
