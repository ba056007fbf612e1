// The peers of one allocation over hours of virtual time: whom it forgets, and whom not.
#include "transport/ice/turn_client.h"

#include <gtest/gtest.h>

#include "ice/simulated_network.h"
#include "ice/simulated_turn_server.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

class TurnClientTest : public testing::Test, public TurnClientObserver, public Network::Clocked {
 protected:
  TurnClientTest() {
    network.attach(
        own, [this](const auto&, const auto&, ByteView datagram) { client.handle_datagram(network.now, datagram); });
    network.add(this);
    client.start(network.now);
    network.run(1s);
  }
  ~TurnClientTest() override { network.remove(this); }

  SocketAddress new_peer() {
    const size_t number = ++peers_;
    const SocketAddress peer = at("198.18." + std::to_string(number / 200) + "." + std::to_string(number % 200 + 1), 9);
    network.attach(peer, [this](const auto&, const auto& to, ByteView) { ++arrived[to]; });
    return peer;
  }
  /// Whether it comes to the peer.
  bool relays(const SocketAddress& peer) {
    const size_t before = arrived[peer];
    EXPECT_TRUE(client.send(network.now, peer, Bytes{20, 1}, true));
    network.run(100ms);
    return arrived[peer] == before + 1;
  }
  bool has_channel(const SocketAddress& peer) {
    const size_t before = server.channel_data;
    return relays(peer) && server.channel_data == before + 1;
  }

  bool turn_send(TurnClient&, ByteView datagram) override {
    network.send(own, at("203.0.113.1", 3478), datagram);
    return true;
  }
  void turn_allocated(TurnClient&) override {}
  void turn_confirmed(TurnClient&) override {}
  void turn_unconfirmed(TurnClient&) override {}
  void turn_failed(TurnClient&, int code, const std::string& reason) override { FAIL() << code << ' ' << reason; }
  void turn_leaving(TurnClient&, const Redirection*, const std::string&) override {}
  void turn_given_back(TurnClient&) override {}
  void turn_data(TurnClient&, const SocketAddress&, ByteView, TimePoint) override {}
  TimePoint next_timeout() const override { return client.next_timeout(); }
  void handle_timeout(TimePoint now) override { client.handle_timeout(now); }

  const SocketAddress own = at("10.0.0.1", 1001);
  Network network;
  TurnServer server{network, "203.0.113.1", "203.0.113.2"};
  SeededRandom random{1};
  TurnClient client{0, at("203.0.113.1", 3478), server.turn(), random, this};
  std::unordered_map<SocketAddress, size_t, SocketAddressHash> arrived;

 private:
  size_t peers_ = 0;
};

TEST_F(TurnClientTest, ForgetsPeersThatAreNotUsedAndGivesTheirChannelsToOthers) {
  const SocketAddress used = new_peer();
  ASSERT_TRUE(relays(used));
  for (int i = 0; i < 400; ++i) {
    const SocketAddress peer = new_peer();
    ASSERT_TRUE(relays(peer)) << i;
    ASSERT_TRUE(relays(peer)) << i;
    ASSERT_TRUE(has_channel(peer)) << i;
    ASSERT_TRUE(relays(used)) << i;
    network.run(1min);
  }
  size_t permissions = 0;
  for (int i = 0; i < 30; ++i) {
    network.run(1min);
    ASSERT_TRUE(has_channel(used)) << i;
    if (i == 10) permissions = server.permissions;
  }
  EXPECT_LE(server.permissions - permissions, 6u) << "of the one that is used";
}

TEST_F(TurnClientTest, ForgetsTheOneThatWasUsedLeastRecentlyWhereThereAreTooMany) {
  const SocketAddress used = new_peer(), first = new_peer();
  ASSERT_TRUE(relays(used));
  ASSERT_TRUE(relays(first));
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(relays(new_peer())) << i;
    ASSERT_TRUE(relays(used)) << i;
  }
  EXPECT_TRUE(has_channel(used));
  const size_t permissions = server.permissions;
  EXPECT_TRUE(relays(first)) << "it may come back";
  EXPECT_EQ(server.permissions, permissions + 1);
}

TEST_F(TurnClientTest, LeavesAServerThatIsFullAloneForAWhile) {
  const SocketAddress peer = new_peer();
  ASSERT_TRUE(relays(peer));
  server.refuse_bindings_with = 508;
  for (int i = 0; i < 6000; ++i) {
    ASSERT_TRUE(client.send(network.now, peer, Bytes{20, 1}, true));
    network.run(10ms);
  }
  EXPECT_LE(server.bindings, 13u);
  server.refuse_bindings_with = 0;
  network.run(5s);
  ASSERT_TRUE(relays(peer));
  EXPECT_TRUE(has_channel(peer));

  server.refuse_permissions_with = 508;
  const SocketAddress other = new_peer();
  const size_t permissions = server.permissions;
  for (int i = 0; i < 6000; ++i) {
    client.send(network.now, other, Bytes{20, 1}, true);
    network.run(10ms);
  }
  EXPECT_LE(server.permissions - permissions, 13u);
}

TEST_F(TurnClientTest, APeerThatComesBackHasTheChannelThatItHad) {
  const SocketAddress peer = new_peer();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(relays(peer));
  ASSERT_TRUE(has_channel(peer));
  network.run(9min);  // forgotten, but still bound
  ASSERT_TRUE(relays(peer));
  ASSERT_TRUE(relays(peer));
  EXPECT_TRUE(has_channel(peer));
}

}  // namespace
}  // namespace peerwire::ice::test
