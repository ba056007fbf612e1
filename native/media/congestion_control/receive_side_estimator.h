// What we could receive, estimated from abs-send-time, for peers that ask for REMB instead of transport-wide feedback
// (draft-alvestrand-rmcat-remb-03; http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "media/congestion_control/aimd_rate_control.h"
#include "media/congestion_control/inter_arrival.h"
#include "media/congestion_control/trendline_estimator.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire::congestion {

class ReceiveSideEstimator {
 public:
  explicit ReceiveSideEstimator(uint32_t sender_ssrc) : sender_ssrc_(sender_ssrc) {}

  void set_rtt(int64_t rtt_us) { rate_control_.set_rtt(rtt_us); }
  /// `abs_send_time`: the extension's 24 bits, seconds with 18 bits of fraction.
  void on_packet(uint32_t abs_send_time, uint32_t ssrc, size_t size, int64_t arrival_us);
  /// Call every kProcessIntervalUs. What the sender should be told, when it is time to.
  std::optional<rtcp::ReceiverEstimatedMaximumBitrate> process(int64_t now_us);
  std::optional<int64_t> estimate_bps() const;
  /// What came in the last second.
  std::optional<int64_t> incoming_bps() const;

 private:
  struct Stream {
    uint32_t ssrc = 0;
    int64_t last_us = 0;
  };
  struct ProbePacket {
    int64_t send_us = 0;
    int64_t arrival_us = 0;
    size_t size = 0;
  };

  void remember(uint32_t ssrc, int64_t now_us);
  void count(size_t size, int64_t now_us);
  void look_for_probe(const ProbePacket& packet, int64_t now_us);
  std::optional<int64_t> burst_rate() const;
  void update(int64_t now_us);

  const uint32_t sender_ssrc_;
  std::vector<Stream> streams_;
  bool has_send_time_ = false;
  uint32_t last_send_time_ = 0;
  int64_t send_us_ = 0;
  int64_t send_ticks_ = 0;
  InterArrival inter_arrival_;
  TrendlineEstimator trendline_;
  AimdRateControl rate_control_;
  std::deque<std::pair<int64_t, size_t>> incoming_;
  size_t incoming_bytes_ = 0;
  std::deque<ProbePacket> burst_;
  int64_t last_update_us_ = kNever;
  int64_t last_sent_us_ = kNever;
  int64_t last_sent_bps_ = 0;
};

}  // namespace peerwire::congestion
