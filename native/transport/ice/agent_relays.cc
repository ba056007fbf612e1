// Allocations on TURN servers, and the bases that they are.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

bool Agent::turn_send(TurnClient& client, ByteView datagram) {
  return delegate_->send_datagram(client.base(), client.server(), datagram);
}

void Agent::turn_allocated(TurnClient& client) {
  if (client.unwanted()) return close_relay(client);
  const Base& own = bases_[client.base()];
  const uint16_t preference = own.local_preference;
  for (TurnClient::Relayed& relayed : client.relayed()) {
    if (relayed.address.empty()) continue;
    relayed.base = take_base({relayed.address, preference, false, &client});
    add_local_candidate(IceCandidateType::kRelay, relayed.base, relayed.address,
                        relay_only_ ? SocketAddress() : client.mapped(), client.config().url, true);
  }
  note_relay_result(client, 0, {});
  if (client.instead_of()) {
    forgo_confirmations(*client.instead_of());
    close_replaced();
  }
}

void Agent::turn_failed(TurnClient& client, int code, const std::string& reason) {
  if (client.has_base()) {
    allocation_lost(client, code, reason);
  } else if (!allocate_elsewhere(client, code)) {
    note_relay_result(client, code, reason);
  }
  leave_base(client.base());
}

void Agent::allocation_lost(TurnClient& client, int code, const std::string& reason) {
  for (const TurnClient::Relayed& relayed : client.relayed()) {
    if (relayed.base >= 0) bases_[relayed.base].usable = false;
  }
  for (const auto& pair : pairs_) {
    if (bases_[pair->base].relay != &client) continue;
    if (pair->valid) progress_at_ = now_;
    pair_failed(*pair);
  }
  if (has_replacement(client, false)) forgo_confirmations(client);
  for (const Confirmation& each : take_confirmations(client)) {
    // Another allocation, in place of the one that is gone. Who does not answer a datagram answers no second one.
    if (each.server.over_stream()) {
      connect_relay(each.server, each.address, 1, gathering_number_);
    } else if (code == 701) {
      note_server_result(each.server.url, client.base(), code, reason);
    } else {
      // What was refused may be there yet, and then the port gets no other one. From a private one there is no second
      // try.
      const bool occupied = code != 437 && bases_[client.base()].private_use;
      start_query(now_, client.base(), each.server, each.address, occupied);
    }
  }
  if (client.leaving()) return_to_origin(client);
}

bool Agent::allocate_elsewhere(const TurnClient& client, int code) {
  if (client.unwanted()) return false;
  if (client.config().over_stream()) return reconnect_relay(client, code);
  if (code != 437 || bases_[client.base()].private_use) return false;
  // An allocation of somebody else, or of an earlier life, uses this address and port: take another port.
  const int base = delegate_->open_socket_like(client.base());
  if (base < 0) return false;
  start_relay(base, client.config(), client.redirection(), client.awaited_by());
  return true;
}

void Agent::turn_leaving(TurnClient& client, const Redirection* elsewhere, const std::string& reason) {
  // Made ahead of the time when it is needed: the peer learns the new address by checks, or by a restart that is under
  // way.
  if (has_replacement(client, true)) return forgo_confirmations(client);
  std::vector<Confirmation> wanted = take_confirmations(client);
  if (!elsewhere) {
    for (const Confirmation& each : wanted) note_server_result(each.server.url, client.base(), 300, reason);
    return;
  }
  if (wanted.empty()) wanted.push_back({&client, client.config(), client.origin()});
  for (const Confirmation& each : wanted) take_place(client, each.server, *elsewhere);
}

void Agent::return_to_origin(const TurnClient& client) {
  const IceServer server = client.config();
  const bool replaced = std::any_of(relays_.begin(), relays_.end(), [&](const auto& other) {
    return !other->ended() && other->config().url == server.url && other->config().username == server.username;
  });
  if (replaced) return;
  take_place(client, server, client.origin());
}

void Agent::take_place(const TurnClient& client, const IceServer& server, const Redirection& redirection) {
  if (server.over_stream()) {
    connect_relay(server, redirection, 1, gathering_number_);
  } else {
    start_relay(client.base(), server, redirection, gathering_number_);
  }
}

void Agent::start_relay(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by) {
  relays_.push_back(
      std::make_unique<TurnClient>(base, redirection, server, random_, static_cast<TurnClientObserver*>(this)));
  relays_.back()->begin_for(awaited_by);
  relays_.back()->start(now_);
}

void Agent::note_relay_result(TurnClient& client, int code, const std::string& reason) {
  if (client.awaited_by() != gathering_number_) return;
  client.set_awaited_by(0);
  note_server_result(client.config().url, client.base(), code, reason);
}

void Agent::turn_data(TurnClient& client, const SocketAddress& peer, ByteView data, TimePoint now) {
  const int base = client.relayed_of(peer).base;
  if (base < 0) return;
  if (!StunMessage::looks_like_stun(data)) {
    now_ = now;
    deliver(base, peer, data);
    return;
  }
  if (const auto message = StunMessage::parse(data)) {
    Turn turn(*this, now);
    handle_stun(base, peer, *message);
  }
}

}  // namespace peerwire::ice
