// How often an agent wakes up when there is nothing to do, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

class CountedHost : public Host {
 public:
  using Host::Host;
  void handle_timeout(TimePoint now) override {
    ++wakes;
    Host::handle_timeout(now);
  }
  int wakes = 0;
};

class AgentTimers : public testing::TestWithParam<bool> {
 protected:
  AgentTimers() {
    network.filter = [this](const auto& from, const auto& to, ByteView) {
      return cut || gone.contains(from.ip_text()) || gone.contains(to.ip_text());
    };
    for (CountedHost* host : {&left, &right}) {
      CountedHost& other = host == &left ? right : left;
      host->peer = &other;
      host->agent.set_remote_parameters(network.now, other.local);
      host->agent.start(network.now, (host == &left) == GetParam() ? IceRole::kControlling : IceRole::kControlled);
      // Three addresses that the other one does not reach, and one that it does.
      for (int i = 1; i <= 4; ++i) {
        host->add_address(at("10.0." + std::to_string(i) + (host == &left ? ".1" : ".2"), 5000));
      }
    }
    for (int i = 1; i <= 3; ++i) {
      for (const char* end : {".1", ".2"}) gone.insert("10.0." + std::to_string(i) + end);
    }
  }
  void connect() {
    left.gather();
    right.gather();
    ASSERT_TRUE(network.run_until([&] { return left.connected() && right.connected(); }, 10s));
    network.run(60s);  // all other pairs have failed by then
  }
  size_t pairs_in(const CountedHost& host, const std::string& state) const {
    const IceTransportStats stats = host.agent.stats(network.now, 0);
    return static_cast<size_t>(
        std::count_if(stats.pairs.begin(), stats.pairs.end(), [&](const auto& pair) { return pair.state == state; }));
  }

  Network network;
  bool cut = false;
  std::set<std::string> gone;
  CountedHost left{network, "left", 1}, right{network, "right", 2};
};

TEST_P(AgentTimers, WakeForConsentAloneWhereAPairIsNominated) {
  connect();
  ASSERT_GT(pairs_in(left, "failed"), 10u);
  ASSERT_EQ(pairs_in(left, "succeeded"), 1u);
  for (CountedHost* host : {&left, &right}) host->wakes = 0;
  network.run(120s);
  for (const CountedHost* host : {&left, &right}) {
    // One request in 2 s, give or take a fifth.
    EXPECT_GE(host->wakes, 48);
    EXPECT_LE(host->wakes, 76);
  }
}

TEST_P(AgentTimers, DoNotKeepFromRetryingWhatHasFailedWhenTheNominatedPairDies) {
  connect();
  gone = {"10.0.4.1", "10.0.4.2"};
  const TimePoint begun = network.now;
  const auto moved = [](const CountedHost& host) {
    return host.agent.selected() && host.agent.selected()->remote_address().octets()[2] != 4 && host.agent.writable();
  };
  ASSERT_TRUE(network.run_until([&] { return moved(left) && moved(right); }, 20s));
  EXPECT_LT(network.now - begun, 10s);
}

TEST_P(AgentTimers, AreNoneOfAConnectionThatHasFailed) {
  cut = true;
  left.gather();
  right.gather();
  ASSERT_TRUE(network.run_until([&] { return left.agent.state() == IceTransportState::kFailed; }, 60s));
  ASSERT_TRUE(network.run_until([&] { return right.agent.state() == IceTransportState::kFailed; }, 60s));
  network.run(10s);
  for (CountedHost* host : {&left, &right}) host->wakes = 0;
  network.run(std::chrono::hours(1));
  EXPECT_EQ(left.wakes + right.wakes, 0);
}

TEST_P(AgentTimers, AreNoneOfAConnectionThatIsLost) {
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  left.gather({server.stun()});
  right.gather();
  ASSERT_TRUE(network.run_until([&] { return left.connected() && right.connected(); }, 10s));
  network.run(60s);
  gone.insert({"10.0.4.1", "10.0.4.2"});
  ASSERT_TRUE(network.run_until([&] { return left.agent.state() == IceTransportState::kFailed; }, 90s));
  ASSERT_TRUE(network.run_until([&] { return right.agent.state() == IceTransportState::kFailed; }, 90s));
  network.run(10s);
  for (CountedHost* host : {&left, &right}) host->wakes = 0;
  network.run(std::chrono::hours(1));
  EXPECT_EQ(left.wakes + right.wakes, 0) << "nor does a server keep a NAT's address for it, which a restart asks again";
}

INSTANTIATE_TEST_SUITE_P(Roles, AgentTimers, testing::Values(true, false));

}  // namespace
}  // namespace peerwire::ice::test
