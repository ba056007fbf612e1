// Connections to TURN servers that are dead, or slow, when ICE restarts, in virtual time; and allocations that failed.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

class DeadConnection : public testing::Test {
 protected:
  DeadConnection() {
    host.connects = true;
    host.add_address(at("10.0.0.1", 5000));
  }
  IceServer asked() const { return server.turn_over_tcp(); }
  bool complete(Duration limit) {
    return network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, limit);
  }
  void restart(const char* fragment) {
    host.candidates.clear();
    ASSERT_TRUE(host.agent.restart(network.now, Host::parameters(fragment), false));
    host.gather({asked()});
  }
  /// Gathers again, until that is complete, one relay candidate.
  testing::AssertionResult restarted(const char* fragment, Duration limit) {
    restart(fragment);
    if (!complete(limit)) return testing::AssertionFailure() << fragment << " is not gathered";
    if (host.candidates.size() == 1) return testing::AssertionSuccess();
    return testing::AssertionFailure() << fragment << " has " << host.candidates.size() << " candidates";
  }
  SocketAddress first_connection() { return host.agent.base_address(host.opened_streams.at(0).first); }
  /// A translator has forgotten it, and tells nobody.
  void lose_first_connection() {
    network.filter = [gone = first_connection()](const auto& from, const auto& to, ByteView) {
      return from == gone || to == gone;
    };
  }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};
};

TEST_F(DeadConnection, KeepsOneAllocationOfAServerThatIsFarAway) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  network.delay = 1100ms;
  for (const char* fragment : {"bbbb", "cccc", "dddd", "eeee"}) {
    ASSERT_TRUE(restarted(fragment, 5s));
    network.run(20s);
  }
  EXPECT_EQ(server.allocations_made, 1u) << "its answer comes before another connection is of use";
  EXPECT_EQ(server.allocations(), 1u);
  EXPECT_EQ(host.closed_streams.size(), host.opened_streams.size() - 1);
}

TEST_F(DeadConnection, DoesNotWaitTwiceForADeadConnection) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  lose_first_connection();
  ASSERT_TRUE(restarted("bbbb", 3s));
  ASSERT_TRUE(restarted("cccc", 1s)) << "the other connection is there";
  network.run(100ms);
  ASSERT_TRUE(restarted("dddd", 1s));
  EXPECT_EQ(server.allocations_made, 2u);
  EXPECT_EQ(host.opened_streams.size(), 2u);
}

TEST_F(DeadConnection, WaitsForTheOtherConnectionThatIsUnderWay) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  lose_first_connection();
  restart("bbbb");
  network.delay = 100ms;
  ASSERT_TRUE(network.run_until([&] { return host.opened_streams.size() == 2; }, 3s));
  ASSERT_TRUE(restarted("cccc", 2s));
  EXPECT_EQ(server.allocations_made, 2u);
  EXPECT_EQ(host.opened_streams.size(), 2u);
}

TEST_F(DeadConnection, GivesBackWhatHasBeenReplacedOnceNothingUsesIt) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  // What is sent is held up for a while, as where a segment is lost several times.
  std::vector<std::pair<SocketAddress, Bytes>> held;
  network.filter = [&, first = first_connection()](const auto& from, const auto& to, ByteView segment) {
    if (from == first) held.emplace_back(to, Bytes(segment.begin(), segment.end()));
    return from == first;
  };
  ASSERT_TRUE(restarted("bbbb", 4s));
  network.filter = nullptr;
  ASSERT_FALSE(held.empty());
  for (const auto& [to, segment] : held) network.send(first_connection(), to, segment, IceProtocol::kTcp);
  network.run(20s);
  EXPECT_EQ(server.allocations(), 2u) << "the generation before may use it";
  host.agent.forget_remote(network.now);
  network.run(1s);
  EXPECT_EQ(server.allocations(), 1u);
  EXPECT_EQ(host.closed_streams, std::vector<int>{host.opened_streams[0].first});
}

TEST(FailedAllocations, AreEachOfItsOwnPassword) {
  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};
  host.add_address(at("10.0.0.1", 5000));
  host.gather({server.turn("user", "wrong"), server.turn("user", "secret")});
  ASSERT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 10s));
  EXPECT_EQ(server.allocations_made, 1u);
  EXPECT_TRUE(host.errors.empty());
}

TEST(FailedAllocations, AreForgottenWithTheirGathering) {
  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};
  host.add_address(at("10.0.0.1", 5000));
  host.gather({server.turn("user", "wrong")});
  ASSERT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 10s));
  EXPECT_EQ(host.errors.size(), 1u);
  EXPECT_TRUE(host.agent.has_relays());
  host.agent.begin_gathering(network.now);
  EXPECT_FALSE(host.agent.has_relays());
}

}  // namespace
}  // namespace peerwire::ice::test
