// Sockets of a transport that come and go: their places are used again.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "net/tcp_socket.h"
#include "transport/ice/agent_transport.h"

namespace peerwire::ice {
namespace {

/// Tells of the end of one gathering.
struct Gathering : IceTransportObserver {
  void on_ice_state(IceTransportState) override {}
  void on_ice_gathering_state(IceGatheringState state) override {
    if (state == IceGatheringState::kComplete) complete.set_value();
  }
  void on_local_candidate(const IceCandidate&) override {}
  void on_candidate_error(const std::string&, uint16_t, const std::string&, int, const std::string&) override {
    ++errors;
  }
  void on_selected_pair(const IceCandidate&, const IceCandidate&) override {}
  void on_ice_role(IceRole) override {}

  std::promise<void> complete;
  int errors = 0;
};

/// A port on which nobody listens any more.
uint16_t closed_port(NetworkThread& network) {
  struct Nobody : TcpListener::Observer {
    void on_accepted(std::unique_ptr<TcpSocket>) override {}
  } nobody;
  int error = 0;
  const auto listener = TcpListener::listen(network, *SocketAddress::parse("127.0.0.1", 0), &nobody, &error);
  return listener ? listener->local_address().port() : 0;
}

TEST(TransportSlots, AreUsedAgainAfterConnectionsThatCouldNotBeMade) {
  constexpr int kTries = 50;
  auto network = NetworkThread::acquire();
  Gathering gathering;
  std::unique_ptr<AgentTransport> transport;
  IceOptions options;
  options.bind_address = "127.0.0.1";
  const auto parameters = [](int count) {
    return IceParameters{"user" + std::to_string(count), "0123456789abcdefghijklmn", false};
  };
  size_t slots = 0;
  for (int i = 0; i <= kTries; ++i) {
    network->post_and_wait([&] {
      gathering.complete = {};
      if (transport) return transport->restart(parameters(i), options);
      const uint16_t port = closed_port(*network);
      ASSERT_NE(port, 0);
      options.servers.push_back({"turn:127.0.0.1?transport=tcp", IceServer::Scheme::kTurn, "127.0.0.1", port,
                                 IceProtocol::kTcp, "user", "secret"});
      transport = std::make_unique<AgentTransport>(*network, options, parameters(i), &gathering);
      transport->gather();
    });
    ASSERT_EQ(gathering.complete.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    network->post_and_wait([&] {
      EXPECT_EQ(gathering.errors, i + 1);
      if (i == 0) slots = transport->slot_count();
    });
  }
  network->post_and_wait([&] {
    EXPECT_EQ(transport->slot_count(), slots);
    transport.reset();
  });
}

}  // namespace
}  // namespace peerwire::ice
