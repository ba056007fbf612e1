// TURN servers over TCP and TLS: a connection for each, which the delegate opens and which is the base of its
// allocation.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

// A connection to begin with, one after a redirection, one after a taken port, and one to spare.
constexpr int kMaxConnections = 4;

}  // namespace

void Agent::add_stream_server(const IceServer& server, const SocketAddress& address) {
  // A restart finds the allocation that there is, or will be.
  for (const auto& relay : relays_) {
    const IceServer& config = relay->config();
    if (relay->ended() || config.url != server.url || config.username != server.username) continue;
    if (config.password != server.password || relay->origin() != address) continue;
    ++result_of(server.url).pending;
    // One that is under way will be a candidate of the generation that there is by then.
    if (!relay->allocated()) return;
    return reuse_relay(now_, *relay, server, address);
  }
  ++result_of(server.url).pending;
  connect_relay(server, address, address, 1);
}

bool Agent::has_lost_relay(const IceServer& server) const {
  bool lost = false;
  for (const auto& relay : relays_) {
    const IceServer& config = relay->config();
    if (config.url != server.url || config.username != server.username || config.password != server.password) continue;
    if (!relay->ended()) return false;
    lost |= relay->relay_base >= 0;
  }
  return lost;
}

void Agent::connect_relay(const IceServer& server, const SocketAddress& address, const SocketAddress& origin,
                          int connections) {
  std::string reason;
  const int base = delegate_->open_stream(server, address, &reason);
  if (base < 0) return note_server_result(server.url, -1, address, 701, reason);
  relays_.push_back(
      std::make_unique<TurnClient>(base, address, server, random_, static_cast<TurnClientObserver*>(this)));
  relays_.back()->set_origin(origin, connections);
}

void Agent::stream_opened(TimePoint now, int base, const SocketAddress& local) {
  Turn turn(*this, now);
  if (closed_) return;
  bases_[base].address = local;
  for (size_t i = 0; i < relays_.size(); ++i) {
    if (relays_[i]->base() == base) return relays_[i]->start(now);
  }
}

void Agent::stream_closed(TimePoint now, int base, const std::string& reason) {
  Turn turn(*this, now);
  if (closed_) return;
  for (size_t i = 0; i < relays_.size(); ++i) {
    if (relays_[i]->base() == base) return relays_[i]->connection_lost(reason);
  }
}

bool Agent::reconnect_relay(TurnClient& client, int code) {
  if (client.connections() >= kMaxConnections) return false;
  // ALTERNATE-SERVER (RFC 8489 section 10): over a connection of its own, as the name that was asked for. And 437: an
  // allocation of somebody else, or of an earlier life, uses this address and port.
  const bool redirected = code == 300 && client.alternate();
  if (!redirected && code != 437) return false;
  const SocketAddress address = redirected ? *client.alternate() : client.server();
  connect_relay(client.config(), address, client.origin(), client.connections() + 1);
  return true;
}

}  // namespace peerwire::ice
