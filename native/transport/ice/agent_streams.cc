// Connections with servers over TCP and TLS, which the delegate opens: one for each TURN server, which is the base of
// its allocation, and those that STUN servers are asked over.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {
namespace {

// A connection to begin with, those after a redirection, and one after a taken port.
constexpr int kMaxConnections = 2 + static_cast<int>(Redirection::kMaxFollowed);
// STUN servers that are asked over UDP as well: how many over TCP, too, from one port. RFC 6544 section 5.2 would ask
// all; but what is asked for is what the NAT makes of the port, and one tells it.
constexpr int kMaxOptionalQueries = 2;

}  // namespace

void Agent::add_stream_server(const IceServer& server, const SocketAddress& address) {
  // A restart finds the allocation that there is, or will be.
  TurnClient* found = nullptr;
  TurnClient* doubted = nullptr;
  for (const auto& relay : relays_) {
    const IceServer& config = relay->config();
    if (relay->ended() || relay->leaving() || config.url != server.url || config.username != server.username) continue;
    if (config.password != server.password || relay->origin() != address) continue;
    if (relay->doubted() || has_replacement(*relay, true)) {
      doubted = relay.get();
    } else if (!found) {
      found = relay.get();
    }
  }
  if (found && found->allocated()) return reuse_relay(now_, *found, server, address);
  // Asked by the restart before, without an answer yet: it may come.
  if (doubted && doubted->doubted()) confirmations_.push_back({doubted, server, address});
  // One that is under way will be a candidate of the generation that there is by then.
  if (found) return found->set_awaited_by(gathering_number_);
  TurnClient* other = connect_relay(server, address, 1, gathering_number_);
  if (other) other->set_instead_of(doubted);
}

bool Agent::has_lost_relay(const IceServer& server) const {
  bool lost = false;
  for (const auto& relay : relays_) {
    const IceServer& config = relay->config();
    if (config.url != server.url || config.username != server.username || config.password != server.password) continue;
    if (!relay->ended() && !relay->leaving()) return false;
    lost |= relay->has_base() && !relay->given_back();
  }
  return lost;
}

TurnClient* Agent::connect_relay(const IceServer& server, const Redirection& redirection, int connections,
                                 uint32_t awaited_by) {
  std::string reason;
  const int base = delegate_->open_stream(redirection.named(server), redirection.server(), -1, &reason);
  if (base < 0) {
    if (awaited_by == gathering_number_) note_server_result(server.url, -1, 701, reason);
    return nullptr;
  }
  relays_.push_back(
      std::make_unique<TurnClient>(base, redirection, server, random_, static_cast<TurnClientObserver*>(this)));
  relays_.back()->set_connections(connections);
  relays_.back()->begin_for(awaited_by);
  return relays_.back().get();
}

void Agent::stream_opened(TimePoint now, int base, const SocketAddress& local) {
  Turn turn(*this, now);
  if (closed_) return;
  bases_[base].address = local;
  for (size_t i = 0; i < relays_.size(); ++i) {
    if (relays_[i]->base() == base) return relays_[i]->start(now);
  }
  for (const auto& query : stream_queries_) {
    if (query->stream() == base) return query->opened(now);
  }
}

void Agent::stream_closed(TimePoint now, int base, const std::string& reason) {
  Turn turn(*this, now);
  if (closed_) return;
  for (size_t i = 0; i < relays_.size(); ++i) {
    if (relays_[i]->base() == base) return relays_[i]->connection_lost(reason);
  }
  for (const auto& query : stream_queries_) {
    if (query->stream() == base) return stream_query_lost(*query, 701, reason);
  }
}

bool Agent::reconnect_relay(const TurnClient& client, int code) {
  if (client.connections() >= kMaxConnections) return false;
  // ALTERNATE-SERVER (RFC 8489 section 10): over a connection of its own. And 437: an allocation of somebody else, or
  // of an earlier life, uses this address and port.
  if (!client.redirected() && code != 437) return false;
  TurnClient* other =
      connect_relay(client.config(), client.redirection(), client.connections() + 1, client.awaited_by());
  if (other) other->set_instead_of(client.instead_of());
  return true;
}

// ---- STUN ----

void Agent::ask_over_stream(int base, const IceServer& server, const SocketAddress& address) {
  const bool optional = !server.over_stream();
  int alike = 0;
  for (const auto& query : stream_queries_) {
    if (query->base() != base) continue;
    if (query->server().url != server.url || query->origin() != address) {
      alike += query->optional() && !query->left();
      continue;
    }
    // Asked before a restart, or before the base was gone for a while.
    if (query->outcome() == StunStreamQuery::Outcome::kPending && !query->left()) return;
    return query->begin(now_);
  }
  if (optional && alike >= kMaxOptionalQueries) return;
  stream_queries_.push_back(std::make_unique<StunStreamQuery>(base, server, address, optional, random_));
  stream_queries_.back()->begin(now_);
}

void Agent::run_stream_query(StunStreamQuery& query) {
  if (query.is_to_connect()) {
    std::string reason;
    const Redirection& asked = query.redirection();
    const int stream = delegate_->open_stream(asked.named(query.server()), asked.server(), query.base(), &reason);
    if (stream < 0) return stream_query_lost(query, 701, reason);
    return query.connecting(now_, stream);
  }
  if (!query.is_to_ask()) return stream_query_lost(query, 701, "STUN server did not answer");
  StunWriter request = query.ask(now_);
  if (!delegate_->send_datagram(query.stream(), query.redirection().server(), request.add_fingerprint().finish())) {
    stream_query_lost(query, 701, "STUN server cannot be reached from this address");
  }
}

void Agent::stream_query_answered(StunStreamQuery& query) {
  if (query.outcome() == StunStreamQuery::Outcome::kPending) {
    close_base(query.stream());
    return query.ask_elsewhere(now_);
  }
  if (query.outcome() == StunStreamQuery::Outcome::kFailed) {
    return stream_query_lost(query, query.error_code(), query.error_reason());
  }
  if (query.left()) return;
  add_server_reflexive(query.base(), query.mapped(), query.mapped_before(), query.server().url);
  note_server_result(query.server().url, query.base(), 0, {});
}

void Agent::stream_query_lost(StunStreamQuery& query, int code, const std::string& reason) {
  if (query.stream() >= 0) close_base(query.stream());
  const bool refused = query.outcome() == StunStreamQuery::Outcome::kFailed;
  if (!(query.lost(now_, code, reason) || refused) || query.left()) return;
  // That of one which is asked over UDP, too, tells nothing of the server.
  if (!query.optional()) note_server_result(query.server().url, query.base(), code, reason);
}

void Agent::leave_stream_queries() {
  for (const auto& query : stream_queries_) query->leave();
}

void Agent::drop_left_stream_queries() {
  std::erase_if(stream_queries_, [this](const auto& query) {
    if (query->left() && query->stream() >= 0) close_base(query->stream());
    return query->left();
  });
}

}  // namespace peerwire::ice
