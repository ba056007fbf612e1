// One RTP stream that is sent: packets of frames, retransmissions, reports, counters. Network thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "media/packetization/packetizer.h"
#include "media/send/keyframe_mark.h"
#include "media/send/rtx_cache.h"
#include "media/stream/audio_stream_encoder.h"
#include "media/stream/media_parameters.h"
#include "media/stream/stream_stats.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire {

class RtpTransport;

/// Told of what the peer wants of the stream.
class RtpSendStreamObserver {
 public:
  virtual ~RtpSendStreamObserver() = default;
  virtual void on_keyframe_wanted(uint32_t ssrc) = 0;
  /// The share of packets, 0 to 1, that the peer has missed lately.
  virtual void on_packet_loss(uint32_t ssrc, double fraction) = 0;
  /// The first packet of its media has left since frames come.
  virtual void on_begun(uint32_t) {}
};

/// Microseconds in ticks of an RTP clock, of which the low 32 bits count.
inline uint32_t ticks_of(int64_t us, uint32_t clock_rate) {
  constexpr int64_t kSecond = 1'000'000;
  return static_cast<uint32_t>(us / kSecond * clock_rate + us % kSecond * clock_rate / kSecond);
}

class RtpSendStream {
 public:
  struct Config {
    MediaKind kind = MediaKind::kVideo;
    std::string mid;
    std::string cname;
    RtpExtensionMap extensions;
    EncodingParameters encoding;
  };

  RtpSendStream(RtpTransport& transport, Config config, RtpSendStreamObserver* observer);
  ~RtpSendStream();
  RtpSendStream(const RtpSendStream&) = delete;
  RtpSendStream& operator=(const RtpSendStream&) = delete;

  /// The SSRC stays; a change of codec is another packetizer.
  void configure(Config config);
  /// The peer may have forgotten which section the SSRCs belong to, or be another one: packets tell it anew.
  void identify();
  const Config& config() const { return config_; }
  uint32_t ssrc() const { return config_.encoding.ssrc; }
  uint32_t rtx_ssrc() const { return has_rtx() ? config_.encoding.rtx_ssrc : 0; }
  bool is_audio() const { return config_.kind == MediaKind::kAudio; }
  /// Octets of payload that a packet holds.
  size_t max_payload_size() const;

  /// @param rtp_timestamp what assign_timestamp() said, or another one
  /// @param told_capture_ms since 1970: what abs-capture-time is to say; otherwise it is the frame's own time
  void send_frame(EncodedVideoFrame frame, uint32_t rtp_timestamp, std::optional<double> told_capture_ms = {});
  void send_frame(EncodedAudioFrame frame, std::optional<double> told_capture_ms = {});
  /// RTP timestamp of what is captured at that time.
  uint32_t rtp_timestamp_of(int64_t capture_time_us) const;
  /// The same for the next frame: later than any that was assigned before.
  uint32_t assign_timestamp(int64_t capture_time_us);
  /// Of frames that come with timestamps of their own, whose distances are kept: they go on from what was sent before.
  /// @param follows_clock a distance from the time that passed is no distance of the source's, but a new beginning
  uint32_t map_timestamp(uint32_t source_timestamp, int64_t now_us, bool follows_clock);
  /// The next frame is of another source.
  void forget_source() { source_offset_.reset(); }
  uint32_t rtp_timestamp_of(const EncodedAudioFrame& frame) const { return timestamp_offset_ + frame.rtp_timestamp; }
  /// What the timestamps of coded sound, which count from zero, are behind those on the wire.
  uint32_t timestamp_offset() const { return timestamp_offset_; }

  // ---- from the transport ----

