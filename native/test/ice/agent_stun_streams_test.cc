// STUN servers that are asked over TCP and TLS, out of the port on which peers connect, in virtual time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;
using Errors = std::vector<std::pair<std::string, int>>;

constexpr NatBehaviour kOpenNat{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};

IceServer over_tls(const TurnServer& server) {
  IceServer stuns = server.stun();
  stuns.url = "stuns:" + stuns.host;
  stuns.scheme = IceServer::Scheme::kStuns;
  stuns.transport = IceProtocol::kTcp;
  return stuns;
}

/// A host behind a translator, that listens on port 8000.
class AgentStunStreams : public testing::Test {
 protected:
  AgentStunStreams() {
    host.connects = true;
    host.add_address(at("10.0.1.1", 5000));
    host.add_tcp(at("10.0.1.1", 8000), TcpRole::kPassive);
  }
  /// Until gathering is complete; how long that took.
  Duration gather(const std::vector<IceServer>& servers) {
    const TimePoint begun = network.now;
    host.gather(servers);
    EXPECT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 60s));
    return network.now - begun;
  }
  void restart() {
    host.candidates.clear();
    ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("again"), false));
  }
  /// Reflexive candidates as "protocol address:port".
  std::vector<std::string> reflexive() const {
    std::vector<std::string> found;
    for (const IceCandidate& each : host.candidates) {
      if (each.type != IceCandidateType::kServerReflexive) continue;
      const char* protocol = each.protocol == IceProtocol::kTcp ? "tcp " : "udp ";
      found.push_back(protocol + each.address + ':' + std::to_string(each.port));
    }
    return found;
  }
  /// From now on the server hears nothing over TCP.
  void silence_tcp() {
    network.filter = [](const auto&, const auto& to, ByteView segment) {
      return to == at("203.0.113.1", 3478) && segment.size() < 28;  // less than a STUN message with FINGERPRINT
    };
  }

  Network network;
  Nat nat{network, "198.51.100.1", kOpenNat};
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  Host host{network, "left", 1, false, &nat};
};

TEST_F(AgentStunStreams, GiveAPassiveCandidateOfThePortThatListens) {
  gather({over_tls(server)});
  ASSERT_EQ(reflexive(), (std::vector<std::string>{"tcp 198.51.100.1:20001"}));
  const IceCandidate& candidate = host.candidates.back();
  EXPECT_EQ(candidate.tcp_type, "passive");
  EXPECT_EQ(candidate.related_address, "10.0.1.1");
  EXPECT_EQ(candidate.related_port, 8000);
  EXPECT_EQ(candidate.url, "stuns:203.0.113.1");
  EXPECT_LT(candidate.priority, host.candidates[1].priority) << "below the host candidate of its port";
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(AgentStunStreams, AreAskedOverUdpToo) {
  gather({server.stun()});
  const auto found = reflexive();
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()),
            (std::set<std::string>{"udp 198.51.100.1:20001", "tcp 198.51.100.1:20002"}));
}

TEST_F(AgentStunStreams, LetAPeerConnectThatKnowsNothingElse) {
  Host peer(network, "right", 2);
  peer.add_tcp(at("203.0.113.9", 9000), TcpRole::kActive);
  peer.agent.set_remote_parameters(network.now, host.local);
  host.agent.set_remote_parameters(network.now, peer.local);
  peer.agent.start(network.now, IceRole::kControlling);
  host.agent.start(network.now, IceRole::kControlled);
  gather({over_tls(server)});
  peer.gather();
  peer.tell(host.candidates.back());
  ASSERT_TRUE(network.run_until([&] { return host.connected() && peer.connected(); }, 5s));
  EXPECT_EQ(host.agent.selected()->local->candidate.type, IceCandidateType::kServerReflexive);
  EXPECT_EQ(host.agent.selected()->local->candidate.tcp_type, "passive");
}

