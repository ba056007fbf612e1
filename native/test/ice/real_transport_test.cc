// ICE transports on real sockets and the real network thread, on loopback.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "net/blocked_lookups.h"
#include "net/udp_socket.h"
#include "transport/ice_transport.h"

namespace peerwire {
namespace {

using namespace std::chrono_literals;

IceParameters parameters(const std::string& name) {
  return {name, name + "0123456789abcdefghijklmn", false};
}

/// One transport with what it has told. Everything but wait() runs on the network thread.
class Peer : public IceTransportObserver, public PacketReceiver {
 public:
  Peer(NetworkThread& network, std::string name, IceOptions options) : network_(network), name_(std::move(name)) {
    network_.post_and_wait([&] {
      transport = IceTransport::create(network_, std::move(options), parameters(name_), this);
      transport->set_packet_receiver(this);
    });
  }
  ~Peer() override {
    network_.post_and_wait([&] {
      transport->close();
      transport.reset();
    });
  }

  void on_ice_state(IceTransportState state) override {
    states.push_back(state);
    notify();
  }
  void on_ice_gathering_state(IceGatheringState state) override {
    gathering = state;
    if (state == IceGatheringState::kComplete && other && trickle) other->transport->set_remote_end_of_candidates();
    notify();
  }
  void on_local_candidate(const IceCandidate& candidate) override {
    candidates.push_back(candidate);
    const bool told = trickle && (!tcp_only || candidate.protocol == IceProtocol::kTcp);
    if (other && told) other->transport->add_remote_candidate(candidate);
    notify();
  }
  void on_candidate_error(const std::string&, uint16_t, const std::string& url, int code, const std::string&) override {
    errors.emplace_back(url, code);
    notify();
  }
  void on_selected_pair(const IceCandidate&, const IceCandidate&) override {
    ++selections;
    notify();
  }
  void on_ice_role(IceRole) override {}
  void on_packet(ByteView packet) override {
    ++packets;
    octets += packet.size();
    last.assign(packet.begin(), packet.end());
    notify();
  }
  void on_writable_changed(bool writable) override {
    if (writable) writable_at = std::chrono::steady_clock::now();
    notify();
  }

  template <typename Condition>
  bool wait(Condition condition, std::chrono::milliseconds limit = 10s) {
    std::unique_lock lock(mutex_);
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      bool reached = false;
      const uint64_t seen = notifications_;
      lock.unlock();
      network_.post_and_wait([&] { reached = condition(*this); });
      lock.lock();
      if (reached) return true;
      if (!changed_.wait_until(lock, end, [&] { return notifications_ != seen; })) return false;
    }
  }

  std::unique_ptr<IceTransport> transport;
  Peer* other = nullptr;
  bool trickle = true, tcp_only = false;
  std::vector<IceTransportState> states;
  IceGatheringState gathering = IceGatheringState::kNew;
  std::vector<IceCandidate> candidates;
  std::vector<std::pair<std::string, int>> errors;
  size_t packets = 0, octets = 0;
  int selections = 0;
  Bytes last;
  std::chrono::steady_clock::time_point writable_at{};

 private:
  void notify() {
    std::lock_guard lock(mutex_);
    ++notifications_;
    changed_.notify_all();
  }

