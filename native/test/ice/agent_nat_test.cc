// What translators of addresses do to checks, one thing at a time. What they do together: agent_scenarios_test.cc.
#include <gtest/gtest.h>

#include "ice/scenario.h"
#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using State = IceTransportState;

void introduce(Network& network, Host& a, Host& b, IceRole of_a, IceRole of_b) {
  a.peer = &b;
  b.peer = &a;
  a.agent.set_remote_parameters(network.now, b.local);
  b.agent.set_remote_parameters(network.now, a.local);
  a.agent.start(network.now, of_a);
  b.agent.start(network.now, of_b);
}

TEST(NatTest, ARoleConflictIsResolvedWhereTheErrorDoesNotArrive) {
  for (const IceRole role : {IceRole::kControlling, IceRole::kControlled}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Network network(seed);
      // As from a translator that gives every destination another port: not from where the check was sent to.
      network.filter = [](const auto&, const auto&, ByteView datagram) {
        return datagram.size() > 1 && datagram[0] == 1 && datagram[1] == 0x11;
      };
      Host a(network, "aaaa", seed * 2), b(network, "bbbb", seed * 2 + 1);
      introduce(network, a, b, role, role);
      a.add_address(at("10.0.0.1", 1001));
      b.add_address(at("10.0.0.2", 1002));
      a.peer = nullptr;  // one side alone knows where to send checks
      a.gather();
      b.gather();
      ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s)) << seed;
      EXPECT_NE(a.agent.role(), b.agent.role());
    }
  }
}

TEST(NatTest, ChecksThatShowNewCandidatesForEverAreNoFlood) {
  for (const bool relay : {false, true}) {
    Network network;
    network.delay = 2ms;
    const NatBehaviour behaviour{Dependence::kAddressAndPortDependent, Dependence::kEndpointIndependent};
    Nat nat_a(network, "198.51.100.1", behaviour), nat_b(network, "198.51.100.2", behaviour);
    TurnServer server(network, "203.0.113.1", "203.0.113.2");
    Host a(network, "aaaa", 1, false, &nat_a), b(network, "bbbb", 2, false, &nat_b);
    introduce(network, a, b, IceRole::kControlling, IceRole::kControlled);
    a.add_address(at("192.168.0.1", 1001));
    b.add_address(at("192.168.1.1", 1002));
    a.gather(relay ? std::vector{server.stun(), server.turn()} : std::vector{server.stun()});
    b.gather({server.stun()});
    network.run(15s);
    EXPECT_LT(network.sent, 1500u);
    if (!relay) {
      network.run(30s);
      EXPECT_EQ(a.agent.state(), State::kFailed);
      EXPECT_EQ(b.agent.state(), State::kFailed);
      continue;
    }
    EXPECT_EQ(a.agent.state(), State::kCompleted) << "though there is a better pair to try, and always another";
    EXPECT_EQ(b.agent.state(), State::kCompleted);
    EXPECT_EQ(std::count(a.states.begin(), a.states.end(), State::kCompleted), 1);
  }
}

struct Checks {
  uint64_t all = 0;        // Binding requests between the peers
  uint64_t searching = 0;  // of them, those on pairs that do not work
};

Checks checks_in_a_minute(Network& network, const Host& a, const Host& b) {
  Checks checks;
  const auto searching = [&] {
    uint64_t sent = 0;
    for (const Host* host : {&a, &b}) {
      for (const auto& pair : host->agent.stats(network.now, 0).pairs) sent += pair.requests_sent;
    }
    return sent;
  };
  network.filter = [&](const auto&, const auto& to, ByteView datagram) {
    checks.all += to.port() != 3478 && datagram.size() > 1 && datagram[0] == 0 && datagram[1] == 1;
    return false;
  };
  const uint64_t before = searching();
  network.run(60s);
  network.filter = nullptr;
  checks.searching = searching() - before;
  return checks;
}

size_t valid_pairs(const Network& network, const Host& host) {
  const auto pairs = host.agent.stats(network.now, 0).pairs;
  return static_cast<size_t>(
      std::count_if(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.state == "succeeded"; }));
}

