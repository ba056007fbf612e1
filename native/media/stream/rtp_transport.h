// Everything in RTP over one DTLS transport: SRTP, demultiplexing, pacing, congestion control, reports. Network thread
// only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "base/serial_queue.h"
#include "media/stream/rtp_send_stream.h"
#include "media/stream/send_control.h"
#include "media/stream/stream_stats.h"
#include "net/network_thread.h"
#include "rtp/packet_demuxer.h"
#include "rtp/rtcp/rtcp_packet.h"
#include "transport/dtls_transport.h"
#include "transport/srtp_session.h"

namespace peerwire {

/// A media section that receives, as the transport sees it.
class ReceivingSection {
 public:
  virtual ~ReceivingSection() = default;
  virtual void on_rtp_packet(const RtpPacketView& packet, const DemuxedStream& stream, int64_t now_us) = 0;
  /// Of a stream of the section.
  virtual void on_sender_report(const rtcp::SenderReport& report, int64_t now_us) = 0;
  virtual void on_bye(uint32_t ssrc) = 0;
  virtual void on_dlrr(uint32_t ssrc, int64_t rtt_us) = 0;
  virtual void add_report_blocks(std::vector<rtcp::ReportBlock>& blocks, int64_t now_us) = 0;
  /// Does what is due; the time at which something will be.
  virtual int64_t process(int64_t now_us) = 0;
  virtual bool reduced_size_rtcp() const = 0;
  virtual ReceiverStats stats(int64_t now_us) = 0;
};

/// A media section that sends.
class SendingSection {
 public:
  virtual ~SendingSection() = default;
  /// The transport can carry packets now, or no longer can.
  virtual void on_transport_state(bool can_send) = 0;
  virtual void add_streams(std::vector<AllocatedStream>& streams) = 0;
  virtual void set_bitrate(uint32_t ssrc, uint32_t bitrate_bps) = 0;
  virtual bool reduced_size_rtcp() const = 0;
  virtual SenderStats stats() const = 0;
};

class RtpTransport final : private PacketReceiver, private SendControl::Output {
 public:
  /// `dtls` and `lower`, which is below it, outlive it.
  RtpTransport(NetworkThread& network, DtlsTransport& dtls, PacketTransport& lower);
  ~RtpTransport() override;

  void on_dtls_state(DtlsTransportState state);
  RtpTransportStats stats();

  // ---- for the streams over it ----

  NetworkThread& network() { return network_; }
  const std::shared_ptr<WorkerPool>& pool() const { return pool_; }
  int64_t now_us() const;
  uint64_t random();
  /// Of a packet before SRTP, in octets.
  size_t max_rtp_packet_size() const;
  bool can_send() const { return srtp_ != nullptr && connected_; }

  void add(RtpSendStream& stream);
  void remove(RtpSendStream& stream);
  void add(SendingSection& section);
  void remove(SendingSection& section);
  /// Returns what the demultiplexer calls the section.
  void add(ReceivingSection& section);
  void remove(ReceivingSection& section);
  PacketDemuxer<ReceivingSection*>& demuxer() { return demuxer_; }

  void enqueue(RtpSendStream& stream, std::unique_ptr<RtpPacketToSend> packet);
  /// Encodings, limits or weights have changed: bitrates are shared out anew.
  void allocate();
  /// Feedback that does not wait for the next report.
  void send_feedback(rtcp::Packet packet, bool reduced_size);
  /// The SSRC that our reports and feedback come from.
  uint32_t local_ssrc() const;
  int64_t rtt_us() const { return control_->rtt_us(); }
  /// Something is due earlier than was thought.
  void reschedule();
  /// Whether transport-wide feedback is to be sent for packets with that extension.
  void set_receive_extensions(const RtpExtensionMap& map, bool transport_cc, bool remb);
  void send_bye(uint32_t ssrc, bool reduced_size);

 private:
  // PacketReceiver
  void on_packet(ByteView packet) override;
  void on_writable_changed(bool) override {}
  // SendControl::Output
  bool send_packet(RtpSendStream& stream, const RtpPacketToSend& packet, int64_t queued_us,
                   std::optional<uint16_t> transport_sequence_number, int64_t now_us) override;

  void open_srtp();
  void take_rtp(Bytes& packet, int64_t now_us);
  void take_rtcp(Bytes& packet, int64_t now_us);
  void take(const rtcp::Packet& packet, int64_t now_us);
  RtpSendStream* find_stream(uint32_t ssrc) const;
  void send_reports(int64_t now_us);
  void send_rtcp(std::span<const rtcp::Packet> packets);
  rtcp::SourceDescription description() const;
  void process();
  uint64_t ntp_now() const;
  double unix_ms() const;

  NetworkThread& network_;
  DtlsTransport& dtls_;
  PacketTransport& lower_;
  const std::shared_ptr<WorkerPool> pool_;
  std::unique_ptr<SrtpSession> srtp_;
  bool connected_ = false;
  std::deque<Bytes> early_packets_;
  uint64_t packets_discarded_ = 0;
  PacketDemuxer<ReceivingSection*> demuxer_;
  std::vector<ReceivingSection*> receiving_;
  std::vector<SendingSection*> sending_;
  std::vector<RtpSendStream*> streams_;
  std::unique_ptr<SendControl> control_;
  uint32_t own_ssrc_;
  Bytes receive_buffer_;
  Bytes send_buffer_;
  int64_t next_report_us_ = 0;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  int64_t timer_at_us_ = INT64_MAX;
  bool processing_ = false;
};

}  // namespace peerwire
