// Connections that come and go: their bases are used again, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

constexpr int kMany = 200;

class AgentBases : public testing::Test {
 protected:
  AgentBases() {
    host.connects = true;
    host.add_address(at("10.0.0.1", 5000));
  }
  bool gathered() {
    return network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 20s);
  }
  bool restarted(int count, const IceServer& server) {
    if (!host.agent.restart(network.now, Host::parameters("r" + std::to_string(count)), false)) return false;
    host.agent.begin_gathering(network.now);
    for (int base : listening) host.agent.reuse_base(base);
    host.agent.add_server(network.now, server, at(server.host, server.port));
    host.agent.end_servers(network.now);
    return gathered();
  }
  /// Each with an address, and these servers for the first.
  bool connected(Host& left, Host& right, const std::vector<IceServer>& servers) {
    introduce(network, left, right, "left", "right");
    left.add_address(at("10.0.0.2", 5000));
    right.add_address(at("10.0.0.3", 5000));
    start(network, left, right);
    left.gather(servers);
    right.gather();
    return network.run_until([&] { return left.connected() && right.connected(); }, 30s);
  }
  void restart(Host& side, const std::string& fragment, const std::vector<IceServer>& servers) {
    side.candidates.clear();
    ASSERT_TRUE(side.agent.restart(network.now, Host::parameters(fragment), false));
    side.agent.begin_gathering(network.now);
    side.agent.reuse_base(0);
    for (const IceServer& each : servers) side.agent.add_server(network.now, each, at(each.host, each.port));
    side.agent.end_servers(network.now);
  }
  int latest() const { return host.opened_streams.back().first; }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};
  std::vector<int> listening;
};

TEST_F(AgentBases, AreUsedAgainAfterConnectionsThatCouldNotBeMade) {
  network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.1", 3478); };
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(restarted(i, server.turn_over_tcp()));
    ASSERT_EQ(host.errors.size(), static_cast<size_t>(i) + 1);
  }
  EXPECT_EQ(host.opened_streams.size(), static_cast<size_t>(kMany));
  EXPECT_EQ(host.closed_streams.size(), static_cast<size_t>(kMany));
  EXPECT_EQ(host.agent.base_count(), 2u);
}

TEST_F(AgentBases, AreUsedAgainAfterAllocationsThatWereLost) {
  const IceServer asked = server.turn_over_tcp();
  host.gather({asked});
  ASSERT_TRUE(gathered());
  for (int i = 0; i < kMany; ++i) {
    host.drop_connections(latest());
    host.agent.stream_closed(network.now, latest(), "the local address is gone");
    ASSERT_TRUE(host.agent.has_lost_relay(asked));
    // One that fails tells nothing of what is lost.
    network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.1", 3478); };
    host.agent.add_server(network.now, asked, at(asked.host, asked.port));
    ASSERT_FALSE(host.agent.has_lost_relay(asked));
    network.run(20s);
    ASSERT_TRUE(host.agent.has_lost_relay(asked));
    network.filter = nullptr;
    const size_t made = server.allocations_made;
    host.agent.add_server(network.now, asked, at(asked.host, asked.port));
    ASSERT_TRUE(network.run_until([&] { return server.allocations_made > made; }, 5s));
    network.run(100ms);
    ASSERT_FALSE(host.agent.has_lost_relay(asked));
  }
  // The address, a connection and two relayed addresses, and as many of the one that was lost last.
  EXPECT_LE(host.agent.base_count(), 7u);
  EXPECT_LE(host.agent.stats(network.now, 0).candidates.size(), 5u);
}

TEST_F(AgentBases, OfAnAllocationThatDataTakesStay) {
  Host left(network, "left", 2, true), right(network, "right", 3);
  left.connects = true;
  const IceServer asked = server.turn_over_tcp();
  ASSERT_TRUE(connected(left, right, {asked}));
  const auto selected = [&] { return left.agent.base_address(left.agent.selected()->base); };
  for (int i = 0; i < 20; ++i) {
    const SocketAddress before = selected();
    left.drop_connections(left.opened_streams.back().first);
    left.agent.stream_closed(network.now, left.opened_streams.back().first, "the local address is gone");
    left.agent.add_server(network.now, asked, at(asked.host, asked.port));
    ASSERT_TRUE(network.run_until(
        [&] { return left.connected() && left.agent.writable() && left.agent.selected() && selected() != before; },
        60s));
    left.received.clear();
    ASSERT_TRUE(network.run_until(
        [&] {
          right.agent.send(network.now, Bytes{128, 1});
          network.run(10ms);
          return !left.received.empty();
        },
        20s));
  }
  EXPECT_LE(left.agent.base_count(), 8u);
}

