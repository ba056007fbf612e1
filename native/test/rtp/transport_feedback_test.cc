#include <gtest/gtest.h>

#include <random>

#include "rtp/network_order.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire::rtcp {
namespace {

using Arrivals = std::vector<std::optional<int64_t>>;  // in steps of 250 us

TransportFeedback feedback_of(uint16_t base, const Arrivals& arrivals) {
  TransportFeedback feedback{1, 2, 200, -5, {}};
  for (size_t i = 0; i < arrivals.size(); ++i) {
    feedback.packets.push_back(
        {static_cast<uint16_t>(base + i), arrivals[i].has_value(), arrivals[i].value_or(0) * 250});
  }
  return feedback;
}

Bytes octets_of(const TransportFeedback& feedback) {
  return serialize(std::vector<Packet>{feedback});
}

void expect_same(const TransportFeedback& sent, const Bytes& octets, size_t count) {
  const auto packets = parse(octets);
  ASSERT_EQ(packets.size(), 1u);
  const auto& got = std::get<TransportFeedback>(packets[0]);
  EXPECT_EQ(got.sender_ssrc, sent.sender_ssrc);
  EXPECT_EQ(got.media_ssrc, sent.media_ssrc);
  EXPECT_EQ(got.feedback_count, sent.feedback_count);
  EXPECT_EQ(got.reference_time, sent.reference_time);
  ASSERT_EQ(got.packets.size(), count);
  for (size_t i = 0; i < count; ++i) {
    EXPECT_EQ(got.packets[i].sequence_number, sent.packets[i].sequence_number);
    EXPECT_EQ(got.packets[i].received, sent.packets[i].received);
    EXPECT_EQ(got.packets[i].arrival_us, sent.packets[i].arrival_us);
  }
}

TEST(TransportFeedback, WritesTheOctetsOfTheDraft) {
  // A one-bit vector of: received, lost, received.
  const auto mixed = octets_of(feedback_of(0xFFFE, {4, {}, 6}));
  EXPECT_EQ(mixed, (Bytes{0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 0, 3, 0xFF, 0xFF, 0xFB, 200,  //
                          0xA8, 0,   4, 2}));
  // A run of 20 small deltas.
  const auto run = octets_of(feedback_of(1, Arrivals(20, 3)));
  EXPECT_EQ(read_u16(&run[20]), 0x2000 | 20);
  EXPECT_EQ(run.size(), 20u + 2 + 20 + 2);
  // Two-bit vector: small, large (negative), lost.
  const auto two_bit = octets_of(feedback_of(1, {10, 5, {}}));
  EXPECT_EQ(read_u16(&two_bit[20]), 0xC000 | 1 << 12 | 2 << 10);
  EXPECT_EQ(two_bit[22], 10);
  EXPECT_EQ(read_u16(&two_bit[23]), 0xFFFB);
}

TEST(TransportFeedback, ReadsEachKindOfChunk) {
  // Run of 2 lost, one-bit vector (8 of 14 used), then deltas for the two received.
  const Bytes octets = {0x8F, 205, 0,           6,    0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 10, 0, 0, 1, 0,  //
                        0x00, 2,   0x80 | 0x10, 0x80, 7, 9, 0, 0};
  const auto packets = parse(octets);
  ASSERT_EQ(packets.size(), 1u);
  const auto& got = std::get<TransportFeedback>(packets[0]);
  ASSERT_EQ(got.packets.size(), 10u);
  for (const auto& packet : got.packets) {
    const bool is_first = packet.sequence_number == 8, is_second = packet.sequence_number == 13;
    EXPECT_EQ(packet.received, is_first || is_second) << packet.sequence_number;
    EXPECT_EQ(packet.arrival_us, is_first ? 7 * 250 : is_second ? 16 * 250 : 0);
  }
}

/// Bursts of loss, and arrivals whose distance is mostly a small delta, every `jump`th time a large one.
Arrivals random_arrivals(std::mt19937& random) {
  Arrivals arrivals;
  const size_t count = 1 + random() % 200;
  const unsigned loss = random() % 4, jump = random() % 30 + 1;
  int64_t last = 0;
  bool is_lost = false;
  while (arrivals.size() < count) {
    if (random() % 10 == 0) is_lost = random() % 4 < loss;
    if (is_lost) {
      arrivals.push_back(std::nullopt);
      continue;
    }
    last +=
        random() % jump == 0 ? static_cast<int64_t>(random() % 65536) - 32768 : static_cast<int64_t>(random() % 256);
    arrivals.push_back(last);
  }
  return arrivals;
}

TEST(TransportFeedback, SaysAgainWhateverItReads) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const Arrivals arrivals = random_arrivals(random);
    const size_t count = arrivals.size();
    const auto sent = feedback_of(static_cast<uint16_t>(random()), arrivals);
    const Bytes octets = octets_of(sent);
    const size_t fit = transport_feedback_fit(sent, octets.size());
    EXPECT_EQ(fit, count);
    expect_same(sent, octets, count);
    // What is said to fit a smaller packet does, and one more would not.
    const size_t limit = 24 + random() % octets.size();
    const size_t some = transport_feedback_fit(sent, limit);
    auto part = sent;
    if (some > 0) {
      part.packets.resize(some);
      EXPECT_LE(octets_of(part).size(), limit);
      expect_same(sent, octets_of(part), some);
    }
    // Nor is much less said to fit than does: what would be one more chunk is too much.
    if (some + 14 <= count) {
      part = sent;
      part.packets.resize(some + 14);
      EXPECT_GT(octets_of(part).size(), limit / 4 * 4);
    }
  }
}

