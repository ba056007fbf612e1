// Addresses that come and go while agents run, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Two hosts, the first with one address, the other with two.
class Interfaces : public testing::TestWithParam<bool> {
 protected:
  Interfaces() {
    // Each address reaches its own network alone.
    network.filter = [this](const auto& from, const auto& to, ByteView) {
      return from.octets()[2] != to.octets()[2] || gone.contains(from.ip_text()) || gone.contains(to.ip_text());
    };
    host.peer = &other;
    other.peer = &host;
    host.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
    other.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
    host.agent.start(network.now, GetParam() ? IceRole::kControlling : IceRole::kControlled);
    other.agent.start(network.now, GetParam() ? IceRole::kControlled : IceRole::kControlling);
    host.add_address(at("10.0.1.1", 5001));
    other.add_address(at("10.0.1.2", 6001));
    other.add_address(at("10.0.2.2", 6002));
    host.gather();
    other.gather();
    EXPECT_TRUE(network.run_until([&] { return host.connected() && other.connected(); }, seconds(5)));
    network.run(seconds(1));
  }
  /// Whether what either sends arrives at the other within `limit`.
  bool talks(Duration limit) {
    return network.run_until(
        [&] {
          const size_t before = host.received.size(), other_before = other.received.size();
          host.agent.send(network.now, Bytes{128, 1});
          other.agent.send(network.now, Bytes{128, 2});
          network.run(milliseconds(10));
          return host.received.size() > before && other.received.size() > other_before;
        },
        limit);
  }
  void lose(int base, const char* ip) {
    gone.insert(ip);
    host.agent.set_base_usable(network.now, base, false);
  }

  Network network;
  std::set<std::string> gone;
  Host host{network, "aaaa", 1}, other{network, "bbbb", 2};
};

TEST_P(Interfaces, WhatComesLaterIsCheckedAndCarriesOnWhenTheFirstGoes) {
  ASSERT_TRUE(talks(milliseconds(20)));
  const size_t told = host.candidates.size();
  host.add_address(at("10.0.2.1", 5002));
  EXPECT_EQ(host.candidates.size(), told) << "nobody is told of candidates after their end";
  network.run(seconds(2));
  EXPECT_EQ(host.agent.base_address(host.agent.selected()->base), at("10.0.1.1", 5001));
  const size_t states = host.states.size();
  lose(0, "10.0.1.1");
  EXPECT_EQ(host.agent.base_address(host.agent.selected()->base), at("10.0.2.1", 5002)) << "at once";
  // The peer has to find out by itself, or by our checks, as its own role wants it.
  EXPECT_TRUE(talks(seconds(5)));
  for (size_t i = states; i < host.states.size(); ++i) {
    EXPECT_NE(host.states[i], IceTransportState::kDisconnected);
    EXPECT_NE(host.states[i], IceTransportState::kFailed);
  }
}

TEST_P(Interfaces, WithoutAnyLeftItIsDisconnectedAtOnceAndConnectedWhenOneIsBack) {
  lose(0, "10.0.1.1");
  EXPECT_EQ(host.states.back(), IceTransportState::kDisconnected);
  EXPECT_FALSE(host.agent.send(network.now, Bytes{128, 1}));
  network.run(seconds(12));
  EXPECT_EQ(host.states.back(), IceTransportState::kDisconnected);
  gone.clear();
  host.agent.set_base_usable(network.now, 0, true);
  EXPECT_TRUE(network.run_until([&] { return host.connected(); }, seconds(1)));
  EXPECT_TRUE(talks(seconds(5)));
}

TEST_P(Interfaces, ANewAddressTakesOverFromOneThatIsGoneAlready) {
  lose(0, "10.0.1.1");
  network.run(seconds(8));
  host.add_address(at("10.0.2.1", 5002));
  EXPECT_TRUE(network.run_until([&] { return host.connected(); }, seconds(2)));
  EXPECT_TRUE(talks(seconds(5)));
}

