// Both ends of transport-wide feedback: what the generator says, and what the adapter makes of it.
#include <gtest/gtest.h>

#include "media/congestion_control/transport_feedback_adapter.h"
#include "media/congestion_control/transport_feedback_generator.h"

namespace peerwire::congestion {
namespace {

rtcp::TransportFeedback feedback_of(uint16_t first, std::vector<int64_t> arrivals, int32_t reference = 0) {
  rtcp::TransportFeedback feedback;
  feedback.reference_time = reference;
  for (int64_t arrival : arrivals) {
    feedback.packets.push_back({first++, arrival >= 0, arrival >= 0 ? arrival : 0});
  }
  return feedback;
}

TEST(TransportFeedbackAdapter, JoinsWhatWasSentWithWhatCame) {
  TransportFeedbackAdapter adapter;
  adapter.add_packet(10, 1'000, kNotAProbe, 0);
  adapter.add_packet(11, 1'100, 3, 1'000);
  adapter.add_packet(12, 1'200, kNotAProbe, 2'000);
  EXPECT_EQ(adapter.in_flight(), 3'300u);
  const auto results = adapter.process(feedback_of(10, {250, -1, 750}), 50'000);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].sent.send_time_us, 0);
  EXPECT_TRUE(results[0].received());
  EXPECT_FALSE(results[1].received());
  EXPECT_EQ(results[1].sent.probe_cluster_id, 3);
  EXPECT_EQ(results[2].receive_time_us - results[0].receive_time_us, 500);
  EXPECT_EQ(adapter.in_flight(), 0u);
}

TEST(TransportFeedbackAdapter, SaysNothingTwice) {
  TransportFeedbackAdapter adapter;
  for (uint16_t number = 0; number < 10; ++number) adapter.add_packet(number, 100, kNotAProbe, 0);
  const auto first = feedback_of(0, {0, 250, -1, 500});
  EXPECT_EQ(adapter.process(first, 1).size(), 4u);
  EXPECT_EQ(adapter.process(first, 2).size(), 0u);
  // Overlapping, and what was missing has come after all.
  const auto results = adapter.process(feedback_of(1, {250, 9'000, 500, 750}), 3);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].sent.sequence_number, 2);
  EXPECT_TRUE(results[0].was_reported_lost);
  EXPECT_EQ(results[1].sent.sequence_number, 4);
  EXPECT_FALSE(results[1].was_reported_lost);
  EXPECT_EQ(adapter.in_flight(), 500u);
}

TEST(TransportFeedbackAdapter, PacketsOfALostFeedbackAreNeitherInFlightNorLost) {
  TransportFeedbackAdapter adapter;
  for (uint16_t number = 0; number < 6; ++number) adapter.add_packet(number, 100, kNotAProbe, 0);
  EXPECT_EQ(adapter.process(feedback_of(3, {0, 250}), 1).size(), 2u);
  EXPECT_EQ(adapter.in_flight(), 100u);
  // It was only late.
  EXPECT_EQ(adapter.process(feedback_of(0, {0, 0, 0}), 2).size(), 3u);
  EXPECT_EQ(adapter.in_flight(), 100u);
}

TEST(TransportFeedbackAdapter, SkipsPacketsThatWereNeverSent) {
  TransportFeedbackAdapter adapter;
  EXPECT_TRUE(adapter.process(feedback_of(100, {0, 0, 0}), 1).empty());
  adapter.add_packet(1'000, 100, kNotAProbe, 0);
  EXPECT_TRUE(adapter.process(feedback_of(900, {0, 0, 0}), 1).empty());
  EXPECT_TRUE(adapter.process(feedback_of(1'001, {0, 0, 0}), 1).empty());
  EXPECT_TRUE(adapter.process(feedback_of(40'000, {0, 0, 0}), 1).empty());
  EXPECT_EQ(adapter.process(feedback_of(999, {0, 0, 0}), 1).size(), 1u);
}

TEST(TransportFeedbackAdapter, SequenceNumbersWrap) {
  TransportFeedbackAdapter adapter;
  for (uint32_t number = 65'530; number < 65'546; ++number) {
    adapter.add_packet(static_cast<uint16_t>(number), 100, kNotAProbe, number);
  }
  const auto results = adapter.process(feedback_of(65'534, {0, 0, 0, 0}), 1);
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results.back().sent.sequence_number - results.front().sent.sequence_number, 3);
  EXPECT_EQ(results.back().sent.send_time_us, 65'537);
}

TEST(TransportFeedbackAdapter, TheReferenceTimeWraps) {
  TransportFeedbackAdapter adapter;
  for (uint16_t number = 0; number < 4; ++number) adapter.add_packet(number, 100, kNotAProbe, 0);
  const int64_t before = adapter.process(feedback_of(0, {0}, 0x7FFFFF), 1).front().receive_time_us;
  const int64_t after = adapter.process(feedback_of(1, {0}, -0x800000), 2).front().receive_time_us;
  EXPECT_EQ(after - before, 64'000);
  const int64_t back = adapter.process(feedback_of(2, {0}, 0x7FFFFE), 3).front().receive_time_us;
  EXPECT_EQ(back - before, -64'000);
}

TEST(TransportFeedbackAdapter, AReferenceThatRunsAwayBeginsAnew) {
  TransportFeedbackAdapter adapter;
  int32_t reference = 0;
  for (uint32_t number = 0; number < 20'000; ++number) {
    adapter.add_packet(static_cast<uint16_t>(number), 100, kNotAProbe, number);
    reference = static_cast<int32_t>((static_cast<uint32_t>(reference) + 0x7FFFFF) << 8) >> 8;
    const auto results = adapter.process(feedback_of(static_cast<uint16_t>(number), {0}, reference), number);
    ASSERT_EQ(results.size(), 1u);
    ASSERT_LT(std::abs(results[0].receive_time_us), int64_t{25} * 3600 * 1'000'000);
  }
}

TEST(TransportFeedbackAdapter, ForgetsAfterAMinuteAndKeepsItsCount) {
  TransportFeedbackAdapter adapter;
  adapter.add_packet(0, 100, kNotAProbe, 0);
  adapter.add_packet(1, 200, kNotAProbe, 30'000'000);
  adapter.add_packet(2, 300, kNotAProbe, 61'000'000);
  EXPECT_EQ(adapter.in_flight(), 500u);
  EXPECT_TRUE(adapter.process(feedback_of(0, {0}), 61'000'001).empty());
  for (uint32_t number = 3; number < 100'000; ++number) {
    adapter.add_packet(static_cast<uint16_t>(number), 1, kNotAProbe, 61'000'000 + number);
  }
  EXPECT_LE(adapter.in_flight(), 30'000u);
}

TEST(TransportFeedbackAdapter, NumbersThatJumpBeginAnew) {
  TransportFeedbackAdapter adapter;
  adapter.add_packet(0, 100, kNotAProbe, 0);
  adapter.add_packet(20'000, 100, kNotAProbe, 0);
  EXPECT_EQ(adapter.in_flight(), 100u);
  EXPECT_TRUE(adapter.process(feedback_of(0, {0}), 1).empty());
  EXPECT_EQ(adapter.process(feedback_of(20'000, {0}), 1).size(), 1u);
}

class GeneratorTest : public testing::Test {
 public:
  /// All of what is said until `now`, as the sender reads it.
  std::vector<std::pair<uint16_t, int64_t>> collect(int64_t now) {
    std::vector<std::pair<uint16_t, int64_t>> said;
    for (const auto& feedback : generator.process(now)) {
      EXPECT_EQ(feedback.feedback_count, next_count++);
      EXPECT_FALSE(feedback.packets.empty());
      int64_t last = 0;
      size_t octets = 20;
      for (const auto& packet : feedback.packets) {
        EXPECT_EQ(packet.arrival_us % 250, 0);
        if (packet.received) {
          const int64_t delta = (packet.arrival_us - last) / 250;
          EXPECT_GE(delta, INT16_MIN);
          EXPECT_LE(delta, INT16_MAX);
          octets += delta >= 0 && delta <= 255 ? 1 : 2;
          last = packet.arrival_us;
        }
        said.emplace_back(packet.sequence_number,
                          packet.received ? feedback.reference_time * int64_t{64'000} + packet.arrival_us : -1);
      }
      EXPECT_LE(octets + feedback.packets.size() * 2 / 7 + 2, 1'150u);
    }
    return said;
  }

  TransportFeedbackGenerator generator{5};
  uint8_t next_count = 0;
};

TEST_F(GeneratorTest, ReportsArrivalsAndGaps) {
  const int64_t base = 10'000'000;
  generator.on_packet(7, 1, 100, false, base);
  generator.on_packet(8, 1, 100, false, base + 1'100);
  generator.on_packet(10, 1, 100, false, base + 2'600);
  EXPECT_TRUE(collect(base + 10'000).empty());
  const auto said = collect(base + 100'000);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0].first, 7);
  EXPECT_EQ(said[2].second, -1);
  EXPECT_NEAR(static_cast<double>(said[1].second - base), 1'100, 130);
  EXPECT_NEAR(static_cast<double>(said[3].second - base), 2'600, 130);
  EXPECT_EQ(generator.next_us(), kUnlimited);
}

TEST_F(GeneratorTest, WhatIsMissingBetweenTwoFeedbacksIsReported) {
  const int64_t base = 1'000'000;
  generator.on_packet(0, 1, 100, false, base);
  collect(base + 100'000);
  generator.on_packet(3, 1, 100, false, base + 5'000'000);  // long after
  const auto said = collect(base + 6'000'000);
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0], (std::pair<uint16_t, int64_t>{1, -1}));
  EXPECT_EQ(said[1], (std::pair<uint16_t, int64_t>{2, -1}));
}

TEST_F(GeneratorTest, ALatePacketIsReportedWithThoseBehindIt) {
  const int64_t base = 1'000'000;
  for (uint16_t number : {0, 1, 3, 4}) generator.on_packet(number, 1, 100, false, base + number * 1'000);
  collect(base + 100'000);
  generator.on_packet(2, 1, 100, false, base + 120'000);
  generator.on_packet(2, 1, 100, false, base + 150'000);  // again
  const auto said = collect(base + 250'000);
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].first, 2);
  EXPECT_NEAR(static_cast<double>(said[0].second - base), 120'000, 130);
  EXPECT_EQ(said[2].first, 4);
  EXPECT_TRUE(collect(base + 500'000).empty());
}

TEST_F(GeneratorTest, SplitsWhatDoesNotFit) {
  const int64_t base = 1'000'000;
  for (uint32_t number = 0; number < 5'000; ++number) {
    // Deltas of two octets each, some of them too far apart for one feedback.
    generator.on_packet(static_cast<uint16_t>(number), 1, 100, false,
                        base + number * 70'000 + (number / 1'000) * 9'000'000);
  }
  const auto said = collect(base + 500'000'000);
  ASSERT_EQ(said.size(), 5'000u);
  for (uint32_t number = 0; number < 5'000; ++number) {
    EXPECT_EQ(said[number].first, number);
    EXPECT_NEAR(static_cast<double>(said[number].second),
                static_cast<double>(base + number * 70'000 + (number / 1'000) * 9'000'000), 130);
  }
}

TEST_F(GeneratorTest, TheIntervalFollowsTheRate) {
  int64_t now = 1'000'000;
  uint16_t number = 0;
  const auto receive = [&](int64_t bps, int64_t duration) {
    for (int64_t end = now + duration; now < end; now += 8'000'000'000 / bps) {
      generator.on_packet(number++, 1, 1'000, false, now);
      collect(now);
    }
  };
  receive(2'000'000, 2'000'000);
  EXPECT_EQ(generator.interval_us(), 50'000);
  receive(100'000, 4'000'000);
  EXPECT_NEAR(static_cast<double>(generator.interval_us()), 108'800, 10'000);
  receive(10'000, 8'000'000);
  EXPECT_EQ(generator.interval_us(), 250'000);
}

TEST_F(GeneratorTest, TheEndOfAFrameIsReportedSooner) {
  const int64_t base = 1'000'000;
  generator.on_packet(0, 1, 100, false, base);
  EXPECT_EQ(generator.next_us(), base + 100'000);
  generator.on_packet(1, 1, 100, true, base + 10'000);
  EXPECT_EQ(generator.next_us(), base + 50'000);
  EXPECT_EQ(collect(base + 50'000).size(), 2u);
}

TEST_F(GeneratorTest, AJumpOfNumbersIsNotReportedAsLoss) {
  generator.on_packet(0, 1, 100, false, 1'000'000);
  generator.on_packet(30'000, 1, 100, false, 1'001'000);
  generator.on_packet(30'001, 1, 100, false, 1'002'000);
  const auto said = collect(2'000'000);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].first, 30'000);
}

TEST_F(GeneratorTest, TimesBeforeTheEpochAndFarBehindItAreWhole) {
  generator.on_packet(0, 1, 100, false, -100'000);
  const auto said = collect(1'000'000);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NEAR(static_cast<double>(said[0].second), -100'000, 130);
  TransportFeedbackGenerator late(1);
  const int64_t far = int64_t{0x1234567} * 64'000 + 1'000;
  late.on_packet(0, 1, 100, false, far);
  const auto feedbacks = late.process(far + 1'000'000);
  ASSERT_EQ(feedbacks.size(), 1u);
  EXPECT_EQ(feedbacks[0].reference_time, 0x234567);
}

}  // namespace
}  // namespace peerwire::congestion
