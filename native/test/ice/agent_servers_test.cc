// Relays and refusals of STUN and TURN servers, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using Type = IceCandidateType;

TEST(AgentServers, RelayWhereNothingElseWorks) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Network network(seed);
    network.delay = 10ms;
    network.loss = seed > 5 ? 0.1 : 0;
    Nat nat_a(network, "198.51.100.1", kSymmetricNat), nat_b(network, "198.51.100.2", kSymmetricNat);
    TurnServer server(network, "203.0.113.1", "203.0.113.2");
    Host a(network, "aaaa", seed * 2, false, &nat_a), b(network, "bbbb", seed * 2 + 1, false, &nat_b);
    introduce(network, a, b, "aaaa", "bbbb");
    start(network, a, b);
    a.add_address(at("192.168.0.1", 1001));
    b.add_address(at("192.168.1.1", 1002));
    a.gather({server.turn()});
    b.gather({server.stun()});
    ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 10s)) << seed;
    network.loss = 0;
    network.run(3s);
    a.agent.send(network.now, Bytes{20});
    network.run(1s);
    server.channel_data = 0;
    a.received.clear();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(a.agent.send(network.now, Bytes(1000, 20)));
      ASSERT_TRUE(b.agent.send(network.now, Bytes(1000, 21)));
      network.run(50ms);
    }
    EXPECT_EQ(a.received.size(), 10u);
    EXPECT_GE(server.channel_data, 10u);
    // Nonces expire, permissions, channels and the allocation are renewed.
    server.nonce = "nonce-2";
    network.run(1800s);
    EXPECT_TRUE(a.connected());
    EXPECT_GE(server.refreshes, 3u);
    EXPECT_GE(server.permissions, 3u);
    EXPECT_EQ(server.allocations(), 1u);
    a.agent.close(network.now);
    network.run(100ms);
    EXPECT_EQ(server.allocations(), 0u) << "given back at close";
  }
}

TEST(AgentServers, RelaysWhatWasMadeForALargerPath) {
  Network network;
  TurnServer server(network, "203.0.113.1", "203.0.113.2");
  Host a(network, "aaaa", 1, true), b(network, "bbbb", 2);
  introduce(network, a, b, "aaaa", "bbbb");
  start(network, a, b);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("203.0.113.9", 1002));
  a.gather({server.turn()});
  b.gather();
  ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s));
  // In an indication, and over the channel that the first one asks for.
  for (const size_t size : {9000u, 16'384u + 100}) {
    b.received.clear();
    const Bytes packet(size, 20);
    EXPECT_TRUE(a.agent.send(network.now, packet, Fragmentation::kAllowed));
    network.run(1s);
    EXPECT_EQ(b.received, std::vector<Bytes>{packet});
  }
  EXPECT_GE(server.channel_data, 1u);
  // The search for a larger path would find what is cut on the way.
  EXPECT_FALSE(a.agent.send(network.now, Bytes(2000, 20), Fragmentation::kProbe));
}

// RFC 8445 section 5.1.2
TEST(AgentServers, NoTwoCandidatesHaveTheSamePriority) {
  Network network;
  Nat nat(network, "198.51.100.1", kSymmetricNat);
  TurnServer first(network, "203.0.113.1", "203.0.113.2"), second(network, "203.0.113.11", "203.0.113.12");
  first.relay_ipv6("2001:db8::1");
  second.relay_ipv6("2001:db8::2");
  Host host(network, "aaaa", 1, false, &nat);
  host.connects = true;
  host.add_address(at("192.168.0.1", 1001));
  for (const char* address : {"192.168.0.1", "192.168.0.2"}) {
    host.add_tcp(at(address, 2001), TcpRole::kActive);
    host.add_tcp(at(address, 2002), TcpRole::kPassive);
  }
  // Behind this translator each server shows another reflexive address of the one base.
  host.gather(
      {first.turn(), second.turn(), first.turn_over_tcp(), second.turn_over_tcp(), first.stun(), second.stun()});
  ASSERT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 30s));
  std::map<Type, size_t> counts;
  std::set<uint32_t> priorities;
  for (const IceCandidate& each : host.candidates) {
    ++counts[each.type];
    EXPECT_TRUE(priorities.insert(each.priority).second) << each.address << ' ' << each.port << ' ' << each.url;
  }
  EXPECT_EQ(counts[Type::kHost], 5u);
  EXPECT_EQ(counts[Type::kRelay], 8u);
  EXPECT_GE(counts[Type::kServerReflexive], 2u);
}

