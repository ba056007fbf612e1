// What transports share is the same for those that run on a lent turn of the network thread.
#include <gtest/gtest.h>

#include "net/mdns_service.h"
#include "test/net/lent_turn.h"
#include "transport/ice/tcp_mux.h"
#include "transport/ice/udp_mux.h"

namespace peerwire::ice {
namespace {

/// What `acquire` gives the network thread's own turn, what a lent one, and what the first again once nobody has it.
template <typename Acquire>
void expect_shared(Acquire acquire) {
  auto network = NetworkThread::acquire();
  decltype(acquire(*network)) own, lent;
  network->post_and_wait([&] { own = acquire(*network); });
  ASSERT_TRUE(own);
  ASSERT_TRUE(lends_itself(*network, [&] { lent = acquire(*network); }));
  EXPECT_EQ(lent, own);
  // The last one goes on a lent turn, too, and is forgotten.
  ASSERT_TRUE(lends_itself(*network, [&] {
    own.reset();
    lent.reset();
  }));
  network->post_and_wait([&] {
    own = acquire(*network);
    EXPECT_TRUE(own);
    own.reset();
  });
}

TEST(SharedOnLentTurns, UdpPort) {
  SocketAddress address = *SocketAddress::parse("127.0.0.1", 0);
  expect_shared([&](NetworkThread& network) {
    int error = 0;
    auto mux = UdpMux::acquire(network, address, &error);
    EXPECT_TRUE(mux) << error;
    if (mux) address = mux->local_address();
    return mux;
  });
}

TEST(SharedOnLentTurns, TcpPort) {
  SocketAddress address = *SocketAddress::parse("127.0.0.1", 0);
  auto network = NetworkThread::acquire();
  network->post_and_wait([&] {
    int error = 0;
    const auto free = TcpMux::acquire(*network, address, false, &error);
    ASSERT_TRUE(free) << error;
    address = free->local_address();
  });
  expect_shared([&](NetworkThread& loop) {
    int error = 0;
    auto mux = TcpMux::acquire(loop, address, true, &error);
    EXPECT_TRUE(mux) << error;
    return mux;
  });
}

TEST(SharedOnLentTurns, MulticastDns) {
  expect_shared([](NetworkThread& network) { return MdnsService::acquire(network); });
}

}  // namespace
}  // namespace peerwire::ice