// RFC 8445 section 8.1.2 ends all checks with the nomination but those of RFC 7675; section 11 leaves keepalives.
TEST(NatTest, OnceARelayIsNominatedThereAreChecksOfConsentAlone) {
  enum class Owner { kControlling, kControlled, kBoth };
  for (const Dependence filtering :
       {Dependence::kEndpointIndependent, Dependence::kAddressDependent, Dependence::kAddressAndPortDependent}) {
    for (const Owner owner : {Owner::kControlling, Owner::kControlled, Owner::kBoth}) {
      SCOPED_TRACE(static_cast<int>(filtering) * 10 + static_cast<int>(owner));
      Network network;
      network.delay = 20ms;
      const NatBehaviour behaviour{Dependence::kAddressAndPortDependent, filtering};
      Nat nat_a(network, "198.51.100.1", behaviour), nat_b(network, "198.51.100.2", behaviour);
      TurnServer server(network, "203.0.113.1", "203.0.113.2");
      Host a(network, "aaaa", 1, false, &nat_a), b(network, "bbbb", 2, false, &nat_b);
      introduce(network, a, b, IceRole::kControlling, IceRole::kControlled);
      for (const char* ip : {"192.168.0.1", "192.168.0.2"}) a.add_address(at(ip, 1001));
      for (const char* ip : {"192.168.1.1", "192.168.1.2"}) b.add_address(at(ip, 1002));
      const std::vector without{server.stun()}, with{server.stun(), server.turn()};
      a.gather(owner == Owner::kControlled ? without : with);
      b.gather(owner == Owner::kControlling ? without : with);
      network.run(30s);
      ASSERT_TRUE(a.connected() && b.connected());
      const Checks checks = checks_in_a_minute(network, a, b);
      EXPECT_EQ(checks.searching, 0u);
      // Consent every two seconds, keepalives of what else works every ten; a fifth sooner, by chance.
      const size_t spare = valid_pairs(network, a) + valid_pairs(network, b) - 2;
      EXPECT_LT(static_cast<double>(checks.all), 1.2 * (2 * 60 / 2 + static_cast<double>(spare) * 60 / 10));
      EXPECT_GE(checks.all, 2 * 60 / 2.4);
    }
  }
}

// A translator that gives the peer another port for every destination, and a peer that nominates what works for it.
TEST(NatTest, ANominationIsFollowedThoughEnoughIsUnproven) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  introduce(network, a, b, IceRole::kControlled, IceRole::kControlling);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s));
  network.run(2s);
  uint16_t next_port = 2000;
  const auto check = [&](bool nominates) {
    const SocketAddress from = at("10.0.0.3", next_port++);
    StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{static_cast<uint8_t>(next_port)});
    writer.add_text(StunAttribute::kUsername, "aaaa:bbbb").add_u64(StunAttribute::kIceControlling, 1);
    writer.add_u32(StunAttribute::kPriority, 1000);
    if (nominates) writer.add_flag(StunAttribute::kUseCandidate);
    writer.add_integrity(as_bytes(a.local.password)).add_fingerprint();
    a.agent.handle_datagram(network.now, 0, from, writer.finish());
    return from.text();
  };
  // Whoever is asked back, and not only answered, is told of us by two datagrams.
  std::map<std::string, int> sent;
  network.filter = [&](const auto&, const auto& to, ByteView) {
    if (to.same_ip(at("10.0.0.3", 0))) ++sent[to.text()];
    return false;
  };
  const auto asked = [&] {
    return std::count_if(sent.begin(), sent.end(), [](const auto& each) { return each.second > 1; });
  };
  for (int i = 0; i < 20; ++i) check(false);
  EXPECT_EQ(asked(), static_cast<ptrdiff_t>(Agent::kMaxUnprovenPrflx));
  network.run(30s);
  const std::string nominated = check(true);
  EXPECT_GT(sent[nominated], 1);
  // One that nominates with every check.
  const auto before = asked();
  for (int i = 0; i < 600; ++i) {
    check(true);
    network.run(100ms);
  }
  EXPECT_LE(asked() - before, 6) << "after 1, 2, 4, 8, 16 and 32 seconds";
}

