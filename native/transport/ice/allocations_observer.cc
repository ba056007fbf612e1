// What becomes of allocations, and the bases that they are.
#include <algorithm>

#include "transport/ice/allocations.h"

namespace peerwire::ice {

bool Allocations::turn_send(TurnClient& client, ByteView datagram) {
  return network_->send_datagram(client.base(), client.server(), datagram);
}

void Allocations::turn_allocated(TurnClient& client) {
  if (client.unwanted()) return close(client);
  for (TurnClient::Relayed& relayed : client.relayed()) {
    if (relayed.address.empty()) continue;
    relayed.base = agent_.add_relayed_base(client, relayed.address);
    agent_.add_relayed_candidate(relayed.base, client.config().url);
  }
  note_result(client, 0, {});
  if (client.instead_of()) {
    forgo_confirmations(*client.instead_of());
    close_replaced();
  }
}

void Allocations::turn_failed(TurnClient& client, int code, const std::string& reason) {
  if (client.has_base()) {
    allocation_lost(client, code, reason);
  } else if (!allocate_elsewhere(client, code)) {
    note_result(client, code, reason);
  }
  leave_base(client.base());
}

void Allocations::allocation_lost(TurnClient& client, int code, const std::string& reason) {
  agent_.disable_relayed_bases(client);
  agent_.fail_relayed_pairs(client);
  if (has_replacement(client, false)) forgo_confirmations(client);
  for (const Confirmation& each : take_confirmations(client)) {
    // Another allocation, in place of the one that is gone. Who does not answer a datagram answers no second one.
    if (each.server.over_stream()) {
      connect(each.server, each.address, 1, gathering_);
    } else if (code == 701) {
      results_.note(each.server.url, client.base(), code, reason);
    } else {
      // What was refused may be there yet, and then the port gets no other one. From a private one there is no second
      // try.
      const bool occupied = code != 437 && agent_.bases()[client.base()].private_use;
      ask(client.base(), each.server, each.address, occupied);
    }
  }
  if (client.leaving()) return_to_origin(client);
}

bool Allocations::allocate_elsewhere(const TurnClient& client, int code) {
  if (client.unwanted()) return false;
  if (client.config().over_stream()) return reconnect(client, code);
  if (code != 437 || agent_.bases()[client.base()].private_use) return false;
  // An allocation of somebody else, or of an earlier life, uses this address and port: take another port.
  const int base = network_->open_socket_like(client.base());
  if (base < 0) return false;
  start(base, client.config(), client.redirection(), client.awaited_by());
  return true;
}

void Allocations::turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) {
  // Made ahead of the time when it is needed: the peer learns the new address by checks, or by a restart that is under
  // way.
  if (has_replacement(client, true)) return forgo_confirmations(client);
  std::vector<Confirmation> wanted = take_confirmations(client);
  if (!elsewhere) {
    for (const Confirmation& each : wanted) results_.note(each.server.url, client.base(), 300, reason);
    return;
  }
  if (wanted.empty()) wanted.push_back({&client, client.config(), client.origin()});
  for (const Confirmation& each : wanted) take_place(client, each.server, *elsewhere);
}

void Allocations::return_to_origin(const TurnClient& client) {
  const IceServer server = client.config();
  const bool replaced = std::any_of(clients_.begin(), clients_.end(), [&](const auto& other) {
    return !other->ended() && other->config().url == server.url && other->config().username == server.username;
  });
  if (replaced) return;
  take_place(client, server, client.origin());
}

void Allocations::take_place(const TurnClient& client, const IceServer& server, const Redirection& redirection) {
  if (server.over_stream()) {
    connect(server, redirection, 1, gathering_);
  } else {
    start(client.base(), server, redirection, gathering_);
  }
}

void Allocations::note_result(TurnClient& client, int code, const std::string& reason) {
  if (client.awaited_by() != gathering_) return;
  client.set_awaited_by(0);
  results_.note(client.config().url, client.base(), code, reason);
}

void Allocations::turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) {
  const int base = client.relayed_of(peer).base;
  if (base >= 0) agent_.receive_relayed(now, base, peer, data);
}

}  // namespace peerwire::ice
