#include "transport/sctp/cubic_window.h"

#include <gtest/gtest.h>

#include "transport/sctp/proportional_rate_reduction.h"

namespace peerwire::test {
namespace {

constexpr uint32_t kPacket = 1000;
constexpr int64_t kSecond = 1'000'000;

/// A sender that always has more, to a peer that acknowledges every other packet.
struct Sender {
  CubicWindow cubic;
  uint32_t window = 10 * kPacket;
  int64_t now_us = 0;

  /// @param round_trip_us of the packets that are acknowledged
  void acknowledge(int64_t round_trip_us, bool filled = true, uint32_t octets = 2 * kPacket) {
    window = cubic.after_acknowledgement(
        window, kPacket,
        {octets, window - std::min(window, octets), filled, now_us, round_trip_us, now_us - round_trip_us});
  }
  /// One window in one round trip.
  void round(int64_t round_trip_us, bool filled = true) {
    const uint32_t count = window / (2 * kPacket);
    for (uint32_t i = 0; i < count; ++i) {
      now_us += round_trip_us / count;
      acknowledge(round_trip_us, filled);
    }
  }
  void rounds_until(int64_t end_us, int64_t round_trip_us) {
    while (now_us < end_us) round(round_trip_us);
  }
};

TEST(CubicWindow, BeginsBySlowStartOfAllThatIsAcknowledged) {
  Sender sender;
  sender.round(50'000);
  EXPECT_EQ(sender.window, 20 * kPacket);
  sender.round(50'000);
  EXPECT_EQ(sender.window, 40 * kPacket);
}

TEST(CubicWindow, OneAcknowledgementOfMuchIsNoBurst) {
  Sender sender;
  sender.window = 100 * kPacket;
  sender.acknowledge(50'000, true, 50 * kPacket);
  EXPECT_EQ(sender.window, 108 * kPacket);
}

TEST(CubicWindow, DoesNotGrowWhileThereIsTooLittleToSend) {
  Sender sender;
  sender.round(50'000, false);
  EXPECT_EQ(sender.window, 10 * kPacket);
  sender.window = sender.cubic.after_loss(100 * kPacket, kPacket);
  sender.round(50'000);
  const uint32_t before = sender.window;
  for (int i = 0; i < 200; ++i) sender.round(50'000, false);
  EXPECT_EQ(sender.window, before);
  // Nor does it catch up: ten seconds would have been a third more than before the loss.
  sender.round(50'000);
  EXPECT_LT(sender.window, before + 5 * kPacket);
}

TEST(CubicWindow, SlowStartEndsWithoutLossWhereAQueueGrows) {
  Sender sender;
  for (int i = 0; i < 5; ++i) sender.round(50'000);
  EXPECT_EQ(sender.window, 320 * kPacket);
  int64_t round_trip = 50'000;
  for (int i = 0; i < 8; ++i) sender.round(round_trip += 8'000);
  // Where it was noticed, and five rounds of a quarter.
  EXPECT_LT(sender.window, 1500 * kPacket);
  EXPECT_LE(sender.cubic.slow_start_threshold(), sender.window);
}

TEST(CubicWindow, SlowStartGoesOnWhereItWasNoQueue) {
  Sender sender;
  for (int i = 0; i < 5; ++i) sender.round(50'000);
  for (int i = 0; i < 10; ++i) sender.acknowledge(70'000);
  const uint32_t before = sender.window;
  for (int i = 0; i < 16; ++i) sender.acknowledge(50'000);
  for (int i = 0; i < 10; ++i) sender.acknowledge(50'000);
  EXPECT_GE(sender.window, before + 20 * kPacket);
  EXPECT_EQ(sender.cubic.slow_start_threshold(), UINT32_MAX);
}

TEST(CubicWindow, ComesBackToWhatItWasAndStaysThereForAWhile) {
  Sender sender;
  sender.window = sender.cubic.after_loss(1000 * kPacket, kPacket);
  EXPECT_EQ(sender.window, 700 * kPacket);
  // K = cbrt(300 / 0.4): 9.1 s.
  sender.rounds_until(5 * kSecond, 100'000);
  EXPECT_NEAR(sender.window, 970 * kPacket, 15 * kPacket);
  sender.rounds_until(9 * kSecond, 100'000);
  EXPECT_NEAR(sender.window, 1000 * kPacket, 3 * kPacket);
  sender.rounds_until(12 * kSecond, 100'000);
  EXPECT_LT(sender.window, 1020 * kPacket);
  sender.rounds_until(18 * kSecond, 100'000);
  EXPECT_GT(sender.window, 1250 * kPacket);
}

TEST(CubicWindow, MakesRoomWhereItCannotComeBack) {
  CubicWindow cubic;
  const uint32_t first = cubic.after_loss(1000 * kPacket, kPacket);
  Sender sender;
  sender.cubic = cubic;
  sender.window = sender.cubic.after_loss(first, kPacket);
  EXPECT_NEAR(sender.window, 490 * kPacket, 1);
  sender.rounds_until(8 * kSecond, 100'000);
  EXPECT_NEAR(sender.window, 595 * kPacket, 5 * kPacket);  // 700 * 0.85
}

TEST(CubicWindow, IsNotSlowerThanRenoOverShortPaths) {
  Sender sender;
  sender.window = sender.cubic.after_loss(100 * kPacket, kPacket);
  // 0.53 packets a round until 100, one after that.
  for (int i = 0; i < 57; ++i) sender.round(1'000);
  EXPECT_NEAR(sender.window, 100 * kPacket, 2 * kPacket);
  for (int i = 0; i < 50; ++i) sender.round(1'000);
  EXPECT_NEAR(sender.window, 150 * kPacket, 4 * kPacket);
}

TEST(CubicWindow, BeginsAnewAfterATimeOut) {
  Sender sender;
  sender.window = sender.cubic.after_timeout(100 * kPacket, kPacket);
  EXPECT_EQ(sender.window, kPacket);
  EXPECT_EQ(sender.cubic.slow_start_threshold(), 70 * kPacket);
  sender.window = 64 * kPacket;
  sender.round(50'000);
  EXPECT_GE(sender.window, 70 * kPacket);
  const uint32_t before = sender.window;
  sender.round(50'000);
  EXPECT_LT(sender.window, before + 2 * kPacket);
}

TEST(CubicWindow, NeverFallsBelowTwoPackets) {
  CubicWindow cubic;
  uint32_t window = 3 * kPacket;
  for (int i = 0; i < 5; ++i) window = cubic.after_loss(window, kPacket);
  EXPECT_EQ(window, 2 * kPacket);
}

TEST(ProportionalRateReduction, SendsSevenOfTenUntilTheWindowIsReached) {
  ProportionalRateReduction recovery;
  recovery.begin(70 * kPacket, 100 * kPacket);
  uint32_t in_flight = 97 * kPacket;
  uint32_t sent = 0;
  uint32_t all_sent = 0;
  for (int i = 0; i < 80; ++i) {
    const uint32_t window = recovery.window_after({kPacket, sent, in_flight, false}, kPacket);
    sent = (window - in_flight) / kPacket * kPacket;
    all_sent += sent;
    in_flight += sent - kPacket;
  }
  EXPECT_NEAR(all_sent, 56 * kPacket, 2 * kPacket);
  EXPECT_NEAR(in_flight, 73 * kPacket, 2 * kPacket);
}

TEST(ProportionalRateReduction, LossOfNearlyEverythingIsNoBurst) {
  ProportionalRateReduction recovery;
  recovery.begin(70 * kPacket, 100 * kPacket);
  // What is left in flight is far below the window: one packet for each that arrives, and one more while all goes well.
  EXPECT_EQ(recovery.window_after({kPacket, 0, 10 * kPacket, false}, kPacket), 11 * kPacket);
  EXPECT_EQ(recovery.window_after({kPacket, kPacket, 10 * kPacket, false}, kPacket), 11 * kPacket);
  EXPECT_EQ(recovery.window_after({kPacket, kPacket, 10 * kPacket, true}, kPacket), 12 * kPacket);
}

TEST(ProportionalRateReduction, TheFirstRetransmissionLeavesAtOnce) {
  ProportionalRateReduction recovery;
  recovery.begin(70 * kPacket, 100 * kPacket);
  EXPECT_EQ(recovery.window_after({0, 0, 99 * kPacket, false}, kPacket), 100 * kPacket);
}

}  // namespace
}  // namespace peerwire::test
