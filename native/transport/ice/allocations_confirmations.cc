// Allocations of before a restart: the server is asked whether it still knows them. Over TCP and TLS another one is
// begun beside the one that does not answer for a while, and what comes first is used.
#include <algorithm>

#include "transport/ice/allocations.h"

namespace peerwire::ice {

void Allocations::reuse(Allocation& allocation, const IceServer& server, const SocketAddress& address) {
  confirmations_.push_back({&allocation, server, address});
  allocation.client.confirm(agent_.now());
}

std::vector<Allocations::Confirmation> Allocations::take_confirmations(const Allocation& allocation) {
  std::vector<Confirmation> taken;
  std::erase_if(confirmations_, [&](const Confirmation& each) {
    if (each.allocation != &allocation) return false;
    taken.push_back(each);
    return true;
  });
  return taken;
}

void Allocations::forgo_confirmations(const Allocation& allocation) {
  std::erase_if(confirmations_, [&](const Confirmation& each) { return each.allocation == &allocation; });
}

void Allocations::turn_confirmed(TurnClient& client) {
  const Allocation& confirmed = of(client);
  close_replacement(confirmed);
  for (const Confirmation& each : take_confirmations(confirmed)) {
    for (const TurnClient::Relayed& relayed : client.relayed()) {
      if (relayed.base >= 0) agent_.add_relayed_candidate(relayed.base, each.server.url);
    }
    results_.note(each.server.url, client.base(), 0, {});
  }
}

void Allocations::turn_unconfirmed(TurnClient& client) {
  // What there is stays meanwhile: the generation before may still use it, and the answer may be late.
  Allocation& doubted = of(client);
  const auto waiting = std::find_if(confirmations_.begin(), confirmations_.end(),
                                    [&](const Confirmation& each) { return each.allocation == &doubted; });
  if (waiting == confirmations_.end()) return;
  const Confirmation first = *waiting;
  Allocation* other = connect(first.server, first.address, 1, gathering_);
  if (other) other->instead_of = &doubted;
}

bool Allocations::has_replacement(const Allocation& allocation, bool living) const {
  return std::any_of(allocations_.begin(), allocations_.end(), [&](const auto& other) {
    return other->instead_of == &allocation && !(living && other->ended());
  });
}

void Allocations::close_replacement(const Allocation& allocation) {
  for (const auto& other : allocations_) {
    if (other->instead_of == &allocation && !other->ended() && !other->allocated()) close(*other);
  }
}

void Allocations::close_replaced() {
  for (const auto& each : allocations_) {
    Allocation* replaced = each->allocated() ? each->instead_of : nullptr;
    if (replaced && !replaced->ended() && !agent_.has_relayed_candidate(replaced->client)) close(*replaced);
  }
}

}  // namespace peerwire::ice
