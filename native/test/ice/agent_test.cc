// Agent against agent in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using State = IceTransportState;
using Type = IceCandidateType;

IceCandidate remote(const std::string& ip, uint16_t port) {
  IceCandidate candidate;
  candidate.foundation = "1";
  candidate.priority = 1;
  candidate.address = ip;
  candidate.port = port;
  return candidate;
}

class AgentTest : public testing::Test {
 protected:
  /// Two hosts without NAT, on one network.
  struct Direct {
    explicit Direct(uint64_t seed = 1) : network(seed), a(network, "aaaa", seed * 2), b(network, "bbbb", seed * 2 + 1) {
      introduce(network, a, b, "aaaa", "bbbb");
      start(network, a, b);
      a.add_address(at("10.0.0.1", 1001));
      b.add_address(at("10.0.0.2", 1002));
      a.gather();
      b.gather();
    }
    bool connect(Duration limit = 10s) {
      return network.run_until([&] { return a.connected() && b.connected(); }, limit);
    }
    Network network;
    Host a, b;
  };
};

TEST_F(AgentTest, ConnectsToCredentialsThatOnlyPeersMayHave) {
  Network network(1);
  Host a(network, "aaaa", 2), b(network, "b-=#_", 3);
  introduce(network, a, b, "aaaa", "b-=#_");
  start(network, a, b);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  EXPECT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 10s));
}

TEST_F(AgentTest, ConnectsInTwoRoundTripsAndCompletes) {
  Direct pair;
  EXPECT_FALSE(pair.a.agent.round_trip());
  const TimePoint begun = pair.network.now;
  ASSERT_TRUE(pair.connect());
  EXPECT_LE(pair.network.now - begun, 10ms);
  ASSERT_TRUE(pair.network.run_until(
      [&] { return pair.a.agent.state() == State::kCompleted && pair.b.agent.state() == State::kCompleted; }, 100ms));
  EXPECT_EQ(pair.a.states, (std::vector{State::kChecking, State::kConnected, State::kCompleted}));
  EXPECT_EQ(pair.a.gathering, (std::vector{IceGatheringState::kGathering, IceGatheringState::kComplete}));
  EXPECT_TRUE(pair.a.agent.send(pair.network.now, Bytes{20, 1}));
  EXPECT_TRUE(pair.b.agent.send(pair.network.now, Bytes{20, 2}));
  pair.network.run(5ms);
  ASSERT_EQ(pair.a.received.size(), 1u);
  ASSERT_EQ(pair.b.received.size(), 1u);
  const IceTransportStats stats = pair.a.agent.stats(pair.network.now, 1e12);
  ASSERT_EQ(stats.pairs.size(), 1u);
  EXPECT_EQ(stats.pairs[0].state, "succeeded");
  EXPECT_TRUE(stats.pairs[0].nominated);
  EXPECT_NEAR(stats.pairs[0].current_round_trip_time_s, 0.002, 0.0001);
  EXPECT_EQ(pair.a.agent.round_trip(), Duration(2ms));
  EXPECT_EQ(stats.pairs[0].packets_sent, 1u);
  EXPECT_EQ(stats.pairs[0].bytes_received, 2u);
  EXPECT_GT(stats.pairs[0].last_packet_received_ms, 0);
}

TEST_F(AgentTest, ConnectsThroughLossAndReordering) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Direct pair(seed);
    pair.network.loss = 0.3;
    pair.network.jitter = 30ms;
    ASSERT_TRUE(pair.connect(15s)) << seed;
  }
}

TEST_F(AgentTest, OneLostPacketCostsOneShortInterval) {
  Direct pair;
  int lost = 0;
  pair.network.filter = [&](auto&, auto&, ByteView) { return lost++ < 2; };
  const TimePoint begun = pair.network.now;
  ASSERT_TRUE(pair.connect());
  EXPECT_LE(pair.network.now - begun, 150ms);
}

