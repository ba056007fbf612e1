// A network in virtual time: hosts with agents, NATs, links with seeded loss, delay and reordering, a TURN server.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "transport/ice/agent.h"

namespace peerwire::ice::test {

inline SocketAddress at(const std::string& ip, uint16_t port) {
  return *SocketAddress::parse(ip, port);
}

class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& octet : out) octet = static_cast<uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

/// Delivers datagrams between addresses. Time stands still unless run() moves it.
class Network {
 public:
  using Receiver = std::function<void(const SocketAddress& from, const SocketAddress& to, ByteView datagram)>;
  /// Something with timers, such as an agent.
  struct Clocked {
    virtual ~Clocked() = default;
    virtual TimePoint next_timeout() const = 0;
    virtual void handle_timeout(TimePoint now) = 0;
  };

  explicit Network(uint64_t seed = 1) : random(seed) {}

  TimePoint now = TimePoint(std::chrono::hours(1));
  std::mt19937_64 random;
  double loss = 0;
  Duration delay = std::chrono::milliseconds(1), jitter{};
  /// True: the datagram is lost.
  std::function<bool(const SocketAddress& from, const SocketAddress& to, ByteView datagram)> filter;
  uint64_t delivered = 0, sent = 0;

  void attach(const SocketAddress& ip, Receiver receiver) {
    receivers_[ip.with_port(0).ip_text()] = std::move(receiver);
  }
  void detach(const SocketAddress& ip) { receivers_.erase(ip.ip_text()); }
  void add(Clocked* clocked) { clocked_.insert(clocked); }
  void remove(Clocked* clocked) { clocked_.erase(clocked); }

  void send(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    ++sent;
    if (filter && filter(from, to, datagram)) return;
    if (std::uniform_real_distribution<>(0, 1)(random) < loss) return;
    Duration late = delay;
    if (jitter.count()) late += Duration(std::uniform_int_distribution<int64_t>(0, jitter.count())(random));
    queue_.emplace(now + late, [this, from, to, copy = Bytes(datagram.begin(), datagram.end())] {
      const auto found = receivers_.find(to.ip_text());
      if (found == receivers_.end()) return;
      ++delivered;
      const Receiver receiver = found->second;
      receiver(from, to, copy);
    });
  }

  /// Until `done`; false when that takes longer than `limit` of virtual time.
  bool run_until(const std::function<bool()>& done, Duration limit) {
    const TimePoint end = now + limit;
    for (uint64_t steps = 0; !done(); ++steps) {
      TimePoint next = queue_.empty() ? TimePoint::max() : queue_.begin()->first;
      Clocked* due = nullptr;
      for (Clocked* clocked : clocked_) {
        if (const TimePoint timeout = clocked->next_timeout(); timeout < next) {
          next = timeout;
          due = clocked;
        }
      }
      if (next > end || steps > 5'000'000) {
        now = end;
        return done();
      }
      now = std::max(now, next);
      if (due) {
        due->handle_timeout(now);
      } else {
        auto first = queue_.extract(queue_.begin());
        first.mapped()();
      }
    }
    return true;
  }
  void run(Duration time) {
    run_until([] { return false; }, time);
  }

 private:
  std::multimap<TimePoint, std::function<void()>> queue_;
  std::map<std::string, Receiver> receivers_;
  std::set<Clocked*> clocked_;
};

/// Endpoint-independent mapping, or address- and port-dependent ("symmetric"); filtering by address and port.
class Nat {
 public:
  Nat(Network& network, const std::string& public_ip, bool symmetric)
      : network_(network), public_(at(public_ip, 0)), symmetric_(symmetric) {
    network_.attach(public_,
                    [this](const auto& from, const auto& to, ByteView datagram) { inbound(from, to, datagram); });
  }
  void attach(const SocketAddress& inner, Network::Receiver receiver) { inner_[inner.ip_text()] = std::move(receiver); }
  void outbound(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    const auto key = std::make_pair(from.text(), symmetric_ ? to.text() : std::string());
    auto found = mappings_.find(key);
    if (found == mappings_.end()) {
      found = mappings_.emplace(key, next_port_++).first;
      owners_[found->second] = from;
    }
    allowed_.insert({found->second, to.text()});
    network_.send(public_.with_port(found->second), to, datagram);
  }
  /// Forgets everything, as a rebooted router does.
  void rebind() {
    mappings_.clear();
    owners_.clear();
    allowed_.clear();
  }

 private:
  void inbound(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    const auto owner = owners_.find(to.port());
    if (owner == owners_.end() || !allowed_.contains({to.port(), from.text()})) return;
    inner_.at(owner->second.ip_text())(from, owner->second, datagram);
  }

  Network& network_;
  SocketAddress public_;
  bool symmetric_;
  uint16_t next_port_ = 20001;
  std::map<std::pair<std::string, std::string>, uint16_t> mappings_;
  std::map<uint16_t, SocketAddress> owners_;
  std::set<std::pair<uint16_t, std::string>> allowed_;
  std::map<std::string, Network::Receiver> inner_;
};

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
    for (const SocketAddress& socket : sockets_) network_.detach(socket);
  }

  static IceParameters parameters(const std::string& fragment) {
    return {fragment, fragment + "passwordpasswordpassword", false};
  }

  void add_address(const SocketAddress& address) {
    open(address);
    agent.add_base(network_.now, address, static_cast<uint16_t>(65535 - agent.next_base()));
  }
  /// A TCP base; `address` is where frames are delivered: the port it listens on, or its connections come from.
  void add_tcp(const SocketAddress& address, TcpRole role) {
    open(address);
    const bool active = role == TcpRole::kActive;
    agent.add_tcp_base(network_.now, active ? address.with_port(kActivePort) : address, 65535, role, true);
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
    destinations.insert(to.text());
    if (nat_) {
      nat_->outbound(from, to, datagram);
    } else {
      network_.send(from, to, datagram);
    }
    return true;
  }
  int open_socket_like(int base) override {
    const SocketAddress address = sockets_.at(static_cast<size_t>(socket_of(base))).with_port(next_port_++);
    open(address);
    return agent.add_base(network_.now, address, 10, true);
  }
  int open_stream(const IceServer&, const SocketAddress& to, std::string* reason) override {
    if (!streams) {
      *reason = "no streams here";
      return -1;
    }
    const SocketAddress address = (sockets_.empty() ? at("10.8.0.1", 0) : sockets_[0]).with_port(next_port_++);
    open(address);
    opened_streams.emplace_back(agent.next_base(), to);
    return agent.add_base(network_.now, address, 10, true);
  }
  void close_stream(int base) override { closed_streams.push_back(base); }
  void on_data(ByteView packet) override { received.emplace_back(packet.begin(), packet.end()); }
  void on_writable(bool writable) override { writable_now = writable; }
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
  TimePoint next_timeout() const override { return agent.next_timeout(); }
  void handle_timeout(TimePoint now) override { agent.handle_timeout(now); }

  bool connected() const {
    return agent.state() == IceTransportState::kConnected || agent.state() == IceTransportState::kCompleted;
  }
  void receive(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    for (size_t i = 0; i < sockets_.size(); ++i) {
      if (sockets_[i] == to) agent.handle_datagram(network_.now, bases_[i], from, datagram);
    }
  }

 private:
  void open(const SocketAddress& address) {
    sockets_.push_back(address);
    bases_.push_back(agent.next_base());
    const auto receiver = [this](const auto& from, const auto& to, ByteView datagram) { receive(from, to, datagram); };
    if (nat_) {
      nat_->attach(address, receiver);
    } else {
      network_.attach(address, receiver);
    }
  }
  int socket_of(int base) const {
    for (size_t i = 0; i < bases_.size(); ++i) {
      if (bases_[i] == base) return static_cast<int>(i);
    }
    throw std::out_of_range("no socket");
  }

  Network& network_;
  Nat* nat_;
  SeededRandom random_;
  std::vector<SocketAddress> sockets_;
  std::vector<int> bases_;
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
  bool streams = true;  // whether there are connections to be had; the test says what becomes of them
  std::vector<std::pair<int, SocketAddress>> opened_streams;
  std::vector<int> closed_streams;
  bool writable_now = false;
};

/// STUN and TURN over UDP, as much of it as a client can tell.
class TurnServer {
 public:
  TurnServer(Network& network, const std::string& ip, const std::string& relay_ip)
      : network_(network), address_(at(ip, 3478)), relay_(at(relay_ip, 0)) {
    network_.attach(address_, [this](const auto& from, const auto&, ByteView datagram) { request(from, datagram); });
    network_.attach(relay_,
                    [this](const auto& from, const auto& to, ByteView datagram) { relayed(from, to, datagram); });
  }
  IceServer turn(const std::string& user = "user", const std::string& password = "secret") const {
    return {"turn:" + address_.ip_text(),
            IceServer::Scheme::kTurn,
            address_.ip_text(),
            3478,
            IceProtocol::kUdp,
            user,
            password};
  }
  IceServer stun() const {
    return {
        "stun:" + address_.ip_text(), IceServer::Scheme::kStun, address_.ip_text(), 3478, IceProtocol::kUdp, "", ""};
  }

  int refuse_with = 0;  // error code for every Allocate with credentials
  int mismatches = 0;   // so many Allocates are answered with 437
  std::string nonce = "nonce-1";
  size_t channel_data = 0, indications = 0, allocations_made = 0, refreshes = 0, permissions = 0;
  size_t allocations() const { return allocations_.size(); }

 private:
  struct Allocation {
    uint16_t port = 0;
    TransactionId transaction{};
    std::set<std::string> permitted;
    std::map<uint16_t, SocketAddress> channels;
  };

  void request(const SocketAddress& from, ByteView datagram) {
    const auto allocation = allocations_.find(from.text());
    if (datagram[0] >= 0x40) {
      if (allocation == allocations_.end()) return;
      ++channel_data;
      const auto channel = static_cast<uint16_t>(datagram[0] << 8 | datagram[1]);
      const auto to = allocation->second.channels.find(channel);
      if (to != allocation->second.channels.end()) {
        network_.send(relay_.with_port(allocation->second.port), to->second, datagram.subspan(4));
      }
      return;
    }
    const auto message = StunMessage::parse(datagram);
    if (!message) return;
    if (message->method == StunMethod::kBinding && message->message_class == StunClass::kRequest) {
      StunWriter writer(message->method, StunClass::kSuccess, message->transaction);
      return reply(from, writer.add_xor_address(StunAttribute::kXorMappedAddress, from));
    }
    if (message->message_class == StunClass::kIndication) {
      if (message->method != StunMethod::kSend || allocation == allocations_.end()) return;
      ++indications;
      if (!message->peer_address || !allocation->second.permitted.contains(message->peer_address->ip_text())) return;
      return network_.send(relay_.with_port(allocation->second.port), *message->peer_address, *message->data);
    }
    if (message->message_class != StunClass::kRequest) return;
    const auto key = long_term_key("user", "realm", "secret");
    if (!message->username || *message->username != "user" || !message->check_integrity(key)) {
      return error(from, *message, 401);
    }
    if (*message->nonce != nonce) return error(from, *message, 438);
    StunWriter writer(message->method, StunClass::kSuccess, message->transaction);
    switch (message->method) {
      case StunMethod::kAllocate: {
        if (refuse_with) return error(from, *message, refuse_with);
        const bool repeated =
            allocation != allocations_.end() && allocation->second.transaction == message->transaction;
        if (repeated) {
          writer.add_xor_address(StunAttribute::kXorRelayedAddress, relay_.with_port(allocation->second.port));
          break;
        }
        if (mismatches > 0 || allocation != allocations_.end()) {
          --mismatches;
          return error(from, *message, 437);
        }
        Allocation& made = allocations_[from.text()];
        made.transaction = message->transaction;
        owners_.insert_or_assign(made.port = next_port_++, from);
        ++allocations_made;
        writer.add_xor_address(StunAttribute::kXorRelayedAddress, relay_.with_port(made.port));
        writer.add_xor_address(StunAttribute::kXorMappedAddress, from);
        writer.add_u32(StunAttribute::kLifetime, 600);
        break;
      }
      case StunMethod::kRefresh:
        if (allocation == allocations_.end()) return error(from, *message, 437);
        ++refreshes;
        if (message->lifetime == 0u) allocations_.erase(allocation);
        writer.add_u32(StunAttribute::kLifetime, message->lifetime.value_or(600));
        break;
      case StunMethod::kCreatePermission:
        if (allocation == allocations_.end()) return error(from, *message, 437);
        ++permissions;
        allocation->second.permitted.insert(message->peer_address->ip_text());
        break;
      case StunMethod::kChannelBind:
        if (allocation == allocations_.end()) return error(from, *message, 437);
        allocation->second.permitted.insert(message->peer_address->ip_text());
        allocation->second.channels[*message->channel_number] = *message->peer_address;
        break;
      default:
        return error(from, *message, 400);
    }
    reply(from, writer.add_integrity(key));
  }
  void error(const SocketAddress& to, const StunMessage& request, int code) {
    StunWriter writer(request.method, StunClass::kError, request.transaction);
    writer.add_error(code, "refused");
    if (code == 401 || code == 438) {
      writer.add_text(StunAttribute::kRealm, "realm").add_text(StunAttribute::kNonce, nonce);
    }
    reply(to, writer);
  }
  void reply(const SocketAddress& to, StunWriter& writer) {
    network_.send(address_, to, writer.add_fingerprint().finish());
  }
  void relayed(const SocketAddress& from, const SocketAddress& to, ByteView datagram) {
    const auto owner = owners_.find(to.port());
    if (owner == owners_.end()) return;
    const auto allocation = allocations_.find(owner->second.text());
    if (allocation == allocations_.end() || !allocation->second.permitted.contains(from.ip_text())) return;
    for (const auto& [number, peer] : allocation->second.channels) {
      if (peer != from) continue;
      Bytes frame = {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number),
                     static_cast<uint8_t>(datagram.size() >> 8), static_cast<uint8_t>(datagram.size())};
      frame.insert(frame.end(), datagram.begin(), datagram.end());
      return network_.send(address_, owner->second, frame);
    }
    StunWriter writer(StunMethod::kData, StunClass::kIndication, TransactionId{});
    writer.add_xor_address(StunAttribute::kXorPeerAddress, from).add_bytes(StunAttribute::kData, datagram);
    network_.send(address_, owner->second, writer.finish());
  }

  Network& network_;
  SocketAddress address_, relay_;
  uint16_t next_port_ = 49152;
  std::map<std::string, Allocation> allocations_;
  std::map<uint16_t, SocketAddress> owners_;
};

}  // namespace peerwire::ice::test
