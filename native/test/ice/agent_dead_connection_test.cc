// Connections to TURN servers that are dead, or slow, when ICE restarts, in virtual time; and allocations that failed.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace peerwire::ice::test
