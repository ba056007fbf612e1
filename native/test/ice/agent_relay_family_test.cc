// Relayed addresses of both families from one allocation (RFC 8656): who has IPv4 alone reaches who has IPv6 alone.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using Type = IceCandidateType;

class RelayFamily : public testing::Test {
 protected:
  RelayFamily() {
    introduce(network, a, b, "aaaa", "bbbb");
    start(network, a, b);
    a.add_address(at("10.0.0.1", 1001));
    b.add_address(at("2001:db8::2", 1002));
    // As it is: nothing goes from one family to the other.
    network.filter = [](const SocketAddress& from, const SocketAddress& to, ByteView) {
      return from.family() != to.family();
    };
  }
  bool connect(Duration limit) {
    return network.run_until([&] { return a.connected() && b.connected(); }, limit);
  }
  std::vector<std::string> relayed() const {
    std::vector<std::string> addresses;
    for (const IceCandidate& each : a.candidates) {
      if (each.type == Type::kRelay) addresses.push_back(each.address);
    }
    return addresses;
  }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host a{network, "aaaa", 1}, b{network, "bbbb", 2};
};

TEST_F(RelayFamily, AServerWithBothConnectsOneWithTheOther) {
  server.relay_ipv6("2001:db8::77");
  a.gather({server.turn()});
  b.gather();
  ASSERT_TRUE(connect(5s));
  EXPECT_EQ(relayed(), (std::vector<std::string>{"2001:db8::77", "203.0.113.2"}));
  EXPECT_NE(a.candidates[1].foundation, a.candidates[2].foundation);
  EXPECT_GT(a.candidates[1].priority, a.candidates[2].priority) << "IPv6 first";
  EXPECT_EQ(a.agent.selected()->local->address.ip_text(), "2001:db8::77");
  EXPECT_EQ(server.allocations_made, 1u);
  // Permissions, channels and the allocation itself are renewed.
  network.run(1800s);
  EXPECT_TRUE(a.connected());
  ASSERT_TRUE(a.agent.send(network.now, Bytes{20, 1}));
  ASSERT_TRUE(b.agent.send(network.now, Bytes{20, 2}));
  network.run(100ms);
  EXPECT_EQ(a.received, (std::vector<Bytes>{{20, 2}}));
  EXPECT_EQ(b.received, (std::vector<Bytes>{{20, 1}}));
}

TEST_F(RelayFamily, ARestartTellsBothAgain) {
  server.relay_ipv6("2001:db8::77");
  a.gather({server.turn()});
  b.gather();
  ASSERT_TRUE(connect(5s));
  a.candidates.clear();
  a.agent.restart(network.now, Host::parameters("cccc"), false);
  a.agent.begin_gathering(network.now);
  a.agent.reuse_base(0);
  a.agent.add_server(network.now, server.turn(), at("203.0.113.1", 3478));
  a.agent.end_servers(network.now);
  ASSERT_TRUE(network.run_until([&] { return a.agent.gathering_state() == IceGatheringState::kComplete; }, 10s));
  EXPECT_EQ(relayed(), (std::vector<std::string>{"2001:db8::77", "203.0.113.2"}));
  EXPECT_EQ(server.allocations_made, 1u);
}

TEST_F(RelayFamily, WithTheAllocationBothAreLost) {
  server.relay_ipv6("2001:db8::77");
  a.gather({server.turn()});
  b.gather();
  ASSERT_TRUE(connect(5s));
  server.forget_allocations();
  ASSERT_TRUE(network.run_until([&] { return a.agent.state() == IceTransportState::kFailed; }, 700s));
}

TEST_F(RelayFamily, AServerWithIpv4AloneGivesThatAlone) {
  a.gather({server.turn()});
  b.gather();
  EXPECT_FALSE(connect(20s));
  EXPECT_EQ(relayed(), (std::vector<std::string>{"203.0.113.2"}));
  EXPECT_TRUE(a.errors.empty());
}

}  // namespace
}  // namespace peerwire::ice::test
