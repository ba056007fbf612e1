// A host with an agent.
#pragma once

#include <list>

#include "ice/simulated_nat.h"
#include "transport/ice/agent.h"

namespace peerwire::ice::test {

/// An agent on a host with one or more addresses.
class Host : public AgentDelegate, public Network::Clocked {
 public:
  Host(Network& network, const std::string& fragment, uint64_t seed, bool relay_only = false, Nat* nat = nullptr)
      : network_(network),
        nat_(nat),
        random_(seed),
        agent(parameters(fragment), relay_only, random_, this),
        local(parameters(fragment)) {
    network_.add(this);
  }
  ~Host() override {
    network_.remove(this);
    for (const SocketAddress& socket : sockets_) {
      for (const IceProtocol protocol : {IceProtocol::kUdp, IceProtocol::kTcp}) network_.detach(socket, protocol);
    }
  }

  static IceParameters parameters(const std::string& fragment) {
    return {fragment, fragment + "passwordpasswordpassword", false};
  }

  void add_address(const SocketAddress& address) {
    open(address);
    agent.add_base(network_.now, address, static_cast<uint16_t>(65535 - agent.next_base()));
  }
  /// A TCP base that listens on `address`, or whose connections come from its other ports.
  void add_tcp(const SocketAddress& address, TcpRole role, bool told = true) {
    open(address);
    const bool active = role == TcpRole::kActive;
    tcp_bases_[agent.next_base()] = role;
    agent.add_tcp_base(network_.now, active ? address.with_port(kActivePort) : address,
                       static_cast<uint16_t>(65535 - agent.next_base()), role, told);
  }
  void gather(std::vector<IceServer> servers = {}) {
    agent.begin_gathering(network_.now);
    for (const IceServer& server : servers) agent.add_server(network_.now, server, at(server.host, server.port));
    agent.end_servers(network_.now);
  }
  void tell(const IceCandidate& candidate) {
    agent.add_remote_candidate(network_.now, candidate, at(candidate.address, candidate.port));
  }

  bool send_datagram(int base, const SocketAddress& to, ByteView datagram) override {
    const SocketAddress& from = sockets_.at(static_cast<size_t>(socket_of(base)));
    if (tcp_bases_.contains(base)) return send_tcp(base, from, to, datagram);
    destinations.insert(to.text());
    transmit(from, to, datagram, IceProtocol::kUdp);
    return true;
  }
  int open_socket_like(int base) override {
    const SocketAddress address = sockets_.at(static_cast<size_t>(socket_of(base))).with_port(next_port_++);
    open(address);
    return agent.add_base(network_.now, address, 10, true);
  }
  int open_stream(const IceServer& server, const SocketAddress& to, int beside, std::string* reason) override {
    if (!streams) {
      *reason = "no streams here";
      return -1;
    }
    if (beside >= 0) return open_stream_from(sockets_.at(static_cast<size_t>(socket_of(beside))), server, to);
    const auto own = std::find_if(sockets_.begin(), sockets_.end(),
                                  [&](const SocketAddress& each) { return each.family() == to.family(); });
    return open_stream_from((own == sockets_.end() ? at("10.8.0.1", 0) : *own).with_port(next_port_++), server, to);
  }
  int open_stream_from(SocketAddress address, const IceServer& server, const SocketAddress& to) {
    open(address);
    opened_streams.emplace_back(agent.next_base(), to);
    if (connects) {
      tcp_bases_[agent.next_base()] = TcpRole::kNone;
      connect(agent.next_base(), address, to).tls = server.over_tls();
    }
    return agent.add_base(network_.now, address, 10, true);
  }
  void close_base(int base) override {
    closed_streams.push_back(base);
    std::replace(bases_.begin(), bases_.end(), base, -1);  // the number may be that of another one
    tcp_bases_.erase(base);
    for (auto link = links_.begin(); link != links_.end(); ++link) {
      if (link->base != base) continue;
      send_segment(*link, kReset);
      links_.erase(link);
      return;
    }
  }
  void on_data(ByteView packet) override { received.emplace_back(packet.begin(), packet.end()); }
  void on_writable(bool writable) override {
    writable_now = writable;
    silences += !writable;
  }
  void on_state(IceTransportState state) override { states.push_back(state); }
  void on_gathering_state(IceGatheringState state) override {
    gathering.push_back(state);
    if (state == IceGatheringState::kComplete && peer) peer->agent.set_remote_end_of_candidates(network_.now);
  }
  void on_local_candidate(const IceCandidate& candidate) override {
    candidates.push_back(candidate);
    if (peer) peer->tell(candidate);
  }
  void on_candidate_error(const std::string&, uint16_t, const std::string& url, int code, const std::string&) override {
    errors.emplace_back(url, code);
  }
  void on_selected_pair(const IceCandidate& local, const IceCandidate& remote) override {
    selected_types.emplace_back(local.type, remote.type);
  }
  void on_role(IceRole role) override { roles.push_back(role); }
  /// As the system does with an address that is gone; the other ends learn it when they send something.
  void drop_connections(int base) {
    links_.remove_if([base](const Link& link) { return link.base == base; });
  }
  TimePoint next_timeout() const override {
    TimePoint next = agent.next_timeout();
    for (const Link& link : links_) next = std::min(next, link.gives_up_at);
    return next;
  }
  void handle_timeout(TimePoint now) override {
    for (auto link = links_.begin(); link != links_.end();) {
      const auto late = link++;
      if (late->gives_up_at <= now) end(late, "connection timed out");
    }
    agent.handle_timeout(now);
  }

