// Everything in RTP over one DTLS transport: SRTP, demultiplexing, pacing, congestion control, reports. Network thread
// only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/serial_queue.h"
#include "base/unix_clock.h"
#include "media/congestion_control/receive_side_estimator.h"
#include "media/congestion_control/transport_feedback_generator.h"
#include "media/stream/lip_sync.h"
#include "media/stream/packet_tap.h"
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
class ReceivingSection : public SyncedSection {
 public:
  virtual ~ReceivingSection() = default;
  virtual uint32_t section_id() const = 0;
  /// `octets` are those of the packet, which may be changed.
  virtual void on_rtp_packet(const RtpPacketView& packet, std::span<uint8_t> octets, const StreamRoute& route,
                             int64_t now_us) = 0;
  /// Of a stream of the section.
  virtual void on_sender_report(const rtcp::SenderReport& report, int64_t now_us) = 0;
  virtual void on_bye(uint32_t ssrc) = 0;
  virtual void on_dlrr(uint32_t ssrc, int64_t rtt_us) = 0;
  virtual void add_report_blocks(std::vector<rtcp::ReportBlock>& blocks, int64_t now_us) = 0;
  /// Does what is due; the time at which something will be.
  virtual int64_t process(int64_t now_us) = 0;
  virtual bool reduced_size_rtcp() const = 0;
  virtual const ReceiveParameters& parameters() const = 0;
  virtual ReceiverStats stats(int64_t now_us) = 0;
  virtual bool has_ssrc(uint32_t ssrc) const = 0;
  /// Null: nobody looks.
  virtual PacketTap* packet_tap() const = 0;
};

/// A media section that sends.
class SendingSection {
 public:
  virtual ~SendingSection() = default;
  virtual uint32_t section_id() const = 0;
  /// The transport can carry packets now, or no longer can.
  virtual void on_transport_state(bool can_send) = 0;
  virtual void add_streams(std::vector<BitrateAllocator::Audio>& audio,
                           std::vector<BitrateAllocator::Video>& video) = 0;
  /// The share of what it has added.
  virtual void set_bitrates(const BitrateAllocator::Share& share) = 0;
  virtual bool reduced_size_rtcp() const = 0;
  virtual SenderStats stats() const = 0;
  /// Of media or of RTX.
  virtual bool has_ssrc(uint32_t ssrc) const = 0;
  /// Null: nobody looks.
  virtual PacketTap* packet_tap() const = 0;
};

class RtpTransport final : public PacketReceiver, public SendControl::Output {
 public:
  /// `dtls` and `lower`, which is below it, outlive it. `clock` is what times of day are told by.
  RtpTransport(NetworkThread& network, DtlsTransport& dtls, PacketTransport& lower, UnixClock clock = UnixClock());
  ~RtpTransport() override;

  void on_dtls_state(DtlsTransportState state);
  RtpTransportStats stats();

  // ---- for the streams over it ----

  NetworkThread& network() { return network_; }
  const std::shared_ptr<WorkerPool>& pool() const { return pool_; }
  int64_t now_us() const;
  TimePoint time_of(int64_t us) const;
  /// Milliseconds since the Unix epoch.
  double unix_ms() const;
  double unix_ms_of(int64_t monotonic_us) const;
  /// As sender reports tell it.
  uint64_t ntp_of(int64_t monotonic_us) const;
  int64_t monotonic_us_of(double unix_ms) const;
  uint64_t random();
  /// Of a packet before SRTP, in octets.
  size_t max_rtp_packet_size() const;
  /// There are keys and a path.
  bool can_send() const { return srtp_ != nullptr && connected_ && lower_.writable(); }

  void add(RtpSendStream& stream);
  void remove(RtpSendStream& stream);
  void set_weight(const RtpSendStream& stream);
  /// Where the sequence numbers of an SSRC begin: at random, or behind those that it had in this session before, as no
  /// key may be used twice with one number (RFC 3711 section 9.1).
  uint16_t first_sequence_number(uint32_t ssrc);
  void keep_sequence_number(uint32_t ssrc, uint16_t next) { next_sequence_numbers_[ssrc] = next; }
  void add(SendingSection& section);
  void remove(SendingSection& section);
  void add(ReceivingSection& section);
  void remove(ReceivingSection& section);
  PacketDemuxer& demuxer() { return demuxer_; }

  void enqueue(std::unique_ptr<RtpPacketToSend> packet);
  /// Whether a queue of the path is being drained.
  bool is_draining() const { return control_->is_draining(); }
  /// Drops what was enqueued with that SSRC and has not left.
  void drop_waiting(uint32_t ssrc) { control_->drop_waiting(ssrc); }
  /// The very octets of before, where nothing else may be sent under their number (RFC 7714 section 10.1).
  void resend(ByteView octets);
  /// Of the transport, whichever section says it, and the last one that does.
  void set_estimate_wishes(const congestion::EstimateWishes& wishes) {
    control_->set_estimate_wishes(wishes, now_us());
  }
  /// Encodings, limits or weights have changed: bitrates are shared out anew, once for all that changes in a turn.
  void allocate();
  /// Feedback that does not wait for the next report.
  void send_feedback(rtcp::Packet packet, bool reduced_size);
  void send_bye(uint32_t ssrc, bool reduced_size);
  /// A receiver plays sound from then on for so long. They all play at the same times, which count once.
  void on_played(int64_t from_us, int64_t duration_us);
  /// Some section has a packet tap.
  void look_for_taps() { may_have_taps_ = true; }
  /// A packet of an application's, as it is.
  void send_packet(ByteView packet, bool is_rtcp);
  /// As if it had come.
  void take_packet(Bytes packet, bool is_rtcp);
  /// The SSRC that our reports and feedback come from.
  uint32_t local_ssrc() const;
  /// Of the path; 0: not known yet.
  int64_t rtt_us() const { return control_->rtt_us() > 0 ? control_->rtt_us() : rtt_us_; }
  /// Something may be due earlier than was thought.
  void reschedule();
  /// The parameters of a section that receives have changed.
  void update_receiving();