TEST(NatTest, ASignalledCandidateIsPairedWithAllOfOursThoughACheckHasShownItToOne) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  introduce(network, a, b, IceRole::kControlling, IceRole::kControlled);
  a.peer = b.peer = nullptr;
  a.add_address(at("10.0.1.1", 1001));
  a.add_address(at("10.0.1.2", 1001));
  b.add_address(at("10.0.2.1", 1002));
  a.gather();
  b.gather();
  b.tell(a.candidates.at(0));
  network.filter = [](const auto&, const auto& to, ByteView) { return to == at("10.0.2.1", 1002); };
  network.run(500ms);
  ASSERT_EQ(a.agent.pair_count(), 1u);
  a.tell(b.candidates.at(0));
  EXPECT_EQ(a.agent.pair_count(), 2u);
}

TEST(FreezingTest, WhatIsTriedAgainHoldsNothingUpThatNeverWas) {
  Network network;
  Host a(network, "aaaa", 1), b(network, "bbbb", 2);
  introduce(network, a, b, IceRole::kControlling, IceRole::kControlled);
  a.peer = b.peer = nullptr;
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1004));
  a.gather();
  b.gather();
  // Of one foundation, as those of a server that were allocated from one address; the last of them works.
  for (uint16_t i = 1; i <= 4; ++i) {
    IceCandidate candidate = b.candidates.at(0);
    candidate.port = static_cast<uint16_t>(1000 + i);
    candidate.priority -= i;
    a.tell(candidate);
  }
  EXPECT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 25s));
}

TEST(NatTest, AnAddressThatComesLateIsUsedHoweverOftenTheTranslatorForgot) {
  Network network;
  Nat nat(network, "198.51.100.1", kConeNat);
  Host a(network, "aaaa", 1, false, &nat), b(network, "bbbb", 2);
  introduce(network, a, b, IceRole::kControlling, IceRole::kControlled);
  a.add_address(at("192.168.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather();
  b.gather();
  ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s));
  for (int day = 0; day < 200; ++day) {
    nat.rebind();
    network.run(10s);
    ASSERT_TRUE(a.connected() && b.connected()) << day;
  }
  a.add_address(at("192.168.0.9", 1001));
  const auto shown = a.agent.stats(network.now, 0).candidates;
  EXPECT_TRUE(
      std::any_of(shown.begin(), shown.end(), [](const auto& each) { return each.candidate.address == "192.168.0.9"; }))
      << "among " << shown.size();
}

/// What RFC 5128 and everybody's experience say of two translators without relay, each with its own network.
TEST(ChanceTest, IsThatOfTheTextbooks) {
  const auto endpoint = Dependence::kEndpointIndependent, address = Dependence::kAddressDependent,
             port = Dependence::kAddressAndPortDependent;
  const auto chance = [](NatBehaviour a, NatBehaviour b) {
    Scenario scenario;
    for (auto [side, nat] : {std::pair(&scenario.a, a), std::pair(&scenario.b, b)}) {
      side->behind_nat = side->stun = true;
      side->nat = nat;
    }
    return chance_of(scenario);
  };
  EXPECT_EQ(chance({endpoint, endpoint}, {endpoint, endpoint}), Chance::kAlways);
  EXPECT_EQ(chance({endpoint, port}, {endpoint, port}), Chance::kAlways);
  EXPECT_EQ(chance({endpoint, address}, {port, port}), Chance::kAlways) << "restricted cone and symmetric";
  EXPECT_EQ(chance({endpoint, port}, {port, port}), Chance::kNever) << "port-restricted cone and symmetric";
  EXPECT_EQ(chance({port, port}, {endpoint, port}), Chance::kNever);
  EXPECT_EQ(chance({port, port}, {port, port}), Chance::kNever);
  EXPECT_EQ(chance({endpoint, endpoint}, {port, port}), Chance::kAlways) << "full cone and symmetric";
  EXPECT_EQ(chance({port, endpoint}, {port, endpoint}), Chance::kNever) << "each answer comes from elsewhere";
}

}  // namespace
}  // namespace peerwire::ice::test
