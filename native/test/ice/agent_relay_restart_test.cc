// Allocations on TURN servers when ICE restarts, in virtual time: what is good is used again, what is not is replaced.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

enum class Way { kUdp, kTcp, kTls };

class RelayRestart : public testing::TestWithParam<Way> {
 protected:
  RelayRestart() {
    host.connects = true;
    host.add_address(at("192.168.0.1", 5000));
  }
  IceServer asked() const {
    return GetParam() == Way::kUdp   ? server.turn()
           : GetParam() == Way::kTcp ? server.turn_over_tcp()
                                     : server.turn_over_tls();
  }
  void restart(const std::string& fragment) {
    host.candidates.clear();
    host.agent.restart(network.now, Host::parameters(fragment), false);
    host.agent.begin_gathering(network.now);
    host.agent.reuse_base(0);
    host.agent.add_server(network.now, asked(), at("203.0.113.1", 3478));
    host.agent.end_servers(network.now);
  }
  bool complete(Duration limit) {
    return network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, limit);
  }
  std::vector<uint16_t> relayed_ports() const {
    std::vector<uint16_t> ports;
    for (const IceCandidate& candidate : host.candidates) {
      if (candidate.type == IceCandidateType::kRelay) ports.push_back(candidate.port);
    }
    return ports;
  }

  Network network;
  Nat nat{network, "198.51.100.1", kConeNat};
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1, false, &nat};
};

TEST_P(RelayRestart, UsesTheAllocationThatThereIs) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  const auto before = relayed_ports();
  ASSERT_EQ(before.size(), 1u);
  restart("bbbb");
  ASSERT_TRUE(complete(2s));
  EXPECT_EQ(relayed_ports(), before);
  EXPECT_EQ(host.candidates.back().username_fragment, "bbbb");
  EXPECT_EQ(server.allocations_made, 1u);
}

TEST_P(RelayRestart, WaitsForTheAllocationThatIsUnderWay) {
  network.delay = 50ms;
  host.gather({asked()});
  for (const char* fragment : {"bbbb", "cccc", "dddd"}) {
    network.run(20ms);
    restart(fragment);
  }
  ASSERT_TRUE(complete(2s));
  EXPECT_EQ(relayed_ports().size(), 1u);
  EXPECT_EQ(host.candidates.back().username_fragment, "dddd");
  EXPECT_EQ(server.allocations_made, 1u);
  EXPECT_EQ(host.opened_streams.size(), GetParam() == Way::kUdp ? 0u : 1u);
}

TEST_P(RelayRestart, AllocatesAnewWhereTheTranslatorHasForgottenTheFirst) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  const auto before = relayed_ports();
  nat.rebind();
  restart("bbbb");
  ASSERT_TRUE(complete(2s));
  ASSERT_EQ(relayed_ports().size(), 1u);
  EXPECT_NE(relayed_ports(), before);
  EXPECT_TRUE(host.errors.empty());
}

TEST_P(RelayRestart, ReportsAServerThatIsNoLongerThere) {
  host.gather({asked()});
  ASSERT_TRUE(complete(2s));
  network.filter = [](const auto& from, const auto& to, ByteView) { return from.port() == 3478 || to.port() == 3478; };
  restart("bbbb");
  ASSERT_TRUE(complete(25s));
  EXPECT_TRUE(relayed_ports().empty());
  ASSERT_EQ(host.errors.size(), 1u);
  EXPECT_EQ(host.errors[0].second, 701);
}

INSTANTIATE_TEST_SUITE_P(Ways, RelayRestart, testing::Values(Way::kUdp, Way::kTcp, Way::kTls));

}  // namespace
}  // namespace peerwire::ice::test
