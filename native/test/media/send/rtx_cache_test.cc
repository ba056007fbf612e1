#include "media/send/rtx_cache.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

std::shared_ptr<RtpPacketToSend> packet(uint16_t number) {
  auto made = std::make_shared<RtpPacketToSend>();
  made->header.sequence_number = number;
  return made;
}

TEST(RtxCache, GivesWhatWasSentAndNothingElse) {
  RtxCache cache;
  cache.insert(packet(100), 1000, 0);
  const auto again = cache.take_for_resend(100, 10'000);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->header.sequence_number, 100);
  EXPECT_FALSE(cache.take_for_resend(101, 10'000));
  // The same slot, another number.
  EXPECT_FALSE(cache.take_for_resend(100 + 64, 10'000));
  EXPECT_FALSE(cache.take_for_resend(100 + 2'048, 10'000));
}

TEST(RtxCache, DoesNotResendWhatIsStillOnItsWay) {
  RtxCache cache;
  cache.set_rtt(80'000);
  cache.insert(packet(1), 1000, 0);
  EXPECT_TRUE(cache.take_for_resend(1, 50'000));  // the first request is answered at once
  cache.on_resent(1, 50'000);
  // Who asks again after a round trip may have measured a shorter one.
  EXPECT_FALSE(cache.take_for_resend(1, 109'999));
  EXPECT_TRUE(cache.take_for_resend(1, 110'000));
  cache.on_resent(1, 110'000);
  EXPECT_FALSE(cache.take_for_resend(1, 111'000));
}

TEST(RtxCache, DoesNotQueueWhatWaitsToLeave) {
  RtxCache cache;
  cache.set_rtt(40'000);
  cache.insert(packet(1), 1000, 0);
  EXPECT_TRUE(cache.take_for_resend(1, 50'000));
  // The pacer has others before it; the peer asks each round trip.
  EXPECT_FALSE(cache.take_for_resend(1, 100'000));
  EXPECT_FALSE(cache.take_for_resend(1, 700'000));
  cache.on_resent(1, 700'000);
  EXPECT_FALSE(cache.take_for_resend(1, 710'000));
  EXPECT_TRUE(cache.take_for_resend(1, 740'000));
  // It was dropped with all that waited; or was never queued.
  cache.forget_waiting();
  EXPECT_TRUE(cache.take_for_resend(1, 790'000));
  EXPECT_TRUE(cache.take_for_resend(1, 2'800'000));
}

TEST(RtxCache, KeepsFewPacketsLonger) {
  RtxCache few, many;
  for (uint16_t number = 0; number < 500; ++number) few.insert(packet(number), 10, number);
  for (uint16_t number = 0; number < 700; ++number) many.insert(packet(number), 10, number);
  EXPECT_TRUE(few.take_for_resend(0, 2'900'000));
  EXPECT_FALSE(few.take_for_resend(0, 3'100'000));
  EXPECT_FALSE(many.take_for_resend(0, 1'200'000));
  EXPECT_TRUE(many.take_for_resend(699, 2'900'000));
}

TEST(RtxCache, ForgetsByAgeAndKeepsThreeRoundTrips) {
  RtxCache cache({.few_packets = 0});
  cache.insert(packet(1), 1000, 0);
  cache.insert(packet(2), 1000, 1'000'000);
  EXPECT_EQ(cache.packets(), 2u);
  EXPECT_FALSE(cache.take_for_resend(1, 1'000'001));
  EXPECT_EQ(cache.packets(), 1u);
  cache.set_rtt(2'000'000);
  cache.insert(packet(3), 1000, 1'500'000);
  EXPECT_TRUE(cache.take_for_resend(2, 6'900'000));
  EXPECT_FALSE(cache.take_for_resend(2, 7'000'001));
}

TEST(RtxCache, IsBoundedByOctets) {
  RtxCache cache({2'048, 10'000, 1'000'000});
  for (uint16_t number = 0; number < 100; ++number) cache.insert(packet(number), 1'000, number);
  EXPECT_LE(cache.bytes(), 10'000u);
  EXPECT_TRUE(cache.take_for_resend(99, 100));
  EXPECT_FALSE(cache.take_for_resend(80, 100));
}

TEST(RtxCache, IsBoundedByPacketsAndGrowsToThatBound) {
  RtxCache cache({256, size_t{1} << 30, 1'000'000'000});
  for (uint32_t number = 65'000; number < 67'000; ++number) {
    cache.insert(packet(static_cast<uint16_t>(number)), 10, number);
    const uint32_t kept = std::min<uint32_t>(256, number - 65'000 + 1);
    ASSERT_EQ(cache.packets(), kept);
    ASSERT_EQ(cache.bytes(), kept * 10);
    if (kept < 256) continue;
    ASSERT_TRUE(cache.take_for_resend(static_cast<uint16_t>(number - 255), number));
  }
  EXPECT_FALSE(cache.take_for_resend(static_cast<uint16_t>(66'999 - 256), 67'000));
}

TEST(RtxCache, GapsLeaveNothingStaleBehind) {
  RtxCache cache({64, size_t{1} << 30, 1'000'000'000});
  for (uint16_t number = 0; number < 64; ++number) cache.insert(packet(number), 10, 0);
  cache.insert(packet(103), 10, 0);  // 64 to 102 were never sent
  EXPECT_EQ(cache.packets(), 25u);   // 40 to 63, and 103
  EXPECT_FALSE(cache.take_for_resend(39, 0));
  EXPECT_TRUE(cache.take_for_resend(40, 0));
}

TEST(RtxCache, BeginsAnewWhenNumbersJump) {
  RtxCache cache;
  for (uint16_t number = 0; number < 10; ++number) cache.insert(packet(number), 10, 0);
  cache.insert(packet(40'000), 10, 0);
  EXPECT_EQ(cache.packets(), 1u);
  EXPECT_FALSE(cache.take_for_resend(5, 0));
  EXPECT_TRUE(cache.take_for_resend(40'000, 0));
}

TEST(RtxCache, PaddingTakesTheNewestOfThoseSentLeast) {
  RtxCache cache;
  for (uint16_t number = 1; number <= 3; ++number) cache.insert(packet(number), number == 3 ? 1'200 : 500, 0);
  EXPECT_EQ(cache.take_for_padding(600, 10)->header.sequence_number, 2);  // 3 is too large
  EXPECT_EQ(cache.take_for_padding(600, 20)->header.sequence_number, 1);
  EXPECT_EQ(cache.take_for_padding(600, 30)->header.sequence_number, 2);
  EXPECT_FALSE(cache.take_for_padding(100, 40));
}

TEST(RtxCache, ForgetsWhatIsAcknowledged) {
  RtxCache cache;
  cache.insert(packet(7), 10, 0);
  cache.acknowledge(8);
  EXPECT_EQ(cache.packets(), 1u);
  cache.acknowledge(7);
  EXPECT_EQ(cache.packets(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_FALSE(cache.take_for_padding(1'000, 0));
  cache.insert(packet(8), 10, 0);
  EXPECT_TRUE(cache.take_for_resend(8, 0));
}

}  // namespace
}  // namespace peerwire