TEST_F(AgentTest, RoleConflictIsResolved) {
  for (const IceRole role : {IceRole::kControlling, IceRole::kControlled}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Network network(seed);
      Host a(network, "aaaa", seed * 2), b(network, "bbbb", seed * 2 + 1);
      introduce(network, a, b, "aaaa", "bbbb");
      start(network, a, b, role, role);
      a.add_address(at("10.0.0.1", 1001));
      b.add_address(at("10.0.0.2", 1002));
      a.gather();
      b.gather();
      ASSERT_TRUE(network.run_until(
          [&] { return a.agent.state() == State::kCompleted && b.agent.state() == State::kCompleted; }, 5s))
          << seed;
      EXPECT_NE(a.agent.role(), b.agent.role());
      EXPECT_EQ(a.roles.size() + b.roles.size(), 1u);
    }
  }
}

TEST_F(AgentTest, WrongCredentialsNeverConnect) {
  const std::string &a_password = Host::parameters("aaaa").password, &b_password = Host::parameters("bbbb").password;
  const std::string wrong = Host::parameters("xxxx").password;
  // What a takes for b's parameters, and b for a's: both ufrags wrong, one and a password, both passwords.
  const std::pair<IceParameters, IceParameters> cases[] = {
      {{"xxxx", b_password, false}, {"yyyy", a_password, false}},
      {{"xxxx", b_password, false}, {"aaaa", wrong, false}},
      {{"bbbb", wrong, false}, {"aaaa", wrong, false}},
  };
  for (const auto& [of_b, of_a] : cases) {
    Network network;
    Host a(network, "aaaa", 1), b(network, "bbbb", 2);
    a.agent.set_remote_parameters(network.now, of_b);
    b.agent.set_remote_parameters(network.now, of_a);
    start(network, a, b);
    a.add_address(at("10.0.0.1", 1001));
    b.add_address(at("10.0.0.2", 1002));
    a.gather();
    b.gather();
    a.tell(remote("10.0.0.2", 1002));
    b.tell(remote("10.0.0.1", 1001));
    a.agent.set_remote_end_of_candidates(network.now);
    b.agent.set_remote_end_of_candidates(network.now);
    network.run(40s);
    EXPECT_EQ(a.states, (std::vector{State::kChecking, State::kFailed}));
    EXPECT_EQ(b.states, (std::vector{State::kChecking, State::kFailed}));
    EXPECT_FALSE(a.agent.writable());
    EXPECT_TRUE(a.selected_types.empty());
    EXPECT_TRUE(b.selected_types.empty());
  }
}

// RFC 8445 section 7.3: who is asked looks at its own half of the user name, and at its password.
TEST_F(AgentTest, WhoHasTheRightCredentialsIsAnswered) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  a.agent.set_remote_parameters(network.now, {"xxxx", Host::parameters("bbbb").password, false});
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  start(network, a, b);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  a.tell(remote("10.0.0.2", 1002));
  b.tell(remote("10.0.0.1", 1001));
  network.run(5s);
  EXPECT_TRUE(a.selected_types.empty());
  EXPECT_FALSE(b.selected_types.empty());
}

TEST_F(AgentTest, TrickledCandidatesMayComeLate) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  start(network, a, b);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  network.run(60s);
  EXPECT_TRUE(a.states.empty());
  a.tell(b.candidates.at(0));  // b learns a's by its checks
  ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 1s));
  EXPECT_EQ(b.selected_types.at(0).second, Type::kPeerReflexive);
  b.tell(a.candidates.at(0));
  EXPECT_EQ(b.agent.stats(network.now, 0).candidates.back().candidate.type, Type::kHost);
  EXPECT_EQ(b.agent.pair_count(), 1u);
}

TEST_F(AgentTest, ChecksBeforeRemoteParametersAreAnswered) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  b.agent.start(network.now, IceRole::kControlled);
  b.tell(a.candidates.at(0));
  ASSERT_TRUE(network.run_until([&] { return b.connected(); }, 1s));
  network.run(1s);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  a.agent.start(network.now, IceRole::kControlling);
  ASSERT_TRUE(network.run_until([&] { return a.connected(); }, 100ms));
}

