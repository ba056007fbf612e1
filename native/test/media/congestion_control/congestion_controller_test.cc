#include "media/congestion_control/congestion_controller.h"

#include <gtest/gtest.h>

#include "media/congestion_control/loss_based_estimator.h"
#include "media/congestion_control/probe_controller.h"

namespace peerwire::congestion {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(CongestionController, SaysNothingMayBeSentUntilTheNetworkIsThere) {
  CongestionController controller(0);
  ASSERT_TRUE(controller.process(0));
  EXPECT_EQ(controller.target().target_bps, 0);
  EXPECT_EQ(controller.target().pacing_bps, 0);
  EXPECT_TRUE(controller.take_probes().empty());
  controller.on_network_available(true, 0);
  const auto target = controller.process(0);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->target_bps, kDefaultStartBps);
  EXPECT_EQ(target->pacing_bps, kDefaultStartBps * 11 / 10);
  EXPECT_FALSE(controller.process(1));  // nothing has changed
  controller.on_network_available(false, 2);
  EXPECT_EQ(controller.process(2)->target_bps, 0);
}

TEST(CongestionController, ProbesAtThreeTimesTheStart) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  const auto probes = controller.take_probes();
  ASSERT_EQ(probes.size(), 1u);
  EXPECT_EQ(probes[0].target_bps, 900'000);
  EXPECT_TRUE(controller.take_probes().empty());
}