// RFC 8445 section 7.2.5.3.1: it is the one that the peer knows by the check.
TEST(AgentServers, PeerReflexiveCandidatesKeepThePriorityOfTheirCheck) {
  Network network;
  network.delay = 100ms;  // both pairs are checked before one is nominated
  Nat nat(network, "198.51.100.1", kSymmetricNat);
  Host a(network, "aaaa", 1, false, &nat), b(network, "bbbb", 2);
  introduce(network, a, b, "aaaa", "bbbb");
  start(network, a, b);
  a.add_address(at("192.168.0.1", 1001));
  b.add_address(at("203.0.113.3", 1002));
  b.add_address(at("203.0.113.4", 1003));
  a.gather();
  b.gather();
  network.run(5s);
  std::vector<uint32_t> priorities;
  for (const IceCandidateStats& each : a.agent.stats(network.now, 0).candidates) {
    if (!each.remote && each.candidate.type == Type::kPeerReflexive) priorities.push_back(each.candidate.priority);
  }
  EXPECT_EQ(priorities, std::vector<uint32_t>(2, prflx_priority(65535)));
}

TEST(AgentServers, RelayOnlyLeaksNothing) {
  Network network;
  TurnServer server(network, "203.0.113.1", "203.0.113.2");
  Host a(network, "aaaa", 1, true), b(network, "bbbb", 2);
  introduce(network, a, b, "aaaa", "bbbb");
  start(network, a, b);
  a.add_address(at("10.0.0.1", 1001));
  b.add_address(at("10.0.0.2", 1002));
  a.gather({server.stun(), server.turn()});
  b.gather({server.stun(), server.turn()});
  ASSERT_TRUE(network.run_until([&] { return a.connected() && b.connected(); }, 5s));
  ASSERT_EQ(a.candidates.size(), 1u);
  EXPECT_EQ(a.candidates[0].type, Type::kRelay);
  EXPECT_EQ(a.candidates[0].related_address, "0.0.0.0");
  EXPECT_EQ(a.candidates[0].related_port, 0);
  // Even a rightly signed check sent to the host socket gets no answer from it.
  StunWriter check(StunMethod::kBinding, StunClass::kRequest, SeededRandom(1).transaction_id());
  check.add_text(StunAttribute::kUsername, "aaaa:bbbb").add_u32(StunAttribute::kPriority, 1);
  check.add_integrity(as_bytes(Host::parameters("aaaa").password)).add_fingerprint();
  a.agent.handle_datagram(network.now, 0, at("10.0.0.2", 1002), check.finish());
  network.run(60s);
  EXPECT_EQ(a.destinations, (std::set<std::string>{"203.0.113.1:3478"}));

  Network lonely;
  Host c(lonely, "cccc", 1, true), d(lonely, "dddd", 2);
  introduce(lonely, c, d, "cccc", "dddd");
  start(lonely, c, d);
  c.add_address(at("10.0.0.1", 1001));
  d.add_address(at("10.0.0.2", 1002));
  c.gather();
  d.gather();
  lonely.run(40s);
  EXPECT_FALSE(c.connected());
  EXPECT_FALSE(d.connected());
  EXPECT_TRUE(c.candidates.empty());
  EXPECT_TRUE(c.destinations.empty());
}

TEST(AgentServers, ServerErrorsAreToldOncePerUrl) {
  Network network;
  TurnServer server(network, "203.0.113.1", "203.0.113.2");
  const auto gather = [&](IceServer config, int refuse_with) {
    server.refuse_with = refuse_with;
    Host host(network, "aaaa", 1);
    host.agent.begin_gathering(network.now);
    host.add_address(at("10.0.0.1", 1001));
    host.add_address(at("10.0.0.3", 1001));
    host.agent.add_server(network.now, config, at(config.host, config.port));
    host.agent.end_servers(network.now);
    EXPECT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 15s));
    EXPECT_EQ(host.errors.size(), 1u);
    return host.errors.empty() ? 0 : host.errors[0].second;
  };
  EXPECT_EQ(gather(server.turn("user", "wrong"), 0), 401);
  EXPECT_EQ(gather(server.turn("nobody"), 0), 401);
  EXPECT_EQ(gather(server.turn(), 508), 508);
  EXPECT_EQ(gather(server.turn(), 441), 441);
  EXPECT_EQ(gather(server.turn(), 500), 500);
  EXPECT_EQ(gather(server.turn(std::string(100000, 'u')), 0), 701);
  IceServer silent = server.stun();
  silent.host = "203.0.113.77";
  EXPECT_EQ(gather(silent, 0), 701);
}

TEST(AgentServers, AllocationMismatchTakesAnotherPort) {
  Network network;
  TurnServer server(network, "203.0.113.1", "203.0.113.2");
  server.mismatches = 1;
  Host host(network, "aaaa", 1, true);
  host.agent.begin_gathering(network.now);
  host.add_address(at("10.0.0.1", 1001));
  host.agent.add_server(network.now, server.turn(), at("203.0.113.1", 3478));
  host.agent.end_servers(network.now);
  ASSERT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 15s));
  EXPECT_TRUE(host.errors.empty());
  EXPECT_EQ(host.candidates.size(), 1u);
}

}  // namespace
}  // namespace peerwire::ice::test