TEST_F(AgentTest, FailsAfterPatienceWithoutAndWithEndOfCandidates) {
  Direct ended;
  ended.network.filter = [](auto&, auto&, ByteView) { return true; };
  ASSERT_TRUE(ended.network.run_until([&] { return ended.a.agent.state() == State::kFailed; }, 20s));
  ended.network.filter = nullptr;
  ended.network.run(60s);
  EXPECT_EQ(ended.a.agent.state(), State::kFailed) << "terminal until a restart";

  Network network;
  Host a(network, "aaaa", 1);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  a.agent.start(network.now, IceRole::kControlling);
  a.add_address(at("10.0.0.1", 1001));
  a.gather();
  a.tell(remote("10.0.0.2", 1002));
  network.run(14s);
  EXPECT_EQ(a.agent.state(), State::kChecking);
  network.run(2s);
  EXPECT_EQ(a.agent.state(), State::kDisconnected) << "all that there is was checked, more may come";
  network.run(15s);
  EXPECT_EQ(a.agent.state(), State::kFailed);
  // More candidates are another chance.
  Host b(network, "bbbb", 2);
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  b.agent.start(network.now, IceRole::kControlled);
  b.add_address(at("10.0.0.3", 1003));
  b.gather();
  a.tell(b.candidates.at(0));
  EXPECT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 2s));
}

TEST_F(AgentTest, ChecksAgainWhenMoreComesAfterAllHasFailed) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  a.agent.start(network.now, IceRole::kControlling);
  a.add_address(at("10.0.0.1", 1001));
  a.gather();
  a.tell(remote("10.0.0.3", 1003));
  ASSERT_TRUE(network.run_until([&] { return a.agent.state() == State::kDisconnected; }, 16s));
  a.tell(remote("10.0.0.2", 1002));
  network.run(1s);
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  b.agent.start(network.now, IceRole::kControlled);
  b.add_address(at("10.0.0.2", 1002));
  b.gather();
  ASSERT_TRUE(network.run_until([&] { return a.connected(); }, 3s));
  EXPECT_EQ(a.states, (std::vector{State::kChecking, State::kDisconnected, State::kChecking, State::kConnected}));
}

TEST_F(AgentTest, ConsentLossDisconnectsRecoversAndFails) {
  Direct pair;
  ASSERT_TRUE(pair.connect());
  pair.network.run(60s);
  ASSERT_TRUE(pair.a.connected());
  pair.network.filter = [](auto&, auto&, ByteView) { return true; };
  TimePoint cut = pair.network.now;
  ASSERT_TRUE(pair.network.run_until([&] { return pair.a.agent.state() == State::kDisconnected; }, 10s));
  EXPECT_LE(pair.network.now - cut, 5100ms);
  EXPECT_TRUE(pair.a.agent.writable());
  pair.network.run(10s);
  pair.network.filter = nullptr;
  ASSERT_TRUE(pair.network.run_until([&] { return pair.a.connected() && pair.b.connected(); }, 1s));
  pair.network.filter = [](auto&, auto&, ByteView) { return true; };
  cut = pair.network.now;
  ASSERT_TRUE(pair.network.run_until(
      [&] { return pair.a.agent.state() == State::kFailed && pair.b.agent.state() == State::kFailed; }, 40s));
  EXPECT_GE(pair.network.now - cut, 27s);
  EXPECT_LE(pair.network.now - cut, 32s);
  EXPECT_FALSE(pair.a.agent.writable());
  const uint64_t sent = pair.network.sent;
  pair.network.run(60s);
  EXPECT_EQ(pair.network.sent, sent) << "nothing may be sent without consent";
}

TEST_F(AgentTest, LossAloneDoesNotDisconnect) {
  Direct pair(7);
  ASSERT_TRUE(pair.connect());
  pair.network.loss = 0.15;
  pair.network.run(600s);
  EXPECT_EQ(std::count(pair.a.states.begin(), pair.a.states.end(), State::kDisconnected), 0);
}

