// Servers: who is asked from where, what comes of it, and when gathering is complete.
#include <algorithm>

#include "transport/ice/agent.h"

namespace peerwire::ice {

void Agent::add_server(TimePoint now, const IceServer& server, const SocketAddress& address) {
  Turn turn(*this, now);
  if (closed_) return;
  const bool relay = server.scheme == IceServer::Scheme::kTurn || server.scheme == IceServer::Scheme::kTurns;
  if (relay_only_ && !relay) return;
  forget_dead_relays();
  if (relay && server.over_stream()) return add_stream_server(server, address);
  if (gathering_ == IceGatheringState::kGathering) servers_.push_back({server, address});
  bool asked = false;
  const size_t count = bases_.size();
  for (size_t base = 0; base < count; ++base) asked |= ask_from(static_cast<int>(base), server, address);
  ServerResult& result = result_of(server.url);
  if (asked || result.code) return;
  result.code = 701;
  result.reason = server.over_stream() ? "no TCP port listens on an address of the address family of the server"
                                       : "no local address of the address family of the server";
}

void Agent::add_server_for(TimePoint now, int base, const IceServer& server, const SocketAddress& address) {
  Turn turn(*this, now);
  if (!closed_) ask_from(base, server, address);
}

bool Agent::ask_from(int base, const IceServer& server, const SocketAddress& address) {
  const Base& own = bases_[base];
  if (own.relay || own.private_use || !own.usable || own.address.family() != address.family()) return false;
  const bool stun = server.scheme == IceServer::Scheme::kStun || server.scheme == IceServer::Scheme::kStuns;
  switch (own.tcp) {
    case TcpRole::kNone:
      if (server.over_stream()) return false;
      start_query(now_, base, server, address);
      return true;
    case TcpRole::kActive:
      return false;
    case TcpRole::kPassive:
      if (stun) ask_over_stream(base, server, address);
      return stun && server.over_stream();
  }
  return false;
}

void Agent::ask_known_servers(int base) {
  if (gathering_ != IceGatheringState::kGathering) return;
  for (size_t i = 0; i < servers_.size(); ++i) {
    const KnownServer known = servers_[i];
    const bool under_way = std::any_of(relays_.begin(), relays_.end(), [&](const auto& relay) {
      return relay->base() == base && relay->config().url == known.server.url && !relay->ended() && !relay->allocated();
    });
    if (!under_way) ask_from(base, known.server, known.address);
  }
}

Agent::ServerResult& Agent::result_of(const std::string& url) {
  for (ServerResult& result : server_results_) {
    if (result.url == url) return result;
  }
  ServerResult& added = server_results_.emplace_back();
  added.url = url;
  return added;
}

void Agent::start_query(TimePoint now, int base, const IceServer& server, const SocketAddress& address, bool occupied) {
  if (server.scheme == IceServer::Scheme::kStun) {
    for (const auto& query : queries_) {
      if (query->base() != base || query->url() != server.url) continue;
      // Asked before the base was gone for a while. By now a NAT may give it another address.
      if (query->outcome() == StunServerQuery::Outcome::kPending) return;
      return query->ask_again(address);
    }
    queries_.push_back(std::make_unique<StunServerQuery>(base, address, server.url, random_));
    return;  // sent by handle_timeout(), which schedule() calls
  }
  // One allocation for an address and server: the server would answer a second one from the same port with 437.
  for (const auto& relay : relays_) {
    const IceServer& config = relay->config();
    if (config.over_stream() || relay->origin() != address || !asks_for(relay->base(), base)) continue;
    // Another one from this port would be what is given back, where that has to be sent once more.
    if (relay->giving_back()) occupied |= relay->base() == base;
    if (relay->ended() || relay->leaving()) continue;
    const bool same_user = config.username == server.username;
    if (relay->allocated() && same_user) return reuse_relay(now, *relay, server, address);
    // Under way: it will be a candidate of the generation that there is by then.
    if (!relay->allocated() && same_user && config.password == server.password && config.url == server.url) {
      return relay->set_awaited_by(gathering_number_);
    }
    occupied |= relay->base() == base;
  }
  if (occupied) base = delegate_->open_socket_like(base);
  if (base < 0) return note_server_result(server.url, base, 701, "no further socket for a second allocation");
  start_relay(base, server, address, gathering_number_);
}

bool Agent::asks_for(int asking, int base) const {
  const Base& other = bases_[asking];
  return asking == base || (other.private_use && other.address.same_ip(bases_[base].address));
}

void Agent::query_changed(StunServerQuery& query) {
  switch (query.outcome()) {
    case StunServerQuery::Outcome::kPending:
      return;
    case StunServerQuery::Outcome::kError:
      return note_server_result(query.url(), query.base(), query.error_code(), query.error_reason());
    case StunServerQuery::Outcome::kMapped:
      for (const auto& other : stream_queries_) {
        if (other->server().url == query.url()) other->expect_answer(now_, query.round_trip());
      }
      add_server_reflexive(query.base(), query.mapped(), query.mapped_before(), query.url());
      return note_server_result(query.url(), query.base(), 0, {});
  }
}

void Agent::add_server_reflexive(int base, const SocketAddress& mapped, const SocketAddress& mapped_before,
                                 const std::string& url) {
  if (mapped_before != mapped) withdraw_reflexive(base, mapped_before);
  if (relay_only_) return;
  // RFC 8445 section 5.1.3: without a NAT the mapped address is the host candidate again.
  Candidate* known = find_local(base, mapped, current_.number);
  if (known && known->candidate.type != IceCandidateType::kPeerReflexive) return;
  // A check may have shown the same address before the server did: nobody has been told of it yet.
  Candidate* added =
      add_local_candidate(IceCandidateType::kServerReflexive, base, mapped, bases_[base].address, url, true);
  if (added && known) replace_local(*known, *added);
}

void Agent::withdraw_reflexive(int base, const SocketAddress& address) {
  local_candidates_.remove_if([&](const Candidate& candidate) {
    const bool meant = candidate.base == base && candidate.address == address &&
                       candidate.candidate.type == IceCandidateType::kServerReflexive;
    return meant && candidate.held &&
           std::none_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair->local == &candidate; });
  });
}