TEST(TransportFeedback, EndsBeforeWhatItCannotSay) {
  const auto far = feedback_of(1, {0, 32767, 32767 * 2 + 1, 5});
  EXPECT_EQ(transport_feedback_fit(far, 1200), 2u) << "a delta beyond 16 bits";
  expect_same(far, octets_of(far), 2);
  auto gap = feedback_of(1, {0, 1, 2});
  gap.packets[2].sequence_number = 9;
  EXPECT_EQ(transport_feedback_fit(gap, 1200), 2u);
  EXPECT_EQ(transport_feedback_fit(feedback_of(1, {40'000}), 1200), 0u);
  EXPECT_TRUE(octets_of(feedback_of(1, {40'000})).empty());
  EXPECT_EQ(transport_feedback_fit(feedback_of(1, {1}), 20), 0u);
}

TEST(TransportFeedback, DoesNotLetRoundingAddUp) {
  auto feedback = feedback_of(1, Arrivals(1000, 0));
  for (size_t i = 0; i < feedback.packets.size(); ++i) feedback.packets[i].arrival_us = static_cast<int64_t>(i) * 1110;
  const auto packets = parse(octets_of(feedback));
  ASSERT_EQ(packets.size(), 1u);
  const auto& got = std::get<TransportFeedback>(packets[0]);
  for (size_t i = 0; i < got.packets.size(); ++i) {
    EXPECT_LE(std::abs(got.packets[i].arrival_us - feedback.packets[i].arrival_us), 125);
  }
}

TEST(TransportFeedback, RefusesWhatIsMalformed) {
  const Bytes good = octets_of(feedback_of(1, {1, 2, 3, 4}));
  const auto with = [&](size_t at, uint8_t value) {
    Bytes bad = good;
    bad[at] = value;
    return parse(bad);
  };
  EXPECT_EQ(parse(good).size(), 1u);
  EXPECT_TRUE(with(15, 0).empty()) << "of no packets";
  EXPECT_TRUE(parse(Bytes{0x8F, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0, 0, 0}).empty()) << "no chunk";
  EXPECT_TRUE(with(20, 0x60).empty()) << "a run of the reserved symbol";
  EXPECT_TRUE(with(20, 0x40).empty()) << "large deltas that are not there";
}

TEST(TransportFeedback, BoundsWhatOneDatagramMayGrowInto) {
  // 36 octets that stand for 65,535 packets, five times.
  Bytes one = {0x8F, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
  for (int i = 0; i < 8; ++i) one.insert(one.end(), {0x1F, 0xFF});
  Bytes all;
  for (int i = 0; i < 5; ++i) all.insert(all.end(), one.begin(), one.end());
  // 8 * 8,191 is 7 short of it.
  EXPECT_TRUE(parse(all).empty());
  all.clear();
  one[14] = 0xFF;
  one[15] = 0xF8;
  for (int i = 0; i < 5; ++i) all.insert(all.end(), one.begin(), one.end());
  EXPECT_EQ(parse(all).size(), 1u);
}

TEST(TransportFeedback, BoundsWhatManyDatagramsMayGrowInto) {
  Bytes one = {0x8F, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xFF, 0xF8, 0, 0, 0, 0};
  for (int i = 0; i < 8; ++i) one.insert(one.end(), {0x1F, 0xFF});
  size_t budget = 100'000;
  EXPECT_EQ(parse(one, budget).size(), 1u);
  EXPECT_EQ(budget, 100'000u - 0xFFF8);
  EXPECT_TRUE(parse(one, budget).empty());
  EXPECT_EQ(budget, 0u);
  // What is malformed was read, too.
  one.back() = 0xFE;
  one[14] = 0x20;
  one[15] = 0;
  one[20] = 0x7F;
  budget = 100'000;
  EXPECT_TRUE(parse(one, budget).empty());
  EXPECT_EQ(budget, 100'000u - 0x2000);
}

}  // namespace
}  // namespace peerwire::rtcp
