// Calls into the agent that are of gathering, and what comes through an allocation.
#include "transport/ice/agent.h"

namespace peerwire::ice {

void Agent::begin_gathering(TimePoint now) {
  Turn turn(*this, now);
  if (!closed_) gathering_.begin();
}

void Agent::add_server(TimePoint now, const IceServer& server, const SocketAddress& address) {
  Turn turn(*this, now);
  if (!closed_) gathering_.add_server(server, address);
}

void Agent::add_server_for(TimePoint now, int base, const IceServer& server, const SocketAddress& address) {
  Turn turn(*this, now);
  if (!closed_) gathering_.ask_from(base, server, address);
}

void Agent::stream_opened(TimePoint now, int base, const SocketAddress& local) {
  Turn turn(*this, now);
  if (closed_) return;
  bases_[base].address = local;
  gathering_.stream_opened(base);
}

void Agent::stream_closed(TimePoint now, int base, const std::string& reason) {
  Turn turn(*this, now);
  if (!closed_) gathering_.stream_closed(base, reason);
}

void Agent::report_server_error(const std::string& url, int code, const std::string& reason) {
  Turn turn(*this, now_);
  if (!closed_) gathering_.report_server_error(url, code, reason);
}

void Agent::end_servers(TimePoint now) {
  Turn turn(*this, now);
  gathering_.end_servers();
}

void Agent::in_turn(TimePoint now, const std::function<void()>& call) {
  Turn turn(*this, now);
  call();
}

void Agent::receive_relayed(TimePoint now, int base, const SocketAddress& peer, ByteView datagram) {
  if (!StunMessage::looks_like_stun(datagram)) {
    now_ = now;
    deliver(base, peer, datagram);
    return;
  }
  if (const auto message = StunMessage::parse(datagram)) {
    Turn turn(*this, now);
    handle_stun(base, peer, *message);
  }
}

}  // namespace peerwire::ice
