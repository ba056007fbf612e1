// Allocations of before a restart: the server is asked whether it still knows them. Over TCP and TLS another one is
// begun beside the one that does not answer for a while, and what comes first is used.
#include <algorithm>

#include "transport/ice/allocations.h"

namespace peerwire::ice {

void Allocations::reuse(TurnClient& client, const IceServer& server, const SocketAddress& address) {
  confirmations_.push_back({&client, server, address});
  client.confirm(agent_.now());
}

std::vector<Allocations::Confirmation> Allocations::take_confirmations(TurnClient& client) {
  std::vector<Confirmation> taken;
  std::erase_if(confirmations_, [&](const Confirmation& each) {
    if (each.client != &client) return false;
    taken.push_back(each);
    return true;
  });
  return taken;
}

void Allocations::forgo_confirmations(const TurnClient& client) {
  std::erase_if(confirmations_, [&](const Confirmation& each) { return each.client == &client; });
}

void Allocations::turn_confirmed(TurnClient& client) {
  close_replacement(client);
  for (const Confirmation& each : take_confirmations(client)) {
    for (const TurnClient::Relayed& relayed : client.relayed()) {
      if (relayed.base >= 0) agent_.add_relayed_candidate(relayed.base, each.server.url);
    }
    results_.note(each.server.url, client.base(), 0, {});
  }
}

void Allocations::turn_unconfirmed(TurnClient& client) {
  // What there is stays meanwhile: the generation before may still use it, and the answer may be late.
  const auto waiting = std::find_if(confirmations_.begin(), confirmations_.end(),
                                    [&](const Confirmation& each) { return each.client == &client; });
  if (waiting == confirmations_.end()) return;
  const Confirmation first = *waiting;
  TurnClient* other = connect(first.server, first.address, 1, gathering_);
  if (other) other->set_instead_of(&client);
}

bool Allocations::has_replacement(const TurnClient& client, bool living) const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [&](const auto& other) { return other->instead_of() == &client && !(living && other->ended()); });
}

void Allocations::close_replacement(const TurnClient& client) {
  for (const auto& other : clients_) {
    if (other->instead_of() != &client || other->ended() || other->allocated()) continue;
    close(*other);
  }
}

void Allocations::close_replaced() {
  for (const auto& client : clients_) {
    TurnClient* replaced = client->allocated() ? client->instead_of() : nullptr;
    if (replaced && !replaced->ended() && !agent_.has_relayed_candidate(*replaced)) close(*replaced);
  }
}

}  // namespace peerwire::ice
