// Grouping, trendline, rate control, acknowledged rate.
#include <gtest/gtest.h>

#include "media/congestion_control/acknowledged_bitrate_estimator.h"
#include "media/congestion_control/aimd_rate_control.h"
#include "media/congestion_control/alr_detector.h"
#include "media/congestion_control/inter_arrival.h"
#include "media/congestion_control/simulated_link.h"
#include "media/congestion_control/trendline_estimator.h"

namespace peerwire::congestion {
namespace {

TEST(InterArrival, GroupsPacketsSentWithinFiveMilliseconds) {
  InterArrival groups;
  EXPECT_FALSE(groups.add(0, 50'000, 50'000));
  EXPECT_FALSE(groups.add(4'000, 54'000, 54'000));
  EXPECT_FALSE(groups.add(20'000, 75'000, 75'000));        // the first group is complete
  const auto deltas = groups.add(40'000, 90'000, 90'000);  // the second as well
  ASSERT_TRUE(deltas);
  EXPECT_EQ(deltas->send_us, 16'000);
  EXPECT_EQ(deltas->arrival_us, 21'000);
}

TEST(InterArrival, PacketsThatWereLetGoTogetherAreOneGroup) {
  InterArrival groups;
  groups.add(0, 50'000, 50'000);
  groups.add(20'000, 70'000, 70'000);
  // Sent 10 ms apart, came 1 ms apart: they had waited.
  EXPECT_FALSE(groups.add(30'000, 71'000, 71'000));
  EXPECT_FALSE(groups.add(40'000, 72'000, 72'000));
  const auto deltas = groups.add(80'000, 130'000, 130'000);
  ASSERT_TRUE(deltas);
  EXPECT_EQ(deltas->send_us, 40'000);
  EXPECT_EQ(deltas->arrival_us, 22'000);
}

TEST(InterArrival, ReorderedPacketsAreLeftOutAndAClockThatJumpsBeginsAnew) {
  InterArrival groups;
  groups.add(0, 50'000, 50'000);
  groups.add(20'000, 70'000, 70'000);
  EXPECT_FALSE(groups.add(10'000, 71'000, 71'000));
  EXPECT_TRUE(groups.add(40'000, 90'000, 90'000));
  EXPECT_TRUE(groups.add(60'000, 110'000 + 3'600'000'000, 110'000));
  EXPECT_FALSE(groups.add(80'000, 130'000 + 3'600'000'000, 130'000));  // the jump is seen
  EXPECT_FALSE(groups.add(100'000, 150'000 + 3'600'000'000, 150'000));
  EXPECT_FALSE(groups.add(120'000, 170'000 + 3'600'000'000, 170'000));
  const auto deltas = groups.add(140'000, 190'000 + 3'600'000'000, 190'000);
  ASSERT_TRUE(deltas);
  EXPECT_EQ(deltas->arrival_us, 20'000);
}

/// Groups sent 20 ms apart, over a path whose delay changes as told, with jitter.
class Groups {
 public:
  /// Whether another state than normal was seen, and which one was the last.
  BandwidthUsage send(double growth_ms, int groups, double jitter_ms = 0) {
    BandwidthUsage seen = BandwidthUsage::kNormal;
    for (int index = 0; index < groups; ++index) {
      sent_ms_ += 20;
      delay_ms_ += growth_ms;
      const double arrival = sent_ms_ + delay_ms_ + jitter_ms * random_.unit();
      trendline.update(arrival - last_arrival_ms_, 20, arrival);
      last_arrival_ms_ = arrival;
      if (trendline.state() != BandwidthUsage::kNormal) seen = trendline.state();
    }
    return seen;
  }

  TrendlineEstimator trendline;

 private:
  test::SeededRandom random_{7};
  double sent_ms_ = 0;
  double delay_ms_ = 50;
  double last_arrival_ms_ = 50;
};

TEST(TrendlineEstimator, SeesAQueueGrowAndDrain) {
  Groups groups;
  EXPECT_EQ(groups.send(0, 100), BandwidthUsage::kNormal);
  EXPECT_EQ(groups.send(4, 30), BandwidthUsage::kOverusing);
  EXPECT_NEAR(groups.trendline.queue_ms(), 90, 30);
  groups.send(-4, 5);
  EXPECT_EQ(groups.send(-4, 20), BandwidthUsage::kUnderusing);
  groups.send(0, 60);
  EXPECT_EQ(groups.trendline.state(), BandwidthUsage::kNormal);
}

TEST(TrendlineEstimator, TakesJitterForJitter) {
  for (double jitter : {10.0, 50.0, 200.0}) {
    Groups groups;
    int overuses = 0;
    for (int second = 0; second < 60; ++second) {
      overuses += groups.send(0, 50, jitter) == BandwidthUsage::kOverusing;
    }
    // One in each of 60 seconds, were it not for the comparison with the jitter.
    EXPECT_LE(overuses, 15) << jitter;
    EXPECT_NEAR(groups.trendline.jitter_ms(), jitter / 4, jitter / 10);
    EXPECT_EQ(groups.send(10, 50, jitter), BandwidthUsage::kOverusing) << jitter;
  }
}

TEST(TrendlineEstimator, AQueueThatComesAndGoesIsNoLastingJitter) {
  Groups groups;
  groups.send(0, 200, 10);
  const double before = groups.trendline.lasting_jitter_ms();
  EXPECT_NEAR(before, 2.5, 1);
  groups.send(30, 50, 10);
  EXPECT_GT(groups.trendline.jitter_ms(), 4 * before);
  EXPECT_LT(groups.trendline.lasting_jitter_ms(), 1.5 * before);
  groups.send(-30, 50, 10);
  groups.send(0, 300, 100);
  EXPECT_NEAR(groups.trendline.lasting_jitter_ms(), 25, 10);
}

TEST(TrendlineEstimator, TheThresholdStaysWithinItsBounds) {
  Groups groups;
  groups.send(0, 2'000);
  EXPECT_DOUBLE_EQ(groups.trendline.threshold(), 6);
  groups.send(1'000, 500);
  EXPECT_LE(groups.trendline.threshold(), 600);
}

TEST(AimdRateControl, DecreasesToAShareOfWhatArrives) {
  AimdRateControl control;
  control.set_start_bitrate(1'000'000);
  EXPECT_EQ(control.update(BandwidthUsage::kOverusing, 500'000, 1'000'000), 425'000 - 4'250);
  // It holds while the queue drains.
  EXPECT_EQ(control.update(BandwidthUsage::kUnderusing, 500'000, 1'100'000), 420'750);
  EXPECT_EQ(control.update(BandwidthUsage::kNormal, 500'000, 1'200'000), 420'750);
}

TEST(AimdRateControl, NeverDecreasesUpwards) {
  AimdRateControl control;
  control.set_start_bitrate(300'000);
  EXPECT_EQ(control.update(BandwidthUsage::kOverusing, 2'000'000, 1'000'000), 300'000);
}

TEST(AimdRateControl, IncreasesByEightPercentASecondUntilItKnowsTheLink) {
  AimdRateControl control;
  control.set_start_bitrate(1'000'000);
  int64_t now = 0;
  int64_t bps = 0;
  for (; now <= 1'000'000; now += 50'000) bps = control.update(BandwidthUsage::kNormal, 1'000'000, now);
  EXPECT_NEAR(static_cast<double>(bps), 1'080'000, 6'000);
  control.update(BandwidthUsage::kOverusing, 1'050'000, now);
  const int64_t low = control.estimate_bps();
  control.set_rtt(100'000);
  const int64_t begin = now;
  for (; now <= begin + 1'000'000; now += 50'000) bps = control.update(BandwidthUsage::kNormal, 1'000'000, now);
  EXPECT_NEAR(static_cast<double>(bps - low), control.additive_increase_bps(), 5'000);
}

TEST(AimdRateControl, DoesNotRunAwayFromWhatArrives) {
  AimdRateControl control;
  control.set_start_bitrate(1'000'000);
  for (int64_t now = 0; now < 60'000'000; now += 100'000) control.update(BandwidthUsage::kNormal, 1'000'000, now);
  EXPECT_EQ(control.estimate_bps(), 1'510'000);
}

TEST(AimdRateControl, TrustsAProbeOverWhatCameBeforeIt) {
  AimdRateControl control;
  control.set_start_bitrate(300'000);
  control.update(BandwidthUsage::kNormal, 300'000, 0);
  control.set_estimate(1'900'000, 1'000'000, true);
  EXPECT_GT(control.update(BandwidthUsage::kOverusing, 320'000, 1'200'000), 1'500'000);
  EXPECT_LT(control.update(BandwidthUsage::kOverusing, 320'000, 2'500'000), 300'000);
}

TEST(AimdRateControl, AQueueDoesNotProlongTheTrustInAProbe) {
  AimdRateControl control;
  control.set_start_bitrate(300'000);
  control.update(BandwidthUsage::kNormal, 1'900'000, 0);
  control.set_rtt(50'000);
  control.set_estimate(1'900'000, 1'000'000, true);
  control.set_rtt(2'600'000);
  EXPECT_LT(control.update(BandwidthUsage::kOverusing, 320'000, 1'700'000), 300'000);
}

TEST(AimdRateControl, StaysAboveTheMinimum) {
  AimdRateControl control;
  control.set_min_bitrate(50'000);
  control.set_start_bitrate(60'000);
  EXPECT_EQ(control.update(BandwidthUsage::kOverusing, 1'000, 1'000'000), 50'000);
  control.set_estimate(10, 2'000'000, false);
  EXPECT_EQ(control.estimate_bps(), 50'000);
}

TEST(AimdRateControl, WithoutAStartTakesWhatArrivesAfterAWhile) {
  AimdRateControl control;
  control.update(BandwidthUsage::kNormal, 400'000, 0);
  EXPECT_FALSE(control.has_estimate());
  control.update(BandwidthUsage::kNormal, 400'000, 5'100'000);
  ASSERT_TRUE(control.has_estimate());
  EXPECT_GE(control.estimate_bps(), 400'000);
}

TEST(AcknowledgedBitrateEstimator, FollowsWhatArrives) {
  AcknowledgedBitrateEstimator estimator;
  int64_t now = 0;
  const auto receive = [&](int64_t bps, int64_t duration) {
    for (const int64_t end = now + duration; now < end; now += 8'000'000'000 / bps) {
      const PacketResult packet{{0, now, 1'000, kNotAProbe}, now, false};
      estimator.add(std::span(&packet, 1));
    }
  };
  receive(800'000, 400'000);
  EXPECT_FALSE(estimator.bitrate_bps());
  receive(800'000, 1'000'000);
  EXPECT_NEAR(static_cast<double>(*estimator.bitrate_bps()), 800'000, 40'000);
  receive(300'000, 3'000'000);
  EXPECT_NEAR(static_cast<double>(*estimator.bitrate_bps()), 300'000, 45'000);
  // One that is told to expect it is there after a window or two.
  estimator.expect_change();
  receive(2'000'000, 500'000);
  EXPECT_NEAR(static_cast<double>(*estimator.bitrate_bps()), 2'000'000, 300'000);
}

TEST(AcknowledgedBitrateEstimator, BearsTimesThatGoBackOrStandStill) {
  AcknowledgedBitrateEstimator estimator;
  for (int64_t at : std::initializer_list<int64_t>{0, 0, 0, 5'000'000, 4'000'000, -9'000'000, 9'000'000'000, 0}) {
    const PacketResult packet{{0, 0, 1'000, kNotAProbe}, at, false};
    estimator.add(std::span(&packet, 1));
  }
  EXPECT_GE(estimator.bitrate_bps().value_or(0), 0);
}

TEST(AlrDetector, SeesASenderThatUsesLessThanItMay) {
  AlrDetector detector;
  detector.set_estimate(1'000'000);
  int64_t now = 0;
  const auto send = [&](int64_t bps, int64_t duration) {
    for (const int64_t end = now + duration; now < end; now += 10'000) {
      detector.on_sent(static_cast<size_t>(bps / 800), now);
    }
  };
  send(900'000, 2'000'000);
  EXPECT_FALSE(detector.started_us());
  send(200'000, 2'000'000);
  ASSERT_TRUE(detector.started_us());
  EXPECT_GT(*detector.started_us(), 2'000'000);
  send(900'000, 2'000'000);
  EXPECT_FALSE(detector.started_us());
}

}  // namespace
}  // namespace peerwire::congestion
