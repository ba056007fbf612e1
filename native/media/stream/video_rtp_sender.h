// RtpSender of a video section: up to three encodings of one track.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "media/stream/bitrate_meter.h"
#include "media/stream/frame_tap.h"
#include "media/stream/return_path.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_transport.h"
#include "media/stream/video_stream_encoder.h"

namespace peerwire {

class VideoRtpSender final : public RtpSender,
                             public SendingSection,
                             public RtpSendStreamObserver,
                             public VideoRelay::Sink {
 public:
  VideoRtpSender(RtpTransport& transport, uint32_t id, std::shared_ptr<RtpSenderObserver> observer);
  ~VideoRtpSender() override;

  void configure(SendParameters parameters) override;
  void set_track(std::shared_ptr<VideoTrack> video, std::shared_ptr<AudioTrack> audio) override;
  void set_pushed(bool pushed) override;
  void push_frame(PushedFrame frame) override;
  void play_tone(char, int) override {}
  void request_keyframe(const std::vector<std::string>& rids) override;
  void set_tap(bool active, bool takes_keyframe_requests) override;
  void write_frame(WrittenFrame frame) override;
  void set_packet_tap(bool active) override {
    shows_packets_ = active;
    if (active) transport_.look_for_taps();
  }
  void write_packet(Bytes packet, bool is_rtcp) override { transport_.send_packet(packet, is_rtcp); }
  SenderStats stats() const override;

 private:
  struct WaitingPicture {
    std::vector<EncodedVideoFrame> layers;
    uint32_t rtp_timestamp = 0;
    int64_t since_us = 0;
  };
  struct Encoding : std::enable_shared_from_this<Encoding> {
    VideoRtpSender* sender = nullptr;
    /// Of what is coded; closed, the encoding is gone for good.
    std::shared_ptr<ReturnPath<Encoding>> path;
    EncodingParameters parameters;
    std::unique_ptr<RtpSendStream> stream;
    std::shared_ptr<VideoStreamEncoder> encoder;
    bool is_attached = false;  // it sends
    bool has_sink = false;     // and the encoder is a sink of the track
    bool has_rate = false;     // it is known what it has been given since
    /// For encodings before it to begin.
    std::vector<WaitingPicture> waiting_pictures;
    bool has_waited = false;  // long enough
    std::string rid;
    // Of frames that came coded.
    bool awaits_keyframe = true;
    uint64_t frames_passed_on = 0;
    int width = 0, height = 0;
    int temporal_layers = 1;
    BitrateMeter bitrate;
    // Of frames that were given out; of each layer the last one.
    int64_t next_frame_id = 0;
    using LastFrames = std::array<int64_t, ScalabilityMode::kMaxTemporalLayers>;
    std::array<LastFrames, ScalabilityMode::kMaxSpatialLayers> last_frame_ids{
        LastFrames{-1, -1, -1}, LastFrames{-1, -1, -1}, LastFrames{-1, -1, -1}};
  };
  using EncodingPtr = std::shared_ptr<Encoding>;
  struct Tapped {
    EncodedVideoFrame frame;
    uint32_t rtp_timestamp = 0;
    std::weak_ptr<Encoding> encoding;
  };

  // SendingSection
  uint32_t section_id() const override { return id_; }
  bool has_ssrc(uint32_t ssrc) const override;
  PacketTap* packet_tap() const override { return shows_packets_ ? observer_.get() : nullptr; }
  void on_transport_state(bool can_send) override;
  void add_streams(std::vector<BitrateAllocator::Audio>& audio, std::vector<BitrateAllocator::Video>& video) override;
  void set_bitrates(const BitrateAllocator::Share& share) override;
  bool reduced_size_rtcp() const override { return parameters_.reduced_size_rtcp; }
  // RtpSendStreamObserver
  void on_keyframe_wanted(uint32_t ssrc) override;
  void on_packet_loss(uint32_t, double) override {}
  void on_begun(uint32_t ssrc) override;

  // VideoRelay::Sink
  void on_relayed(const EncodedVideoFrame& frame) override;

  /// Hears what the source gets coded; null: of none.
  void listen_to(std::shared_ptr<VideoSource> source);
  /// Nothing that was set asks for other pictures than the source's.
  bool may_relay() const;
  bool can_relay(const Encoding& encoding, const EncodedVideoFrame& frame, int64_t now_us);
  EncodingPtr create_encoding(const EncodingParameters& parameters);
  RtpSendStream::Config stream_config(const EncodingParameters& parameters) const;
  void remove_encoding(Encoding& encoding);
  /// Frames go to the encoders that are to send, and to no others.
  void update_sinks();
  void set_sink(Encoding& encoding, bool wanted);
  /// "The RTCRtpSender SHOULD send one black frame per second" for a track that is disabled or has ended:
  /// https://w3c.github.io/webrtc-pc/#mediastreamtrack-network-use. Looks for it now and again while something is sent.
  void feed_black();
  /// Whoever makes the frames makes a keyframe next.
  void demand_keyframe(Encoding& encoding);
  void on_encoded(Encoding& encoding, std::vector<EncodedVideoFrame> picture);
  /// One before it in the list is about to send its first packet.
  bool waits_for_others(const Encoding& encoding) const;
  /// Coded pictures whose turn has come.
  void send_waiting();
  /// A frame that no encoder of ours made.
  void pass_on(Encoding& encoding, EncodedVideoFrame frame, uint32_t rtp_timestamp);
  void send_or_tap(Encoding& encoding, EncodedVideoFrame frame, uint32_t rtp_timestamp);
  /// Numbers it, and tells which ones it needs.
  static void add_dependencies(Encoding& encoding, const EncodedVideoFrame& frame, TappedFrame& tapped);
  EncodingPtr find(uint32_t ssrc) const;
  EncodingPtr find_rid(const std::string& rid) const;
  BitrateAllocator::Encoding allocation_of(const Encoding& encoding) const;

  RtpTransport& transport_;
  const uint32_t id_;
  const std::shared_ptr<RtpSenderObserver> observer_;
  SendParameters parameters_;
  std::shared_ptr<VideoTrack> track_;
  std::vector<EncodingPtr> encodings_;
  std::vector<EncodingPtr> by_size_;  // as the allocator was told of them
  bool is_pushed_ = false;
  // Of frames that were received coded, and are passed on.
  std::shared_ptr<VideoSource> relay_source_;
  bool relays_ = false;
  bool is_profile_misfit_ = false;
  int64_t next_keyframe_request_us_ = 0;
  int64_t too_much_since_us_ = 0;
  int64_t no_relay_until_us_ = 0;
  int64_t no_relay_for_us_ = 0;
  bool tapped_ = false;
  bool shows_packets_ = false;
  bool observer_takes_requests_ = false;
  FrameTap<Tapped> tap_;
  NetworkThread::TimerId black_timer_ = NetworkThread::kNoTimer;
  NetworkThread::TimerId waiting_timer_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire
