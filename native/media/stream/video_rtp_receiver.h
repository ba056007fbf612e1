// RtpReceiver of a video section. Of the RTP streams that it is sent (several with simulcast, or after a change of
// SSRC) one is shown.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "media/stream/frame_tap.h"
#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_source_table.h"
#include "media/stream/rtp_transport.h"
#include "media/stream/video_receive_stream.h"

namespace peerwire {

class VideoRtpReceiver final : public RtpReceiver,
                               public ReceivingSection,
                               public VideoReceiveStream::Observer,
                               public VideoRelay::Origin {
 public:
  VideoRtpReceiver(RtpTransport& transport, uint32_t id, std::shared_ptr<VideoSource> source,
                   std::shared_ptr<RtpSourceTable> table, std::shared_ptr<RtpReceiverObserver> observer);
  ~VideoRtpReceiver() override;

  void configure(ReceiveParameters parameters) override;
  void set_jitter_buffer_target(double target_ms) override;
  void request_keyframe() override;
  void set_tap(bool active) override;
  void write_frame(WrittenFrame frame) override;
  void set_packet_tap(bool active) override {
    shows_packets_ = active;
    if (active) transport_.look_for_taps();
  }
  void write_packet(Bytes packet, bool is_rtcp) override { transport_.take_packet(std::move(packet), is_rtcp); }

 private:
  // ReceivingSection
  bool has_ssrc(uint32_t ssrc) const override;
  PacketTap* packet_tap() const override { return shows_packets_ ? observer_.get() : nullptr; }
  uint32_t section_id() const override { return id_; }
  void on_rtp_packet(const RtpPacketView& packet, std::span<uint8_t> octets, const StreamRoute& route,
                     int64_t now_us) override;
  void on_sender_report(const rtcp::SenderReport& report, int64_t now_us) override;
  void on_bye(uint32_t ssrc) override;
  void on_dlrr(uint32_t ssrc, int64_t rtt_us) override;
  void add_report_blocks(std::vector<rtcp::ReportBlock>& blocks, int64_t now_us) override;
  int64_t process(int64_t now_us) override;
  bool reduced_size_rtcp() const override { return parameters_.reduced_size_rtcp; }
  const ReceiveParameters& parameters() const override { return parameters_; }
  ReceiverStats stats(int64_t now_us) override;
  MediaKind kind() const override { return MediaKind::kVideo; }
  const std::string& sync_group() const override { return parameters_.sync_group; }
  std::optional<SyncedStream> synced_stream() const override;
  void set_sync_delay(int64_t delay_us) override;
  // VideoRelay::Origin
  void on_keyframe_wanted() override { request_keyframe(); }
  // VideoReceiveStream::Observer
  void on_tapped_frame(TappedFrame tapped, EncodedVideoFrame frame) override;

  const std::string& rid_of(const StreamRoute& route) const;
  using Streams = std::map<uint32_t, std::unique_ptr<VideoReceiveStream>>;
  static Streams::iterator quietest_of(Streams& streams);
  VideoReceiveStream* stream_for(uint32_t ssrc, const StreamRoute& route, int64_t now_us);
  /// The one that rests under that SSRC, or a new one, which takes the place of those that rest under its RID.
  std::unique_ptr<VideoReceiveStream> wake(uint32_t ssrc, const std::string& rid);
  void rest(Streams::iterator stream);
  /// Which one is shown, when there are several.
  void choose_shown(int64_t now_us);
  void send_feedback(VideoReceiveStream& stream, int64_t now_us);
  void set_flowing(bool flows);
  VideoReceiveSettings settings() const;
  std::optional<int64_t> target_delay() const;
  VideoReceiveStream* shown() const;

  RtpTransport& transport_;
  const uint32_t id_;
  const std::shared_ptr<VideoSource> source_;
  const std::shared_ptr<RtpSourceTable> table_;
  const std::shared_ptr<RtpReceiverObserver> observer_;
  ReceiveParameters parameters_;
  Streams streams_;
  /// Of which nothing comes for now, on hold or after a BYE. They count on when they come back
  /// (https://w3c.github.io/webrtc-stats/#the-rtp-statistics-hierarchy).
  Streams resting_;
  uint32_t shown_ssrc_ = 0;
  bool flows_ = false;
  bool has_fir_ = false;  // and no PLI
  uint8_t fir_number_ = 0;
  bool tapped_ = false;
  bool shows_packets_ = false;
  struct Tapped {
    EncodedVideoFrame frame;
    uint32_t ssrc = 0;
  };
  FrameTap<Tapped> tap_;
  double target_ms_ = -1;
};

}  // namespace peerwire