  bool connected() const {
    return agent.state() == IceTransportState::kConnected || agent.state() == IceTransportState::kCompleted;
  }
  void receive(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    for (size_t i = 0; i < sockets_.size(); ++i) {
      if (sockets_[i] != to || tcp_bases_.contains(bases_[i])) continue;
      agent.handle_datagram(network_.now, bases_[i], from, datagram);
    }
  }

 protected:
  Network& network_;

 private:
  /// A connection over TCP. The first octet of its segments says what they are; frames are never cut.
  struct Link {
    int base = -1;
    SocketAddress local, remote;
    bool open = false, admitted = false, tls = false;
    TimePoint gives_up_at = TimePoint::max();
    std::vector<Bytes> waiting;  // until it is open
  };
  using Links = std::list<Link>;
  static constexpr uint8_t kSyn = 'S', kAccept = 'A', kReset = 'R', kFrame = 'F', kHandshake = 'T';

  void open(const SocketAddress& address) {
    sockets_.push_back(address);
    bases_.push_back(agent.next_base());
    const auto udp = [this](const auto& from, const auto& to, ByteView datagram) { receive(from, to, datagram); };
    const auto tcp = [this](const auto& from, const auto& to, ByteView segment) { receive_tcp(from, to, segment); };
    if (nat_) {
      nat_->attach(address, udp);
      nat_->attach(address, tcp, IceProtocol::kTcp);
    } else {
      network_.attach(address, udp);
      network_.attach(address, tcp, IceProtocol::kTcp);
    }
  }
  void transmit(const SocketAddress& from, const SocketAddress& to, ByteView datagram, IceProtocol protocol) {
    if (nat_) {
      nat_->outbound(from, to, datagram, protocol);
    } else {
      network_.send(from, to, datagram, protocol);
    }
  }
  void send_segment(const Link& link, uint8_t kind, ByteView frame = {}) {
    Bytes segment{kind};
    segment.insert(segment.end(), frame.begin(), frame.end());
    transmit(link.local, link.remote, segment, IceProtocol::kTcp);
  }
  Link& connect(int base, const SocketAddress& local, const SocketAddress& remote) {
    Link& link = links_.emplace_back();
    link.base = base;
    link.local = local;
    link.remote = remote;
    link.gives_up_at = network_.now + std::chrono::seconds(10);
    link.admitted = true;
    send_segment(link, kSyn);
    return link;
  }
  bool send_tcp(int base, const SocketAddress& own, const SocketAddress& to, ByteView frame) {
    auto link = std::find_if(links_.begin(), links_.end(),
                             [&](const Link& each) { return each.base == base && each.remote == to; });
    if (link == links_.end()) {
      if (tcp_bases_[base] != TcpRole::kActive) return false;
      destinations.insert(to.text());
      connect(base, own.with_port(next_port_++), to);
      link = std::prev(links_.end());
    }
    if (link->open) {
      send_segment(*link, kFrame, frame);
    } else {
      link->waiting.emplace_back(frame.begin(), frame.end());
    }
    return true;
  }
  /// The link is no longer there, or never was.
  void end(Links::iterator link, const std::string& reason) {
    const Link gone = *link;
    links_.erase(link);
    if (tcp_bases_[gone.base] == TcpRole::kNone) {
      agent.stream_closed(network_.now, gone.base, reason);
    } else {
      agent.connection_closed(network_.now, gone.base, gone.remote);
    }
  }
  void receive_tcp(const SocketAddress& from, const SocketAddress& to, ByteView segment) {
    Link stranger;
    stranger.local = to;
    stranger.remote = from;
    if (segment[0] == kSyn) {
      for (size_t i = 0; i < sockets_.size(); ++i) {
        const auto role = tcp_bases_.find(bases_[i]);
        if (sockets_[i] != to || role == tcp_bases_.end() || role->second != TcpRole::kPassive) continue;
        Link& link = links_.emplace_back(stranger);
        link.base = bases_[i];
        link.open = true;
        return send_segment(link, kAccept);
      }
      return send_segment(stranger, kReset);
    }
    const auto link = std::find_if(links_.begin(), links_.end(),
                                   [&](const Link& each) { return each.local == to && each.remote == from; });
    if (link == links_.end()) {
      if (segment[0] != kReset) send_segment(stranger, kReset);
      return;
    }
    switch (segment[0]) {
      case kAccept:
        if (link->tls) return send_segment(*link, kHandshake);
        [[fallthrough]];
      case kHandshake:
        link->open = true;
        link->gives_up_at = TimePoint::max();
        for (const Bytes& frame : link->waiting) send_segment(*link, kFrame, frame);
        link->waiting.clear();
        if (tcp_bases_[link->base] == TcpRole::kNone) agent.stream_opened(network_.now, link->base, link->local);
        return;
      case kReset:
        return end(link, "connection refused");
      default: {
        const ByteView frame = segment.subspan(1);
        if (!link->admitted && !agent.admits(frame)) {
          ++refused;
          send_segment(*link, kReset);
          links_.erase(link);
          return;
        }
        link->admitted = true;
        agent.handle_datagram(network_.now, link->base, from, frame);
      }
    }
  }
  int socket_of(int base) const {
    for (size_t i = 0; i < bases_.size(); ++i) {
      if (bases_[i] == base) return static_cast<int>(i);
    }
    throw std::out_of_range("no socket");
  }