TEST_P(Interfaces, FailsWhenNothingComesBackBeforeConsentEnds) {
  lose(0, "10.0.1.1");
  EXPECT_EQ(host.agent.stats(network.now, 0).selected_pair_changes, 1u);
  EXPECT_TRUE(network.run_until([&] { return host.states.back() == IceTransportState::kFailed; }, seconds(60)));
  const IceTransportStats stats = host.agent.stats(network.now, 0);
  EXPECT_EQ(stats.selected_pair_changes, 2u) << "to have none any more counts";
  EXPECT_EQ(stats.selected_pair_id, "");
  EXPECT_TRUE(network.run_until([&] { return other.states.back() == IceTransportState::kFailed; }, seconds(60)));
}

INSTANTIATE_TEST_SUITE_P(Roles, Interfaces, testing::Values(true, false));

/// What has been gathered before anybody asked for it.
struct HeldCandidates : testing::Test {
  HeldCandidates() {
    host.agent.hold_candidates();
    host.agent.begin_gathering(network.now);
    host.add_address(at("10.0.1.1", 5001));
    host.add_address(at("10.0.2.1", 5002));
    const IceServer ask = server.turn();
    for (const IceServer& each : {server.stun(), ask}) {
      host.agent.add_server(network.now, each, at(each.host, each.port));
    }
    network.run(seconds(1));
  }
  std::vector<std::string> told() const {
    std::vector<std::string> addresses;
    for (const IceCandidate& each : host.candidates) {
      addresses.push_back(each.type == IceCandidateType::kRelay ? "relay of " + each.related_address : each.address);
    }
    return addresses;
  }

  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1};
};

TEST_F(HeldCandidates, AreToldInOrderOnceTheyAreAskedFor) {
  EXPECT_TRUE(host.candidates.empty());
  host.agent.release_candidates(network.now);
  EXPECT_EQ(told(), (std::vector<std::string>{"10.0.1.1", "10.0.2.1", "relay of 10.0.1.1", "relay of 10.0.2.1"}));
  host.add_address(at("10.0.3.1", 5003));
  EXPECT_EQ(told().back(), "10.0.3.1");
  host.agent.end_servers(network.now);
  network.run(seconds(1));
  EXPECT_EQ(told().back(), "relay of 10.0.3.1");
  EXPECT_EQ(host.gathering.back(), IceGatheringState::kComplete);
}

TEST_F(HeldCandidates, OfAnAddressThatHasGoneAreNotToldUnlessItIsBackBeforeTheEnd) {
  host.agent.set_base_usable(network.now, 0, false);
  host.add_address(at("10.0.3.1", 5003));
  host.agent.release_candidates(network.now);
  EXPECT_EQ(told(), (std::vector<std::string>{"10.0.2.1", "relay of 10.0.2.1", "10.0.3.1"}));
  host.agent.set_base_usable(network.now, 0, true);
  EXPECT_EQ(told().size(), 5u);
  EXPECT_EQ(std::set<std::string>({"10.0.1.1", "relay of 10.0.1.1"}), std::set<std::string>({told()[3], told()[4]}));
}

TEST_F(HeldCandidates, OfAnAddressThatIsBackAfterTheEndAreNotTold) {
  host.agent.set_base_usable(network.now, 0, false);
  host.agent.release_candidates(network.now);
  host.agent.end_servers(network.now);
  host.agent.set_base_usable(network.now, 0, true);
  EXPECT_EQ(told(), (std::vector<std::string>{"10.0.2.1", "relay of 10.0.2.1"}));
}

TEST_F(HeldCandidates, OfAnAllocationThatIsLostAreNotTold) {
  server.forget_allocations();
  network.run(std::chrono::minutes(11));  // it is refreshed
  host.agent.release_candidates(network.now);
  EXPECT_EQ(told(), (std::vector<std::string>{"10.0.1.1", "10.0.2.1"}));
}