TEST(CongestionController, KeepsToItsLimits) {
  CongestionController controller(0);
  controller.set_limits(100'000, 50'000, 200'000, 0);
  controller.on_network_available(true, 0);
  EXPECT_EQ(controller.target().target_bps, 100'000);
  for (const auto& probe : controller.take_probes()) EXPECT_LE(probe.target_bps, 200'000);
  controller.set_limits(300'000, 0, 250'000, 1);  // a maximum below the minimum
  EXPECT_EQ(controller.target().target_bps, 300'000);
  controller.set_limits(0, 0, kUnlimited, 2);
  controller.on_remb(1, 3);
  EXPECT_EQ(controller.target().target_bps, 5'000);
}

TEST(CongestionController, RembCapsAndAZeroOneLetsGo) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  controller.on_remb(120'000, 0);
  EXPECT_EQ(controller.process(0)->target_bps, 120'000);
  controller.on_remb(0, 1);
  EXPECT_EQ(controller.target().target_bps, 300'000);
  controller.on_remb(UINT64_MAX, 2);
  EXPECT_GE(controller.process(2)->target_bps, 300'000);
}

rtcp::ReportBlock report(uint32_t highest, int32_t lost) {
  rtcp::ReportBlock block;
  block.ssrc = 1;
  block.extended_highest_sequence_number = highest;
  block.cumulative_lost = lost;
  return block;
}

TEST(CongestionController, ReceiverReportsAloneFollowTheClassicRule) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  uint32_t highest = 0;
  int32_t lost = 0;
  int64_t now = 0;
  const auto seconds = [&](int count, int lost_of_100) {
    for (int index = 0; index < count; ++index) {
      now += kSecond;
      highest += 100;
      lost += lost_of_100;
      const auto block = report(highest, lost);
      controller.on_report_blocks(std::span(&block, 1), 50'000, now);
      controller.process(now);
    }
    return controller.target().estimate_bps;
  };
  seconds(4, 0);
  const int64_t risen = seconds(10, 1);
  EXPECT_NEAR(static_cast<double>(risen), 300'000 * 2.9, 120'000);
  const int64_t held = seconds(5, 5);
  EXPECT_NEAR(static_cast<double>(held), static_cast<double>(risen), 40'000);
  EXPECT_NEAR(controller.target().loss, 0.05, 0.001);
  EXPECT_EQ(controller.target().rtt_us, 50'000);
  EXPECT_NEAR(static_cast<double>(seconds(1, 20)), static_cast<double>(held) * 0.9, 5'000);
}

/// A quarter of an hour of reports without loss, and what the target has come to.
int64_t after_lossless_reports(CongestionController& controller, uint64_t remb_bps, int64_t from = 0) {
  controller.on_network_available(true, from);
  uint32_t highest = 0;
  int64_t before = 0;
  for (int64_t now = from; now < from + 900 * kSecond; now += kSecond / 40) {
    controller.on_packet_sent(std::nullopt, 1'200, kNotAProbe, now);
    if (now % kSecond == 0) {
      highest += 240;
      const auto block = report(highest, 0);
      controller.on_report_blocks(std::span(&block, 1), 40'000, now);
      if (remb_bps > 0) controller.on_remb(remb_bps, now);
    }
    controller.process(now);
    controller.take_probes();
    const TargetRate rate = controller.target();
    EXPECT_GT(rate.target_bps, before / 2);
    EXPECT_GT(rate.pacing_bps, 0);
    EXPECT_LE(rate.pacing_bps, 2'500'000'000);
    if (testing::Test::HasFailure()) break;
    before = rate.target_bps;
  }
  return before;
}

TEST(CongestionController, ReportsWithoutLossDoNotMakeItGrowForEver) {
  CongestionController unlimited(0), limited_by_peer(0), limited_by_streams(0);
  EXPECT_EQ(after_lossless_reports(unlimited, 0), 1'000'000'000);
  EXPECT_EQ(after_lossless_reports(limited_by_peer, 2'000'000), 2'000'000);
  // Without a limit from then on it begins where the peer's was.
  limited_by_peer.on_remb(0, 900 * kSecond);
  EXPECT_LE(limited_by_peer.target().target_bps, 2'000'000);
  limited_by_streams.set_allocated(30'000, 2'500'000, 0);
  EXPECT_EQ(after_lossless_reports(limited_by_streams, 0), 5'000'000);
  limited_by_streams.on_route_change(900 * kSecond);
  EXPECT_EQ(limited_by_streams.target().target_bps, kDefaultStartBps);
  EXPECT_EQ(after_lossless_reports(limited_by_streams, 0, 900 * kSecond), 5'000'000);
}

TEST(CongestionController, AStreamThatBeganAnewSaysNothingOfLoss) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  for (const auto& block : {report(100'000, 50), report(10, 0), report(5, 8'000'000), report(0xFFFFFFFF, -8'000'000)}) {
    controller.on_report_blocks(std::span(&block, 1), std::nullopt, kSecond);
    EXPECT_EQ(controller.target().loss, 0);
  }
  std::vector<rtcp::ReportBlock> many(31);
  for (uint32_t round = 0; round < 1'000; ++round) {
    for (size_t index = 0; index < many.size(); ++index) many[index].ssrc = round * 31 + static_cast<uint32_t>(index);
    controller.on_report_blocks(many, -5, kSecond);
  }
  EXPECT_EQ(controller.target().rtt_us, 0);
}

/// Sends at `bps` and answers each 50 ms, as a path of 40 ms would that carries `link_bps`.
class Path {
 public:
  explicit Path(CongestionController& controller) : controller_(controller) {}

  void run(int64_t duration, int64_t bps, bool answers = true) {
    for (const int64_t end = now + duration; now < end; now += 10'000) {
      controller_.on_packet_sent(number_, static_cast<size_t>(bps / 800), kNotAProbe, now);
      feedback_.packets.push_back({number_, true, (now - reference_us_) / 250 * 250});
      ++number_;
      if (feedback_.packets.size() == 5) {
        if (answers) controller_.on_transport_feedback(feedback_, now + 40'000);
        feedback_.packets.clear();
        reference_us_ = (now + 10'000) / 64'000 * 64'000;
        feedback_.reference_time = static_cast<int32_t>(reference_us_ / 64'000);
      }
      controller_.process(now);
    }
  }

  void send_after_a_pause(int64_t duration) {
    for (const int64_t end = now + duration; now < end; now += 25'000) controller_.process(now);
    controller_.on_packet_sent(60'000, 1'200, kNotAProbe, now);
    controller_.process(now);
  }

  int64_t now = 0;

 private:
  CongestionController& controller_;
  rtcp::TransportFeedback feedback_;
  uint16_t number_ = 65'000;
  int64_t reference_us_ = 0;
};

TEST(CongestionController, GrowsWithFeedbackAndIsBoundByWhatIsSent) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  Path path(controller);
  path.run(20 * kSecond, 400'000);
  EXPECT_TRUE(controller.has_transport_feedback());
  EXPECT_GT(controller.target().estimate_bps, 450'000);
  EXPECT_LE(controller.target().estimate_bps, 660'000);
  EXPECT_NEAR(static_cast<double>(controller.target().rtt_us), 40'000, 11'000);
}

TEST(CongestionController, BacksOffWhenFeedbackEnds) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  Path path(controller);
  path.run(10 * kSecond, 400'000);
  const int64_t before = controller.target().estimate_bps;
  path.run(2 * kSecond, 400'000, false);
  EXPECT_EQ(controller.target().estimate_bps, before);
  path.run(8 * kSecond, 400'000, false);
  EXPECT_LT(controller.target().estimate_bps, before / 2);
  EXPECT_GE(controller.target().estimate_bps, kDefaultMinBps);
  // A sender that sends nothing expects nothing.
  const int64_t low = controller.target().estimate_bps;
  for (int64_t now = path.now; now < path.now + 10 * kSecond; now += 25'000) controller.process(now);
  EXPECT_GE(controller.target().estimate_bps, low * 8 / 10 * 8 / 10);
}

TEST(CongestionController, DoesNotTakeAPauseForAPathThatIsLost) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  Path path(controller);
  path.run(10 * kSecond, 400'000);
  const int64_t before = controller.target().estimate_bps;
  path.send_after_a_pause(60 * kSecond);
  EXPECT_EQ(controller.target().estimate_bps, before);
}

TEST(CongestionController, DoesNotTakeAPauseForAPathThatIsLostWhenTheFeedbackBeforeWasLost) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  Path path(controller);
  path.run(10 * kSecond, 400'000);
  path.run(kSecond / 20, 400'000, false);
  const int64_t before = controller.target().estimate_bps;
  path.send_after_a_pause(5 * kSecond);
  EXPECT_EQ(controller.target().estimate_bps, before);
}

TEST(CongestionController, ARouteChangeForgets) {
  CongestionController controller(0);
  controller.on_network_available(true, 0);
  Path path(controller);
  path.run(20 * kSecond, 400'000);
  const auto before = controller.take_probes();
  ASSERT_FALSE(before.empty());
  controller.on_route_change(path.now);
  EXPECT_FALSE(controller.has_transport_feedback());
  EXPECT_EQ(controller.target().estimate_bps, kDefaultStartBps);
  const auto probes = controller.take_probes();
  ASSERT_FALSE(probes.empty());
  EXPECT_GT(probes[0].id, before.back().id);  // old results are not taken for new ones
}

TEST(CongestionController, AsksWhetherMoreIsThereWhenMoreIsWanted) {
  CongestionController controller(0);
  controller.set_allocated(0, 2'500'000, 0);
  controller.on_network_available(true, 0);
  controller.take_probes();
  Path path(controller);
  path.run(3 * kSecond, 300'000);
  controller.take_probes();
  path.run(3 * kSecond, 400'000);
  const auto probes = controller.take_probes();
  ASSERT_FALSE(probes.empty());
  EXPECT_LE(probes.back().target_bps, 5'000'000);
  EXPECT_GE(probes.back().target_bps, 500'000);
}

TEST(CongestionController, DoesNotProbeForWhatNobodyWants) {
  CongestionController controller(0);
  controller.set_allocated(0, 250'000, 0);
  controller.on_network_available(true, 0);
  for (const auto& probe : controller.take_probes()) EXPECT_LE(probe.target_bps, 500'000);
  Path path(controller);
  path.run(10 * kSecond, 300'000);
  EXPECT_TRUE(controller.take_probes().empty());
}

TEST(ProbeController, LeavesThePathAloneWhereAProbeCouldShowNothing) {
  ProbeController controller;
  controller.set_limits(300'000, kUnlimited, 0);
  controller.set_max_allocated(1'200'000, 0);
  controller.set_network_available(true, 0);
  controller.on_measured();
  controller.set_estimate(2'300'000, ProbeController::Limit::kDelay, kSecond);
  controller.process(3 * kSecond);
  controller.take_probes();
  controller.set_application_limited_since(3 * kSecond);
  for (int64_t now = 3 * kSecond; now < 30 * kSecond; now += kSecond / 10) controller.process(now);
  EXPECT_TRUE(controller.take_probes().empty());
  // Less is known to be there than twice what is wanted.
  controller.set_estimate(1'800'000, ProbeController::Limit::kDelay, 30 * kSecond);
  controller.process(31 * kSecond);
  const auto probes = controller.take_probes();
  ASSERT_EQ(probes.size(), 1u);
  EXPECT_EQ(probes[0].target_bps, 2'400'000);
}

std::vector<PacketResult> packets(int64_t& number, int64_t& now, int count, int lost_each) {
  std::vector<PacketResult> results;
  for (int index = 0; index < count; ++index) {
    const bool lost = lost_each > 0 && number % lost_each == 0;
    results.push_back({{number, now, 1'000, kNotAProbe}, lost ? kNever : now + 40'000, false});
    now += 8'000;  // 1 Mbit/s
    ++number;
  }
  return results;
}

TEST(LossBasedEstimator, TakesATenthOfLossForThePathsOwn) {
  LossBasedEstimator estimator;
  estimator.set_estimate(1'000'000);
  int64_t number = 1, now = 0;
  for (int round = 0; round < 200; ++round) {
    estimator.set_acknowledged_bitrate(950'000);
    estimator.update(packets(number, now, 10, 20), 1'000'000, false, false, now);
  }
  EXPECT_TRUE(estimator.is_ready());
  EXPECT_NEAR(estimator.average_loss(), 0.05, 0.02);
  EXPECT_GE(estimator.result().bandwidth_bps, 950'000);
}

TEST(LossBasedEstimator, FollowsLossThatComesOfSendingTooMuch) {
  LossBasedEstimator estimator;
  estimator.set_limits(30'000, kUnlimited);
  estimator.set_estimate(1'000'000);
  int64_t number = 1, now = 0;
  for (int round = 0; round < 100; ++round) {
    estimator.set_acknowledged_bitrate(500'000);
    estimator.update(packets(number, now, 10, 2), 1'000'000, false, false, now);
  }
  EXPECT_NEAR(estimator.average_loss(), 0.5, 0.05);
  EXPECT_LE(estimator.result().bandwidth_bps, 520'000);
  EXPECT_GE(estimator.result().bandwidth_bps, 30'000);
  // And rises again when it ends, though never above what delay allows.
  for (int round = 0; round < 300; ++round) {
    estimator.set_acknowledged_bitrate(1'000'000);
    estimator.update(packets(number, now, 10, 0), 900'000, false, false, now);
  }
  EXPECT_NEAR(static_cast<double>(estimator.result().bandwidth_bps), 900'000, 110'000);
}

TEST(LossBasedEstimator, TakesLatePacketsForLate) {
  LossBasedEstimator estimator;
  estimator.set_estimate(1'000'000);
  int64_t number = 1, now = 0;
  std::vector<PacketResult> late;
  for (int round = 0; round < 300; ++round) {
    auto results = packets(number, now, 10, 5);
    for (PacketResult& packet : late) {
      packet.receive_time_us = now;
      packet.was_reported_lost = true;
    }
    results.insert(results.begin(), late.begin(), late.end());
    late.clear();
    for (const PacketResult& packet : results) {
      if (!packet.received()) late.push_back(packet);
    }
    estimator.update(results, 1'000'000, false, false, now);
  }
  EXPECT_LT(estimator.average_loss(), 0.01);
  EXPECT_EQ(estimator.result().bandwidth_bps, 1'000'000);
}

}  // namespace
}  // namespace peerwire::congestion