// As where credentials are good for some time only.
TEST_F(AgentBases, AreUsedAgainAfterAllocationsOfOtherUsers) {
  for (const bool tcp : {false, true}) {
    for (int i = 0; i < kMany; ++i) {
      IceServer asked = tcp ? server.turn_over_tcp() : server.turn();
      asked.username = "user" + std::to_string(i);
      listening = {0};
      ASSERT_TRUE(restarted(i, asked));
      ASSERT_EQ(host.candidates.back().type, IceCandidateType::kRelay);
      network.run(100ms);
      ASSERT_EQ(server.allocations(), 1u);
    }
  }
  EXPECT_EQ(host.errors.size(), 0u);
  // The address, two sockets or connections of private use, and what their allocations relay from.
  EXPECT_LE(host.agent.base_count(), 6u);
}

TEST_F(AgentBases, AreUsedAgainAfterAllocationsThatNeededAnotherPort) {
  listening = {0};
  for (int i = 0; i < kMany; ++i) {
    server.mismatches = 1 + i % 2;  // where another port does not help either there is none
    ASSERT_TRUE(restarted(i, server.turn("user-" + std::to_string(i))));
    network.run(100ms);
    ASSERT_EQ(server.allocations(), i % 2 ? 0u : 1u);
  }
  EXPECT_LE(host.agent.base_count(), 6u);
}

TEST_F(AgentBases, OfAnotherUserAreFoundAgain) {
  listening = {0};
  ASSERT_TRUE(restarted(0, server.turn("user-1")));
  // As a restart that is under way when the credentials change: the first one's allocation is needed yet.
  IceServer second = server.turn("user-2");
  host.agent.add_server(network.now, second, at(second.host, second.port));
  network.run(1s);
  ASSERT_EQ(server.allocations(), 2u);
  for (int i = 1; i < 5; ++i) {
    ASSERT_TRUE(restarted(i, second));
    network.run(100ms);
    EXPECT_EQ(server.allocations(), 1u);
  }
  EXPECT_EQ(server.allocations_made, 2u);
}

TEST_F(AgentBases, AreGivenUpThoughTheServerHasTakenAnotherNonceOrIsNotHeard) {
  listening = {0};
  for (int i = 0; i < 8; ++i) {
    server.nonce = "nonce-" + std::to_string(2 * i);
    ASSERT_TRUE(restarted(i, server.turn("user-" + std::to_string(i))));
    server.nonce = "nonce-" + std::to_string(2 * i + 1);
    // Nothing reaches the server for a while from when it is to be given back.
    const TimePoint end = network.now + 1s;
    network.filter = [this, end](const auto&, const auto& to, ByteView) {
      return network.now < end && to == at("203.0.113.1", 3478);
    };
    network.run(10s);
    network.filter = nullptr;
  }
  ASSERT_TRUE(restarted(9, {"stun:s", IceServer::Scheme::kStun, "203.0.113.1", 3478, IceProtocol::kUdp, "", ""}));
  network.run(50s);
  EXPECT_EQ(server.allocations(), 0u);
  EXPECT_LE(host.agent.base_count(), 6u);
}

TEST_F(AgentBases, OfARestartThatIsTakenBackAreGivenUp) {
  Host left(network, "left", 2, true), right(network, "right", 3);
  ASSERT_TRUE(connected(left, right, {server.turn("user-1")}));
  size_t made = 1;
  for (const auto after : {1000ms, 0ms}) {  // once there is an allocation, and before
    restart(left, "next", {server.turn("user-2")});
    network.run(after);
    ASSERT_EQ(server.allocations(), after == 0ms ? 1u : 2u);
    left.agent.restart(network.now, Host::parameters("left"), false);
    network.run(1s);
    EXPECT_EQ(server.allocations_made, ++made);
    EXPECT_EQ(server.allocations(), 1u);
    EXPECT_TRUE(left.connected());
  }
}

