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
  for (const auto& client : clients_) {
    const IceServer& config = client->config();
    if (config.over_stream() || client->origin() != address || !asks_for(client->base(), base)) continue;
    // Another one from this port would be what is given back, where that has to be sent once more.
    if (client->giving_back()) occupied |= client->base() == base;
    if (client->ended() || client->leaving()) continue;
    const bool same_user = config.username == server.username;
    if (client->allocated() && same_user) return reuse(*client, server, address);
    // Under way: it will be a candidate of the generation that there is by then.
    if (!client->allocated() && same_user && config.password == server.password && config.url == server.url) {
      return client->set_awaited_by(gathering_);
    }
    occupied |= client->base() == base;
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
  TurnClient* found = nullptr;
  TurnClient* doubted = nullptr;
  for (const auto& client : clients_) {
    const IceServer& config = client->config();
    if (client->ended() || client->leaving()) continue;
    if (config.url != server.url || config.username != server.username) continue;
    if (config.password != server.password || client->origin() != address) continue;
    if (client->doubted() || has_replacement(*client, true)) {
      doubted = client.get();
    } else if (!found) {
      found = client.get();
    }
  }
  if (found && found->allocated()) return reuse(*found, server, address);
  // Asked by the restart before, without an answer yet: it may come.
  if (doubted && doubted->doubted()) confirmations_.push_back({doubted, server, address});
  // One that is under way will be a candidate of the generation that there is by then.
  if (found) return found->set_awaited_by(gathering_);
  TurnClient* other = connect(server, address, 1, gathering_);
  if (other) other->set_instead_of(doubted);
}

void Allocations::start(int base, const IceServer& server, const Redirection& redirection, uint32_t awaited_by) {
  clients_.push_back(
      std::make_unique<TurnClient>(base, redirection, server, random_, static_cast<TurnClientObserver*>(this)));
  clients_.back()->begin_for(awaited_by);
  clients_.back()->start(agent_.now());
}

TurnClient* Allocations::connect(const IceServer& server, const Redirection& redirection, int connections,
                                 uint32_t awaited_by) {
  std::string reason;
  const int base = network_->open_stream(redirection.named(server), redirection.server(), -1, &reason);
  if (base < 0) {
    if (awaited_by == gathering_) results_.note(server.url, -1, 701, reason);
    return nullptr;
  }
  clients_.push_back(
      std::make_unique<TurnClient>(base, redirection, server, random_, static_cast<TurnClientObserver*>(this)));
  clients_.back()->set_connections(connections);
  clients_.back()->begin_for(awaited_by);
  return clients_.back().get();
}

bool Allocations::reconnect(const TurnClient& client, int code) {
  if (client.connections() >= kMaxConnections) return false;
  // ALTERNATE-SERVER (RFC 8489 section 10): over a connection of its own. And 437: an allocation of somebody else, or
  // of an earlier life, uses this address and port.
  if (!client.redirected() && code != 437) return false;
  TurnClient* other = connect(client.config(), client.redirection(), client.connections() + 1, client.awaited_by());
  if (other) other->set_instead_of(client.instead_of());
  return true;
}

bool Allocations::is_under_way(int base, const std::string& url) const {
  return std::any_of(clients_.begin(), clients_.end(), [&](const auto& client) {
    return client->base() == base && client->config().url == url && !client->ended() && !client->allocated();
  });
}

void Allocations::add_awaited_urls(std::vector<std::string_view>& urls) const {
  for (const auto& client : clients_) {
    if (client->awaited_by() == gathering_ && !client->ended()) urls.push_back(client->config().url);
  }
  for (const Confirmation& each : confirmations_) urls.push_back(each.server.url);
}

bool Allocations::has_lost(const IceServer& server) const {
  bool lost = false;
  for (const auto& client : clients_) {
    const IceServer& config = client->config();
    if (config.url != server.url || config.username != server.username || config.password != server.password) continue;
    if (!client->ended() && !client->leaving()) return false;
    lost |= client->has_base() && !client->given_back();
  }
  return lost;
}

bool Allocations::send_from(int base) const {
  return std::any_of(clients_.begin(), clients_.end(), [=](const auto& client) { return client->base() == base; });
}

// ---- their end ----

void Allocations::close(TimePoint now) {
  for (const auto& client : clients_) client->close(now);
}

void Allocations::close(TurnClient& client) {
  agent_.disable_relayed_bases(client);
  forgo_confirmations(client);
  client.close(agent_.now());
  leave_base(client.base());
}

void Allocations::leave_base(int base) {
  const Base& own = agent_.bases()[base];
  if (!own.private_use || own.closed) return;
  const bool used = std::any_of(clients_.begin(), clients_.end(),
                                [=](const auto& client) { return client->base() == base && !client->is_over(); });
  if (!used) agent_.close_base(base);
}

void Allocations::forsake_begun() {
  for (const auto& client : clients_) {
    if (client->ended() || client->allocated() || client->begun_for() != gathering_) continue;
    // What takes the place of one that is there is needed with or without the gathering.
    const bool replaces = std::any_of(clients_.begin(), clients_.end(), [&](const auto& other) {
      return other->allocated() && other->config().url == client->config().url &&
             other->config().username == client->config().username;
    });
    if (!replaces) client->forsake();
  }
}

void Allocations::close_unused() {
  for (const auto& client : clients_) {
    // Where the way to the server is cut, the address may come back, and the allocation be asked for again.
    const bool reachable = agent_.bases()[client->base()].usable;
    if (client->allocated() && reachable && !agent_.has_relayed_candidate(*client)) close(*client);
  }
}

void Allocations::forget_ended() {
  for (size_t i = clients_.size(); i-- > 0;) {
    const TurnClient& client = *clients_[i];
    // While somebody waits for an allocation, what has failed in its place is known to have been tried.
    const bool waited_for = std::any_of(confirmations_.begin(), confirmations_.end(), [&](const Confirmation& each) {
      return each.client == &client || each.client == client.instead_of();
    });
    if (!client.is_over() || waited_for || !give_up_bases(client)) continue;
    for (const auto& other : clients_) {
      if (other->instead_of() == &client) other->set_instead_of(nullptr);
    }
    clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool Allocations::give_up_bases(const TurnClient& client) {
  if (!client.has_base()) return true;
  const bool used = agent_.has_relayed_candidate(client);
  // The latest of a server stays, of which has_lost() tells; that which was given back is not lost.
  bool replaced = client.given_back();
  for (auto later = clients_.rbegin(); later->get() != &client; ++later) {
    const IceServer& config = (*later)->config();
    const bool same_user = config.username == client.config().username;
    replaced |= (*later)->has_base() && config.url == client.config().url && (same_user || !used);
  }
  return replaced && agent_.forget_relayed_bases(client);
}

// ---- time, datagrams and connections ----

bool Allocations::stream_opened(int base) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i]->base() != base) continue;
    clients_[i]->start(agent_.now());
    return true;
  }
  return false;
}

bool Allocations::stream_closed(int base, const std::string& reason) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i]->base() != base) continue;
    clients_[i]->connection_lost(reason);
    return true;
  }
  return false;
}

bool Allocations::handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    TurnClient& client = *clients_[i];
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
  for (const auto& client : clients_) next = std::min(next, client->next_timeout());
  return next;
}

void Allocations::handle_timeout(TimePoint now) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i]->next_timeout() <= now) clients_[i]->handle_timeout(now);
  }
}

}  // namespace peerwire::ice
