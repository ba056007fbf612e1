// RtpSender of an audio section: one encoding of one track.
#pragma once

#include <memory>

#include "media/stream/audio_stream_encoder.h"
#include "media/stream/frame_tap.h"
#include "media/stream/return_path.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_transport.h"

namespace peerwire {

class AudioRtpSender final : public RtpSender,
                             public SendingSection,
                             public RtpSendStreamObserver,
                             public AudioRelay::Sink {
 public:
  AudioRtpSender(RtpTransport& transport, uint32_t id, std::shared_ptr<RtpSenderObserver> observer);
  ~AudioRtpSender() override;

  void configure(SendParameters parameters) override;
  void set_track(std::shared_ptr<VideoTrack> video, std::shared_ptr<AudioTrack> audio) override;
  void set_pushed(bool pushed) override;
  void push_frame(PushedFrame frame) override;
  void play_tone(char tone, int duration_ms) override;
  void request_keyframe(const std::vector<std::string>&) override {}
  void set_tap(bool active, bool takes_keyframe_requests) override;
  void write_frame(WrittenFrame frame) override;
  void set_packet_tap(bool active) override {
    shows_packets_ = active;
    if (active) transport_.look_for_taps();
  }
  void write_packet(Bytes packet, bool is_rtcp) override { transport_.send_packet(packet, is_rtcp); }
  SenderStats stats() const override;

 private:
  // SendingSection
  uint32_t section_id() const override { return id_; }
  bool has_ssrc(uint32_t ssrc) const override;
  PacketTap* packet_tap() const override { return shows_packets_ ? observer_.get() : nullptr; }
  void on_transport_state(bool can_send) override;
  void add_streams(std::vector<BitrateAllocator::Audio>& audio, std::vector<BitrateAllocator::Video>& video) override;
  void set_bitrates(const BitrateAllocator::Share& share) override;
  bool reduced_size_rtcp() const override { return parameters_.reduced_size_rtcp; }
  // RtpSendStreamObserver
  void on_keyframe_wanted(uint32_t) override {}
  void on_packet_loss(uint32_t, double fraction) override { encoder_->set_packet_loss(fraction); }

  // AudioRelay::Sink
  void on_relayed(const RelayedAudio& frame) override;

  /// Hears what the source gets coded; null: of none.
  void listen_to(std::shared_ptr<AudioSource> source);
  /// Nothing that was set asks for other sound than the source's.
  bool may_relay() const;
  RtpSendStream::Config stream_config() const;
  bool is_sending() const;
  void update_sink();
  void set_sink(bool wanted);
  void on_encoded(EncodedAudioFrame frame);
  /// Silence, where nothing else comes: for tones, which take its place, and for a track that is disabled or has ended
  /// (https://w3c.github.io/webrtc-pc/#mediastreamtrack-network-use). Looks for it now and again while something is
  /// sent.
  void feed_silence(int64_t block_us);

  RtpTransport& transport_;
  const uint32_t id_;
  const std::shared_ptr<RtpSenderObserver> observer_;
  const std::shared_ptr<ReturnPath<AudioRtpSender>> path_;
  const std::shared_ptr<AudioStreamEncoder> encoder_;
  SendParameters parameters_;
  std::shared_ptr<AudioTrack> track_;
  std::unique_ptr<RtpSendStream> stream_;
  bool is_attached_ = false;  // it sends
  bool has_sink_ = false;     // and the encoder is a sink of the track
  bool is_pushed_ = false;
  std::shared_ptr<AudioSource> relay_source_;
  bool relays_ = false;  // what was received coded is passed on
  int64_t no_relay_until_us_ = 0;
  bool tapped_ = false;
  bool shows_packets_ = false;
  FrameTap<EncodedAudioFrame> tap_;
  int64_t tones_until_us_ = 0;
  NetworkThread::TimerId silence_timer_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire
