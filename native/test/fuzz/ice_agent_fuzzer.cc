// An agent in the middle of a session, with a TURN allocation, is given arbitrary datagrams, rightly signed checks and
// answers with arbitrary contents, calls and leaps of time.
#include <deque>

#include "transport/ice/agent.h"

namespace {

using namespace peerwire;
using namespace peerwire::ice;

class CountingRandom : public RandomSource {
 public:
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& octet : out) octet = static_cast<uint8_t>((state_ = state_ * 6364136223846793005u + 1) >> 56);
  }

 private:
  uint64_t state_ = 1;
};

struct Input {
  const uint8_t* at;
  const uint8_t* end;
  uint8_t octet() { return at < end ? *at++ : 0; }
  ByteView take(size_t size) {
    size = std::min<size_t>(size, static_cast<size_t>(end - at));
    const ByteView view(at, size);
    at += size;
    return view;
  }
};

struct Sent {
  int base;
  SocketAddress to;
  Bytes datagram;
};

class Driver : public AgentDelegate {
 public:
  Agent* agent = nullptr;
  TimePoint now{};
  std::deque<Sent> sent;
  int sockets = 1;
  SocketAddress stranger;
  size_t octets_to_stranger = 0;

  bool send_datagram(int base, const SocketAddress& to, ByteView datagram) override {
    if (to == stranger) octets_to_stranger += datagram.size();
    sent.push_back({base, to, Bytes(datagram.begin(), datagram.end())});
    if (sent.size() > 64) sent.pop_front();
    return to.port() != 6;
  }
  int open_socket_like(int) override {
    if (sockets > 4) return -1;
    return agent->add_base(now, *SocketAddress::parse("10.0.0.1", static_cast<uint16_t>(5000 + sockets++)), 10, true);
  }
  int open_stream(const IceServer&, const SocketAddress&, int, std::string* reason) override {
    if (sockets > 8) {
      *reason = "enough";
      return -1;
    }
    streams.push_back(agent->next_base());
    return agent->add_base(now, *SocketAddress::parse("10.0.0.1", static_cast<uint16_t>(5000 + sockets++)), 10, true);
  }
  void close_base(int base) override { std::erase(streams, base); }
  std::vector<int> streams;
  void on_data(ByteView packet) override {
    if (packet[0] < 4) __builtin_trap();
  }
  void on_writable(bool) override {}
  void on_state(IceTransportState) override {}
  void on_gathering_state(IceGatheringState) override {}
  void on_local_candidate(const IceCandidate&) override {}
  void on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string&) override {}
  void on_selected_pair(const IceCandidate&, const IceCandidate&) override {}
  void on_role(IceRole) override {}
};

SocketAddress address(Input& input) {
  const uint8_t choice = input.octet();
  return *SocketAddress::parse("10.0.0." + std::to_string(2 + choice % 4),
                               static_cast<uint16_t>(6000 + choice / 16 % 8));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  Input input{octets, octets + size};
  CountingRandom random;
  Driver driver;
  IceParameters local{"local", "localpasswordlocalpassword", false};
  const IceParameters remote{"remote", "remotepasswordremotepassword", false};
  Agent agent(local, input.octet() % 8 == 7, random, &driver);
  driver.agent = &agent;
  TimePoint& now = driver.now;
  now = TimePoint(std::chrono::hours(1));
  const SocketAddress server = *SocketAddress::parse("10.0.0.9", 3478);
  agent.begin_gathering(now);
  agent.add_base(now, *SocketAddress::parse("10.0.0.1", 5000), 65535);
  agent.add_server(now, {"stun:s", IceServer::Scheme::kStun, "10.0.0.9", 3478, IceProtocol::kUdp, "", ""}, server);
  agent.add_server(now, {"turn:s", IceServer::Scheme::kTurn, "10.0.0.9", 3478, IceProtocol::kUdp, "u", "p"}, server);
  agent.add_server(now, {"turn:t", IceServer::Scheme::kTurn, "10.0.0.9", 3478, IceProtocol::kTcp, "u", "p"}, server);
  agent.add_server(now, {"stuns:s", IceServer::Scheme::kStuns, "10.0.0.9", 5349, IceProtocol::kTcp, "", ""}, server);
  const int listening =
      agent.add_tcp_base(now, *SocketAddress::parse("10.0.0.1", 8000), 65535, TcpRole::kPassive, true);
  agent.end_servers(now);
  agent.set_remote_parameters(now, remote);
  agent.start(now, input.octet() % 2 ? IceRole::kControlling : IceRole::kControlled);
  int restarts = 0;

  while (input.at < input.end) {
    const uint8_t operation = input.octet();
    const SocketAddress from = operation & 0x80 ? server : address(input);
    const int base = operation & 0x40 ? 1 : 0;
    switch (operation % 12) {
      case 0: {
        const ByteView datagram = input.take(input.octet());
        driver.stranger = from;
        driver.octets_to_stranger = 0;
        agent.handle_datagram(now, base, from, datagram);
        // Nobody knows a password by chance: who is not a server is not sent more than was spent on asking.
        if (from != server && driver.octets_to_stranger > datagram.size()) __builtin_trap();
        break;
      }
      case 1: {  // a check of the peer
        TransactionId id{};
        id[0] = input.octet();
        StunWriter writer(StunMethod::kBinding, StunClass::kRequest, id);
        writer.add_text(StunAttribute::kUsername, local.username_fragment + ":remote");
        const uint8_t flags = input.octet();
        if (flags & 1) writer.add_flag(StunAttribute::kUseCandidate);
        if (flags & 2) writer.add_u64(StunAttribute::kIceControlling, uint64_t{input.octet()} << 56);
        if (flags & 4) writer.add_u64(StunAttribute::kIceControlled, uint64_t{input.octet()} << 56);
        if (!(flags & 8)) writer.add_u32(StunAttribute::kPriority, uint32_t{input.octet()} << 24);
        if (flags & 16) writer.add_bytes(static_cast<StunAttribute>(input.octet()), input.take(input.octet()));
        writer.add_integrity(as_bytes(local.password)).add_fingerprint();
        agent.handle_datagram(now, base, from, writer.finish());
        break;
      }
      case 2:  // an answer to something the agent has sent
      case 3: {
        if (driver.sent.empty()) break;
        const Sent request = driver.sent[input.octet() % driver.sent.size()];
        const auto message = StunMessage::parse(request.datagram);
        if (!message) break;
        const bool success = operation % 12 == 2;
        StunWriter writer(message->method, success ? StunClass::kSuccess : StunClass::kError, message->transaction);
        if (!success) writer.add_error(300 + input.octet() % 200, "x");
        const uint8_t flags = input.octet();
        if (flags & 1) writer.add_xor_address(StunAttribute::kXorMappedAddress, address(input));
        if (flags & 2) writer.add_xor_address(StunAttribute::kXorRelayedAddress, address(input));
        if (flags & 4) {
          writer.add_text(StunAttribute::kRealm, "realm").add_text(StunAttribute::kNonce, std::to_string(flags));
        }
        if (flags & 8) writer.add_u32(StunAttribute::kLifetime, uint32_t{input.octet()} << 4);
        if (flags & 16) writer.add_bytes(static_cast<StunAttribute>(input.octet()), input.take(input.octet()));
        if (message->method == StunMethod::kBinding) {
          writer.add_integrity(as_bytes(remote.password));
        } else if (message->username) {
          writer.add_integrity(long_term_key("u", "realm", "p"));
        }
        agent.handle_datagram(now, request.base, request.to, writer.finish());
        break;
      }
      case 4:
        now += std::chrono::milliseconds(1 << (input.octet() % 16));
        agent.handle_timeout(now);
        break;
      case 5:
        agent.add_remote_candidate(
            now, {"1", uint32_t{input.octet()} << 16, IceProtocol::kUdp, from.ip_text(), from.port()}, from);
        break;
      case 6:
        agent.send(now, input.take(1 + input.octet()));
        break;
      case 7:
        if (++restarts > 4) break;
        if (input.octet() % 2) {
          local.username_fragment = "local" + std::to_string(restarts);
          agent.restart(now, local, false);
          agent.begin_gathering(now);
          agent.reuse_base(0);
          agent.reuse_base(listening);
          if (restarts % 2) {
            agent.add_server(now, {"stun:s", IceServer::Scheme::kStun, "10.0.0.9", 3478, IceProtocol::kUdp, "", ""},
                             server);
          }
          agent.end_servers(now);
        }
        agent.set_remote_parameters(now, input.octet() % 2 ? remote : IceParameters{"othe", remote.password, false});
        break;
      case 8: {
        agent.set_remote_end_of_candidates(now);
        const uint8_t change = input.octet();
        agent.set_role(now, change & 1 ? IceRole::kControlling : IceRole::kControlled);
        if (change & 2) agent.set_base_usable(now, change & 4 ? listening : 0, change & 8);
        break;
      }
      case 9: {  // a datagram out of the relay
        StunWriter writer(StunMethod::kData, StunClass::kIndication, TransactionId{});
        writer.add_xor_address(StunAttribute::kXorPeerAddress, address(input));
        writer.add_bytes(StunAttribute::kData, input.take(input.octet()));
        agent.handle_datagram(now, 0, server, writer.finish());
        break;
      }
      case 10:  // what becomes of the connection to a server, and what comes over it
      case 11: {
        if (driver.streams.empty()) break;
        const int stream = driver.streams[input.octet() % driver.streams.size()];
        const uint8_t event = input.octet();
        if (event % 4 == 0) agent.stream_closed(now, stream, "closed");
        if (event % 4 == 1) agent.stream_opened(now, stream, *SocketAddress::parse("10.0.0.1", 4000));
        if (event % 4 >= 2) agent.handle_datagram(now, stream, server, input.take(input.octet()));
        break;
      }
    }
    agent.next_timeout();
    if (agent.pair_count() > Agent::kMaxPairs || agent.remote_candidate_count() > Agent::kMaxRemoteCandidates) {
      __builtin_trap();
    }
  }
  agent.stats(now, 0);
  agent.close(now);
  return 0;
}