void Agent::note_server_result(const std::string& url, int base, int code, const std::string& reason) {
  ServerResult& result = result_of(url);
  if (code == 0) {
    result.succeeded = true;
    return;
  }
  if (result.code != 0 && (result.code != 701 || code == 701)) return;
  result.code = code;
  result.reason = reason;
  // "If the local IP address value is not already exposed as part of a local candidate, the address will be set to
  // null" (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectioniceerrorevent-address).
  const std::string address = base >= 0 ? bases_[base].address.ip_text() : std::string();
  if (std::any_of(local_candidates_.begin(), local_candidates_.end(),
                  [&](const Candidate& shown) { return shown.candidate.address == address; })) {
    result.address = address;
    result.port = bases_[base].address.port();
  }
}

std::vector<std::string_view> Agent::awaited_urls() const {
  std::vector<std::string_view> urls;
  for (const auto& query : queries_) {
    if (query->outcome() == StunServerQuery::Outcome::kPending) urls.push_back(query->url());
  }
  for (const auto& query : stream_queries_) {
    if (query->outcome() == StunStreamQuery::Outcome::kPending && !query->left()) urls.push_back(query->server().url);
  }
  for (const auto& relay : relays_) {
    if (relay->awaited_by() == gathering_number_ && !relay->ended()) urls.push_back(relay->config().url);
  }
  for (const Confirmation& each : confirmations_) urls.push_back(each.server.url);
  return urls;
}

void Agent::report_server_error(const std::string& url, int code, const std::string& reason) {
  Turn turn(*this, now_);
  if (closed_) return;
  ServerResult& result = result_of(url);
  if (result.code) return;
  result.code = code;
  result.reason = reason;
}

void Agent::end_servers(TimePoint now) {
  Turn turn(*this, now);
  servers_ended_ = true;
}

void Agent::check_gathering() {
  if (gathering_ != IceGatheringState::kGathering) return;
  if (!servers_ended_) return;
  const std::vector<std::string_view> awaited = awaited_urls();
  for (ServerResult& result : server_results_) {
    if (result.succeeded || result.reported || result.code == 0) continue;
    if (std::find(awaited.begin(), awaited.end(), result.url) != awaited.end()) continue;
    result.reported = true;
    emit([result](AgentDelegate& delegate) {
      delegate.on_candidate_error(result.address, result.port, result.url, result.code, result.reason);
    });
  }
  if (!awaited.empty()) return;
  gathering_ = IceGatheringState::kComplete;
  close_unused_relays();
  drop_left_stream_queries();
  emit([](AgentDelegate& delegate) { delegate.on_gathering_state(IceGatheringState::kComplete); });
  update_state();
}

}  // namespace peerwire::ice
