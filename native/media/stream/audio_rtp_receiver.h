// RtpReceiver of an audio section: one RTP stream at a time goes through a jitter buffer, on a queue, into a source.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/serial_queue.h"
#include "media/receive/audio_jitter_buffer.h"
#include "media/receive/stream_synchronization.h"
#include "media/stream/frame_tap.h"
#include "media/stream/return_path.h"
#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_source_table.h"
#include "media/stream/rtp_transport.h"
#include "rtp/capture_times.h"
#include "rtp/reception_statistics.h"

namespace peerwire {

/// The jitter buffer and its queue. Held by its tasks.
class AudioPlayout final : public std::enable_shared_from_this<AudioPlayout> {
 public:
  struct Packet {
    AudioJitterBuffer::PacketHeader header;
    Bytes payload;
    int64_t arrival_us = 0;
    bool marker = false;
    int audio_level = -1;  // -dBov
    bool voice = false;
  };
  AudioPlayout(std::shared_ptr<WorkerPool> pool, std::shared_ptr<AudioSource> source)
      : queue_(std::move(pool)), source_(std::move(source)) {}

  // ---- any thread ----

  void configure(const ReceiveParameters& parameters);
  /// It waits for the next block: packets alone wake no thread.
  void insert(Packet packet);
  /// The next 10 ms.
  void play(int64_t now_us);
  /// Where nothing has come: a track that is muted is silent, and whoever listens hears that.
  void play_silence(int64_t now_us);
  void reset();
  void set_target_delay(int64_t delay_us);
  void set_sync_delay(int64_t delay_us);
  /// For the capture times of what is played.
  void set_sender_clock(const SenderClock& clock);
  AudioReceiveStats stats() const;
  std::optional<PlayedMoment> last_played() const;
  int64_t current_delay_us() const { return current_delay_us_.load(); }
  /// As it would be without lip sync.
  int64_t unsynced_delay_us() const { return unsynced_delay_us_.load(); }
  void stop() { stopped_.store(true); }

 private:
  template <typename Task>
  void post(Task task);
  void take_arrived();

  SerialQueue queue_;
  const std::shared_ptr<AudioSource> source_;
  std::atomic<bool> stopped_{false};
  std::atomic<int64_t> current_delay_us_{0};
  std::atomic<int64_t> unsynced_delay_us_{0};
  mutable std::mutex mutex_;
  AudioReceiveStats stats_;
  std::vector<Packet> arrived_;
  std::optional<PlayedMoment> last_played_;
  // The queue's.
  std::vector<Packet> taken_;
  AudioJitterBuffer buffer_;
  std::optional<SenderClock> sender_clock_;
  std::map<uint8_t, bool> is_red_;
};

class AudioRtpReceiver final : public RtpReceiver, public ReceivingSection, public AudioRelay::Origin {
 public:
  AudioRtpReceiver(RtpTransport& transport, uint32_t id, std::shared_ptr<AudioSource> source,
                   std::shared_ptr<RtpSourceTable> table, std::shared_ptr<RtpReceiverObserver> observer);
  ~AudioRtpReceiver() override;

  void configure(ReceiveParameters parameters) override;
  void set_jitter_buffer_target(double target_ms) override;
  void request_keyframe() override {}
  void set_tap(bool active) override;
  void write_frame(WrittenFrame frame) override;
  void set_packet_tap(bool active) override {
    shows_packets_ = active;
    if (active) transport_.look_for_taps();
  }
  void write_packet(Bytes packet, bool is_rtcp) override { transport_.take_packet(std::move(packet), is_rtcp); }
  void set_heard(bool heard);

 private:
  /// A stream of another SSRC that comes beside the one that is played.
  struct Successor {
    uint32_t ssrc = 0;
    uint16_t next_sequence_number = 0;
  };

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
  MediaKind kind() const override { return MediaKind::kAudio; }
  const std::string& sync_group() const override { return parameters_.sync_group; }
  std::optional<SyncedStream> synced_stream() const override;
  void set_sync_delay(int64_t delay_us) override;

  // AudioRelay::Origin
  void on_keyframe_wanted() override {}

  /// To senders that relay it, and to be played where somebody listens.
  void pass_on(AudioPlayout::Packet packet);
  bool is_only_relayed() const { return source_->relay().has_sinks() && !source_->is_wanted(); }
  const ReceiveCodecParameters* codec_of(uint8_t payload_type) const;
  void begin_stream(uint32_t ssrc, int64_t now_us);
  void end_stream();
  void set_flowing(bool flows);
  /// Whether the packet's stream is to be played from now on.
  bool may_take_over(const RtpHeader& header, int64_t now_us);

  RtpTransport& transport_;
  const uint32_t id_;
  const std::shared_ptr<AudioSource> source_;
  const std::shared_ptr<AudioPlayout> playout_;
  bool was_passed_over_ = false;  // the playout, as nobody listened
  const std::shared_ptr<RtpSourceTable> table_;
  const std::shared_ptr<RtpReceiverObserver> observer_;
  ReceiveParameters parameters_;
  /// What is told of it stays when nothing comes any more, until another one begins
  /// (https://w3c.github.io/webrtc-stats/#the-rtp-statistics-hierarchy).
  std::optional<uint32_t> ssrc_;
  bool has_stream_ = false;
  std::optional<Successor> successor_;
  SsrcReception reception_;
  CaptureTimes capture_times_;
  int64_t last_packet_us_ = 0;
  // Of sound.
  int64_t last_sound_us_ = 0;
  uint32_t last_timestamp_ = 0;
  int64_t packet_interval_us_ = 0;  // between the last two
  int payload_type_ = -1;
  std::optional<SenderClock> sender_clock_;
  int64_t sync_delay_us_ = 0;
  int64_t next_block_us_ = 0;
  /// Somebody listens to the track.
  bool is_heard_ = false;
  std::shared_ptr<ReturnPath<AudioRtpReceiver>> path_;
  bool flows_ = false;
  bool tapped_ = false;
  bool shows_packets_ = false;
  FrameTap<AudioPlayout::Packet> tap_;
  int64_t remote_rtt_us_ = -1, total_remote_rtt_us_ = 0;
  uint64_t remote_rtt_measurements_ = 0;
};

}  // namespace peerwire