TEST_F(AgentTest, RestartByEitherSideKeepsTheOldPairUntilTheNewOneIsThere) {
  Direct pair;
  ASSERT_TRUE(pair.connect());
  pair.network.run(1s);
  Host* sides[] = {&pair.a, &pair.b};
  for (int round = 0; round < 4; ++round) {
    Host &first = *sides[round % 2], &second = *sides[1 - round % 2];
    const std::string first_name = "one" + std::to_string(round), second_name = "two" + std::to_string(round);
    first.peer = second.peer = nullptr;
    const auto regather = [&](Host& host) {
      host.candidates.clear();
      host.agent.begin_gathering(pair.network.now);
      host.agent.reuse_base(0);
      host.agent.end_servers(pair.network.now);
    };
    first.agent.restart(pair.network.now, Host::parameters(first_name), false);
    regather(first);
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(first.agent.send(pair.network.now, Bytes{20}));
      ASSERT_TRUE(second.agent.send(pair.network.now, Bytes{20}));
      pair.network.run(3s);  // signalling takes its time; consent is kept up meanwhile
    }
    EXPECT_EQ(first.received.size(), 5u);
    EXPECT_EQ(second.received.size(), 5u);
    second.agent.set_remote_parameters(pair.network.now, Host::parameters(first_name), true);
    second.tell(first.candidates.at(0));
    second.agent.restart(pair.network.now, Host::parameters(second_name), false);
    regather(second);
    pair.network.run(3s);
    ASSERT_TRUE(second.agent.send(pair.network.now, Bytes{20}));
    first.agent.set_remote_parameters(pair.network.now, Host::parameters(second_name));
    first.tell(second.candidates.at(0));
    pair.network.run(4s);
    EXPECT_EQ(first.received.size(), 6u);
    EXPECT_TRUE(first.connected());
    EXPECT_TRUE(second.connected());
    const auto stats = first.agent.stats(pair.network.now, 0);
    EXPECT_EQ(stats.pairs.size(), 1u);
    EXPECT_EQ(stats.selected_pair_changes, static_cast<uint32_t>(round + 2));
    first.received.clear();
    second.received.clear();
    EXPECT_EQ(std::count(first.states.begin(), first.states.end(), State::kDisconnected), 0);
  }
}

TEST_F(AgentTest, StrangersChangeNothing) {
  Direct pair;
  ASSERT_TRUE(pair.connect());
  pair.network.run(1s);
  const auto before = pair.a.agent.stats(pair.network.now, 0);
  const SocketAddress stranger = at("10.0.0.66", 666);
  std::mt19937_64 random(5);
  for (int i = 0; i < 20000; ++i) {
    Bytes datagram(random() % 200);
    for (uint8_t& octet : datagram) octet = static_cast<uint8_t>(random());
    pair.a.agent.handle_datagram(pair.network.now, 0, i % 2 ? stranger : at("10.0.0.2", 1002), datagram);
    // A well-formed check with a wrong password, and a forged answer.
    StunWriter check(StunMethod::kBinding, StunClass::kRequest, SeededRandom(i).transaction_id());
    check.add_text(StunAttribute::kUsername, "aaaa:bbbb").add_u32(StunAttribute::kPriority, 1);
    check.add_flag(StunAttribute::kUseCandidate).add_integrity(as_bytes("guess")).add_fingerprint();
    pair.a.agent.handle_datagram(pair.network.now, 0, at("10.0.0.66", static_cast<uint16_t>(1024 + i)), check.finish());
    StunWriter answer(StunMethod::kBinding, StunClass::kError, SeededRandom(i).transaction_id());
    answer.add_error(487, "Role Conflict").add_fingerprint();
    pair.a.agent.handle_datagram(pair.network.now, 0, at("10.0.0.2", 1002), answer.finish());
  }
  for (const Bytes& packet : pair.a.received) EXPECT_GE(packet[0], 4);
  const size_t genuine = pair.a.received.size();
  pair.a.agent.handle_datagram(pair.network.now, 0, stranger, Bytes{20, 1, 2});
  EXPECT_EQ(pair.a.received.size(), genuine);
  EXPECT_EQ(pair.a.agent.remote_candidate_count(), 1u);
  EXPECT_EQ(pair.a.agent.pair_count(), 1u);
  EXPECT_EQ(pair.a.agent.stats(pair.network.now, 0).selected_pair_id, before.selected_pair_id);
  EXPECT_TRUE(pair.a.roles.empty());
  pair.network.run(10s);
  EXPECT_TRUE(pair.a.connected());
}

