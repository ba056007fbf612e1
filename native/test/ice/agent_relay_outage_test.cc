// Relays over a path to their server that is cut for a while, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

class RelayOutage : public testing::Test {
 protected:
  RelayOutage() {
    network.filter = [this](const auto& from, const auto& to, ByteView) {
      to_server += to == at("203.0.113.1", 3478);
      return cut && (from == at("203.0.113.1", 3478) || to == at("203.0.113.1", 3478));
    };
    introduce(network, relayed, direct, "aaaa", "bbbb");
    start(network, relayed, direct);
    relayed.add_address(at("10.0.0.1", 1001));
    relayed.gather({server.turn()});
    network.run_until([&] { return !relayed.candidates.empty(); }, 2s);
    allocated_at = network.now;
  }
  void gather_direct() {
    direct.add_address(at("203.0.113.9", 1002));
    direct.gather();
  }
  bool connected(Duration limit) {
    return network.run_until([&] { return relayed.connected() && direct.connected(); }, limit);
  }
  /// From `begin` to `end`, counted from the allocation.
  void cut_between(Duration begin, Duration end) {
    network.run(allocated_at + begin - network.now);
    cut = true;
    network.run(allocated_at + end - network.now);
    cut = false;
  }
  bool talks() {
    relayed.received.clear();
    direct.received.clear();
    relayed.agent.send(network.now, Bytes{20});
    direct.agent.send(network.now, Bytes{21});
    network.run(100ms);
    return relayed.received.size() == 1 && direct.received.size() == 1;
  }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host relayed{network, "aaaa", 1, true}, direct{network, "bbbb", 2};
  TimePoint allocated_at{};
  bool cut = false;
  size_t to_server = 0;
};

// Permissions are asked for again after 4 minutes, the channel after 8, and the allocation after 9.
TEST_F(RelayOutage, LeavesWhatItOutlasts) {
  gather_direct();
  ASSERT_TRUE(connected(5s));
  ASSERT_TRUE(talks());
  for (const Duration begin : {Duration(238s), Duration(478s), Duration(538s)}) {
    cut_between(begin, begin + 12s);
    ASSERT_TRUE(network.run_until([&] { return talks(); }, 3s));
  }
  EXPECT_TRUE(connected(1s));
  // And what could not be had then was asked for in time.
  for (int i = 0; i < 120; ++i) {
    network.run(10s);
    ASSERT_TRUE(talks()) << i;
  }
  EXPECT_EQ(server.allocations_made, 1u);
  server.channel_data = 0;
  ASSERT_TRUE(talks());
  EXPECT_EQ(server.channel_data, 1u);
}

TEST_F(RelayOutage, DoesNotTakeAPeerForRefused) {
  cut = true;
  gather_direct();
  network.run(12s);
  EXPECT_EQ(server.permissions, 0u);
  cut = false;
  ASSERT_TRUE(connected(10s));
  EXPECT_TRUE(talks());
}

TEST_F(RelayOutage, WhatTheServerRefusesIsNotAskedForAgain) {
  server.refuse_permissions_with = 403;
  gather_direct();
  network.run(60s);
  EXPECT_FALSE(relayed.connected());
  EXPECT_EQ(server.permissions, 1u);
}

TEST_F(RelayOutage, WhatTheServerCouldNotGiveIsAskedForAgain) {
  server.refuse_permissions_with = 508;
  gather_direct();
  network.run(3s);
  EXPECT_FALSE(relayed.connected());
  server.refuse_permissions_with = 0;
  EXPECT_TRUE(connected(10s));
}

TEST_F(RelayOutage, EndsAnAllocationWithItsTime) {
  gather_direct();
  ASSERT_TRUE(connected(5s));
  network.run(allocated_at + 530s - network.now);
  cut = true;
  network.run(allocated_at + 585s - network.now);
  to_server = 0;
  network.run(10s);
  EXPECT_GT(to_server, 0u);
  network.run(10s);
  to_server = 0;
  network.run(600s);
  EXPECT_EQ(to_server, 0u);
}

}  // namespace
}  // namespace peerwire::ice::test
