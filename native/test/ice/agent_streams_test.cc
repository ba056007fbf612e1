// TURN servers over TCP and TLS, in virtual time: the connection is the test's to make.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

class AgentStreams : public testing::Test {
 protected:
  IceServer over_tcp(const std::string& password = "secret") {
    IceServer server = turn.turn("user", password);
    server.url += "?transport=tcp";
    server.transport = IceProtocol::kTcp;
    return server;
  }
  IceServer over_tls() {
    IceServer server = over_tcp();
    server.url = "turns:" + server.host;
    server.scheme = IceServer::Scheme::kTurns;
    return server;
  }
  void open_streams(Host& host) {
    for (const auto& [base, to] : host.opened_streams) {
      host.agent.stream_opened(network.now, base, host.agent.base_address(base));
    }
  }
  bool complete(Host& host, Duration limit = 60s) {
    return network.run_until([&] { return host.agent.gathering_state() == IceGatheringState::kComplete; }, limit);
  }
  /// `left`, which may only relay, by a server over TCP.
  void connect_over_tcp(Host& left, Host& right) {
    left.peer = &right;
    right.peer = &left;
    right.add_address(at("10.0.0.2", 5000));
    for (Host* host : {&left, &right}) {
      host->agent.set_remote_parameters(network.now, Host::parameters(host == &left ? "right" : "left"));
      host->agent.start(network.now, host == &left ? IceRole::kControlling : IceRole::kControlled);
    }
    left.gather({over_tcp()});
    right.gather();
    open_streams(left);
    network.run_until([&] { return left.connected() && right.connected(); }, 30s);
  }

  Network network;
  TurnServer turn{network, "198.51.100.1", "198.51.100.2"};
};

TEST_F(AgentStreams, GivesARelayCandidateThatSaysHowTheServerIsReached) {
  Host host(network, "left", 1);
  host.add_address(at("10.0.0.1", 5000));
  host.gather({over_tcp(), over_tls(), turn.turn()});
  ASSERT_EQ(host.opened_streams.size(), 2u);
  EXPECT_EQ(host.opened_streams[0].second, at("198.51.100.1", 3478));
  network.run(1s);
  EXPECT_EQ(host.agent.gathering_state(), IceGatheringState::kGathering) << "two connections are still to stand";
  open_streams(host);
  ASSERT_TRUE(complete(host));
  std::map<std::string, uint32_t> priorities;
  for (const IceCandidate& candidate : host.candidates) {
    if (candidate.type == IceCandidateType::kRelay) priorities[candidate.relay_protocol] = candidate.priority;
  }
  ASSERT_EQ(priorities.size(), 3u);
  EXPECT_GT(priorities["udp"], priorities["tcp"]);
  EXPECT_GT(priorities["tcp"], priorities["tls"]);
  EXPECT_TRUE(host.errors.empty());
}

TEST_F(AgentStreams, ConnectsTwoThatMayOnlyRelayAndSendsFromNowhereElse) {
  Host left(network, "left", 1, true), right(network, "right", 2, true);
  left.peer = &right;
  right.peer = &left;
  for (Host* host : {&left, &right}) {
    host->add_address(at(host == &left ? "10.0.0.1" : "10.0.0.2", 5000));
    host->agent.set_remote_parameters(network.now, Host::parameters(host == &left ? "right" : "left"));
    host->agent.start(network.now, host == &left ? IceRole::kControlling : IceRole::kControlled);
    host->gather({over_tcp()});
    open_streams(*host);
  }
  ASSERT_TRUE(network.run_until([&] { return left.connected() && right.connected(); }, 30s));
  EXPECT_TRUE(left.agent.send(network.now, Bytes{20, 1, 2}));
  ASSERT_TRUE(network.run_until([&] { return !right.received.empty(); }, 5s));
  EXPECT_EQ(left.destinations, std::set<std::string>{"198.51.100.1:3478"});
  EXPECT_EQ(right.destinations, std::set<std::string>{"198.51.100.1:3478"});
}

TEST_F(AgentStreams, ReportsAConnectionThatCannotBeMade) {
  Host host(network, "left", 1);
  host.gather({over_tcp()});
  host.agent.stream_closed(network.now, host.opened_streams.at(0).first, "Connection refused");
  EXPECT_EQ(host.agent.gathering_state(), IceGatheringState::kComplete);
  EXPECT_EQ(host.errors, (std::vector<std::pair<std::string, int>>{{over_tcp().url, 701}}));
  EXPECT_EQ(host.closed_streams, std::vector<int>{host.opened_streams[0].first});
}

TEST_F(AgentStreams, ReportsThatThereIsNoConnectionToBeHad) {
  Host host(network, "left", 1);
  host.streams = false;
  host.gather({over_tcp()});
  EXPECT_EQ(host.agent.gathering_state(), IceGatheringState::kComplete);
  EXPECT_EQ(host.errors, (std::vector<std::pair<std::string, int>>{{over_tcp().url, 701}}));
}

TEST_F(AgentStreams, SendsNothingTwiceAndGivesUpWithoutAnAnswer) {
  Host host(network, "left", 1);
  host.gather({over_tcp()});
  network.filter = [](const auto&, const auto&, ByteView) { return true; };
  open_streams(host);
  ASSERT_TRUE(complete(host));
  EXPECT_EQ(network.sent, 1u);
  EXPECT_EQ(host.errors, (std::vector<std::pair<std::string, int>>{{over_tcp().url, 701}}));
}

