// Allocations of before a restart: the server is asked whether it still knows them. Over TCP and TLS another one is
// begun beside the one that does not answer for a while, and what comes first is used.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

void Agent::reuse_relay(TimePoint now, TurnClient& client, const IceServer& server, const SocketAddress& address) {
  confirmations_.push_back({&client, server, address});
  client.confirm(now);
}

std::vector<Agent::Confirmation> Agent::take_confirmations(TurnClient& client) {
  std::vector<Confirmation> taken;
  std::erase_if(confirmations_, [&](const Confirmation& each) {
    if (each.client != &client) return false;
    taken.push_back(each);
    return true;
  });
  return taken;
}

void Agent::forgo_confirmations(const TurnClient& client) {
  std::erase_if(confirmations_, [&](const Confirmation& each) { return each.client == &client; });
}

void Agent::turn_confirmed(TurnClient& client) {
  close_replacement(client);
  for (const Confirmation& each : take_confirmations(client)) {
    for (const TurnClient::Relayed& relayed : client.relayed()) {
      if (relayed.base < 0 || find_local(relayed.base, relayed.address, current_.number)) continue;
      add_local_candidate(IceCandidateType::kRelay, relayed.base, relayed.address,
                          relay_only_ ? SocketAddress() : client.mapped(), each.server.url, true);
    }
    note_server_result(each.server.url, client.base(), 0, {});
  }
}

void Agent::turn_unconfirmed(TurnClient& client) {
  // What there is stays meanwhile: the generation before may still use it, and the answer may be late.
  const auto waiting = std::find_if(confirmations_.begin(), confirmations_.end(),
                                    [&](const Confirmation& each) { return each.client == &client; });
  if (waiting == confirmations_.end()) return;
  const Confirmation first = *waiting;
  TurnClient* other = connect_relay(first.server, first.address, 1, gathering_number_);
  if (other) other->set_instead_of(&client);
}

bool Agent::has_replacement(const TurnClient& client, bool living) const {
  return std::any_of(relays_.begin(), relays_.end(),
                     [&](const auto& other) { return other->instead_of() == &client && !(living && other->ended()); });
}

void Agent::close_replacement(const TurnClient& client) {
  for (const auto& other : relays_) {
    if (other->instead_of() != &client || other->ended() || other->allocated()) continue;
    close_relay(*other);
  }
}

void Agent::close_replaced() {
  for (const auto& relay : relays_) {
    TurnClient* replaced = relay->allocated() ? relay->instead_of() : nullptr;
    if (replaced && !replaced->ended() && !has_candidate(*replaced)) close_relay(*replaced);
  }
}

}  // namespace peerwire::ice
