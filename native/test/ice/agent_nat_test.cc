// What translators of addresses do to checks, one thing at a time.
#include <gtest/gtest.h>

#include "ice/simulated_host.h"

namespace peerwire::ice::test {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace peerwire::ice::test