TEST_F(AgentStunStreams, AreNoCandidateWithoutATranslator) {
  Host open(network, "open", 3);
  open.connects = true;
  open.add_tcp(at("203.0.113.9", 8000), TcpRole::kPassive);
  open.gather({over_tls(server)});
  ASSERT_TRUE(network.run_until([&] { return open.agent.gathering_state() == IceGatheringState::kComplete; }, 5s));
  EXPECT_EQ(open.candidates.size(), 1u);
  EXPECT_TRUE(open.errors.empty());
}

TEST_F(AgentStunStreams, AreWaitedForShortlyWhereTheyAnswerOverUdp) {
  silence_tcp();
  EXPECT_LT(gather({server.stun()}), 600ms);
  EXPECT_EQ(reflexive().size(), 1u);
  EXPECT_TRUE(host.errors.empty());
  network.delay = 200ms;
  restart();
  const Duration took = gather({server.stun()});
  EXPECT_GT(took, 1500ms) << "a path as long as that";
  EXPECT_LT(took, 2500ms);
}

TEST_F(AgentStunStreams, AreReportedOnceWhereTheyDoNotAnswerAtAll) {
  network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.1", 3478); };
  EXPECT_LE(gather({server.stun()}), 7750ms) << "no longer than over UDP";
  EXPECT_EQ(host.errors, (Errors{{"stun:203.0.113.1", 701}}));
}

TEST_F(AgentStunStreams, AreReportedWhereTlsIsNotAnswered) {
  silence_tcp();
  gather({over_tls(server)});
  EXPECT_EQ(host.errors, (Errors{{"stuns:203.0.113.1", 701}}));
  EXPECT_TRUE(reflexive().empty());
}

TEST_F(AgentStunStreams, AreReportedWhereNoPortListens) {
  Host other(network, "other", 3);
  other.connects = true;
  other.add_address(at("203.0.113.9", 5000));
  other.add_tcp(at("203.0.113.9", 9000), TcpRole::kActive);
  other.gather({over_tls(server)});
  EXPECT_EQ(other.gathering.back(), IceGatheringState::kComplete);
  EXPECT_EQ(other.errors, (Errors{{"stuns:203.0.113.1", 701}}));
  EXPECT_TRUE(other.opened_streams.empty());
}

TEST_F(AgentStunStreams, AreReportedOverTlsAloneWhereTheConnectionIsRefused) {
  host.connects = false;
  host.gather({over_tls(server), server.stun()});
  ASSERT_EQ(host.opened_streams.size(), 2u);
  for (const auto& [base, to] : host.opened_streams) host.agent.stream_closed(network.now, base, "Connection refused");
  ASSERT_TRUE(network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, 100ms));
  EXPECT_EQ(host.errors, (Errors{{"stuns:203.0.113.1", 701}}));
  EXPECT_EQ(host.closed_streams.size(), 2u);
}

TEST_F(AgentStunStreams, AreAskedOnceThePortMayHaveAConnectionWithThem) {
  host.streams = false;
  host.gather({over_tls(server)});
  network.run(20ms);
  host.streams = true;  // the former one is gone by now
  ASSERT_TRUE(network.run_until([&] { return host.gathering.back() == IceGatheringState::kComplete; }, 1s));
  EXPECT_EQ(reflexive().size(), 1u);
  restart();
  host.streams = false;
  nat.rebind();
  EXPECT_LT(gather({over_tls(server)}), 1s);
  EXPECT_EQ(host.errors, (Errors{{"stuns:203.0.113.1", 701}}));
}

TEST_F(AgentStunStreams, AreReportedWithTheErrorThatTheyAnswer) {
  host.connects = false;
  host.gather({over_tls(server)});
  TransactionId asked{};
  network.filter = [&](const auto&, const auto&, ByteView datagram) {
    if (const auto request = StunMessage::parse(datagram)) asked = request->transaction;
    return true;
  };
  const int base = host.opened_streams.at(0).first;
  host.agent.stream_opened(network.now, base, at("10.0.1.1", 8000));
  StunWriter answer(StunMethod::kBinding, StunClass::kError, asked);
  answer.add_error(403, "Forbidden");
  host.agent.handle_datagram(network.now, base, at("203.0.113.1", 3478), answer.finish());
  EXPECT_EQ(host.agent.gathering_state(), IceGatheringState::kComplete);
  EXPECT_EQ(host.errors, (Errors{{"stuns:203.0.113.1", 403}}));
  EXPECT_EQ(host.closed_streams, std::vector<int>{base});
}

