// Bulk transfers over paths that are long, narrow, or both: what congestion control makes of them.
#include <gtest/gtest.h>

#include <algorithm>

#include "sctp/association_pair.h"

namespace peerwire::test {
namespace {

struct Path {
  const char* name;
  std::chrono::milliseconds round_trip;
  double bytes_per_second;
  size_t queue;
  double share;  // of the path that is used in the first ten seconds, at least
};

class LongPath : public testing::TestWithParam<Path> {};

TEST_P(LongPath, IsFilledAndNothingIsSentTwiceInVain) {
  const Path& path = GetParam();
  Pair pair;
  LinkConditions conditions;
  conditions.delay = path.round_trip / 2;
  conditions.bytes_per_second = path.bytes_per_second;
  conditions.queue_bytes = path.queue;
  pair.set(conditions);
  pair.a.link.measured_round_trip = pair.b.link.measured_round_trip = path.round_trip;
  ASSERT_TRUE(pair.connect());
  pair.b.keep = false;
  const auto feed = [&] {
    while (pair.a.total_buffered() < 2 << 20) pair.a.send(1, Bytes(16384, 7));
    return false;
  };
  pair.net.run_until(feed, 10s);
  EXPECT_GT(static_cast<double>(pair.b.bytes), path.share * 10 * path.bytes_per_second);
  // Of payload 1,252 octets a packet, and some are shorter.
  const auto needed = static_cast<double>(pair.b.bytes) / 1100;
  const auto lost_once = static_cast<double>(path.queue + path.bytes_per_second) / 1280;
  EXPECT_LT(static_cast<double>(pair.a.link.packets), needed + 0.2 * lost_once);
}

INSTANTIATE_TEST_SUITE_P(Paths, LongPath,
                         testing::Values(Path{"Near", 2ms, 12.5e6, 256 << 10, 0.94},
                                         Path{"Country", 20ms, 12.5e6, 256 << 10, 0.9},
                                         Path{"Continent", 60ms, 12.5e6, 256 << 10, 0.9},
                                         Path{"ContinentWithALongQueue", 60ms, 12.5e6, 1 << 20, 0.9},
                                         Path{"Ocean", 100ms, 12.5e6, 1 << 20, 0.85},
                                         Path{"World", 300ms, 2.5e6, 256 << 10, 0.75},
                                         Path{"Narrow", 60ms, 0.6e6, 64 << 10, 0.93},
                                         Path{"NarrowWithALongQueue", 60ms, 0.6e6, 600 << 10, 0.9},
                                         Path{"VeryNarrow", 30ms, 0.125e6, 64 << 10, 0.9}),
                         [](const auto& info) { return std::string(info.param.name); });

/// Of small packets, which take more memory than their payload; with interleaving and without.
class WindowBehindALoss : public testing::TestWithParam<bool> {};

TEST_P(WindowBehindALoss, IsNoSiege) {
  Pair pair;
  LinkConditions conditions;
  conditions.delay = 150ms;
  conditions.bytes_per_second = 125e6;
  conditions.queue_bytes = 16 << 20;
  pair.set(conditions);
  for (Peer* peer : {&pair.a, &pair.b}) {
    peer->link.measured_round_trip = 300ms;
    peer->link.max_size = 600;
    peer->create({.interleaving = GetParam()});
    peer->keep = false;
  }
  ASSERT_TRUE(pair.connect());
  const auto feed = [&] {
    while (pair.a.total_buffered() < 4 << 20) pair.a.send(1, Bytes(200'000, 7));
    return false;
  };
  pair.net.run_until(feed, 4s);
  uint32_t largest = 0;
  for (int i = 0; i < 3; ++i) {
    pair.a.link.conditions.loss = 1;
    pair.net.run_for(1ms);
    pair.a.link.conditions.loss = 0;
    pair.net.run_until(feed, 3s);
    ASSERT_EQ(pair.a.state, SctpState::kConnected) << pair.a.error << ", " << pair.b.error;
    largest = std::max(largest, pair.a.association->stats().congestion_window);
  }
  EXPECT_GT(largest, 2u << 20);
  EXPECT_TRUE(pair.net.run_until([&] { return pair.a.total_buffered() == 0; }, 30s));
}

INSTANTIATE_TEST_SUITE_P(Interleaving, WindowBehindALoss, testing::Bool());

TEST(LongPathWithLosses, IsUsedAsRenoWouldAtLeast) {
  // By the formula of RFC 9438, section 1, for Reno: 1.22 packets of 1,252 octets / (60 ms * sqrt(0.001)) is 0.8 MB/s.
  Pair pair(7);
  LinkConditions conditions;
  conditions.delay = 30ms;
  conditions.bytes_per_second = 12.5e6;
  conditions.loss = 0.001;
  pair.set(conditions);
  pair.a.link.measured_round_trip = pair.b.link.measured_round_trip = 60ms;
  ASSERT_TRUE(pair.connect());
  pair.b.keep = false;
  pair.net.run_until(
      [&] {
        while (pair.a.total_buffered() < 2 << 20) pair.a.send(1, Bytes(16384, 7));
        return false;
      },
      30s);
  EXPECT_GT(static_cast<double>(pair.b.bytes) / 30, 0.65e6);
}

}  // namespace
}  // namespace peerwire::test
