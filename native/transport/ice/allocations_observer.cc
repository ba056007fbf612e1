// What becomes of allocations, and the bases that they are.
#include <algorithm>

#include "transport/ice/allocations.h"

namespace peerwire::ice {

bool Allocations::turn_send(TurnClient& client, ByteView datagram) {
  return network_->send_datagram(client.base(), client.server(), datagram);
}

void Allocations::turn_allocated(TurnClient& client) {
  Allocation& allocation = of(client);
  if (allocation.unwanted) return close(allocation);
  for (TurnClient::Relayed& relayed : client.relayed()) {
    if (relayed.address.empty()) continue;
    relayed.base = agent_.add_relayed_base(client, relayed.address);
    agent_.add_relayed_candidate(relayed.base, client.config().url);
  }
  note_result(allocation, 0, {});
  if (allocation.instead_of) {
    forgo_confirmations(*allocation.instead_of);
    close_replaced();
  }
}

void Allocations::turn_failed(TurnClient& client, int code, const std::string& reason) {
  Allocation& failed = of(client);
  if (client.has_base()) {
    allocation_lost(failed, code, reason);
  } else if (!allocate_elsewhere(failed, code)) {
    note_result(failed, code, reason);
  }
  leave_base(client.base());
}

void Allocations::allocation_lost(const Allocation& lost, int code, const std::string& reason) {
  const int base = lost.base();
  agent_.disable_relayed_bases(lost.client);
  agent_.fail_relayed_pairs(lost.client);
  if (has_replacement(lost, false)) forgo_confirmations(lost);
  for (const Confirmation& each : take_confirmations(lost)) {
    // Another allocation, in place of the one that is gone. Who does not answer a datagram answers no second one.
    if (each.server.over_stream()) {
      connect(each.server, each.address, 1, gathering_);
    } else if (code == 701) {
      results_.note(each.server.url, base, code, reason);
    } else {
      // What was refused may be there yet, and then the port gets no other one. From a private one there is no second
      // try.
      const bool occupied = code != 437 && agent_.bases()[base].private_use;
      ask(base, each.server, each.address, occupied);
    }
  }
  if (lost.client.leaving()) return_to_origin(lost.client);
}

bool Allocations::allocate_elsewhere(const Allocation& failed, int code) {
  if (failed.unwanted) return false;
  if (failed.config().over_stream()) return reconnect(failed, code);
  if (code != 437 || agent_.bases()[failed.base()].private_use) return false;
  // An allocation of somebody else, or of an earlier life, uses this address and port: take another port.
  const int base = network_->open_socket_like(failed.base());
  if (base < 0) return false;
  start(base, failed.config(), failed.client.redirection(), failed.awaited_by);
  return true;
}

void Allocations::turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) {
  Allocation& leaving = of(client);
  // Made ahead of the time when it is needed: the peer learns the new address by checks, or by a restart that is under
  // way.
  if (has_replacement(leaving, true)) return forgo_confirmations(leaving);
  std::vector<Confirmation> wanted = take_confirmations(leaving);
  if (!elsewhere) {
    for (const Confirmation& each : wanted) results_.note(each.server.url, client.base(), 300, reason);
    return;
  }
  if (wanted.empty()) wanted.push_back({&leaving, client.config(), client.origin()});
  for (const Confirmation& each : wanted) take_place(client.base(), each.server, *elsewhere);
}

void Allocations::return_to_origin(const TurnClient& client) {
  const IceServer server = client.config();
  const bool replaced = std::any_of(allocations_.begin(), allocations_.end(), [&](const auto& other) {
    return !other->ended() && other->config().url == server.url && other->config().username == server.username;
  });
  if (!replaced) take_place(client.base(), server, client.origin());
}

void Allocations::take_place(int base, const IceServer& server, const Redirection& redirection) {
  if (server.over_stream()) {
    connect(server, redirection, 1, gathering_);
  } else {
    start(base, server, redirection, gathering_);
  }
}

void Allocations::note_result(Allocation& allocation, int code, const std::string& reason) {
  if (allocation.awaited_by != gathering_) return;
  allocation.await(0);
  results_.note(allocation.config().url, allocation.base(), code, reason);
}

void Allocations::turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) {
  const int base = client.relayed_of(peer).base;
  if (base >= 0) agent_.receive_relayed(now, base, peer, data);
}

}  // namespace peerwire::ice
