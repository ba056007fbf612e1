// Path MTU discovery (RFC 8899): the search by itself, and associations on paths that carry much, little, and less than
// before.
#include <gtest/gtest.h>

#include "sctp/association_pair.h"
#include "transport/sctp/path_mtu_search.h"
#include "transport/sctp/path_probe.h"

namespace peerwire {
namespace {

using namespace test;

constexpr TimePoint kStart = TimePoint{} + 1000s;

TEST(PathMtuSearch, GoesUpWithEachAcknowledgementAndEndsAtTheLargest) {
  PathMtuSearch search;
  search.begin(1200, {1400, 8900});
  EXPECT_EQ(search.packet_size(), 1200u);
  EXPECT_EQ(search.take_probe(kStart), 1400u);
  EXPECT_EQ(search.take_probe(kStart), 0u) << "one at a time";
  EXPECT_TRUE(search.acknowledged(kStart, 1400));
  EXPECT_EQ(search.packet_size(), 1400u);
  EXPECT_EQ(search.take_probe(kStart), 8900u);
  EXPECT_TRUE(search.acknowledged(kStart, 8900));
  EXPECT_EQ(search.take_probe(kStart + 3600s), 0u);
  EXPECT_EQ(search.packet_size(), 8900u);
}

TEST(PathMtuSearch, ThreeLostProbesEndItUntilThePathIsTriedAgain) {
  PathMtuSearch search;
  search.begin(1200, {1400, 8900});
  search.take_probe(kStart);
  search.acknowledged(kStart, 1400);
  TimePoint now = kStart;
  for (int i = 0; i < 3; ++i, now += 3s) {
    EXPECT_EQ(search.take_probe(now), 8900u);
    EXPECT_EQ(search.take_probe(now + 2s), 0u);
  }
  EXPECT_EQ(search.take_probe(now), 0u);
  EXPECT_EQ(search.packet_size(), 1400u);
  EXPECT_EQ(search.take_probe(now + 599s), 0u);
  EXPECT_EQ(search.take_probe(now + 600s), 8900u) << "PMTU_RAISE_TIMER";
}

TEST(PathMtuSearch, WhatIsKnownNotToFitIsNotRepeated) {
  PathMtuSearch search;
  search.begin(1200, {1400, 8900});
  EXPECT_EQ(search.take_probe(kStart), 1400u);
  search.refused(kStart);
  EXPECT_EQ(search.take_probe(kStart + 100s), 0u);
  EXPECT_EQ(search.take_probe(kStart + 600s), 1400u);
}

TEST(PathMtuSearch, CountsOnlyWhatWasProbed) {
  PathMtuSearch search;
  search.begin(1200, {1400, 8900});
  EXPECT_FALSE(search.acknowledged(kStart, 1400));
  search.take_probe(kStart);
  EXPECT_FALSE(search.acknowledged(kStart, 8900));
  EXPECT_FALSE(search.acknowledged(kStart, 1399));
  EXPECT_TRUE(search.acknowledged(kStart, 1400));
  EXPECT_FALSE(search.acknowledged(kStart, 1400));
  EXPECT_EQ(search.packet_size(), 1400u);
}

TEST(PathMtuSearch, ALateAcknowledgementCounts) {
  PathMtuSearch search;
  search.begin(1200, {1400});
  for (int i = 0; i < 4; ++i) search.take_probe(kStart + i * 3s);
  EXPECT_TRUE(search.acknowledged(kStart + 13s, 1400));
  EXPECT_EQ(search.packet_size(), 1400u);
}

TEST(PathMtuSearch, ABlackHoleHoldsTheNextSearchBackLongerEachTime) {
  PathMtuSearch search;
  search.begin(1200, {1400});
  TimePoint now = kStart;
  for (const auto hold : {10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s}) {
    ASSERT_EQ(search.take_probe(now), 1400u);
    search.acknowledged(now, 1400);
    search.black_hole(now);
    EXPECT_EQ(search.packet_size(), 1200u);
    EXPECT_EQ(search.take_probe(now + hold - 1s), 0u);
    now += hold;
  }
}

TEST(PathProbe, IsAsLargeAsItSaysAndItsAcknowledgementIsKnown) {
  const Bytes probe = make_path_probe({5000, 5001, 0x01020304}, 1400);
  ASSERT_EQ(probe.size(), 1400u);
  SctpHeader header;
  SctpChunk first;
  ASSERT_TRUE(read_sctp_packet(probe, header, first));
  EXPECT_EQ(header.source_port, 5000);
  EXPECT_EQ(header.destination_port, 5001);
  EXPECT_EQ(header.verification_tag, 0x01020304u);
  EXPECT_EQ(first, SctpChunk{4});
  EXPECT_FALSE(read_path_probe_acknowledgement(probe)) << "a HEARTBEAT is none";
  Bytes answer(probe.begin(), probe.begin() + 12 + 20);
  answer[12] = 5;
  EXPECT_EQ(read_path_probe_acknowledgement(answer), 1400u);
  for (size_t size = 0; size < answer.size(); ++size) {
    EXPECT_FALSE(read_path_probe_acknowledgement(ByteView(answer).first(size)));
  }
  answer[20] ^= 1;
  EXPECT_FALSE(read_path_probe_acknowledgement(answer));
}

/// An association whose first end may be told larger sizes, on a path that carries `carries`.
struct PathPair : Pair {
  explicit PathPair(size_t carries, uint32_t seed = 1) : Pair(seed) {
    for (LinkEnd* link : {&a.link, &b.link}) {
      link->larger = {1440, 8940, 16384};
      link->path_carries = carries;
    }
  }
  size_t mtu() const { return a.association->stats().mtu; }
  /// Sends `count` messages of 60,000 octets and waits until all have arrived, as they were.
  ::testing::AssertionResult transfer(size_t count, Duration limit = 60s) {
    const size_t before = b.received.size();
    for (size_t i = 0; i < count; ++i) a.send(1, pattern(60'000, static_cast<uint32_t>(i)));
    if (!net.run_until([&] { return b.received.size() == before + count; }, limit)) {
      return ::testing::AssertionFailure() << b.received.size() - before << " of " << count;
    }
    for (size_t i = 0; i < count; ++i) {
      if (b.received[before + i].data != pattern(60'000, static_cast<uint32_t>(i))) {
        return ::testing::AssertionFailure() << "message " << i << " is another";
      }
    }
    return ::testing::AssertionSuccess();
  }
};

TEST(PathMtu, PacketsGrowToWhatThePathCarries) {
  for (const auto& [carries, found] : {std::pair<size_t, size_t>{65535, 16384}, {9000, 8940}, {1440, 1440}}) {
    PathPair pair(carries);
    ASSERT_TRUE(pair.connect());
    EXPECT_EQ(pair.mtu(), 1280u);
    ASSERT_TRUE(pair.transfer(20));
    EXPECT_EQ(pair.mtu(), found);
    const size_t packets = pair.a.link.packets;
    ASSERT_TRUE(pair.transfer(20));
    EXPECT_LE(pair.a.link.packets - packets, 20 * (60'000 / (found - 28) + 2));
    EXPECT_EQ(pair.a.link.cut, 0u);
  }
}

TEST(PathMtu, NothingIsProbedForWithoutFullPackets) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  for (int i = 0; i < 100; ++i) {
    pair.a.send(1, pattern(500, 1));
    pair.net.run_for(100ms);
  }
  EXPECT_EQ(pair.b.received.size(), 100u);
  EXPECT_TRUE(pair.a.link.probes.empty());
  EXPECT_EQ(pair.mtu(), 1280u);
}

TEST(PathMtu, NothingIsProbedForWhereNothingLargerIsWorthIt) {
  PathPair pair(65535);
  pair.a.link.larger.clear();
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(5));
  EXPECT_TRUE(pair.a.link.probes.empty());
  EXPECT_LE(pair.a.link.largest, 1280u);
}

TEST(PathMtu, APathThatCarriesNoMoreIsAskedThreeTimesAndLosesNothing) {
  PathPair pair(1280);
  ASSERT_TRUE(pair.connect());
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(pair.transfer(2));
    pair.net.run_for(1s);
  }
  EXPECT_EQ(pair.mtu(), 1280u);
  EXPECT_EQ(pair.a.link.probes, (std::vector<size_t>{1440, 1440, 1440}));
}

TEST(PathMtu, ASizeThatTheSystemRefusesIsAskedOnce) {
  PathPair pair(65535);
  pair.a.link.known_to_carry = 1500;
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(20));
  EXPECT_EQ(pair.mtu(), 1440u);
  EXPECT_EQ(pair.a.link.probes, (std::vector<size_t>{1440, 8940}));
}

TEST(PathMtu, OnlyWhatThePeerAcknowledgesCounts) {
  // A peer whose buffers are small: whatever is larger than them never reaches its SCTP.
  PathPair pair(4096);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(20));
  pair.net.run_for(20s);
  ASSERT_TRUE(pair.transfer(1));
  EXPECT_EQ(pair.mtu(), 1440u);
}

TEST(PathMtu, ProbesThatGetLostAreRepeated) {
  PathPair pair(65535);
  LinkConditions lossy;
  lossy.loss = 0.2;
  pair.set(lossy);
  ASSERT_TRUE(pair.connect(60s));
  for (int i = 0; i < 60 && pair.mtu() < 16384; ++i) {
    ASSERT_TRUE(pair.transfer(1, 300s));
    pair.net.run_for(1s);
  }
  EXPECT_EQ(pair.mtu(), 16384u);
}

TEST(PathMtu, ABlackHoleFallsBackLosesNothingAndIsSearchedAgain) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(10));
  ASSERT_EQ(pair.mtu(), 16384u);
  // In the middle of a transfer, without a word from anybody.
  for (uint32_t i = 0; i < 20; ++i) pair.a.send(1, pattern(60'000, i));
  pair.a.link.path_carries = 1280;
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.received.size() == 30; }, 30s));
  for (uint32_t i = 0; i < 20; ++i) EXPECT_EQ(pair.b.received[10 + i].data, pattern(60'000, i));
  EXPECT_EQ(pair.mtu(), 1280u);
  EXPECT_GT(pair.a.link.cut, 0u) << "what was made before can only pass in fragments";
  const size_t cut = pair.a.link.cut;
  ASSERT_TRUE(pair.transfer(5));
  EXPECT_EQ(pair.a.link.cut, cut);
  // The path is wide again.
  pair.a.link.path_carries = 65535;
  pair.net.run_for(11s);
  ASSERT_TRUE(pair.transfer(10));
  EXPECT_EQ(pair.mtu(), 16384u);
}

TEST(PathMtu, ABlackoutDoesNotEndInAnotherPacketSizeForGood) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(10));
  LinkConditions dead;
  dead.loss = 1;
  pair.set(dead);
  for (uint32_t i = 0; i < 5; ++i) pair.a.send(1, pattern(60'000, i));
  pair.net.run_for(10s);
  pair.set({});
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.received.size() == 15; }, 30s));
  pair.net.run_for(11s);
  ASSERT_TRUE(pair.transfer(5));
  EXPECT_EQ(pair.mtu(), 16384u);
}

TEST(PathMtu, AnotherPathIsSearchedAnew) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(10));
  ASSERT_EQ(pair.mtu(), 16384u);
  pair.a.link.path_carries = 1440;
  pair.a.link.change_path();
  EXPECT_EQ(pair.mtu(), 1280u);
  ASSERT_TRUE(pair.transfer(10));
  EXPECT_EQ(pair.mtu(), 1440u);
}

TEST(PathMtu, InTheMiddleOfATransferToo) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(10));
  for (uint32_t i = 0; i < 30; ++i) pair.a.send(1, pattern(60'000, i));
  pair.net.run_for(2ms);
  pair.a.link.path_carries = 1440;
  pair.a.link.change_path();
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.received.size() == 40; }, 60s));
  for (uint32_t i = 0; i < 30; ++i) EXPECT_EQ(pair.b.received[10 + i].data, pattern(60'000, i));
  EXPECT_EQ(pair.mtu(), 1440u);
}

TEST(PathMtu, ManySmallMessagesFillTheLargerPackets) {
  PathPair pair(65535);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.transfer(10));
  const size_t packets = pair.a.link.packets;
  for (uint32_t i = 0; i < 1000; ++i) pair.a.send(1, pattern(1000, i));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.received.size() == 1010; }, 10s));
  EXPECT_LT(pair.a.link.packets - packets, 200u);
}

}  // namespace
}  // namespace peerwire