TEST_F(AgentBases, OfAnAllocationThatARestartHasOnlyFoundUnderWayStayWhenItIsTakenBack) {
  Host left(network, "left", 2), right(network, "right", 3);
  ASSERT_TRUE(connected(left, right, {}));
  // As for an interface that has come.
  left.agent.add_server_for(network.now, 0, server.turn(), at("203.0.113.1", 3478));
  restart(left, "next", {server.turn()});
  left.agent.restart(network.now, Host::parameters("left"), false);
  network.run(2s);
  EXPECT_EQ(server.allocations(), 1u);
}

// The server checks who asks for each request, and the password has changed.
TEST_F(AgentBases, OfPrivateUseThatAreRefusedAreFollowedByOthers) {
  listening = {0};
  server.mismatches = 1;
  ASSERT_TRUE(restarted(0, server.turn("user-1")));
  ASSERT_EQ(server.allocations(), 1u);
  server.refuse_refreshes_with = 441;
  ASSERT_TRUE(restarted(1, server.turn("user-1")));
  EXPECT_EQ(host.candidates.back().type, IceCandidateType::kRelay);
  EXPECT_EQ(host.candidates.back().username_fragment, "r1");
  EXPECT_EQ(server.allocations_made, 2u);
  EXPECT_EQ(host.errors.size(), 0u);
}

TEST_F(AgentBases, ThatAreBeingGivenUpGetNoOtherAllocation) {
  listening = {0};
  ASSERT_TRUE(restarted(0, server.turn("user-1")));
  // Answers get lost while it is given back, and that is sent again.
  network.filter = [](const auto& from, const auto&, ByteView) { return from == at("203.0.113.1", 3478); };
  ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("none"), false));
  host.gather();
  network.run(100ms);
  ASSERT_EQ(server.allocations(), 0u);
  network.filter = nullptr;
  ASSERT_TRUE(restarted(1, server.turn("user-1")));
  network.run(20s);
  EXPECT_EQ(server.allocations(), 1u);
}

TEST_F(AgentBases, OfAnotherUserStayAsLongAsDataTakesThem) {
  Host left(network, "left", 2, true), right(network, "right", 3);
  ASSERT_TRUE(connected(left, right, {server.turn("user-1")}));
  const auto expect_data = [&] {
    left.received.clear();
    right.agent.send(network.now, Bytes{128, 1});
    network.run(100ms);
    EXPECT_EQ(left.received.size(), 1u);
  };
  for (int i = 2; i < 12; ++i) {
    const std::string number = std::to_string(i);
    restart(left, "left" + number, {server.turn("user-" + number)});
    network.run(5s);
    // The peer has not answered yet, and data takes the old one.
    EXPECT_EQ(server.allocations(), 2u);
    expect_data();
    restart(right, "right" + number, {});
    introduce(network, left, right, "left" + number, "right" + number);
    for (const IceCandidate& candidate : left.candidates) right.tell(candidate);
    for (const IceCandidate& candidate : right.candidates) left.tell(candidate);
    ASSERT_TRUE(network.run_until([&] { return server.allocations() == 1; }, 60s)) << i;
    expect_data();
  }
  EXPECT_LE(left.agent.base_count(), 8u);
}

TEST_F(AgentBases, AreUsedAgainAfterConnectionsToStunServers) {
  listening.push_back(host.agent.next_base());
  host.add_tcp(at("10.0.0.1", 6000), TcpRole::kPassive);
  IceServer stun{"stuns:s", IceServer::Scheme::kStuns, "203.0.113.9", 5349, IceProtocol::kTcp, "", ""};
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(restarted(i, stun));
  EXPECT_GE(host.opened_streams.size(), static_cast<size_t>(kMany));
  EXPECT_LE(host.agent.base_count(), 3u);
}

}  // namespace
}  // namespace peerwire::ice::test
