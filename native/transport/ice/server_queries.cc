#include "transport/ice/server_queries.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

// STUN servers that are asked over UDP as well: how many over TCP, too, from one port. RFC 6544 section 5.2 would ask
// all; but what is asked for is what the NAT makes of the port, and one tells it.
constexpr int kMaxOptionalQueries = 2;

}  // namespace

void ServerQueries::leave() {
  queries_.clear();
  for (const auto& query : stream_queries_) query->leave();
}

void ServerQueries::drop_left() {
  std::erase_if(stream_queries_, [this](const auto& query) {
    if (query->left() && query->stream() >= 0) agent_.close_base(query->stream());
    return query->left();
  });
}

void ServerQueries::add_awaited_urls(std::vector<std::string_view>& urls) const {
  for (const auto& query : queries_) {
    if (query->outcome() == StunServerQuery::Outcome::kPending) urls.push_back(query->url());
  }
  for (const auto& query : stream_queries_) {
    if (query->outcome() == StunStreamQuery::Outcome::kPending && !query->left()) urls.push_back(query->server().url);
  }
}

bool ServerQueries::uses(int base) const {
  return std::any_of(stream_queries_.begin(), stream_queries_.end(),
                     [=](const auto& query) { return query->stream() == base; });
}

bool ServerQueries::forget(int base) {
  const auto is_pending = [=](const auto& query) {
    return query->base() == base && query->outcome() == StunServerQuery::Outcome::kPending;
  };
  const auto is_beside = [=](const auto& query) { return query->base() == base; };
  if (std::any_of(queries_.begin(), queries_.end(), is_pending) ||
      std::any_of(stream_queries_.begin(), stream_queries_.end(), is_beside)) {
    return false;
  }
  std::erase_if(queries_, is_beside);
  return true;
}

bool ServerQueries::handle_response(int base, const SocketAddress& from, const StunMessage& message) {
  for (const auto& query : queries_) {
    if (query->base() != base || query->server() != from) continue;
    if (query->handle_response(agent_.now(), message)) {
      query_changed(*query);
      return true;
    }
  }
  for (const auto& query : stream_queries_) {
    if (query->stream() != base || query->redirection().server() != from) continue;
    if (!query->handle_response(agent_.now(), message)) continue;
    stream_query_answered(*query);
    return true;
  }
  return false;
}

TimePoint ServerQueries::next_timeout() const {
  TimePoint next = TimePoint::max();
  for (const auto& query : queries_) {
    if (!is_useless(*query)) next = std::min(next, query->next_timeout());
  }
  for (const auto& query : stream_queries_) next = std::min(next, query->due());
  return next;
}

void ServerQueries::handle_timeout(TimePoint now) {
  for (size_t i = 0; i < queries_.size(); ++i) {
    StunServerQuery& query = *queries_[i];
    if (query.next_timeout() > now || is_useless(query)) continue;
    const bool changed = query.handle_timeout(now, [&](ByteView datagram) {
      return !agent_.relay_only() && network_->send_datagram(query.base(), query.server(), datagram);
    });
    if (changed) query_changed(query);
  }
  for (size_t i = 0; i < stream_queries_.size(); ++i) {
    if (stream_queries_[i]->due() <= now) run_stream_query(*stream_queries_[i]);
  }
}

// ---- over UDP ----

void ServerQueries::ask(int base, const IceServer& server, const SocketAddress& address) {
  for (const auto& query : queries_) {
    if (query->base() != base || query->url() != server.url) continue;
    // Asked before the base was gone for a while. By now a NAT may give it another address.
    if (query->outcome() == StunServerQuery::Outcome::kPending) return;
    return query->ask_again(address);
  }
  queries_.push_back(std::make_unique<StunServerQuery>(base, address, server.url, random_));
  // Sent by handle_timeout(), which the end of every call into the agent comes to.
}

void ServerQueries::query_changed(StunServerQuery& query) {
  switch (query.outcome()) {
    case StunServerQuery::Outcome::kPending:
      return;
    case StunServerQuery::Outcome::kError:
      return results_.note(query.url(), query.base(), query.error_code(), query.error_reason());
    case StunServerQuery::Outcome::kMapped:
      for (const auto& other : stream_queries_) {
        if (other->server().url == query.url()) other->expect_answer(agent_.now(), query.round_trip());
      }
      agent_.add_server_reflexive(query.base(), query.mapped(), query.mapped_before(), query.url());
      return results_.note(query.url(), query.base(), 0, {});
  }
}

bool ServerQueries::is_useless(const StunServerQuery& query) const {
  // To keep what a NAT has given is for those who may still come. A restart asks anew.
  return agent_.has_terminally_failed() && query.outcome() == StunServerQuery::Outcome::kMapped;
}

// ---- over TCP and TLS ----

void ServerQueries::ask_over_stream(int base, const IceServer& server, const SocketAddress& address) {
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
    return query->begin(agent_.now());
  }
  if (optional && alike >= kMaxOptionalQueries) return;
  stream_queries_.push_back(std::make_unique<StunStreamQuery>(base, server, address, optional, random_));
  stream_queries_.back()->begin(agent_.now());
}

void ServerQueries::stream_opened(int base) {
  for (const auto& query : stream_queries_) {
    if (query->stream() == base) return query->opened(agent_.now());
  }
}

void ServerQueries::stream_closed(int base, const std::string& reason) {
  for (const auto& query : stream_queries_) {
    if (query->stream() == base) return stream_query_lost(*query, 701, reason);
  }
}

void ServerQueries::run_stream_query(StunStreamQuery& query) {
  if (query.is_to_connect()) {
    std::string reason;
    const Redirection& asked = query.redirection();
    const int stream = network_->open_stream(asked.named(query.server()), asked.server(), query.base(), &reason);
    if (stream < 0) return stream_query_lost(query, 701, reason);
    return query.connecting(agent_.now(), stream);
  }
  if (!query.is_to_ask()) return stream_query_lost(query, 701, "STUN server did not answer");
  StunWriter request = query.ask(agent_.now());
  if (!network_->send_datagram(query.stream(), query.redirection().server(), request.add_fingerprint().finish())) {
    stream_query_lost(query, 701, "STUN server cannot be reached from this address");
  }
}

void ServerQueries::stream_query_answered(StunStreamQuery& query) {
  if (query.outcome() == StunStreamQuery::Outcome::kPending) {
    agent_.close_base(query.stream());
    return query.ask_elsewhere(agent_.now());
  }
  if (query.outcome() == StunStreamQuery::Outcome::kFailed) {
    return stream_query_lost(query, query.error_code(), query.error_reason());
  }
  if (query.left()) return;
  agent_.add_server_reflexive(query.base(), query.mapped(), query.mapped_before(), query.server().url);
  results_.note(query.server().url, query.base(), 0, {});
}

void ServerQueries::stream_query_lost(StunStreamQuery& query, int code, const std::string& reason) {
  if (query.stream() >= 0) agent_.close_base(query.stream());
  const bool refused = query.outcome() == StunStreamQuery::Outcome::kFailed;
  if (!(query.lost(agent_.now(), code, reason) || refused) || query.left()) return;
  // That of one which is asked over UDP, too, tells nothing of the server.
  if (!query.optional()) results_.note(query.server().url, query.base(), code, reason);
}

}  // namespace peerwire::ice
