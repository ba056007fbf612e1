#include <dirent.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sctp/association_pair.h"
#include "transport/sctp/crc32c.h"

namespace peerwire::test {
namespace {

size_t thread_count() {
  size_t count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (tasks != nullptr && readdir(tasks) != nullptr) ++count;
  if (tasks != nullptr) closedir(tasks);
  return count - 2;
}

TEST(Crc32c, matches_the_known_value_and_the_portable_way) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  for (size_t size = 0; size < 100; ++size) {
    const Bytes data = pattern(size, static_cast<uint32_t>(size));
    EXPECT_EQ(crc32c(data), crc32c_portable(data));
  }
}

TEST(SctpAssociation, connects_when_both_ends_start_and_starts_no_thread) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(thread_count(), 1u);
  EXPECT_EQ(pair.a.states, (std::vector{SctpState::kConnecting, SctpState::kConnected}));
  EXPECT_EQ(pair.a.association->state(), SctpState::kConnected);
}

TEST(SctpAssociation, carries_a_message) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.send(7, pattern(1200, 1), true, {}, {}, 0xdeadbeef);
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 1s));
  EXPECT_EQ(pair.b.received[0].stream_id, 7);
  EXPECT_EQ(pair.b.received[0].ppid, 0xdeadbeefu);
  EXPECT_EQ(pair.b.received[0].data, pattern(1200, 1));
  pair.net.run_for(1s);
  EXPECT_EQ(pair.a.total_buffered(), 0);
}

}  // namespace
}  // namespace peerwire::test
