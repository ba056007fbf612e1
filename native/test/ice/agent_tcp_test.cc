// ICE over TCP in virtual time: the network's datagrams stand for frames of connections.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

/// Two hosts; TCP connections of an active base come from a port of their own.
class AgentTcp : public testing::Test {
 protected:
  void begin(Host& host, Host& other, IceRole role) {
    host.peer = &other;
    host.agent.set_remote_parameters(network.now, other.local);
    host.agent.start(network.now, role);
  }
  void connect(bool left_listens, bool right_listens) {
    left.add_tcp(at("10.0.0.1", 7001), left_listens ? TcpRole::kPassive : TcpRole::kActive);
    right.add_tcp(at("10.0.0.2", 7002), right_listens ? TcpRole::kPassive : TcpRole::kActive);
    begin(left, right, IceRole::kControlling);
    begin(right, left, IceRole::kControlled);
    left.gather();
    right.gather();
    for (const IceCandidate& candidate : left.candidates) right.tell(candidate);
    for (const IceCandidate& candidate : right.candidates) left.tell(candidate);
  }
  bool both_connected(Duration limit = 20s) {
    return network.run_until([&] { return left.connected() && right.connected(); }, limit);
  }
  /// Both hosts are told that the connection that they use is gone.
  void close_connection() {
    for (Host* host : {&left, &right}) {
      const SocketAddress remote = host->agent.selected()->remote_address();
      host->drop_connections(0);
      host->agent.connection_closed(network.now, 0, remote);
    }
  }

  Network network;
  Host left{network, "left", 1}, right{network, "right", 2};
};

TEST_F(AgentTcp, AnActiveOneConnectsToAPassiveOneWhicheverControls) {
  connect(false, true);
  ASSERT_TRUE(both_connected());
  EXPECT_TRUE(left.agent.send(network.now, Bytes{20, 1}));
  EXPECT_TRUE(right.agent.send(network.now, Bytes{20, 2}));
  ASSERT_TRUE(network.run_until([&] { return !left.received.empty() && !right.received.empty(); }, 5s));
  const IceCandidate& ours = left.agent.selected()->local->candidate;
  const IceCandidate& theirs = left.agent.selected()->remote->candidate;
  EXPECT_EQ(ours.protocol, IceProtocol::kTcp);
  EXPECT_EQ(ours.tcp_type, "active");
  EXPECT_EQ(ours.type, IceCandidateType::kPeerReflexive) << "its port is not the 9 of the candidate";
  EXPECT_EQ(theirs.tcp_type, "passive");
  EXPECT_EQ(right.agent.selected()->local->candidate.tcp_type, "passive");
  EXPECT_EQ(right.agent.selected()->remote->candidate.tcp_type, "active");
  EXPECT_EQ(right.agent.selected()->remote->candidate.type, IceCandidateType::kPeerReflexive);
}

TEST_F(AgentTcp, TwoOfAKindFindNoPair) {
  connect(true, true);
  EXPECT_FALSE(both_connected(60s));
  EXPECT_EQ(left.agent.pair_count(), 0u);
  EXPECT_TRUE(left.destinations.empty()) << "a passive candidate begins nothing";
}

TEST_F(AgentTcp, UdpIsPreferredAndTcpTakesItsPlaceWhenItIsBlocked) {
  left.add_address(at("10.0.0.1", 5000));
  right.add_address(at("10.0.0.2", 5000));
  connect(false, true);
  ASSERT_TRUE(both_connected());
  network.run(3s);
  EXPECT_EQ(left.agent.selected()->local->candidate.protocol, IceProtocol::kUdp);
  network.filter = [](const auto& from, const auto& to, ByteView) { return from.port() == 5000 || to.port() == 5000; };
  network.run(20s);
  ASSERT_TRUE(left.connected() && right.connected());
  EXPECT_EQ(left.agent.selected()->local->candidate.protocol, IceProtocol::kTcp);
  EXPECT_EQ(right.agent.selected()->local->candidate.protocol, IceProtocol::kTcp);
}

