#include "transport/ice/allocations.h"

#include <algorithm>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

// A connection to begin with, those after a redirection, and one after a taken port.
constexpr int kMaxConnections = 2 + static_cast<int>(Redirection::kMaxFollowed);

}  // namespace

void Allocations::begin_gathering() {
  confirmations_.clear();
  ++gathering_;
}

void Allocations::ask(int base, const IceServer& server, const SocketAddress& address, bool occupied) {
  // One allocation for an address and server: the server would answer a second one from the same port with 437.
  for (const auto& known : allocations_) {
    const TurnClient& client = known->client;
    const IceServer& config = client.config();
    if (config.over_stream() || client.origin() != address || !asks_for(client.base(), base)) continue;
    // Another one from this port would be what is given back, where that has to be sent once more.
    if (client.giving_back()) occupied |= client.base() == base;
    if (client.ended() || client.leaving()) continue;
    const bool same_user = config.username == server.username;
    if (client.allocated() && same_user) return reuse(*known, server, address);
    // Under way: it will be a candidate of the generation that there is by then.
    if (!client.allocated() && same_user && config.password == server.password && config.url == server.url) {
      return known->await(gathering_);
    }
    occupied |= client.base() == base;
  }
  if (occupied) base = network_->open_socket_like(base);
  if (base < 0) return results_.note(server.url, base, 701, "no further socket for a second allocation");
  start(base, server, address, gathering_);
}

bool Allocations::asks_for(int asking, int base) const {
  const Base& other = agent_.bases()[asking];
  return asking == base || (other.private_use && other.address.same_ip(agent_.bases()[base].address));
}

void Allocations::ask_over_stream(const IceServer& server, const SocketAddress& address) {
  // A restart finds the allocation that there is, or will be.
  Allocation* found = nullptr;
  Allocation* doubted = nullptr;
  for (const auto& known : allocations_) {
    const TurnClient& client = known->client;
    const IceServer& config = client.config();
    if (client.ended() || client.leaving() || config.url != server.url || config.username != server.username) continue;
    if (config.password != server.password || client.origin() != address) continue;
    if (client.doubted() || has_replacement(*known, true)) {
      doubted = known.get();
    } else if (!found) {
      found = known.get();
    }
  }
  if (found && found->allocated()) return reuse(*found, server, address);
  // Asked by the restart before, without an answer yet: it may come.
  if (doubted && doubted->client.doubted()) confirmations_.push_back({doubted, server, address});
  // One that is under way will be a candidate of the generation that there is by then.
  if (found) return found->await(gathering_);
  Allocation* other = connect(server, address, 1, gathering_);
  if (other) other->instead_of = doubted;
}

Allocation& Allocations::add(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by) {
  TurnClientObserver* const observer = this;
  allocations_.push_back(std::make_unique<Allocation>(base, redirection, server, random_, observer));
  allocations_.back()->begin_for(awaited_by);
  return *allocations_.back();
}

Allocation& Allocations::of(const TurnClient& client) {
  return **std::find_if(allocations_.begin(), allocations_.end(),
                        [&](const auto& each) { return &each->client == &client; });
}

void Allocations::start(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by) {
  add(base, server, redirection, awaited_by).client.start(agent_.now());
}

Allocation* Allocations::connect(const IceServer& server, const Redirection& redirection, int connections,
                                 uint32_t awaited_by) {
  std::string reason;
  const int base = network_->open_stream(redirection.named(server), redirection.server(), -1, &reason);
  if (base < 0) {
    if (awaited_by == gathering_) results_.note(server.url, -1, 701, reason);
    return nullptr;
  }
  Allocation& added = add(base, server, redirection, awaited_by);
  added.connections = connections;
  return &added;
}

bool Allocations::reconnect(const Allocation& failed, int code) {
  if (failed.connections >= kMaxConnections) return false;
  // ALTERNATE-SERVER (RFC 8489 section 10): over a connection of its own. And 437: an allocation of somebody else, or
  // of an earlier life, uses this address and port.
  if (!failed.client.redirected() && code != 437) return false;
  Allocation* other = connect(failed.config(), failed.client.redirection(), failed.connections + 1, failed.awaited_by);
  if (other) other->instead_of = failed.instead_of;
  return true;
}

bool Allocations::is_under_way(int base, const std::string& url) const {
  return std::any_of(allocations_.begin(), allocations_.end(), [&](const auto& each) {
    return each->base() == base && each->config().url == url && !each->ended() && !each->allocated();
  });
}

void Allocations::add_awaited_urls(std::vector<std::string_view>& urls) const {
  for (const auto& each : allocations_) {
    if (each->awaited_by == gathering_ && !each->ended()) urls.push_back(each->config().url);
  }
  for (const Confirmation& each : confirmations_) urls.push_back(each.server.url);
}