TEST_F(AgentTest, CandidatesAndPairsAreBounded) {
  Network network;
  Host a(network, "aaaa", 1);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  a.agent.start(network.now, IceRole::kControlling);
  a.add_address(at("10.0.0.1", 1001));
  a.gather();
  for (int i = 0; i < 100000; ++i) {
    IceCandidate candidate = remote("10.1.0." + std::to_string(i % 250), static_cast<uint16_t>(12000 + i % 40000));
    candidate.priority = static_cast<uint32_t>(i);
    a.tell(candidate);
  }
  EXPECT_LE(a.agent.remote_candidate_count(), Agent::kMaxRemoteCandidates);
  EXPECT_LE(a.agent.pair_count(), Agent::kMaxPairs);
  // An authenticated peer that checks from ever new ports.
  for (int i = 0; i < 5000; ++i) {
    StunWriter check(StunMethod::kBinding, StunClass::kRequest, SeededRandom(i).transaction_id());
    check.add_text(StunAttribute::kUsername, "aaaa:bbbb").add_u32(StunAttribute::kPriority, ~0u - i);
    check.add_integrity(as_bytes(Host::parameters("aaaa").password)).add_fingerprint();
    a.agent.handle_datagram(network.now, 0, at("10.0.0.66", static_cast<uint16_t>(11000 + i)), check.finish());
  }
  EXPECT_LE(a.agent.remote_candidate_count(), Agent::kMaxRemoteCandidates);
  EXPECT_LE(a.agent.pair_count(), Agent::kMaxPairs);
}

TEST_F(AgentTest, BadPortsAndTcpAreIgnored) {
  Network network;
  Host a(network, "aaaa", 1);
  a.agent.set_remote_parameters(network.now, Host::parameters("bbbb"));
  a.agent.start(network.now, IceRole::kControlling);
  a.add_address(at("10.0.0.1", 1001));
  a.gather();
  for (uint16_t port : {0, 53, 5060, 10080}) a.tell(remote("10.0.0.2", port));
  IceCandidate tcp = remote("10.0.0.2", 4000);
  tcp.protocol = IceProtocol::kTcp;
  a.tell(tcp);
  network.run(5s);
  EXPECT_EQ(a.agent.pair_count(), 0u);
  EXPECT_EQ(network.sent, 0u);
}

TEST_F(AgentTest, LitePeerIsServed) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  IceParameters lite = Host::parameters("bbbb");
  lite.ice_lite = true;
  a.agent.set_remote_parameters(network.now, lite);
  a.agent.start(network.now, IceRole::kControlled);  // asked for the wrong role on purpose
  EXPECT_EQ(a.agent.role(), IceRole::kControlling);
  b.agent.set_remote_parameters(network.now, Host::parameters("aaaa"));
  b.add_address(at("10.0.0.2", 1002));
  b.gather();  // never started: it only answers, as a lite agent does
  a.add_address(at("10.0.0.1", 1001));
  a.gather();
  a.tell(b.candidates.at(0));
  a.agent.set_remote_end_of_candidates(network.now);
  EXPECT_TRUE(network.run_until([&] { return a.agent.state() == State::kCompleted; }, 1s));
}

// ---- NATs and servers ----