/// A pool whose host has a translator before its servers, and an address that comes and goes.
struct PoolBehindNat : testing::Test {
  PoolBehindNat() {
    network.filter = [this](const auto&, const auto&, ByteView) { return silent; };
    host.agent.hold_candidates();
    host.agent.begin_gathering(network.now);
    host.add_address(at("10.0.1.1", 5001));
  }
  void ask(const IceServer& each) { host.agent.add_server(network.now, each, at(each.host, each.port)); }
  void leave() { host.agent.set_base_usable(network.now, 0, false); }
  void come_back() { host.agent.set_base_usable(network.now, 0, true); }
  /// Types and ports of the candidates, once they are asked for and their gathering is complete.
  std::vector<std::pair<IceCandidateType, uint16_t>> gathered() {
    host.agent.release_candidates(network.now);
    host.agent.end_servers(network.now);
    EXPECT_TRUE(
        network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, seconds(1)));
    std::vector<std::pair<IceCandidateType, uint16_t>> found;
    for (const IceCandidate& each : host.candidates) found.emplace_back(each.type, each.port);
    return found;
  }

  using Type = IceCandidateType;
  Network network;
  bool silent = false;
  Nat nat{network, "198.51.100.1", kConeNat};
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "aaaa", 1, false, &nat};
};

