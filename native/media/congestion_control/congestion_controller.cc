#include "media/congestion_control/congestion_controller.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

// Below this nothing useful can be sent; libwebrtc's floor for the configured minimum.
constexpr int64_t kLeastMinBps = 5'000;
// Chromium's, by what it sends: pictures larger than others wait here, where those after them can be left out, and not
// on the path, where sound waits behind them.
constexpr double kPacingFactor = 1.1;
// Up to here loss is taken for a property of the path, which is no reason not to probe.
constexpr double kOrdinaryLoss = 0.12;
constexpr size_t kMaxReportedStreams = 256;
constexpr int64_t kReportRttValidUs = 10'000'000;

bool arrives_before(const PacketResult& a, const PacketResult& b) {
  if (a.receive_time_us != b.receive_time_us) return a.receive_time_us < b.receive_time_us;
  return a.sent.sequence_number < b.sent.sequence_number;
}

bool differs(const TargetRate& a, const TargetRate& b) {
  return a.target_bps != b.target_bps || a.estimate_bps != b.estimate_bps || a.stable_bps != b.stable_bps ||
         a.pacing_bps != b.pacing_bps || a.padding_bps != b.padding_bps || a.loss != b.loss || a.rtt_us != b.rtt_us;
}

}  // namespace

CongestionController::CongestionController(int64_t now_us) {
  set_limits(kDefaultMinBps, kDefaultStartBps, kUnlimited, now_us);
}

void CongestionController::set_limits(int64_t min_bps, int64_t start_bps, int64_t max_bps, int64_t now_us) {
  min_bps_ = std::max(min_bps, kLeastMinBps);
  max_bps_ = std::max(max_bps, min_bps_);
  if (start_bps > 0) start_bps_ = start_bps;
  start_bps_ = std::clamp(start_bps_, min_bps_, max_bps_);
  bandwidth_.set_limits(min_bps_, max_bps_, now_us);
  delay_based_.set_min_bitrate(min_bps_);
  if (start_bps > 0) {
    start(start_bps_, now_us);
  } else {
    probes_.set_limits(0, max_bps_, now_us);
  }
  estimate_changed(now_us);
}

void CongestionController::start(int64_t bps, int64_t now_us) {
  bandwidth_.set_send_bitrate(bps, now_us);
  delay_based_.set_start_bitrate(bps);
  delay_based_.set_min_bitrate(min_bps_);
  probes_.set_limits(bps, max_bps_, now_us);
}

void CongestionController::on_network_available(bool available, int64_t now_us) {
  available_ = available;
  probes_.set_network_available(available, now_us);
}

void CongestionController::on_route_change(int64_t now_us) {
  const int64_t before = bandwidth_.target_bps();
  adapter_.clear();
  acknowledged_ = {};
  alr_ = {};
  delay_based_ = {};
  probe_bitrate_ = {};
  bandwidth_.reset();
  window_.reset();
  probes_.reset();
  has_feedback_ = false;
  was_limited_ = false;
  start(std::clamp(std::min(before, start_bps_), min_bps_, max_bps_), now_us);
  estimate_changed(now_us);
}

void CongestionController::set_allocated(int64_t min_bps, int64_t max_bps, int64_t now_us) {
  min_allocated_bps_ = min_bps;
  bandwidth_.set_max_allocated(max_bps);
  probes_.set_application_limited_since(alr_.started_us());
  probes_.set_max_allocated(max_bps, now_us);
}

void CongestionController::on_packet_sent(std::optional<uint16_t> transport_sequence_number, size_t size,
                                          int probe_cluster_id, int64_t now_us) {
  alr_.on_sent(size, now_us);
  acknowledged_.set_application_limited(alr_.started_us().has_value());
  if (!transport_sequence_number) return;
  adapter_.add_packet(*transport_sequence_number, size, probe_cluster_id, now_us);
  // Without any feedback so far there is no round trip that could have become too long.
  if (has_feedback_) bandwidth_.on_packet_sent(now_us);
}

