#include "transport/ice/candidate_gathering.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

bool is_turn(const IceServer& server) {
  return server.scheme == IceServer::Scheme::kTurn || server.scheme == IceServer::Scheme::kTurns;
}

}  // namespace

CandidateGathering::CandidateGathering(RandomSource& random, AgentDelegate* network, GatheringDelegate& agent)
    : agent_(agent),
      results_(agent),
      queries_(random, network, agent, results_),
      allocations_(random, network, agent, results_) {}

void CandidateGathering::begin() {
  forget_servers();
  allocations_.forget_ended();
  if (state_ == IceGatheringState::kGathering) return;
  state_ = IceGatheringState::kGathering;
  agent_.emit([](AgentDelegate& delegate) { delegate.on_gathering_state(IceGatheringState::kGathering); });
}

void CandidateGathering::forget_servers() {
  servers_ended_ = false;
  servers_.clear();
  results_.clear();
  allocations_.begin_gathering();
}

void CandidateGathering::end_generation() {
  // Nothing is asked from here to the gathering that follows; that is not the end of one.
  forget_servers();
  queries_.leave();
  if (agent_.relay_only()) queries_.drop_left();
}

void CandidateGathering::revert(bool gathered) {
  queries_.leave();  // what they keep open is of candidates that are back
  allocations_.forsake_begun();
  state_ = gathered ? IceGatheringState::kComplete : IceGatheringState::kNew;
  if (!gathered) return;
  agent_.emit([](AgentDelegate& delegate) { delegate.on_gathering_state(IceGatheringState::kComplete); });
}

void CandidateGathering::close_unused_allocations() {
  if (is_complete()) allocations_.close_unused();
}

void CandidateGathering::add_server(const IceServer& server, const SocketAddress& address) {
  const bool turn = is_turn(server);
  if (agent_.relay_only() && !turn) return;
  allocations_.forget_ended();
  if (turn && server.over_stream()) return allocations_.ask_over_stream(server, address);
  if (state_ == IceGatheringState::kGathering) servers_.push_back({server, address});
  bool asked = false;
  const size_t count = agent_.bases().size();
  for (size_t base = 0; base < count; ++base) asked |= ask_from(static_cast<int>(base), server, address);
  results_.expect(server.url);
  if (asked) return;
  results_.note_unasked(server.url, 701,
                        server.over_stream() ? "no TCP port listens on an address of the address family of the server"
                                             : "no local address of the address family of the server");
}

bool CandidateGathering::ask_from(int base, const IceServer& server, const SocketAddress& address) {
  const Base& own = agent_.bases()[base];
  if (own.relay || own.private_use || !own.usable || own.address.family() != address.family()) return false;
  const bool stun = !is_turn(server);
  switch (own.tcp) {
    case TcpRole::kNone:
      if (server.over_stream()) return false;
      if (stun) {
        queries_.ask(base, server, address);
      } else {
        allocations_.ask(base, server, address);
      }
      return true;
    case TcpRole::kActive:
      return false;
    case TcpRole::kPassive:
      if (stun) queries_.ask_over_stream(base, server, address);
      return stun && server.over_stream();
  }
  return false;
}

void CandidateGathering::ask_known_servers(int base) {
  if (state_ != IceGatheringState::kGathering) return;
  for (size_t i = 0; i < servers_.size(); ++i) {
    const KnownServer known = servers_[i];
    if (!allocations_.is_under_way(base, known.server.url)) ask_from(base, known.server, known.address);
  }
}

bool CandidateGathering::release(int base) {
  allocations_.forget_ended();
  return !uses(base) && queries_.forget(base);
}

void CandidateGathering::report_server_error(const std::string& url, int code, const std::string& reason) {
  results_.note_unasked(url, code, reason);
}

bool CandidateGathering::conclude() {
  if (state_ != IceGatheringState::kGathering || !servers_ended_) return false;
  std::vector<std::string_view> awaited;
  queries_.add_awaited_urls(awaited);
  allocations_.add_awaited_urls(awaited);
  results_.report(awaited);
  if (!awaited.empty()) return false;
  state_ = IceGatheringState::kComplete;
  allocations_.close_unused();
  queries_.drop_left();
  agent_.emit([](AgentDelegate& delegate) { delegate.on_gathering_state(IceGatheringState::kComplete); });
  return true;
}

// ---- time, datagrams and connections ----

void CandidateGathering::stream_opened(int base) {
  if (!allocations_.stream_opened(base)) queries_.stream_opened(base);
}

void CandidateGathering::stream_closed(int base, const std::string& reason) {
  if (!allocations_.stream_closed(base, reason)) queries_.stream_closed(base, reason);
}

bool CandidateGathering::handle_datagram(TimePoint now, int base, const SocketAddress& from, ByteView datagram) {
  return allocations_.handle_datagram(now, base, from, datagram);
}

bool CandidateGathering::handle_response(int base, const SocketAddress& from, const StunMessage& message) {
  return queries_.handle_response(base, from, message);
}

TimePoint CandidateGathering::next_timeout() const {
  return std::min(queries_.next_timeout(), allocations_.next_timeout());
}

void CandidateGathering::handle_timeout(TimePoint now) {
  queries_.handle_timeout(now);
  allocations_.handle_timeout(now);
}

}  // namespace peerwire::ice
