// ice-lite agents against full ones, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"

namespace peerwire::ice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A full host behind a NAT, and a lite one with a public address.
class Lite : public testing::TestWithParam<IceRole> {
 protected:
  Lite() {
    lite.agent.become_lite();
    lite.add_address(at("203.0.113.1", 5000));
    full.add_address(at("10.0.0.1", 6000));
    lite.peer = &full;
    full.peer = &lite;
    for (const IceCandidate& candidate : lite.candidates) full.tell(candidate);
    for (const IceCandidate& candidate : full.candidates) lite.tell(candidate);
  }
  void start(bool tell_of_lite = true) {
    IceParameters parameters = Host::parameters("lite");
    parameters.ice_lite = tell_of_lite;
    full.agent.set_remote_parameters(network.now, parameters);
    lite.agent.set_remote_parameters(network.now, Host::parameters("full"));
    full.agent.start(network.now, GetParam());
    lite.agent.start(network.now, GetParam() == IceRole::kControlling ? IceRole::kControlled : IceRole::kControlling);
    lite.gather();
    full.gather();
  }
  bool both_connected() { return lite.connected() && full.connected(); }
  bool talks() {
    lite.received.clear();
    full.received.clear();
    lite.agent.send(network.now, Bytes{128, 1});
    full.agent.send(network.now, Bytes{128, 2});
    network.run(milliseconds(20));
    return lite.received.size() == 1 && full.received.size() == 1;
  }

  Network network;
  Nat nat{network, "198.51.100.1", kConeNat};
  Host lite{network, "lite", 1}, full{network, "full", 2, false, &nat};
};

TEST_P(Lite, AnswersAndNeverAsks) {
  // Whatever leaves the lite side is an answer or data, never a request.
  size_t requests = 0;
  network.filter = [&](const auto& from, const auto&, ByteView datagram) {
    requests += from == at("203.0.113.1", 5000) && datagram.size() > 1 && datagram[0] == 0 && datagram[1] == 1;
    return false;
  };
  start();
  ASSERT_TRUE(network.run_until([&] { return both_connected(); }, seconds(5)));
  EXPECT_EQ(lite.agent.role(), IceRole::kControlled);
  EXPECT_EQ(full.agent.role(), IceRole::kControlling);
  EXPECT_TRUE(talks());
  network.run(seconds(120));
  EXPECT_EQ(lite.states.back(), IceTransportState::kCompleted);
  EXPECT_TRUE(talks());
  EXPECT_EQ(requests, 0u);
}

TEST_P(Lite, APeerThatDoesNotKnowLearnsItsRole) {
  start(false);
  ASSERT_TRUE(network.run_until([&] { return both_connected(); }, seconds(5)));
  EXPECT_EQ(full.agent.role(), IceRole::kControlling);
  EXPECT_TRUE(talks());
}

TEST_P(Lite, FollowsAPeerWhoseNatGivesItAnotherAddress) {
  start();
  ASSERT_TRUE(network.run_until([&] { return both_connected(); }, seconds(5)));
  nat.rebind();
  network.run(seconds(10));
  EXPECT_TRUE(talks());
}

TEST_P(Lite, NoticesThatThePeerIsSilentAndThatItIsBack) {
  start();
  ASSERT_TRUE(network.run_until([&] { return both_connected(); }, seconds(5)));
  network.loss = 1;
  ASSERT_TRUE(network.run_until([&] { return lite.states.back() == IceTransportState::kDisconnected; }, seconds(15)));
  network.loss = 0;
  ASSERT_TRUE(network.run_until([&] { return both_connected(); }, seconds(10)));
  EXPECT_TRUE(talks());
  network.loss = 1;
  EXPECT_TRUE(network.run_until([&] { return lite.states.back() == IceTransportState::kFailed; }, seconds(40)));
}

TEST_P(Lite, FailsWhenNoCheckComes) {
  network.loss = 1;
  start();
  EXPECT_TRUE(network.run_until([&] { return lite.states.back() == IceTransportState::kFailed; }, seconds(40)));
}

INSTANTIATE_TEST_SUITE_P(Roles, Lite, testing::Values(IceRole::kControlling, IceRole::kControlled));

}  // namespace
}  // namespace peerwire::ice::test