TEST_F(AgentTcp, AConnectionThatIsGoneIsMadeAgain) {
  connect(false, true);
  ASSERT_TRUE(both_connected());
  network.run(60s);
  close_connection();
  EXPECT_FALSE(left.agent.writable());
  EXPECT_EQ(left.states.back(), IceTransportState::kDisconnected);
  EXPECT_EQ(right.states.back(), IceTransportState::kDisconnected);
  EXPECT_FALSE(network.run_until([&] { return left.agent.writable(); }, 500ms)) << "not at once";
  EXPECT_TRUE(network.run_until([&] { return left.agent.writable(); }, 1s));
  EXPECT_TRUE(both_connected());
}

TEST_F(AgentTcp, AConnectionThatCannotBeMadeAgainFailsInTime) {
  connect(false, true);
  ASSERT_TRUE(both_connected());
  network.run(60s);
  network.filter = [](const auto&, const auto&, ByteView) { return true; };
  close_connection();
  network.run(10s);
  EXPECT_EQ(left.states.back(), IceTransportState::kDisconnected);
  EXPECT_EQ(right.states.back(), IceTransportState::kDisconnected);
  network.run(30s);
  EXPECT_EQ(left.states.back(), IceTransportState::kFailed);
  EXPECT_EQ(right.states.back(), IceTransportState::kFailed);
}

TEST_F(AgentTcp, UdpAndTcpOfOnePortAreTwoCandidates) {
  left.add_address(at("10.0.0.1", 5000));
  left.add_tcp(at("10.0.0.1", 7001), TcpRole::kActive);
  begin(left, right, IceRole::kControlling);
  left.gather();
  IceCandidate udp;
  udp.foundation = "1";
  udp.address = "10.0.0.2";
  udp.port = 4000;
  IceCandidate tcp = udp;
  tcp.protocol = IceProtocol::kTcp;
  tcp.tcp_type = "passive";
  for (const auto& candidate : {udp, tcp, udp, tcp}) left.tell(candidate);
  EXPECT_EQ(left.agent.remote_candidate_count(), 2u);
  EXPECT_EQ(left.agent.pair_count(), 2u);
  // Port 9 says that there is nobody to connect to; other bad ports are not tried over TCP either.
  tcp.tcp_type = "active";
  tcp.port = 9;
  left.tell(tcp);
  EXPECT_EQ(left.agent.remote_candidate_count(), 3u);
  tcp.tcp_type = "passive";
  tcp.port = 25;
  left.tell(tcp);
  tcp.tcp_type = "so";
  tcp.port = 4000;
  left.tell(tcp);
  tcp.tcp_type = "";
  left.tell(tcp);
  EXPECT_EQ(left.agent.remote_candidate_count(), 3u);
  EXPECT_EQ(left.agent.pair_count(), 2u);
}

TEST_F(AgentTcp, AdmitsWhoKnowsThePassword) {
  const auto request = [](const std::string& username, const std::string& password) {
    StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{1});
    writer.add_text(StunAttribute::kUsername, username).add_integrity(as_bytes(password));
    const ByteView message = writer.finish();
    return Bytes(message.begin(), message.end());
  };
  const std::string password = Host::parameters("left").password;
  EXPECT_TRUE(left.agent.admits(request("left:right", password)));
  EXPECT_FALSE(left.agent.admits(request("left:right", "another password of length")));
  EXPECT_FALSE(left.agent.admits(request("other:right", password)));
  EXPECT_FALSE(left.agent.admits(Bytes{1, 2, 3}));
}

TEST(TcpPriority, PutsUdpFirstAndActiveBeforePassive) {
  const uint32_t udp = candidate_priority(IceCandidateType::kServerReflexive, 0);
  const uint32_t active = tcp_priority(IceCandidateType::kHost, TcpRole::kActive, 0);
  const uint32_t passive = tcp_priority(IceCandidateType::kHost, TcpRole::kPassive, 65535);
  const uint32_t relay = candidate_priority(IceCandidateType::kRelay, 65535);
  EXPECT_GT(udp, active);
  EXPECT_GT(active, passive);
  EXPECT_GT(passive, relay);
}

}  // namespace
}  // namespace peerwire::ice::test