TEST_F(AgentStunStreams, AreTwoOfThoseThatAreAskedOverUdpAndAllThatAreNot) {
  TurnServer second{network, "203.0.113.11", "203.0.113.21"}, third{network, "203.0.113.12", "203.0.113.22"};
  gather({over_tls(server), over_tls(second), over_tls(third)});
  EXPECT_EQ(host.opened_streams.size(), 3u);
  restart();
  gather({server.turn()});
  EXPECT_EQ(host.closed_streams.size(), 3u) << "they are not asked any more";
  host.opened_streams.clear();
  restart();
  gather({server.stun(), second.stun(), third.stun()});
  EXPECT_EQ(host.opened_streams.size(), 2u);
}

TEST_F(AgentStunStreams, AreAskedAfterARestartOverTheConnectionThatThereIs) {
  gather({over_tls(server)});
  restart();
  gather({over_tls(server)});
  EXPECT_EQ(reflexive(), (std::vector<std::string>{"tcp 198.51.100.1:20001"}));
  EXPECT_EQ(host.opened_streams.size(), 1u);
  EXPECT_TRUE(host.closed_streams.empty());
}

TEST_F(AgentStunStreams, AreAskedAfterARestartOverAnotherConnectionWhereTheTranslatorHasForgottenThatOne) {
  gather({over_tls(server)});
  nat.rebind();
  restart();
  EXPECT_LT(gather({over_tls(server)}), 1s) << "the server resets what it does not know";
  EXPECT_EQ(reflexive(), (std::vector<std::string>{"tcp 198.51.100.1:20002"}));
  // And where nobody says that it is forgotten.
  const int old = host.opened_streams.back().first;
  const size_t closed = host.closed_streams.size();
  restart();
  network.filter = [](const auto&, const auto& to, ByteView) { return to == at("203.0.113.1", 3478); };
  host.gather({over_tls(server)});
  network.run(2s);
  EXPECT_EQ(host.closed_streams.size(), closed);
  network.run(1010ms);
  EXPECT_EQ(host.closed_streams.size(), closed + 1);
  EXPECT_EQ(host.closed_streams.back(), old);
  network.filter = nullptr;
  ASSERT_TRUE(network.run_until([&] { return host.gathering.back() == IceGatheringState::kComplete; }, 1s));
  EXPECT_EQ(reflexive().size(), 1u);
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(AgentStunStreams, AreAskedAgainInAPoolWhenTheAddressIsBack) {
  host.agent.hold_candidates();
  host.agent.begin_gathering(network.now);
  host.agent.add_server(network.now, over_tls(server), at("203.0.113.1", 3478));
  network.run(1s);
  host.agent.set_base_usable(network.now, 1, false);
  host.agent.stream_closed(network.now, host.opened_streams.at(0).first, "the local address is gone");
  nat.rebind();
  host.agent.set_base_usable(network.now, 1, true);
  network.run(1s);
  host.agent.release_candidates(network.now);
  host.agent.end_servers(network.now);
  EXPECT_EQ(reflexive(), (std::vector<std::string>{"tcp 198.51.100.1:20002"}));
  EXPECT_EQ(host.gathering.back(), IceGatheringState::kComplete);
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(AgentStunStreams, AreNotAskedUnderRelay) {
  Host relaying(network, "other", 3, true);
  relaying.connects = true;
  relaying.add_tcp(at("203.0.113.9", 8000), TcpRole::kPassive);
  relaying.gather({over_tls(server), server.stun()});
  network.run(1s);
  EXPECT_TRUE(relaying.opened_streams.empty());
}

}  // namespace
}  // namespace peerwire::ice::test
