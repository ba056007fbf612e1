#include "media/receive/nack_generator.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1000;

TEST(NackGenerator, AsksAtOnceAndAgainEveryRoundTrip) {
  NackGenerator nacks;
  nacks.set_rtt(50 * kMs);
  nacks.on_packet(10, false, 0);
  nacks.on_packet(13, false, 0);
  EXPECT_EQ(nacks.take(0), (std::vector<uint16_t>{11, 12}));
  // libwebrtc answers no sooner than its own round trip and 5 ms after the first: 62 ms if that is longer by 7.
  EXPECT_EQ(nacks.next_us(), 67 * kMs);
  EXPECT_TRUE(nacks.take(66 * kMs).empty());
  EXPECT_TRUE(nacks.on_packet(11, true, 66 * kMs));
  EXPECT_EQ(nacks.take(67 * kMs), (std::vector<uint16_t>{12}));
  EXPECT_TRUE(nacks.on_packet(12, true, 110 * kMs));
  EXPECT_EQ(nacks.next_us(), std::nullopt);
  EXPECT_EQ(nacks.sent(), 3u);
}

TEST(NackGenerator, WaitsForAsLongAsPacketsAreOvertaken) {
  NackGenerator nacks;
  nacks.set_rtt(50 * kMs);
  nacks.on_packet(1, false, 0);
  nacks.on_packet(3, false, 0);
  EXPECT_EQ(nacks.take(0).size(), 1u);
  // It was only late by 8 ms: not yet an answer.
  EXPECT_TRUE(nacks.on_packet(2, false, 8 * kMs));
  nacks.on_packet(5, false, 20 * kMs);
  EXPECT_TRUE(nacks.take(20 * kMs).empty());
  EXPECT_EQ(nacks.next_us(), 30 * kMs);
  EXPECT_EQ(nacks.take(30 * kMs), (std::vector<uint16_t>{4}));
}

TEST(NackGenerator, DoesNotTakeAnswersForReordering) {
  NackGenerator nacks;
  nacks.set_rtt(50 * kMs);
  nacks.on_packet(1, false, 0);
  nacks.on_packet(3, false, 0);
  nacks.take(0);
  nacks.on_packet(2, false, 51 * kMs);  // retransmitted on its own SSRC
  nacks.on_packet(5, false, 60 * kMs);
  EXPECT_EQ(nacks.take(60 * kMs), (std::vector<uint16_t>{4}));
}

TEST(NackGenerator, ForgetsReorderingInTime) {
  NackGenerator nacks;
  nacks.on_packet(1, false, 0);
  nacks.on_packet(3, false, 0);
  nacks.on_packet(2, false, 30 * kMs);
  int64_t now_us = 0;
  int64_t sequence = 3;
  for (int i = 0; i < 10; ++i) nacks.on_packet(++sequence, false, now_us += 11'000 * kMs);
  nacks.on_packet(sequence + 2, false, now_us);
  EXPECT_EQ(nacks.take(now_us).size(), 1u);
}

TEST(NackGenerator, GivesUpAfterSomeTries) {
  NackGenerator nacks;
  nacks.set_rtt(20 * kMs);
  nacks.on_packet(1, false, 0);
  nacks.on_packet(3, false, 0);
  size_t asked = 0;
  int64_t now_us = 0;
  while (const auto next = nacks.next_us()) {
    now_us = *next;
    asked += nacks.take(now_us).size();
  }
  EXPECT_EQ(asked, static_cast<size_t>(NackGenerator::kMaxTries));
  EXPECT_TRUE(nacks.take_given_up());
  EXPECT_FALSE(nacks.take_given_up());
  EXPECT_LE(now_us, 500 * kMs);
}

TEST(NackGenerator, GivesUpWhatIsTooOld) {
  NackGenerator nacks;
  nacks.set_rtt(1'000 * kMs);
  nacks.on_packet(1, false, 0);
  nacks.on_packet(3, false, 0);
  nacks.take(0);
  EXPECT_TRUE(nacks.take(NackGenerator::kMaxAgeUs + 1).empty());
  EXPECT_EQ(nacks.missing(), 0u);
  EXPECT_TRUE(nacks.take_given_up());
}

TEST(NackGenerator, IsBounded) {
  NackGenerator nacks;
  nacks.on_packet(1, false, 0);
  nacks.on_packet(5'000, false, 0);
  EXPECT_EQ(nacks.missing(), NackGenerator::kMaxMissing);
  EXPECT_TRUE(nacks.take_given_up());
  nacks.on_packet(5'500, false, 0);
  EXPECT_EQ(nacks.missing(), NackGenerator::kMaxMissing);
  nacks.clear_until(5'400);
  EXPECT_EQ(nacks.missing(), 99u);
}

}  // namespace
}  // namespace peerwire