  /// A packet of this stream has left as `octets`; `header_size`: those of them that are no payload, tags aside.
  void on_sent(std::unique_ptr<RtpPacketToSend> packet, ByteView octets, size_t payload_size, size_t header_size,
               int64_t now_us);
  void on_nack(std::span<const uint16_t> sequence_numbers, int64_t now_us, int64_t rtt_us);
  void on_pli();
  /// @param requester the SSRC of who asks, and numbers its requests
  void on_fir(uint32_t requester, uint8_t sequence_number);
  void on_report_block(const rtcp::ReportBlock& block, double unix_ms, std::optional<int64_t> rtt_us);
  /// The peer reports of the SSRC of RTX.
  void on_rtx_reported(const rtcp::ReportBlock& block);
  /// About `size` octets of padding: at most, out of what was sent lately where there is something, or one of zeros.
  /// To be called if can_pad().
  std::unique_ptr<RtpPacketToSend> padding(size_t size, int64_t now_us);
  /// As RTX; or without it in packets of its own, if these can follow whatever it has numbered.
  bool can_pad(bool is_queue_empty) const {
    return is_sending_ && has_sent_ && (has_rtx() || (is_queue_empty && is_estimated()));
  }
  /// Null before anything was sent.
  std::optional<rtcp::SenderReport> sender_report(int64_t now_us, uint64_t ntp_time) const;
  bool has_sent() const { return has_sent_; }
  /// Since frames come.
  bool has_begun() const { return has_begun_; }
  /// Drops what has not left yet, as nobody needs it any more.
  void drop_waiting();
  /// Nobody waits for what has been coded until now: nothing of it is sent any more, nor sent again.
  void abandon();

  /// Whether frames come: what is not to be sent is not padded either.
  void set_sending(bool sending);
  void set_target_bitrate(uint32_t bitrate_bps) { target_bitrate_bps_ = bitrate_bps; }
  uint32_t target_bitrate() const { return target_bitrate_bps_; }
  /// The part of the statistics that is counted here.
  OutboundStats stats() const;

 private:
  /// The peer tells how packets fare, so that padding shows something.
  bool is_estimated() const;
  bool has_rtx() const {
    return config_.encoding.codec.rtx_payload_type >= 0 && config_.encoding.rtx_ssrc != 0 && !is_audio();
  }
  std::unique_ptr<RtpPacketToSend> new_packet(uint32_t rtp_timestamp, int64_t capture_time_us);
  void add_extensions(RtpPacketToSend& packet, bool is_retransmission) const;
  void tell_capture_time(RtpPacketToSend& packet, double unix_ms) const;
  std::unique_ptr<RtpPacketToSend> retransmission_of(const RtpPacketToSend& packet);
  PacketizerSettings packetizer_settings() const;
  /// @param at_us what it is the timestamp of
  uint32_t assign_later(uint32_t timestamp, int64_t at_us);

  RtpTransport& transport_;
  Config config_;
  RtpSendStreamObserver* const observer_;
  std::unique_ptr<Packetizer> packetizer_;
  RtxCache cache_;
  /// Without RTX: what was sent, by sequence number modulo its size.
  struct SentOctets {
    uint16_t sequence_number = 0;
    int64_t resent_us = 0;
    int resent = 0;                            // so often
    size_t payload_size = 0, header_size = 0;  // of the packet before SRTP
    Bytes octets;
  };
  std::vector<SentOctets> sent_;
  uint16_t sequence_number_;
  uint16_t last_sent_number_ = 0;
  KeyframeMark keyframe_;
  KeyframeMark abandoned_;  // what comes behind it begins with a keyframe
  uint16_t rtx_sequence_number_;
  uint32_t timestamp_offset_;
  int rotation_ = 0;
  bool is_identified_ = false;      // the peer reports of the SSRC: it knows which section it belongs to
  bool is_rtx_identified_ = false;  // and the same of the SSRC of RTX
  uint16_t identified_from_ = 0;    // the first number that identify() goes for: reports of earlier ones say nothing
  uint16_t rtx_identified_from_ = 0;
  bool has_sent_ = false;
  bool is_sending_ = false;
  bool has_begun_ = false;
  uint16_t begins_with_ = 0;               // the first number since frames come; what waited from before does not count
  std::map<uint32_t, uint8_t> last_firs_;  // by requester
  uint32_t last_rtp_timestamp_ = 0;
  std::optional<uint32_t> last_assigned_;
  std::optional<uint32_t> source_offset_;
  int64_t last_capture_us_ = 0;
  size_t octets_sent_ = 0;  // of payload, for reports
  uint64_t reported_packets_ = 0;
  double average_frame_octets_ = 0;
  size_t picture_octets_ = 0;  // of the layers of a picture that were sent
  uint32_t target_bitrate_bps_ = 0;
  OutboundStats stats_;
  int64_t last_assigned_us_ = 0;
};

}  // namespace peerwire
