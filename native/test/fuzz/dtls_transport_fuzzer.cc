// Datagrams of a stranger against a DTLS transport: waiting for a client, waiting for a server, and connected.
// The input is cut into datagrams by two-octet lengths; the first octet picks the victim. None may crash, hang, change
// a connected transport's state or be delivered.
#include <cstdlib>

#include "dtls/dtls_peers.h"

namespace peerwire {
namespace {

const CertificatePtr& certificate() {
  static const CertificatePtr made = make_certificate();
  return made;
}

struct FuzzPair {
  FuzzPair() : client(loop, {}, 1, certificate()), server(loop, {}, 2, certificate()) {
    MemoryTransport::join(client.link, server.link);
  }
  TestLoop loop;
  DtlsPeer client;
  DtlsPeer server;
};

void feed(DtlsPeer& peer, ByteView input) {
  while (input.size() >= 2) {
    const size_t size = std::min(static_cast<size_t>(input[0] << 8 | input[1]) & 0x7ff, input.size() - 2);
    peer.link.receive(input.subspan(2, size));
    input = input.subspan(2 + size);
  }
  peer.link.sent.clear();
}

FuzzPair& connected_pair() {
  static FuzzPair* const pair = [] {
    auto* made = new FuzzPair;
    made->server.dtls->start(DtlsRole::kServer, {made->client.fingerprint()});
    made->client.dtls->start(DtlsRole::kClient, {made->server.fingerprint()});
    made->loop.run_until([&] { return made->client.connected() && made->server.connected(); });
    return made;
  }();
  return *pair;
}

}  // namespace
}  // namespace peerwire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peerwire;
  if (size < 3) return 0;
  const ByteView input(data + 1, size - 1);
  if (data[0] % 4 < 2) {
    FuzzPair pair;
    const bool server = data[0] % 4 == 0;
    DtlsPeer& victim = server ? pair.server : pair.client;
    victim.link.filter = [](ByteView) { return false; };
    victim.dtls->start(server ? DtlsRole::kServer : DtlsRole::kClient, {victim.fingerprint()});
    feed(victim, input);
    if (victim.connected() || !victim.received.empty()) std::abort();
    return 0;
  }
  FuzzPair& pair = connected_pair();
  for (DtlsPeer* victim : {&pair.client, &pair.server}) {
    feed(*victim, input);
    if (!victim->connected() || !victim->received.empty()) std::abort();
  }
  return 0;
}