TEST_F(AgentStreams, ReportsWrongPasswordsOnce) {
  Host host(network, "left", 1);
  host.gather({over_tcp("wrong")});
  open_streams(host);
  ASSERT_TRUE(complete(host));
  EXPECT_EQ(host.errors, (std::vector<std::pair<std::string, int>>{{over_tcp().url, 401}}));
  EXPECT_EQ(host.closed_streams.size(), 1u);
}

TEST_F(AgentStreams, TakesAnotherConnectionWhereAnAllocationIsInTheWay) {
  turn.mismatches = 1;
  Host host(network, "left", 1);
  host.add_address(at("10.0.0.1", 5000));
  host.gather({over_tcp()});
  open_streams(host);
  ASSERT_TRUE(network.run_until([&] { return host.opened_streams.size() == 2; }, 5s));
  EXPECT_EQ(host.closed_streams, std::vector<int>{host.opened_streams[0].first});
  host.agent.stream_opened(network.now, host.opened_streams[1].first, at("10.0.0.1", 7001));
  ASSERT_TRUE(complete(host));
  EXPECT_TRUE(host.errors.empty());
  EXPECT_EQ(host.candidates.back().type, IceCandidateType::kRelay);
}

TEST_F(AgentStreams, LosesItsPairsWithItsConnection) {
  Host left(network, "left", 1, true), right(network, "right", 2);
  connect_over_tcp(left, right);
  ASSERT_TRUE(left.connected() && right.connected());
  network.run(60s);
  left.agent.stream_closed(network.now, left.opened_streams[0].first, "connection closed by the peer");
  EXPECT_FALSE(left.agent.writable());
  EXPECT_EQ(left.states.back(), IceTransportState::kDisconnected) << "there may be another way yet";
  EXPECT_TRUE(left.errors.empty()) << "gathering was done with it";
  EXPECT_TRUE(network.run_until([&] { return left.agent.state() == IceTransportState::kFailed; }, 60s));
}

TEST_F(AgentStreams, GoesOnOverAConnectionThatIsMadeAnew) {
  Host left(network, "left", 1, true), right(network, "right", 2);
  connect_over_tcp(left, right);
  ASSERT_TRUE(left.connected() && right.connected());
  EXPECT_FALSE(left.agent.has_lost_relay(over_tcp()));
  const size_t told = left.candidates.size();
  left.agent.stream_closed(network.now, left.opened_streams[0].first, "local address is gone");
  EXPECT_TRUE(left.agent.has_lost_relay(over_tcp()));
  EXPECT_FALSE(left.agent.has_lost_relay(over_tls())) << "there was none";
  left.agent.add_server(network.now, over_tcp(), at("198.51.100.1", 3478));
  EXPECT_FALSE(left.agent.has_lost_relay(over_tcp())) << "it is under way";
  ASSERT_EQ(left.opened_streams.size(), 2u);
  const int base = left.opened_streams[1].first;
  left.agent.stream_opened(network.now, base, left.agent.base_address(base));
  // The peer sees the new relayed address by the checks alone.
  ASSERT_TRUE(network.run_until([&] { return left.connected() && right.connected() && left.agent.writable(); }, 30s));
  EXPECT_EQ(left.candidates.size(), told);
  EXPECT_EQ(left.gathering.back(), IceGatheringState::kComplete);
  EXPECT_TRUE(left.errors.empty());
  ASSERT_TRUE(network.run_until(
      [&] {
        left.agent.send(network.now, Bytes{128, 1});
        network.run(10ms);
        return !right.received.empty();
      },
      5s));
}

TEST_F(AgentStreams, FindsItsAllocationAgainAfterARestart) {
  Host host(network, "left", 1);
  host.add_address(at("10.0.0.1", 5000));
  host.gather({over_tcp()});
  open_streams(host);
  ASSERT_TRUE(complete(host));
  host.candidates.clear();
  ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("again"), false));
  host.gather({over_tcp()});
  ASSERT_TRUE(complete(host));
  EXPECT_EQ(host.opened_streams.size(), 1u);
  ASSERT_EQ(host.candidates.size(), 1u);
  EXPECT_EQ(host.candidates[0].relay_protocol, "tcp");
}

TEST_F(AgentStreams, DoesNotWaitLongForAConnectionOfBeforeARestart) {
  Host host(network, "left", 1);
  host.add_address(at("10.0.0.1", 5000));
  host.gather({over_tcp()});
  open_streams(host);
  ASSERT_TRUE(complete(host));
  // A translator has forgotten the connection: what is sent gets lost, and nobody tells.
  const SocketAddress gone = host.agent.base_address(host.opened_streams[0].first);
  network.filter = [gone](const auto& from, const auto&, ByteView) { return from == gone; };
  host.candidates.clear();
  ASSERT_TRUE(host.agent.restart(network.now, Host::parameters("again"), false));
  host.gather({over_tcp()});
  ASSERT_TRUE(network.run_until([&] { return host.opened_streams.size() == 2; }, 3s));
  EXPECT_TRUE(host.closed_streams.empty()) << "packets may still be on their way over it";
  const int base = host.opened_streams[1].first;
  host.agent.stream_opened(network.now, base, host.agent.base_address(base));
  ASSERT_TRUE(complete(host, 1s));
  ASSERT_EQ(host.candidates.size(), 1u);
  EXPECT_EQ(host.candidates[0].relay_protocol, "tcp");
  EXPECT_TRUE(host.errors.empty());
  ASSERT_TRUE(network.run_until([&] { return !host.closed_streams.empty(); }, 15s)) << "it was asked, and is dead";
  EXPECT_EQ(host.closed_streams, std::vector<int>{host.opened_streams[0].first});
  EXPECT_TRUE(host.errors.empty());
}

}  // namespace
}  // namespace peerwire::ice::test