  NetworkThread& network_;
  std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t notifications_ = 0;
};

bool reached_connected(const Peer& peer) {
  return !peer.states.empty() &&
         (peer.states.back() == IceTransportState::kConnected || peer.states.back() == IceTransportState::kCompleted);
}

IceOptions loopback() {
  IceOptions options;
  options.bind_address = "127.0.0.1";
  return options;
}

class RealTransport : public testing::Test {
 protected:
  void connect(Peer& a, Peer& b, const std::string& a_name, const std::string& b_name, bool a_lite = false) {
    network->post_and_wait([&] {
      a.other = &b;
      b.other = &a;
      IceParameters of_a = parameters(a_name);
      of_a.ice_lite = a_lite;
      a.transport->set_remote_parameters(parameters(b_name));
      b.transport->set_remote_parameters(of_a);
      a.transport->start(IceRole::kControlling);
      b.transport->start(IceRole::kControlled);
      a.transport->gather();
      b.transport->gather();
    });
  }
  std::shared_ptr<NetworkThread> network = NetworkThread::acquire();
};

TEST_F(RealTransport, ConnectsOnLoopbackWithinMilliseconds) {
  std::vector<double> times;
  for (int round = 0; round < 20; ++round) {
    Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
    const auto begun = std::chrono::steady_clock::now();
    connect(a, b, "aaaa", "bbbb");
    ASSERT_TRUE(a.wait(reached_connected));
    ASSERT_TRUE(b.wait(reached_connected));
    times.push_back(std::chrono::duration<double, std::milli>(std::max(a.writable_at, b.writable_at) - begun).count());
    ASSERT_TRUE(a.wait([](Peer& p) { return p.states.back() == IceTransportState::kCompleted; }));
    network->post_and_wait([&] {
      const IceTransportStats stats = a.transport->stats(0);
      EXPECT_FALSE(stats.selected_pair_id.empty());
      EXPECT_EQ(stats.selected_pair_changes, 1u);
      EXPECT_EQ(a.selections, 1);
    });
  }
  std::sort(times.begin(), times.end());
  RecordProperty("median_us", static_cast<int>(times[times.size() / 2] * 1000));
  EXPECT_LT(times[times.size() / 2], 50.0);
}

TEST_F(RealTransport, CarriesPacketsOverTcpAndEndsWithEitherSide) {
  for (const bool active_ends : {true, false}) {
    IceOptions listening = loopback();
    listening.tcp = IceTcp::kListen;
    auto a = std::make_unique<Peer>(*network, "aaaa", loopback());
    auto b = std::make_unique<Peer>(*network, "bbbb", listening);
    a->tcp_only = b->tcp_only = true;
    connect(*a, *b, "aaaa", "bbbb");
    ASSERT_TRUE(a->wait(reached_connected));
    ASSERT_TRUE(b->wait(reached_connected));
    const Bytes packet(1200, 0x80);
    for (int burst = 0; burst < 20; ++burst) {
      network->post_and_wait([&] {
        for (int i = 0; i < 50; ++i) {
          EXPECT_TRUE(a->transport->send_packet(packet));
          EXPECT_TRUE(b->transport->send_packet(packet));
        }
      });
    }
    ASSERT_TRUE(a->wait([](Peer& p) { return p.packets == 1000; }));
    ASSERT_TRUE(b->wait([](Peer& p) { return p.packets == 1000; }));
    EXPECT_EQ(a->octets, 1'200'000u);
    Peer& left = active_ends ? *b : *a;
    left.other = nullptr;
    (active_ends ? a : b).reset();
    // The end of the connection is the end of the pair, which UDP would have to find out.
    ASSERT_TRUE(left.wait([](Peer& p) { return !p.transport->writable(); }));
  }
}

TEST_F(RealTransport, CarriesPacketsInBatches) {
  Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
  connect(a, b, "aaaa", "bbbb");
  ASSERT_TRUE(a.wait(reached_connected));
  ASSERT_TRUE(b.wait(reached_connected));
  size_t sent = 0;
  for (int burst = 0; burst < 20; ++burst) {
    network->post_and_wait([&] {
      Bytes packet(1200, 0x80);
      for (int i = 0; i < 100; ++i) {
        packet[1] = static_cast<uint8_t>(i);
        packet.resize(i % 10 == 9 ? 700 : 1200);
        sent += a.transport->send_packet(packet);
        packet.resize(1200, 0x80);
      }
    });
    ASSERT_TRUE(b.wait([&](Peer& p) { return p.packets == sent; })) << b.packets << " of " << sent;
  }
  EXPECT_EQ(sent, 2000u);
  EXPECT_EQ(b.octets, 20u * (90 * 1200 + 10 * 700));
  network->post_and_wait([&] {
    EXPECT_FALSE(a.transport->send_packet(Bytes(a.transport->max_packet_size() + 1, 0x80)));
    EXPECT_EQ(a.transport->stats(0).packets_sent, 2000u);
  });
}

TEST_F(RealTransport, KeepsEarlyPackets) {
  Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
  network->post_and_wait([&] { b.transport->set_packet_receiver(nullptr); });
  connect(a, b, "aaaa", "bbbb");
  ASSERT_TRUE(a.wait(reached_connected));
  ASSERT_TRUE(b.wait(reached_connected));
  network->post_and_wait([&] { EXPECT_TRUE(a.transport->send_packet(Bytes{22, 1, 2, 3})); });
  for (int i = 0; i < 1000 && b.packets == 0; ++i) {
    network->post_and_wait([&] {
      if (b.transport->stats(0).packets_received) b.transport->set_packet_receiver(&b);
    });
  }
  EXPECT_EQ(b.last, (Bytes{22, 1, 2, 3}));
}

TEST_F(RealTransport, GatheringAheadHasNoEndBeforeItIsAskedFor) {
  Peer a(*network, "aaaa", loopback());
  network->post_and_wait([&] {
    a.transport->gather_ahead();
    EXPECT_EQ(a.candidates.size(), 0u);
    EXPECT_EQ(a.gathering, IceGatheringState::kGathering);
    a.transport->gather_ahead();
    EXPECT_EQ(a.gathering, IceGatheringState::kGathering);
    a.transport->gather();
    EXPECT_EQ(a.gathering, IceGatheringState::kComplete);
    a.transport->gather();
    a.transport->gather_ahead();
    EXPECT_EQ(a.candidates.size(), 1u);
  });
}

TEST_F(RealTransport, PortRangeHoldsAndRunsOut) {
  IceOptions options = loopback();
  options.port_range_begin = 42310;
  options.port_range_end = 42311;
  Peer a(*network, "aaaa", options), b(*network, "bbbb", options), c(*network, "cccc", options);
  network->post_and_wait([&] {
    for (Peer* peer : {&a, &b, &c}) peer->transport->gather();
  });
  ASSERT_TRUE(c.wait([](Peer& p) { return p.gathering == IceGatheringState::kComplete; }));
  ASSERT_EQ(a.candidates.size(), 1u);
  ASSERT_EQ(b.candidates.size(), 1u);
  EXPECT_NE(a.candidates[0].port, b.candidates[0].port);
  EXPECT_GE(a.candidates[0].port, 42310);
  EXPECT_LE(a.candidates[0].port, 42311);
  EXPECT_TRUE(c.candidates.empty());
  ASSERT_EQ(c.errors.size(), 1u);
  EXPECT_EQ(c.errors[0].second, 701);
}

/// As a full agent, and as a lite one, which sends no checks.
class SharedPort : public RealTransport, public testing::WithParamInterface<bool> {};

TEST_P(SharedPort, CarriesToEachWhatIsForIt) {
  IceOptions shared = loopback();
  shared.udp_mux = true;
  shared.lite = GetParam();
  shared.port_range_begin = shared.port_range_end = 42320;
  Peer a1(*network, "aaa1", shared), a2(*network, "aaa2", shared);
  Peer b1(*network, "bbb1", loopback()), b2(*network, "bbb2", loopback());
  connect(a1, b1, "aaa1", "bbb1", shared.lite);
  connect(a2, b2, "aaa2", "bbb2", shared.lite);
  for (Peer* peer : {&a1, &a2, &b1, &b2}) ASSERT_TRUE(peer->wait(reached_connected));
  EXPECT_EQ(a1.candidates.at(0).port, 42320);
  EXPECT_EQ(a2.candidates.at(0).port, 42320);
  network->post_and_wait([&] {
    b1.transport->send_packet(Bytes{20, 1});
    b2.transport->send_packet(Bytes{20, 2});
    a1.transport->send_packet(Bytes{20, 3});
    a2.transport->send_packet(Bytes{20, 4});
  });
  for (Peer* peer : {&a1, &a2, &b1, &b2}) ASSERT_TRUE(peer->wait([](Peer& p) { return p.packets == 1; }));
  EXPECT_EQ(a1.last[1], 1);
  EXPECT_EQ(a2.last[1], 2);
  EXPECT_EQ(b1.last[1], 3);
  EXPECT_EQ(b2.last[1], 4);
}

INSTANTIATE_TEST_SUITE_P(FullAndLite, SharedPort, testing::Bool());

TEST_F(RealTransport, RestartKeepsCarrying) {
  Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
  connect(a, b, "aaaa", "bbbb");
  ASSERT_TRUE(a.wait(reached_connected));
  ASSERT_TRUE(b.wait(reached_connected));
  network->post_and_wait([&] {
    a.transport->restart(parameters("aaax"), loopback());
    EXPECT_TRUE(a.transport->send_packet(Bytes{20, 1}));
    b.transport->set_remote_parameters(parameters("aaax"), true);
    b.transport->restart(parameters("bbbx"), loopback());
    for (const auto& candidate : a.candidates) {
      if (candidate.username_fragment == "aaax") b.transport->add_remote_candidate(candidate);
    }
    a.transport->set_remote_parameters(parameters("bbbx"));
    for (const auto& candidate : b.candidates) {
      if (candidate.username_fragment == "bbbx") a.transport->add_remote_candidate(candidate);
    }
    EXPECT_TRUE(b.transport->send_packet(Bytes{20, 2}));
  });
  ASSERT_TRUE(a.wait([](Peer& p) { return p.packets == 1; }));
  ASSERT_TRUE(b.wait([](Peer& p) { return p.packets == 1; }));
  ASSERT_TRUE(a.wait([](Peer& p) { return p.selections >= 2; }));
  ASSERT_TRUE(b.wait([](Peer& p) { return p.selections >= 2; }));
}

TEST_F(RealTransport, NamesAreResolvedOffTheThread) {
  Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
  a.trickle = b.trickle = false;
  connect(a, b, "aaaa", "bbbb");
  network->post_and_wait([&] {
    IceCandidate candidate = b.candidates.at(0);
    candidate.address = "localhost";
    a.transport->add_remote_candidate(candidate);
    candidate.address = "no-such-name.invalid";
    a.transport->add_remote_candidate(candidate);
  });
  EXPECT_TRUE(a.wait(reached_connected));
  EXPECT_TRUE(b.wait(reached_connected));  // by a peer-reflexive candidate: it was told none
}

TEST_F(RealTransport, NamesOfPeersDoNotHoldUpThoseOfServers) {
  const auto blocked = BlockedLookups::add(NameSource::kPeer, LookupPool::kMaxForPeers);
  ASSERT_TRUE(blocked->wait_for_begun(LookupPool::kMaxForPeers));
  Peer a(*network, "aaaa", loopback()), b(*network, "bbbb", loopback());
  a.trickle = b.trickle = false;
  connect(a, b, "aaaa", "bbbb");
  network->post_and_wait([&] {
    IceCandidate candidate = b.candidates.at(0);
    candidate.address = "localhost";
    for (int i = 0; i < 32; ++i) a.transport->add_remote_candidate(candidate);
  });
  IceOptions options = loopback();
  options.servers.push_back(
      {"turn:localhost?transport=tcp", IceServer::Scheme::kTurn, "localhost", 9, IceProtocol::kTcp, "u", "p"});
  Peer c(*network, "cccc", options);
  network->post_and_wait([&] { c.transport->gather(); });
  EXPECT_TRUE(c.wait([](Peer& p) { return p.gathering == IceGatheringState::kComplete; }));
  network->post_and_wait([&] {
    for (const auto& each : a.transport->stats(0).candidates) EXPECT_FALSE(each.remote);
  });
  blocked->release();
  EXPECT_TRUE(a.wait(reached_connected));
}

TEST_F(RealTransport, UnderRelayNoNameOfTheRemoteSideIsLookedUp) {
  IceOptions relay_only = loopback();
  relay_only.relay_only = true;
  Peer silent(*network, "aaaa", relay_only), control(*network, "bbbb", loopback());
  IceCandidate candidate;
  candidate.priority = 1;
  candidate.port = 12345;
  for (const char* name : {"localhost", "localhost."}) {
    candidate.address = name;
    network->post_and_wait([&] {
      // First the one that must not ask: what the other is told later proves that there was time to.
      for (Peer* peer : {&silent, &control}) {
        peer->transport->start(IceRole::kControlling);
        peer->transport->set_remote_parameters(parameters("cccc"));
        peer->transport->add_remote_candidate(candidate);
      }
    });
    ASSERT_TRUE(control.wait([](Peer& p) { return !p.states.empty(); }));
  }
  network->post_and_wait([&] {
    EXPECT_TRUE(silent.states.empty());
    EXPECT_TRUE(silent.transport->stats(0).candidates.empty());
    // An address tells nobody anything: it is kept, for the relay to be asked.
    candidate.address = "127.0.0.1";
    silent.transport->add_remote_candidate(candidate);
    EXPECT_EQ(silent.transport->stats(0).candidates.size(), 1u);
  });
}

TEST_F(RealTransport, UnreachableServersAreReportedOnce) {
  IceOptions options = loopback();
  options.servers.push_back(
      {"turns:127.0.0.1", IceServer::Scheme::kTurns, "127.0.0.1", 5349, IceProtocol::kTcp, "u", "p"});
  options.servers.push_back(
      {"turn:127.0.0.1?transport=tcp", IceServer::Scheme::kTurn, "127.0.0.1", 3478, IceProtocol::kTcp, "u", "p"});
  options.servers.push_back(
      {"stun:[2001:db8::1]", IceServer::Scheme::kStun, "2001:db8::1", 3478, IceProtocol::kUdp, "", ""});
  Peer a(*network, "aaaa", options);
  network->post_and_wait([&] { a.transport->gather(); });
  ASSERT_TRUE(a.wait([](Peer& p) { return p.gathering == IceGatheringState::kComplete; }));
  ASSERT_EQ(a.errors.size(), 3u);
  for (const auto& [url, code] : a.errors) EXPECT_EQ(code, 701) << url;
}

}  // namespace
}  // namespace peerwire