bool Allocations::has_lost(const IceServer& server) const {
  bool lost = false;
  for (const auto& each : allocations_) {
    const TurnClient& client = each->client;
    const IceServer& config = client.config();
    if (config.url != server.url || config.username != server.username || config.password != server.password) continue;
    if (!client.ended() && !client.leaving()) return false;
    lost |= client.has_base() && !client.given_back();
  }
  return lost;
}

bool Allocations::uses(int base) const {
  return std::any_of(allocations_.begin(), allocations_.end(), [=](const auto& each) { return each->base() == base; });
}

// ---- their end ----

void Allocations::close(TimePoint now) {
  for (const auto& each : allocations_) each->client.close(now);
}

void Allocations::close(Allocation& allocation) {
  agent_.disable_relayed_bases(allocation.client);
  forgo_confirmations(allocation);
  allocation.client.close(agent_.now());
  leave_base(allocation.base());
}

void Allocations::leave_base(int base) {
  const Base& own = agent_.bases()[base];
  if (!own.private_use || own.closed) return;
  const bool used = std::any_of(allocations_.begin(), allocations_.end(),
                                [=](const auto& each) { return each->base() == base && !each->client.is_over(); });
  if (!used) agent_.close_base(base);
}

void Allocations::forsake_begun() {
  for (const auto& begun : allocations_) {
    if (begun->ended() || begun->allocated() || begun->begun_for != gathering_) continue;
    // What takes the place of one that is there is needed with or without the gathering.
    const bool replaces = std::any_of(allocations_.begin(), allocations_.end(), [&](const auto& other) {
      return other->allocated() && other->config().url == begun->config().url &&
             other->config().username == begun->config().username;
    });
    if (!replaces) begun->unwanted = true;
  }
}

void Allocations::close_unused() {
  for (const auto& each : allocations_) {
    // Where the way to the server is cut, the address may come back, and the allocation be asked for again.
    const bool reachable = agent_.bases()[each->base()].usable;
    if (each->allocated() && reachable && !agent_.has_relayed_candidate(each->client)) close(*each);
  }
}

void Allocations::forget_ended() {
  for (size_t i = allocations_.size(); i-- > 0;) {
    const Allocation& ended = *allocations_[i];
    // While somebody waits for an allocation, what has failed in its place is known to have been tried.
    const bool waited_for = std::any_of(confirmations_.begin(), confirmations_.end(), [&](const Confirmation& each) {
      return each.allocation == &ended || each.allocation == ended.instead_of;
    });
    if (!ended.client.is_over() || waited_for || !give_up_bases(ended)) continue;
    for (const auto& other : allocations_) {
      if (other->instead_of == &ended) other->instead_of = nullptr;
    }
    allocations_.erase(allocations_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool Allocations::give_up_bases(const Allocation& allocation) {
  const TurnClient& client = allocation.client;
  if (!client.has_base()) return true;
  const bool used = agent_.has_relayed_candidate(client);
  // The latest of a server stays, of which has_lost() tells; that which was given back is not lost.
  bool replaced = client.given_back();
  for (auto later = allocations_.rbegin(); later->get() != &allocation; ++later) {
    const IceServer& server = (*later)->config();
    const bool same_user = server.username == client.config().username;
    replaced |= (*later)->client.has_base() && server.url == client.config().url && (same_user || !used);
  }
  return replaced && agent_.forget_relayed_bases(client);
}

// ---- time, datagrams and connections ----

bool Allocations::stream_opened(int base) {
  for (size_t i = 0; i < allocations_.size(); ++i) {
    if (allocations_[i]->base() != base) continue;
    allocations_[i]->client.start(agent_.now());
    return true;
  }
  return false;
}

bool Allocations::stream_closed(int base, const std::string& reason) {
  for (size_t i = 0; i < allocations_.size(); ++i) {
    if (allocations_[i]->base() != base) continue;
    allocations_[i]->client.connection_lost(reason);
    return true;
  }
  return false;
}

bool Allocations::handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram) {
  for (size_t i = 0; i < allocations_.size(); ++i) {
    TurnClient& client = allocations_[i]->client;
    if (client.base() != base || client.server() != from) continue;
    bool handled = false;
    if (StunMessage::looks_like_stun(datagram)) {
      agent_.in_turn(now, [&] { handled = client.handle_datagram(now, datagram); });
    } else {
      handled = client.handle_datagram(now, datagram);
    }
    if (handled) return true;
  }
  return false;
}

TimePoint Allocations::next_timeout() const {
  TimePoint next = TimePoint::max();
  for (const auto& each : allocations_) next = std::min(next, each->client.next_timeout());
  return next;
}

void Allocations::handle_timeout(TimePoint now) {
  for (size_t i = 0; i < allocations_.size(); ++i) {
    if (allocations_[i]->client.next_timeout() <= now) allocations_[i]->client.handle_timeout(now);
  }
}

}  // namespace peerwire::ice