TEST_F(PoolBehindNat, AsksServersAgainThatDidNotAnswerBeforeTheAddressWasGone) {
  silent = true;
  ask(server.stun());
  ask(server.turn());
  network.run(seconds(10));
  leave();
  silent = false;
  network.run(seconds(10));
  come_back();
  network.run(seconds(1));
  EXPECT_EQ(gathered(), (std::vector<std::pair<Type, uint16_t>>{
                            {Type::kHost, 5001}, {Type::kServerReflexive, 20001}, {Type::kRelay, 49152}}));
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(PoolBehindNat, AsksServersThatItCameToKnowWhileTheAddressWasGone) {
  leave();
  ask(server.stun());
  network.run(seconds(1));
  come_back();
  network.run(seconds(1));
  EXPECT_EQ(gathered(), (std::vector<std::pair<Type, uint16_t>>{{Type::kHost, 5001}, {Type::kServerReflexive, 20001}}));
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(PoolBehindNat, TellsWhatTheTranslatorGivesTheAddressOnceItIsBack) {
  ask(server.stun());
  network.run(seconds(1));
  leave();
  nat.rebind();
  come_back();
  network.run(seconds(1));
  EXPECT_EQ(gathered(), (std::vector<std::pair<Type, uint16_t>>{{Type::kHost, 5001}, {Type::kServerReflexive, 20002}}));
}

TEST_F(PoolBehindNat, CountsAQuestionOnceHoweverOftenTheAddressComesBack) {
  silent = true;
  ask(server.stun());
  ask(server.turn());
  for (int i = 0; i < 5; ++i) {
    leave();
    network.run(milliseconds(100));
    come_back();
  }
  silent = false;
  network.run(seconds(8));
  EXPECT_EQ(gathered().size(), 3u);
}

TEST_F(PoolBehindNat, ReportsAServerThatDoesNotAnswerAtTheEndAlone) {
  silent = true;
  ask(server.stun());
  network.run(seconds(10));
  leave();
  come_back();
  network.run(seconds(10));
  EXPECT_TRUE(host.errors.empty());
  EXPECT_EQ(gathered().size(), 1u);
  EXPECT_EQ(host.errors, (std::vector<std::pair<std::string, int>>{{server.stun().url, 701}}));
}

/// The same over TCP: one host connects, the other listens, on each of two networks.
class TcpInterfaces : public testing::TestWithParam<bool> {
 protected:
  TcpInterfaces() {
    network.filter = [this](const auto& from, const auto& to, ByteView) {
      return from.octets()[2] != to.octets()[2] || gone.contains(from.ip_text()) || gone.contains(to.ip_text());
    };
    active.peer = &passive;
    passive.peer = &active;
    active.agent.set_remote_parameters(network.now, passive.local);
    passive.agent.set_remote_parameters(network.now, active.local);
    active.agent.start(network.now, GetParam() ? IceRole::kControlling : IceRole::kControlled);
    passive.agent.start(network.now, GetParam() ? IceRole::kControlled : IceRole::kControlling);
    active.add_tcp(at("10.0.1.1", 5001), TcpRole::kActive);
    passive.add_tcp(at("10.0.1.2", 6001), TcpRole::kPassive);
    passive.add_tcp(at("10.0.2.2", 6002), TcpRole::kPassive);
    active.gather();
    passive.gather();
    EXPECT_TRUE(network.run_until([&] { return active.connected() && passive.connected(); }, seconds(5)));
    network.run(seconds(1));
  }
  /// And the connections with it.
  void lose(Host& host, int base, const char* ip) {
    gone.insert(ip);
    host.drop_connections(base);
    host.agent.set_base_usable(network.now, base, false);
  }
  void regain(Host& host, int base, const char* ip) {
    gone.erase(ip);
    host.agent.set_base_usable(network.now, base, true);
  }
  bool talks(Duration limit) {
    return network.run_until(
        [&] {
          const size_t before = active.received.size(), other_before = passive.received.size();
          active.agent.send(network.now, Bytes{128, 1});
          passive.agent.send(network.now, Bytes{128, 2});
          network.run(milliseconds(10));
          return active.received.size() > before && passive.received.size() > other_before;
        },
        limit);
  }

  Network network;
  std::set<std::string> gone;
  Host active{network, "aaaa", 1}, passive{network, "bbbb", 2};
};

TEST_P(TcpInterfaces, ConnectsFromWhatComesLaterWhenTheFirstGoes) {
  ASSERT_TRUE(talks(milliseconds(20)));
  const size_t told = active.candidates.size();
  active.add_tcp(at("10.0.2.1", 5002), TcpRole::kActive);
  EXPECT_EQ(active.candidates.size(), told) << "nobody is told of candidates after their end";
  network.run(seconds(2));
  EXPECT_EQ(active.agent.selected()->base, 0);
  lose(active, 0, "10.0.1.1");
  ASSERT_TRUE(talks(seconds(10)));
  EXPECT_EQ(active.agent.selected()->base, 1);
  EXPECT_EQ(active.agent.selected()->remote_address(), at("10.0.2.2", 6002));
  EXPECT_EQ(passive.agent.base_address(passive.agent.selected()->base), at("10.0.2.2", 6002));
}

TEST_P(TcpInterfaces, TriesNoPairOfABaseThatIsGone) {
  lose(active, 0, "10.0.1.1");
  EXPECT_EQ(active.states.back(), IceTransportState::kDisconnected) << "at once";
  const uint64_t sent = network.sent;
  EXPECT_FALSE(active.agent.send(network.now, Bytes{128, 1}));
  network.filter = [](const auto& from, const auto&, ByteView) {
    EXPECT_NE(from.ip_text(), "10.0.1.1");
    return true;
  };
  network.run(seconds(10));
  EXPECT_GT(network.sent, sent) << "the other host asks";
}

TEST_P(TcpInterfaces, ConnectsAgainWhenTheAddressOfWhoConnectsIsBack) {
  lose(active, 0, "10.0.1.1");
  network.run(seconds(2));
  regain(active, 0, "10.0.1.1");
  ASSERT_TRUE(talks(seconds(10)));
  EXPECT_EQ(passive.refused, 0) << "a connection that begins with data is";
  EXPECT_TRUE(active.connected() && passive.connected());
}

TEST_P(TcpInterfaces, IsConnectedToAgainWhenTheAddressOfWhoListensIsBack) {
  lose(passive, 0, "10.0.1.2");
  EXPECT_EQ(passive.states.back(), IceTransportState::kDisconnected);
  network.run(seconds(2));
  regain(passive, 0, "10.0.1.2");
  EXPECT_FALSE(passive.agent.writable()) << "until the peer has connected";
  ASSERT_TRUE(talks(seconds(10)));
  EXPECT_EQ(passive.refused, 0);
  EXPECT_TRUE(active.connected() && passive.connected());
}

INSTANTIATE_TEST_SUITE_P(Roles, TcpInterfaces, testing::Values(true, false));

}  // namespace
}  // namespace peerwire::ice::test