  Nat* nat_;
  SeededRandom random_;
  std::vector<SocketAddress> sockets_;
  std::vector<int> bases_;
  std::map<int, TcpRole> tcp_bases_;  // kNone: a connection to a server
  Links links_;
  uint16_t next_port_ = 7000;

 public:
  Agent agent;
  const IceParameters local;
  Host* peer = nullptr;  // trickled to
  std::vector<IceTransportState> states;
  std::vector<IceGatheringState> gathering;
  std::vector<IceCandidate> candidates;
  std::vector<std::pair<std::string, int>> errors;
  std::vector<std::pair<IceCandidateType, IceCandidateType>> selected_types;
  std::vector<IceRole> roles;
  std::vector<Bytes> received;
  std::set<std::string> destinations;
  bool streams = true;    // whether there are connections to be had; the test says what becomes of them
  bool connects = false;  // unless they are connections of the network's
  std::vector<std::pair<int, SocketAddress>> opened_streams;
  std::vector<int> closed_streams;
  bool writable_now = false;
  int refused = 0;   // connections that began with something else than a check
  int silences = 0;  // how often there was no pair to send over any more
};

/// Each trickles to the other, and has its parameters.
inline void introduce(Network& network, Host& a, Host& b, const std::string& a_name, const std::string& b_name) {
  a.peer = &b;
  b.peer = &a;
  a.agent.set_remote_parameters(network.now, Host::parameters(b_name));
  b.agent.set_remote_parameters(network.now, Host::parameters(a_name));
}

inline void start(Network& network, Host& a, Host& b, IceRole a_role = IceRole::kControlling,
                  IceRole b_role = IceRole::kControlled) {
  a.agent.start(network.now, a_role);
  b.agent.start(network.now, b_role);
}

}  // namespace peerwire::ice::test