TEST_F(AgentTest, ServerReflexiveThroughTwoNats) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Network network(seed);
    network.delay = 10ms;
    network.jitter = 5ms;
    Nat nat_a(network, "198.51.100.1", kConeNat), nat_b(network, "198.51.100.2", kConeNat);
    TurnServer server(network, "203.0.113.1", "203.0.113.2");
    Host a(network, "aaaa", seed * 2, false, &nat_a), b(network, "bbbb", seed * 2 + 1, false, &nat_b);
    introduce(network, a, b, "aaaa", "bbbb");
    start(network, a, b);
    a.add_address(at("192.168.0.1", 1001));
    b.add_address(at("192.168.1.1", 1002));
    a.gather({server.stun()});
    b.gather({server.stun()});
    ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s)) << seed;
    EXPECT_TRUE(a.errors.empty());
    ASSERT_EQ(a.candidates.size(), 2u);
    EXPECT_EQ(a.candidates[1].type, Type::kServerReflexive);
    EXPECT_EQ(a.candidates[1].related_address, "192.168.0.1");
    EXPECT_EQ(a.candidates[1].url, "stun:203.0.113.1");
  }
}

TEST_F(AgentTest, FollowsANatRebinding) {
  for (const bool controlling_moves : {true, false}) {
    Network network;
    network.delay = 10ms;
    Nat nat(network, "198.51.100.1", kConeNat);
    TurnServer server(network, "203.0.113.1", "203.0.113.2");
    Host a(network, "aaaa", 3, false, &nat), b(network, "bbbb", 4);
    introduce(network, a, b, "aaaa", "bbbb");
    start(network, a, b, controlling_moves ? IceRole::kControlling : IceRole::kControlled,
          controlling_moves ? IceRole::kControlled : IceRole::kControlling);
    a.add_address(at("192.168.0.1", 1001));
    b.add_address(at("203.0.113.9", 1002));
    a.gather({server.stun()});
    b.gather();
    ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s));
    network.run(20s);
    for (int times = 0; times < 50; ++times) {
      nat.rebind();
      network.run(6s);
      a.received.clear();
      b.received.clear();
      ASSERT_TRUE(a.agent.send(network.now, Bytes{20, 1}));
      ASSERT_TRUE(b.agent.send(network.now, Bytes{20, 2}));
      network.run(100ms);
      ASSERT_EQ(a.received.size(), 1u) << times;
      ASSERT_EQ(b.received.size(), 1u) << times;
    }
    EXPECT_EQ(std::count(a.states.begin(), a.states.end(), State::kDisconnected), 0);
    EXPECT_EQ(std::count(b.states.begin(), b.states.end(), State::kDisconnected), 0);
  }
}

TEST_F(AgentTest, SeveralAddressesTakeTheBestPair) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  introduce(network, a, b, "aaaa", "bbbb");
  start(network, a, b);
  for (int i = 0; i < 4; ++i) {
    a.add_address(at("10.0.1." + std::to_string(i + 1), 1001));
    b.add_address(at("10.0.2." + std::to_string(i + 1), 1002));
  }
  a.gather();
  b.gather();
  ASSERT_TRUE(network.run_until(
      [&] { return a.agent.state() == State::kCompleted && b.agent.state() == State::kCompleted; }, 1s));
  EXPECT_EQ(a.agent.selected()->local->address, at("10.0.1.1", 1001));
  EXPECT_EQ(a.agent.selected()->remote->address, at("10.0.2.1", 1002));
  // Its path breaks: a backup carries on before anything is noticed above.
  network.filter = [](const SocketAddress& from, const SocketAddress& to, ByteView) {
    return from.same_ip(at("10.0.1.1", 0)) || to.same_ip(at("10.0.1.1", 0));
  };
  network.run(20s);
  EXPECT_TRUE(a.connected());
  EXPECT_NE(a.agent.selected()->local->address, at("10.0.1.1", 1001));
  EXPECT_TRUE(a.agent.send(network.now, Bytes{20}));
  network.run(10ms);
  EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(AgentTest, NextTimeoutNeverSpins) {
  Direct pair;
  ASSERT_TRUE(pair.connect());
  pair.network.run(10s);
  const uint64_t sent = pair.network.sent;
  int turns = 0;
  pair.network.run_until([&] { return ++turns < 0; }, 100s);
  EXPECT_LT(turns, 1500);
  EXPECT_LT(pair.network.sent - sent, 400u);
}

}  // namespace
}  // namespace peerwire::ice::test