void CongestionController::take_rtt(std::span<const PacketResult> received, int64_t now_us) {
  const int64_t newest_arrival = received.back().receive_time_us;
  int64_t least = kUnlimited;
  for (const PacketResult& packet : received) {
    // Without the time for which the peer waited to send its feedback.
    const int64_t waited = newest_arrival - packet.receive_time_us;
    least = std::min(least, now_us - packet.sent.send_time_us - waited);
  }
  least = std::max<int64_t>(0, least);
  bandwidth_.on_propagation_rtt(least);
  if (last_report_rtt_us_ == kNever || now_us - last_report_rtt_us_ > kReportRttValidUs) {
    bandwidth_.on_rtt(least);
    delay_based_.set_rtt(least);
  }
  const bool exceeded = window_.is_far_exceeded();
  window_.on_feedback(least, adapter_.in_flight(), bandwidth_.target_bps(), delay_based_.jitter_us(), now_us);
  if (!exceeded && window_.is_far_exceeded()) acknowledged_.expect_change();
  acknowledged_.set_drained(window_.has_drained());
}

std::optional<int64_t> CongestionController::measured_probe(std::span<const PacketResult> received,
                                                            std::optional<int64_t> acknowledged_bps) {
  std::optional<int64_t> measured;
  for (const PacketResult& packet : received) {
    if (packet.sent.probe_cluster_id == kNotAProbe) continue;
    const ProbeCluster* cluster = probes_.find(packet.sent.probe_cluster_id);
    if (!cluster) continue;
    if (const auto rate = probe_bitrate_.add(packet, *cluster)) measured = rate;
  }
  if (measured) probes_.on_measured();
  const auto estimate = delay_based_.estimate_bps();
  // Once it is known what arrives, a probe that says less than the estimate was held up on the way: jitter does that.
  if (measured && acknowledged_bps && estimate && *measured < *estimate) measured.reset();
  return measured;
}

void CongestionController::on_transport_feedback(const rtcp::TransportFeedback& feedback, int64_t now_us) {
  const auto results = adapter_.process(feedback, now_us);
  if (results.empty()) return;
  has_feedback_ = true;

  received_.clear();
  for (const PacketResult& packet : results) {
    if (packet.received()) received_.push_back(packet);
  }
  if (!std::is_sorted(received_.begin(), received_.end(), arrives_before)) {
    std::sort(received_.begin(), received_.end(), arrives_before);
  }

  const auto limited_since = alr_.started_us();
  if (was_limited_ && !limited_since) {
    acknowledged_.on_application_limit_ended(now_us);
    probes_.on_application_limit_ended(now_us);
  }
  was_limited_ = limited_since.has_value();

  DelayBasedEstimator::Result result;
  if (!received_.empty()) {
    take_rtt(received_, now_us);
    acknowledged_.add(received_);
    const auto acknowledged_bps = acknowledged_.bitrate_bps();
    bandwidth_.set_acknowledged(acknowledged_bps);
    const auto probe_bps = measured_probe(received_, acknowledged_bps);
    result = delay_based_.update(received_, acknowledged_bps, probe_bps, window_.has_standing_queue(), now_us);
    if (result.updated) {
      if (result.from_probe) {
        bandwidth_.set_send_bitrate(result.target_bps, now_us);
        acknowledged_.expect_change();
      }
      bandwidth_.set_delay_based(result.target_bps, now_us);
    }
  }
  bandwidth_.on_feedback(results, was_limited_, delay_based_.has_short_queue(), now_us);
  estimate_changed(now_us);
  if (result.recovered_from_overuse) {
    probes_.set_application_limited_since(limited_since);
    probes_.on_overuse_ended(now_us);
  }
}

void CongestionController::on_remb(uint64_t bitrate_bps, int64_t now_us) {
  constexpr uint64_t kMost = 1'000'000'000'000;
  bandwidth_.set_receiver_limit(static_cast<int64_t>(std::min(bitrate_bps, kMost)), now_us);
  estimate_changed(now_us);
}

