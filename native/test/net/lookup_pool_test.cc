// Who waits for whom when names are looked up.
#include "net/lookup_pool.h"

#include <gtest/gtest.h>

#include "net/blocked_lookups.h"

namespace peerwire {
namespace {

TEST(LookupPool, NamesOfPeersHoldUpNobodyElse) {
  constexpr int kNames = 64;
  const auto of_peers = BlockedLookups::add(NameSource::kPeer, kNames);
  ASSERT_TRUE(of_peers->wait_for_begun(LookupPool::kMaxForPeers));
  for (int i = 0; i < 3; ++i) {
    const auto configured = BlockedLookups::add(NameSource::kConfiguration, 1);
    configured->release();
    EXPECT_TRUE(configured->wait_for_ended(1));
  }
  EXPECT_EQ(of_peers->begun(), LookupPool::kMaxForPeers);
  of_peers->release();
  EXPECT_TRUE(of_peers->wait_for_ended(kNames));
  EXPECT_EQ(of_peers->most_at_once(), LookupPool::kMaxForPeers);
}

}  // namespace
}  // namespace peerwire
