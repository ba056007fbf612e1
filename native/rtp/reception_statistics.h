// What was received of each SSRC, and the report blocks that tell its sender (RFC 3550 section 6.4, appendix A).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "rtp/rtcp/rtcp_packet.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

/// The received part of RTCInboundRtpStreamStats, https://www.w3.org/TR/webrtc-stats/#inboundrtpstats-dict*
struct ReceptionCounters {
  uint64_t packets_received = 0;       // retransmissions included, as browsers do
  uint64_t bytes_received = 0;         // payload
  uint64_t header_bytes_received = 0;  // headers and padding
  uint64_t retransmitted_packets_received = 0;
  uint64_t retransmitted_bytes_received = 0;
  int64_t packets_lost = 0;  // negative where duplicates outnumber what was lost
  double jitter_s = 0;
  int64_t last_packet_received_us = 0;  // 0: none yet
};

/// What the last sender report said: RTCRemoteOutboundRtpStreamStats.
struct RemoteSenderState {
  uint64_t ntp_time = 0;
  uint32_t rtp_timestamp = 0;
  uint32_t packets_sent = 0;
  uint32_t bytes_sent = 0;
  int64_t arrival_us = 0;
  uint64_t reports_received = 0;
};

/// One SSRC. Time is monotonic microseconds.
class SsrcReception {
 public:
  /// A packet of the stream itself. `clock_rate`: of its payload type; 0 leaves jitter alone.
  void on_packet(const RtpPacketView& packet, uint32_t clock_rate, int64_t now_us);
  /// A packet of its RTX stream, as received. It moves neither loss nor jitter: the report is about the original path.
  void on_retransmission(const RtpPacketView& rtx_packet, int64_t now_us);
  void on_sender_report(const rtcp::SenderReport& report, int64_t now_us);
  /// Nothing is received for now: what is sent until the next packet was not lost.
  void interrupt() { is_interrupted_ = true; }

  /// Also closes the interval that `fraction_lost` is about (RFC 3550 appendix A.3). nullopt before the first packet.
  std::optional<rtcp::ReportBlock> make_report_block(uint32_t ssrc, int64_t now_us);

  ReceptionCounters counters() const;
  const std::optional<RemoteSenderState>& remote_sender() const { return remote_sender_; }
  int64_t extended_highest_sequence_number() const { return highest_; }

 private:
  enum class Order { kNew, kOld, kOutOfPlace };

  void count(const RtpPacketView& packet, int64_t now_us);
  Order place(uint16_t sequence_number, uint32_t timestamp);
  void restart(uint16_t sequence_number);
  void update_jitter(uint32_t timestamp, uint32_t clock_rate, int64_t now_us);
  int64_t expected() const { return highest_ - base_ + 1; }
  int64_t lost() const { return lost_before_restart_ + expected() - received_; }

  ReceptionCounters counters_;
  std::optional<RemoteSenderState> remote_sender_;

  bool is_started_ = false;
  bool is_interrupted_ = false;
  int64_t base_ = 0;
  int64_t highest_ = 0;   // extended
  int64_t received_ = 0;  // since `base_`
  int64_t lost_before_restart_ = 0;
  std::optional<uint16_t> next_of_restart_;
  uint32_t newest_timestamp_ = 0;
  int stale_ = 0;  // old packets since one that was new

  int64_t expected_reported_ = 0;
  int64_t received_reported_ = 0;

  bool has_transit_ = false;
  uint32_t last_timestamp_ = 0;
  int64_t last_arrival_us_ = 0;
  uint32_t clock_rate_ = 0;
  int64_t jitter_q4_ = 0;  // ticks, 4 fraction bits
};

/// All SSRCs that are received on one transport. The demuxer bounds how many those are.
class ReceptionStatistics {
 public:
  /// The state of an SSRC, made when it is new; valid until remove().
  SsrcReception& stream(uint32_t ssrc);
  const SsrcReception* find(uint32_t ssrc) const;
  void remove(uint32_t ssrc);
  /// Of an SSRC that is not received, nothing.
  void on_sender_report(const rtcp::SenderReport& report, int64_t now_us);

  /// Blocks for up to `max` of the SSRCs heard in the last 8 s; who did not get in comes first the next time.
  std::vector<rtcp::ReportBlock> make_report_blocks(int64_t now_us, size_t max = 31);

 private:
  std::unordered_map<uint32_t, SsrcReception> streams_;
  std::vector<uint32_t> order_;  // of arrival
  size_t next_reported_ = 0;
};

}  // namespace peerwire