void CongestionController::on_report_blocks(std::span<const rtcp::ReportBlock> blocks, std::optional<int64_t> rtt_us,
                                            int64_t now_us) {
  if (rtt_us && *rtt_us > 0) {
    last_report_rtt_us_ = now_us;
    bandwidth_.on_rtt(*rtt_us);
    delay_based_.set_rtt(*rtt_us);
    if (!has_feedback_) {
      window_.on_report_rtt(*rtt_us, now_us);
      estimate_changed(now_us);
    }
  }
  int64_t lost = 0, expected = 0;
  for (const rtcp::ReportBlock& block : blocks) {
    const Reported now{block.extended_highest_sequence_number, block.cumulative_lost};
    const auto known = reported_.find(block.ssrc);
    if (known == reported_.end()) {
      if (reported_.size() < kMaxReportedStreams) reported_.emplace(block.ssrc, now);
      continue;
    }
    lost += now.lost - known->second.lost;
    expected += now.highest - known->second.highest;
    known->second = now;
  }
  // A stream that began anew counts backwards; nothing can be said of this report then.
  if (expected <= 0 || lost > expected) return;
  bandwidth_.on_loss_report(std::max<int64_t>(0, lost), expected, now_us);
  estimate_changed(now_us);
}

ProbeController::Limit CongestionController::limit() const {
  using Limit = ProbeController::Limit;
  if (delay_based_.usage() != BandwidthUsage::kNormal || delay_based_.has_queue()) return Limit::kDelayIncreased;
  if (bandwidth_.is_rtt_above_limit()) return Limit::kRoundTripTime;
  if (bandwidth_.average_loss() < kOrdinaryLoss) return Limit::kDelay;
  switch (bandwidth_.loss_state()) {
    case SendSideBandwidth::LossState::kDecreasing:
      // Without a queue it may be the path's own loss, more of it than usual by chance: only a probe can tell.
      return delay_based_.has_short_queue() ? Limit::kLossDecreasing : Limit::kLossIncreasing;
    case SendSideBandwidth::LossState::kIncreasingWithPadding:
      return Limit::kLossIncreasing;
    case SendSideBandwidth::LossState::kDelayBased:
      break;
  }
  return Limit::kDelay;
}

void CongestionController::estimate_changed(int64_t now_us) {
  const int64_t estimate = bandwidth_.target_bps();
  alr_.set_estimate(window_.target_bps(estimate, min_bps_));
  probes_.set_jitter(delay_based_.jitter_us());
  probes_.set_estimate(estimate, limit(), now_us);
  last_estimate_bps_ = estimate;
}

TargetRate CongestionController::target() const {
  TargetRate rate;
  rate.loss = bandwidth_.loss();
  rate.rtt_us = bandwidth_.rtt_us();
  rate.estimate_bps = bandwidth_.target_bps();
  if (!available_) return rate;
  rate.target_bps = window_.target_bps(rate.estimate_bps, min_bps_);
  rate.stable_bps = std::min(bandwidth_.stable_bps(), rate.target_bps);
  // Of the estimate: a queue must not move from the path into the pacer.
  rate.pacing_bps = static_cast<int64_t>(
      static_cast<double>(std::max(rate.estimate_bps, std::min(min_allocated_bps_, max_bps_))) * kPacingFactor);
  // After loss, padding shows that the path carries more again.
  const bool growing = bandwidth_.loss_state() == SendSideBandwidth::LossState::kIncreasingWithPadding;
  rate.padding_bps = std::min(rate.target_bps, growing ? rate.estimate_bps : wanted_padding_bps_);
  return rate;
}

std::optional<TargetRate> CongestionController::process(int64_t now_us) {
  bandwidth_.process(now_us);
  if (bandwidth_.target_bps() != last_estimate_bps_) estimate_changed(now_us);
  probes_.set_application_limited_since(alr_.started_us());
  if (available_) probes_.process(now_us);
  const TargetRate rate = target();
  if (last_target_ && !differs(*last_target_, rate)) return std::nullopt;
  last_target_ = rate;
  return rate;
}

}  // namespace peerwire::congestion
