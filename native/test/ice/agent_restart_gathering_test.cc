// Restarts while servers are still asked: what was asked for the generation before says nothing of the next.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

/// A host that asks a server which does not answer.
struct Asking {
  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};

  Asking() {
    host.add_address(at("10.0.0.1", 5000));
    network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.1", 3478); };
  }

  void expect_one_gathering(const IceServer& asked) {
    host.gather({asked});
    network.run(1s);
    ASSERT_EQ(host.agent.gathering_state(), IceGatheringState::kGathering);
    host.agent.restart(network.now, Host::parameters("bbbb"), false);
    host.gather({asked});
    EXPECT_EQ(host.gathering, std::vector{IceGatheringState::kGathering});
    EXPECT_TRUE(host.errors.empty());
    // The next one ends as always.
    ASSERT_TRUE(network.run_until([&] { return host.gathering.size() > 1; }, 60s));
    EXPECT_EQ(host.gathering.back(), IceGatheringState::kComplete);
    EXPECT_EQ(host.errors.size(), 1u);
  }
};

TEST(RestartGatheringTest, OverUdp) {
  Asking asking;
  asking.expect_one_gathering(asking.server.stun());
}

TEST(RestartGatheringTest, OverTls) {
  Asking asking;
  asking.host.connects = true;
  asking.host.add_tcp(at("10.0.0.1", 8000), TcpRole::kPassive);
  IceServer server = asking.server.stun();
  server.url = "stuns:203.0.113.1";
  server.scheme = IceServer::Scheme::kStuns;
  server.transport = IceProtocol::kTcp;
  asking.expect_one_gathering(server);
}

}  // namespace
}  // namespace peerwire::ice::test
