// Google congestion control of one transport: packets sent and what the peer says of them go in, a target rate and
// probes come out (docs/congestion-control.md). On the network thread; time is an argument; no clock, no timer.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "media/congestion_control/acknowledged_bitrate_estimator.h"
#include "media/congestion_control/alr_detector.h"
#include "media/congestion_control/congestion_types.h"
#include "media/congestion_control/congestion_window.h"
#include "media/congestion_control/delay_based_estimator.h"
#include "media/congestion_control/probe_bitrate_estimator.h"
#include "media/congestion_control/probe_controller.h"
#include "media/congestion_control/send_side_bandwidth.h"
#include "media/congestion_control/transport_feedback_adapter.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire::congestion {

constexpr int64_t kDefaultMinBps = 30'000;
constexpr int64_t kDefaultStartBps = 300'000;
/// How often process() should be called.
constexpr int64_t kProcessIntervalUs = 25'000;

class CongestionController {
 public:
  /// kDefaultMinBps, kDefaultStartBps, no maximum.
  explicit CongestionController(int64_t now_us);

  /// `start_bps` 0: the estimate stays, within the limits. `max_bps` kUnlimited: none.
  void set_limits(int64_t min_bps, int64_t start_bps, int64_t max_bps, int64_t now_us);
  /// The transport can send. Until then, and while it cannot, the target is 0. The first time begins probing.
  void on_network_available(bool available, int64_t now_us);
  /// Another path: everything learned is forgotten, but no more is sent at first than before.
  void on_route_change(int64_t now_us);

  /// What the streams together need at least and could use at most; the latter bounds probing, and growth by reports
  /// alone.
  void set_allocated(int64_t min_bps, int64_t max_bps, int64_t now_us);
  /// Padding that is wanted even when nothing is lost, so that a layer that waits can be enabled.
  void set_padding(int64_t bps) { wanted_padding_bps_ = bps; }

  /// A packet has been given to the transport: its number in the transport-wide extension (none, towards peers that
  /// did not negotiate it), its size on the wire, and the probe it belongs to, or kNotAProbe.
  void on_packet_sent(std::optional<uint16_t> transport_sequence_number, size_t size, int probe_cluster_id,
                      int64_t now_us);
  void on_transport_feedback(const rtcp::TransportFeedback& feedback, int64_t now_us);
  /// REMB: caps the target; where there is no transport-wide feedback it is the delay-based estimate.
  void on_remb(uint64_t bitrate_bps, int64_t now_us);
  /// Report blocks of one RTCP packet about our own streams; `rtt_us` if they gave one.
  void on_report_blocks(std::span<const rtcp::ReportBlock> blocks, std::optional<int64_t> rtt_us, int64_t now_us);
  /// The stream is sent no more; one that has its SSRC again counts anew.
  void forget_stream(uint32_t ssrc) { reported_.erase(ssrc); }

  /// Every kProcessIntervalUs, and after whatever else was called: the target, when it has changed.
  std::optional<TargetRate> process(int64_t now_us);
  TargetRate target() const;
  /// Probes that the pacer should send, in this order.
  std::vector<ProbeCluster> take_probes() { return probes_.take_probes(); }
  /// Whether any has come on this route.
  bool has_transport_feedback() const { return has_feedback_; }
  BandwidthUsage usage() const { return delay_based_.usage(); }

 private:
  struct Reported {
    int64_t highest = 0;
    int64_t lost = 0;
  };

  void start(int64_t bps, int64_t now_us);
  void take_rtt(std::span<const PacketResult> received, int64_t now_us);
  std::optional<int64_t> measured_probe(std::span<const PacketResult> received,
                                        std::optional<int64_t> acknowledged_bps);
  ProbeController::Limit limit() const;
  void estimate_changed(int64_t now_us);

  int64_t min_bps_ = kDefaultMinBps;
  int64_t start_bps_ = kDefaultStartBps;
  int64_t max_bps_ = kUnlimited;
  int64_t min_allocated_bps_ = 0;
  int64_t wanted_padding_bps_ = 0;
  bool available_ = false;
  bool has_feedback_ = false;
  bool was_limited_ = false;
  int64_t last_report_rtt_us_ = kNever;

  TransportFeedbackAdapter adapter_;
  AcknowledgedBitrateEstimator acknowledged_;
  AlrDetector alr_;
  DelayBasedEstimator delay_based_;
  ProbeBitrateEstimator probe_bitrate_;
  ProbeController probes_;
  SendSideBandwidth bandwidth_;
  CongestionWindow window_;
  std::map<uint32_t, Reported> reported_;
  std::vector<PacketResult> received_;  // kept for its memory
  int64_t last_estimate_bps_ = 0;
  std::optional<TargetRate> last_target_;
};

}  // namespace peerwire::congestion
