// A DTLS transport on a memory transport with everything it told, and a pair of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "memory_link.h"
#include "transport/dtls_transport.h"

namespace peerwire {

inline CertificatePtr make_certificate(KeyType type = KeyType::kEcdsaP256) {
  CertificateOptions options;
  options.key_type = type;
  return std::get<CertificatePtr>(Certificate::generate(options));
}

struct DtlsPeer : DtlsTransportObserver, PacketReceiver {
  DtlsPeer(TestLoop& loop, LinkFaults faults, uint32_t seed, CertificatePtr own = make_certificate(),
           DtlsTransportOptions options = {})
      : link(loop, faults, seed), certificate(std::move(own)) {
    dtls = DtlsTransport::create(loop, link, certificate, options, this);
    dtls->set_packet_receiver(this);
  }

  void on_dtls_state(DtlsTransportState state, const DtlsFailure& why) override {
    states.push_back(state);
    failure = why;
    if (on_state) on_state(state);
  }
  void on_packet(ByteView packet) override {
    received.emplace_back(packet.begin(), packet.end());
    if (on_received) on_received(packet);
  }
  void on_writable_changed(bool writable) override {
    writables.push_back(writable);
    if (on_writable) on_writable(writable);
  }
  void on_path_changed() override { ++path_changes; }

  bool connected() const { return dtls->state() == DtlsTransportState::kConnected; }
  bool failed() const { return dtls->state() == DtlsTransportState::kFailed; }
  bool send(std::string_view text) { return dtls->send_packet(as_bytes(text)); }
  std::string text(size_t index) const { return std::string(received.at(index).begin(), received.at(index).end()); }
  Fingerprint fingerprint(const std::string& algorithm = "sha-256") const {
    return certificate->fingerprint(algorithm);
  }

  MemoryTransport link;
  CertificatePtr certificate;
  std::unique_ptr<DtlsTransport> dtls;
  std::vector<DtlsTransportState> states;
  std::vector<bool> writables;
  std::vector<Bytes> received;
  DtlsFailure failure;
  int path_changes = 0;
  std::function<void(DtlsTransportState)> on_state;
  std::function<void(ByteView)> on_received;
  std::function<void(bool)> on_writable;
};

struct DtlsPair {
  explicit DtlsPair(LinkFaults faults = {}, uint32_t seed = 1, KeyType client_key = KeyType::kEcdsaP256,
                    KeyType server_key = KeyType::kEcdsaP256, DtlsTransportOptions options = {})
      : client(loop, faults, seed, make_certificate(client_key), options),
        server(loop, faults, seed + 1000, make_certificate(server_key), options) {
    MemoryTransport::join(client.link, server.link);
  }
  void start() {
    server.dtls->start(DtlsRole::kServer, {client.fingerprint()});
    client.dtls->start(DtlsRole::kClient, {server.fingerprint()});
  }
  bool connect() {
    start();
    return loop.run_until([this] { return client.connected() && server.connected(); });
  }
  /// Both ways, over a link without faults.
  void expect_alive() {
    const size_t at_client = client.received.size(), at_server = server.received.size();
    EXPECT_TRUE(client.send("to the server"));
    EXPECT_TRUE(server.send("to the client"));
    loop.run_until([&] { return client.received.size() > at_client && server.received.size() > at_server; });
    ASSERT_EQ(client.received.size(), at_client + 1);
    ASSERT_EQ(server.received.size(), at_server + 1);
    EXPECT_EQ(server.text(at_server), "to the server");
    EXPECT_EQ(client.text(at_client), "to the client");
  }

  TestLoop loop;
  DtlsPeer client;
  DtlsPeer server;
};

using DtlsStates = std::vector<DtlsTransportState>;

}  // namespace peerwire
