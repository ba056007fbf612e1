#include "media/send/bitrate_allocator.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

using Audio = BitrateAllocator::Audio;
using Video = BitrateAllocator::Video;
using Encoding = BitrateAllocator::Encoding;

Audio voice(int64_t id) {
  return {id, 16'000, 40'000, 64'000, BitratePriority::kLow};
}
Video camera(int64_t id, int64_t min = 100'000, int64_t max = 2'000'000,
             BitratePriority priority = BitratePriority::kLow) {
  return {id, {{true, min, max, max, priority}}};
}
Video simulcast(int64_t id) {
  return {id,
          {{true, 30'000, 150'000, 200'000, BitratePriority::kLow},
           {true, 150'000, 500'000, 700'000, BitratePriority::kLow},
           {true, 600'000, 2'500'000, 2'500'000, BitratePriority::kLow}}};
}

TEST(BitrateAllocator, AudioComesFirst) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {camera(2)});
  const auto& shares = allocator.allocate(300'000);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].id, 1);
  EXPECT_GE(shares[0].bps[0], 40'000);
  EXPECT_EQ(shares[0].total() + shares[1].total(), 300'000);
}

TEST(BitrateAllocator, AudioKeepsItsMinimumWhateverTheTarget) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1), voice(2)}, {camera(3)});
  const auto& shares = allocator.allocate(20'000);
  EXPECT_EQ(shares[0].bps[0], 16'000);
  EXPECT_EQ(shares[1].bps[0], 16'000);
  EXPECT_EQ(shares[2].total(), 30'000);
  for (const auto& share : allocator.allocate(0)) EXPECT_EQ(share.total(), 0);
}

TEST(BitrateAllocator, OneVideoStreamNeverPauses) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {camera(2)});
  for (const int64_t target : {1'000'000, 99'000, 60'000, 30'000, 5'000}) {
    const auto& shares = allocator.allocate(target);
    EXPECT_GE(shares[0].bps[0], 16'000) << target;
    EXPECT_GE(shares[1].bps[0], 30'000) << target;
    EXPECT_EQ(allocator.padding_bps(), 0) << target;
    // Audio has what it likes best only where that leaves something.
    EXPECT_LE(shares[0].total() + shares[1].total(), std::max<int64_t>(target, 46'000)) << target;
  }
  // Below its minimum it has what there is.
  EXPECT_EQ(allocator.allocate(99'000)[1].bps[0], 59'000);
  // One that wants less keeps that.
  allocator.set_streams({}, {camera(3, 12'000, 20'000)});
  EXPECT_EQ(allocator.allocate(5'000)[0].bps[0], 12'000);
  allocator.set_streams({}, {simulcast(4)});
  EXPECT_EQ(allocator.allocate(5'000)[0].bps, (std::vector<int64_t>{30'000, 0, 0}));
}

TEST(BitrateAllocator, AnotherVideoPausesBelowItsMinimumAndComesBackWithSomeMore) {
  BitrateAllocator allocator;
  allocator.set_streams({}, {camera(1, 30'000, 30'000), camera(2)});
  EXPECT_EQ(allocator.allocate(130'000)[1].total(), 100'000);
  EXPECT_EQ(allocator.allocate(129'999)[1].total(), 0);
  EXPECT_EQ(allocator.allocate(140'000)[1].total(), 0);
  EXPECT_EQ(allocator.allocate(149'999)[1].total(), 0);
  EXPECT_EQ(allocator.allocate(150'000)[1].total(), 120'000);
  EXPECT_EQ(allocator.allocate(131'000)[1].total(), 101'000);
  EXPECT_EQ(allocator.allocate(1'000)[0].total(), 30'000);
}

TEST(BitrateAllocator, WhatIsPausedAsksForThePaddingThatItNeedsToResume) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {camera(2, 30'000, 30'000), camera(3)});
  allocator.allocate(300'000);
  EXPECT_EQ(allocator.padding_bps(), 0);
  allocator.allocate(150'000);
  // What it needs to pause no more is 120,000; padding is sent up to a total, and the others have 70,000 of it.
  EXPECT_EQ(allocator.padding_bps(), 190'000);
  allocator.allocate(190'000);
  EXPECT_EQ(allocator.padding_bps(), 0);
}

TEST(BitrateAllocator, TellsWhatThereWillBeWhenAQueueHasDrained) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {camera(2)});
  const BitrateAllocator::Share drained = allocator.allocate(600'000)[1];
  EXPECT_EQ(drained.sustained_bps, drained.bps);
  const BitrateAllocator::Share draining = allocator.allocate(100'000, 600'000)[1];
  EXPECT_EQ(draining.sustained_bps, drained.bps);
  EXPECT_LT(draining.bps[0], 100'000);
}

TEST(BitrateAllocator, PrioritiesAreWeights) {
  BitrateAllocator allocator;
  allocator.set_streams(
      {}, {camera(1, 0, 10'000'000, BitratePriority::kVeryLow), camera(2, 0, 10'000'000, BitratePriority::kLow),
           camera(3, 0, 10'000'000, BitratePriority::kMedium), camera(4, 0, 10'000'000, BitratePriority::kHigh)});
  const auto& shares = allocator.allocate(1'500'000);
  EXPECT_NEAR(static_cast<double>(shares[0].total()), 100'000, 10);
  EXPECT_NEAR(static_cast<double>(shares[1].total()), 200'000, 10);
  EXPECT_NEAR(static_cast<double>(shares[2].total()), 400'000, 10);
  EXPECT_NEAR(static_cast<double>(shares[3].total()), 800'000, 10);
}

TEST(BitrateAllocator, WhatOneCannotUseGoesToTheOthers) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {camera(2, 50'000, 200'000, BitratePriority::kHigh), camera(3, 50'000)});
  const auto& shares = allocator.allocate(1'000'000);
  EXPECT_EQ(shares[0].total(), 64'000);
  EXPECT_EQ(shares[1].total(), 200'000);
  EXPECT_NEAR(static_cast<double>(shares[2].total()), 736'000, 10);
  int64_t sum = 0;
  for (const auto& share : allocator.allocate(100'000'000)) sum += share.total();
  EXPECT_EQ(sum, allocator.max_total_bps());
}

TEST(BitrateAllocator, TheLessImportantPausesFirst) {
  BitrateAllocator allocator;
  allocator.set_streams({}, {camera(1, 100'000, 1'000'000, BitratePriority::kVeryLow),
                             camera(2, 100'000, 1'000'000, BitratePriority::kHigh)});
  const auto& shares = allocator.allocate(150'000);
  EXPECT_EQ(shares[0].total(), 0);
  EXPECT_EQ(shares[1].total(), 150'000);
}

TEST(BitrateAllocator, ALargerEncodingNeedsItsMinimumBesideTheSmallerOnes) {
  BitrateAllocator allocator;
  allocator.set_streams({}, {simulcast(1)});
  EXPECT_EQ(allocator.allocate(299'999)[0].bps, (std::vector<int64_t>{200'000, 0, 0}));
  // From then on with hysteresis: 150,000 * 1.2 beside the target of the first.
  EXPECT_EQ(allocator.allocate(320'000)[0].bps, (std::vector<int64_t>{200'000, 0, 0}));
  EXPECT_EQ(allocator.allocate(330'000)[0].bps, (std::vector<int64_t>{150'000, 180'000, 0}));
  EXPECT_EQ(allocator.allocate(310'000)[0].bps, (std::vector<int64_t>{150'000, 160'000, 0}));
  EXPECT_EQ(allocator.allocate(299'000)[0].bps, (std::vector<int64_t>{200'000, 0, 0}));
  EXPECT_EQ(allocator.allocate(1'000'000)[0].bps, (std::vector<int64_t>{200'000, 700'000, 0}));
  EXPECT_EQ(allocator.allocate(1'400'000)[0].bps, (std::vector<int64_t>{150'000, 500'000, 750'000}));
  EXPECT_EQ(allocator.allocate(5'000'000)[0].bps, (std::vector<int64_t>{200'000, 700'000, 2'500'000}));
}

TEST(BitrateAllocator, SaysWhatPaddingWouldEnableTheNextEncoding) {
  BitrateAllocator allocator;
  allocator.set_streams({}, {simulcast(1)});
  allocator.allocate(250'000);
  allocator.allocate(250'000);
  EXPECT_EQ(allocator.padding_bps(), 150'000 + 180'000);
  allocator.allocate(5'000'000);
  EXPECT_EQ(allocator.padding_bps(), 0);
}

TEST(BitrateAllocator, NothingPausesWhileAQueueIsDrained) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1)}, {simulcast(2)});
  const auto before = allocator.allocate(1'500'000);
  const auto& drained = allocator.allocate(300'000, 1'500'000);
  EXPECT_EQ(drained[0].total(), before[0].total());
  EXPECT_NEAR(static_cast<double>(drained[0].total() + drained[1].total()), 300'000, 5);
  for (int64_t bps : drained[1].bps) EXPECT_GT(bps, 0);
  const auto& least = allocator.allocate(30'000, 1'500'000);
  EXPECT_EQ(least[0].total(), before[0].total());
  for (size_t index = 0; index < 3; ++index) EXPECT_EQ(least[1].bps[index], before[1].bps[index] / 10);
  EXPECT_EQ(allocator.allocate(1'500'000, 1'500'000)[1].bps, before[1].bps);
  EXPECT_EQ(allocator.allocate(0, 1'500'000)[1].total(), 0);
}

TEST(BitrateAllocator, InactiveEncodingsGetNothing) {
  BitrateAllocator allocator;
  Video video = simulcast(1);
  video.encodings[0].active = false;
  video.encodings[2].active = false;
  allocator.set_streams({}, {video, {2, {}}});
  EXPECT_EQ(allocator.min_total_bps(), 150'000);
  EXPECT_EQ(allocator.max_total_bps(), 700'000);
  const auto& shares = allocator.allocate(2'000'000);
  EXPECT_EQ(shares[0].bps, (std::vector<int64_t>{0, 700'000, 0}));
  EXPECT_TRUE(shares[1].bps.empty());
}

TEST(BitrateAllocator, SharesAddUpAndStayWithinLimitsAtEveryTarget) {
  BitrateAllocator allocator;
  allocator.set_streams({voice(1), voice(2)}, {simulcast(3), camera(4), simulcast(5)});
  for (int64_t target = 1'000; target < 12'000'000; target += 7'919) {
    int64_t sum = 0;
    for (const auto& share : allocator.allocate(target)) {
      for (int64_t bps : share.bps) EXPECT_GE(bps, 0);
      sum += share.total();
    }
    EXPECT_LE(sum, std::max<int64_t>(target, 62'000)) << target;
    EXPECT_GE(sum, std::min(target, allocator.max_total_bps()) * 7 / 10) << target;
  }
}

}  // namespace
}  // namespace peerwire
