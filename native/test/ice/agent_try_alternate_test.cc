// Servers that send to others (300, Try Alternate: RFC 8489 section 10) while there is an allocation, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

// RFC 8656 section 7.2: ten minutes; a minute before it is refreshed.
constexpr auto kRefreshed = 540s;
constexpr auto kOver = 600s;

class TryAlternate : public testing::TestWithParam<bool> {
 protected:
  TryAlternate() {
    host.connects = true;
    host.add_address(at("10.0.0.1", 5000));
  }
  IceServer asked() const { return GetParam() ? server.turn_over_tcp() : server.turn(); }
  bool complete(Duration limit) {
    return network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, limit);
  }
  void begin_restart() {
    host.candidates.clear();
    ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("bbbb"), false));
    host.agent.begin_gathering(network.now);
  }
  void ask() {
    host.agent.add_server(network.now, asked(), at("203.0.113.1", 3478));
    host.agent.end_servers(network.now);
  }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"}, next{network, "203.0.113.9", "203.0.113.10"};
  Host host{network, "aaaa", 1};
};

TEST_P(TryAlternate, IsWaitedForOnceByAGatheringThatItComesInto) {
  network.delay = 50ms;
  host.gather({asked()});
  ASSERT_TRUE(complete(5s));
  server.alternate = at("203.0.113.9", 3478);
  network.run(kRefreshed - 500ms);
  begin_restart();
  // The server's name is being resolved when the answer comes.
  ASSERT_TRUE(network.run_until(
      [&] { return host.destinations.contains("203.0.113.9:3478") || host.opened_streams.size() == 2; }, 2s));
  ask();
  ASSERT_TRUE(complete(30s));
  EXPECT_EQ(host.candidates.size(), 1u);
  EXPECT_EQ(next.allocations_made, 1u);
}

TEST_P(TryAlternate, IsFollowedWithoutARestart) {
  host.gather({asked()});
  ASSERT_TRUE(complete(5s));
  server.alternate = at("203.0.113.9", 3478);
  network.run(kOver + 60s);
  EXPECT_EQ(next.allocations_made, 1u);
  EXPECT_EQ(server.allocations_made, 1u) << "not asked again";
}

TEST_P(TryAlternate, HasTheFirstServerAskedOnceMoreWhereTheOtherOneIsDead) {
  host.gather({asked()});
  ASSERT_TRUE(complete(5s));
  server.alternate = at("203.0.113.77", 3478);
  network.run(kRefreshed + 30s);
  EXPECT_EQ(server.allocations_made, 1u);
  server.alternate.reset();
  network.run(60s);
  EXPECT_EQ(server.allocations_made, 2u) << "when the time of the first allocation was over";
  network.run(300s);
  EXPECT_EQ(server.allocations_made, 2u);
}

TEST_P(TryAlternate, IsNotTakenBackByALateAnswer) {
  host.gather({asked()});
  ASSERT_TRUE(complete(5s));
  Bytes late;
  const SocketAddress from = at("203.0.113.1", 3478);
  SocketAddress to;
  network.filter = [&](const auto& source, const auto& target, ByteView datagram) {
    if (source != from || server.refreshes == 0 || !late.empty()) return false;
    late.assign(datagram.begin(), datagram.end());
    to = target;
    return true;
  };
  ASSERT_TRUE(network.run_until([&] { return !late.empty(); }, kRefreshed + 1s));
  server.alternate = at("203.0.113.77", 3478);
  begin_restart();
  ask();
  network.run(10ms);
  server.alternate.reset();
  network.send(from, to, late, GetParam() ? IceProtocol::kTcp : IceProtocol::kUdp);
  network.run(70s);
  EXPECT_EQ(server.allocations_made, 2u) << "the first one's time is over";
}

INSTANTIATE_TEST_SUITE_P(Ways, TryAlternate, testing::Bool());

class UnsignedTryAlternate : public TryAlternate {};

TEST_P(UnsignedTryAlternate, IsDiscardedOverUdpWhereTheRefreshWasSigned) {
  host.gather({server.turn()});
  ASSERT_TRUE(complete(5s));
  server.alternate = at("203.0.113.9", 3478);
  server.signs_diversions = GetParam();
  network.run(kRefreshed + 100ms);
  server.alternate.reset();
  network.run(20s);
  EXPECT_EQ(next.allocations_made, GetParam() ? 1u : 0u);
  EXPECT_EQ(server.refreshes, GetParam() ? 0u : 1u) << "the true answer to the same request";
}

INSTANTIATE_TEST_SUITE_P(Signed, UnsignedTryAlternate, testing::Bool());

TEST(TryAlternateOfStun, IsForgottenWithAConnectionThatIsDead) {
  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"}, next{network, "203.0.113.9", "203.0.113.10"};
  Host host{network, "aaaa", 1};
  host.connects = true;
  host.add_tcp(at("10.0.1.1", 8000), TcpRole::kPassive);
  IceServer stuns = server.stun();
  stuns.url = "stuns:" + stuns.host;
  stuns.scheme = IceServer::Scheme::kStuns;
  stuns.transport = IceProtocol::kTcp;
  const auto complete = [&] { return host.agent.gathering_state() == IceGatheringState::kComplete; };
  server.diverted = StunMethod::kBinding;
  server.alternate = at("203.0.113.9", 3478);
  host.gather({stuns});
  ASSERT_TRUE(network.run_until(complete, 5s));
  ASSERT_EQ(host.opened_streams.back().second, at("203.0.113.9", 3478));
  server.alternate.reset();
  network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.9", 3478); };
  ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("bbbb"), false));
  host.gather({stuns});
  ASSERT_TRUE(network.run_until(complete, 5s));
  EXPECT_EQ(host.opened_streams.back().second, at("203.0.113.1", 3478));
  EXPECT_TRUE(host.errors.empty());
}

TEST(Redirection, GoesToNoPortAndNoAddressThatIsNoServers) {
  const auto follows = [](const SocketAddress& to, uint16_t own = 3478) {
    StunMessage answer{};
    answer.alternate_servers[to.is_ipv6()] = to;
    Redirection redirection(at(to.is_ipv6() ? "2001:db8::1" : "203.0.113.1", own));
    std::string reason;
    return redirection.follow(TimePoint(1h), answer, Redirection::Families::kSame, false, &reason);
  };
  for (const uint16_t port : {53, 80, 443, 1024, 3478, 65535}) EXPECT_TRUE(follows(at("203.0.113.9", port))) << port;
  for (const uint16_t port : {0, 1, 22, 25, 79, 444, 1023}) EXPECT_FALSE(follows(at("203.0.113.9", port))) << port;
  EXPECT_TRUE(follows(at("203.0.113.9", 500), 500));
  for (const char* ip : {"224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"}) {
    EXPECT_FALSE(follows(at(ip, 3478))) << ip;
  }
  EXPECT_TRUE(follows(at("223.0.0.1", 3478)));
  EXPECT_TRUE(follows(at("2001:db8::9", 3478)));
}

}  // namespace
}  // namespace peerwire::ice::test