 private:
  struct Alive {
    RtpTransport* transport;
  };

  // PacketReceiver
  void on_packet(ByteView packet) override;
  void on_writable_changed(bool) override { reschedule(); }
  void on_path_changed() override;
  // SendControl::Output
  size_t send_now(std::unique_ptr<RtpPacketToSend> packet, std::optional<uint16_t> transport_sequence_number,
                  int64_t now_us) override;
  bool wants_transport_feedback(const RtpPacketToSend& packet) const override;
  std::unique_ptr<RtpPacketToSend> make_padding(size_t octets, bool is_queue_empty, int64_t now_us) override;
  size_t size_of(const RtpPacketToSend& packet) const override;
  void add_streams(std::vector<BitrateAllocator::Audio>& audio, std::vector<BitrateAllocator::Video>& video) override;
  void set_bitrates(const BitrateAllocator::Share& share) override;

  void open_srtp();
  /// Tells those who send when can_send() has changed.
  void update_can_send();
  void take_rtp(Bytes& octets, int64_t now_us);
  /// `octets` are those of the packet.
  void take_plain_rtp(const RtpPacketView& packet, std::span<uint8_t> octets, int64_t now_us);
  void take_rtcp(Bytes& octets, int64_t now_us);
  void take_plain_rtcp(ByteView octets, int64_t now_us);
  void estimate(const RtpPacketView& packet, size_t protected_size, int64_t now_us);
  void take(const rtcp::Packet& packet, int64_t now_us);
  void take_report_blocks(std::span<const rtcp::ReportBlock> blocks, int64_t now_us);
  void take_extended_report(const rtcp::ExtendedReport& report, int64_t now_us);
  RtpSendStream* find_stream(uint32_t ssrc) const;
  ReceivingSection* find_section(uint32_t id) const;
  std::vector<rtcp::ReportBlock> take_report_blocks_to_send(int64_t now_us);
  void send_further_reports(std::vector<rtcp::ReportBlock>& blocks);
  std::vector<rtcp::ExtendedReport::Dlrr> take_answers_to_reference_times(int64_t now_us);
  void send_reports(int64_t now_us);
  void send_rtcp(std::span<const rtcp::Packet> packets);
  /// Of local_ssrc().
  rtcp::SourceDescription description() const;
  void process();
  void set_timer(int64_t at_us);
  uint64_t ntp_now() const;

  NetworkThread& network_;
  DtlsTransport& dtls_;
  PacketTransport& lower_;
  const UnixClock clock_;
  const std::shared_ptr<WorkerPool> pool_;
  /// What was deferred asks whether we are still there.
  const std::shared_ptr<Alive> alive_ = std::make_shared<Alive>(Alive{this});
  std::unique_ptr<SrtpSession> srtp_;
  bool connected_ = false;
  bool could_send_ = false;
  std::deque<Bytes> early_packets_;
  uint64_t packets_discarded_ = 0;
  /// Of how many packets the peer may tell. Each is told of once, and once more where it was late: who tells of more
  /// than there were wants to keep the thread busy.
  static constexpr size_t kMaxFeedbackBudget = 65'535;
  static constexpr size_t kFeedbackForAPacket = 16;
  size_t feedback_budget_ = kMaxFeedbackBudget;
  bool may_have_taps_ = false;
  PacketDemuxer demuxer_;
  std::vector<ReceivingSection*> receiving_;
  std::map<uint32_t, SendingSection*> sending_;  // by their ids: a share is one section's of hundreds
  std::vector<RtpSendStream*> streams_;
  std::unique_ptr<SendControl> control_;
  RtpExtensionMap receive_extensions_;
  std::unique_ptr<congestion::TransportFeedbackGenerator> feedback_;
  std::unique_ptr<congestion::ReceiveSideEstimator> estimator_;
  std::map<uint32_t, uint16_t> next_sequence_numbers_;  // of streams that have ended
  const uint32_t own_ssrc_;
  const std::string cname_;  // of reports where nothing is sent (RFC 7022)
  int64_t rtt_us_ = 0;       // by reports
  /// Of peers that only receive: what their XR said, and when it came.
  std::map<uint32_t, std::pair<uint32_t, int64_t>> reference_times_;
  Bytes receive_buffer_;
  Bytes send_buffer_;
  int64_t next_report_us_ = 0;
  LipSync lip_sync_;
  int64_t played_until_us_ = 0, total_played_us_ = 0;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  bool flush_pending_ = false;
};

}  // namespace peerwire
