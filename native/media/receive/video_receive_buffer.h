// One received video stream, from RTP packets to frames in order of decoding, each when it is due. Pure: time is an
// argument; used by one thread (the network's).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/packetization/depacketizer.h"
#include "media/packetization/dependency_descriptor.h"
#include "media/receive/decodability.h"
#include "media/receive/frame_assembler.h"
#include "media/receive/frame_timing.h"
#include "media/receive/keyframe_requester.h"
#include "media/receive/nack_generator.h"
#include "media/receive/packet_buffer.h"
#include "media/receive/render_statistics.h"
#include "media/receive/stream_synchronization.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

struct VideoReceiveSettings {
  struct Format {
    VideoCodec codec = VideoCodec::kVp8;
    std::string sprop_parameter_sets;  // H.264
    bool operator==(const Format&) const = default;
  };
  std::map<uint8_t, Format> payload_types;  // of media; packets of others are nothing to us
  RtpExtensionMap extensions;
  /// Generic NACK and PLI (or FIR) were negotiated.
  bool nack = true;
  bool keyframe_requests = true;
};

/// Members as webrtc-stats names them (RTCInboundRtpStreamStats).
struct VideoReceiveStats {
  uint64_t packets_discarded = 0;  // came too late, or could not be read
  uint64_t packets_duplicated = 0;
  uint32_t frames_received = 0;
  uint32_t keyframes_received = 0;
  uint32_t frames_dropped = 0;  // whole, but never given to the decoder
  uint32_t frames_assembled_from_multiple_packets = 0;
  int64_t total_assembly_time_us = 0;
  int64_t jitter_buffer_delay_us = 0;  // the sums, each over jitter_buffer_emitted_count
  int64_t jitter_buffer_target_delay_us = 0;
  int64_t jitter_buffer_minimum_delay_us = 0;
  uint32_t jitter_buffer_emitted_count = 0;
  uint64_t nacks = 0;       // numbers asked for
  uint32_t nack_count = 0;  // webrtc-stats: messages
  uint32_t keyframe_requests = 0;
  int64_t current_delay_us = 0;
  int64_t jitter_us = 0;
  RenderStatistics::Totals render;
};

class VideoReceiveBuffer {
 public:
  static constexpr int64_t kNever = INT64_MAX;

  explicit VideoReceiveBuffer(VideoReceiveSettings settings);
  ~VideoReceiveBuffer();
  VideoReceiveBuffer(const VideoReceiveBuffer&) = delete;
  VideoReceiveBuffer& operator=(const VideoReceiveBuffer&) = delete;

  /// Forgets the stream, not the settings; what was counted stays.
  void reset();
  /// After a negotiation. What was received stays; formats that are unchanged keep what they know.
  void configure(VideoReceiveSettings settings);

  /// In order of arrival. Of RTX: the packet that was restored from it, with `recovered_by_rtx`. A change of SSRC is a
  /// new stream, which takes over at its first keyframe.
  void on_packet(const RtpPacketView& packet, bool recovered_by_rtx, int64_t now_us);
  /// Frames that are due, in order of decoding, each with render_time_us; of a picture with spatial layers one for
  /// each, up to the highest that can be decoded. Call after every on_packet() (or batch of them), and at
  /// next_timeout_us().
  std::vector<EncodedVideoFrame> take_due(int64_t now_us);
  /// When take_due(), take_nacks() or take_keyframe_request() may have something, if no packet comes; kNever.
  /// `asks_for_keyframes`: the last one is called at all.
  int64_t next_timeout_us(int64_t now_us, bool asks_for_keyframes = true) const;
  /// For one generic NACK; often empty.
  std::vector<uint16_t> take_nacks(int64_t now_us);
  /// True: send a PLI (or FIR).
  bool take_keyframe_request(int64_t now_us);

  void set_rtt(int64_t rtt_ms);
  /// RTCRtpReceiver's jitterBufferTarget.
  void set_target_delay(std::optional<int64_t> delay_ms);
  /// Of lip sync (stream_synchronization.h).
  void set_sync_delay(int64_t delay_ms);
  /// Of this stream's SSRC: gives frames their capture_ntp_ms, and lip sync its clock.
  void on_sender_report(uint64_t ntp_time, uint32_t rtp_timestamp);
  /// What lip sync wants of this stream; nothing until a sender report and a frame have come.
  std::optional<SyncedStream> synced_stream() const;

  /// The decoder wants a keyframe.
  void on_decode_failed();
  /// Whether payloads are encrypted, so that what they begin with says nothing (Decodability::set_opaque).
  void set_opaque(bool opaque) { decodability_.set_opaque(opaque); }
  /// Nobody looks at the pictures here: frames are released as soon as they can be decoded.
  void set_unpaced(bool unpaced) { is_unpaced_ = unpaced; }
  /// While they are: what was decrypted is a keyframe.
  void on_keyframe_found() {
    keyframes_.on_keyframe();
    is_keyframe_wanted_ = false;
  }
  /// `now_us`: when it was handed on to be shown.
  void on_frame_decoded(int64_t decode_time_us, int64_t now_us);
  /// Of what the stream needs: any keyframe will do.
  void want_keyframe() { is_keyframe_wanted_ = true; }
  /// An application asks (RTCRtpScriptTransformer.sendKeyFrameRequest()): one is sent even if a keyframe comes
  /// meanwhile, which answers what was asked before.
  void request_keyframe() { is_keyframe_asked_for_ = true; }

  int64_t current_delay_us() const { return timing_.current_delay_us(); }
  int64_t target_delay_us() const { return timing_.target_delay_us(); }
  VideoReceiveStats stats() const;

 private:
  struct Format {
    VideoReceiveSettings::Format settings;
    std::unique_ptr<Depacketizer> depacketizer;
  };
  struct Suspect;
  struct ArrivingKeyframe {
    int64_t first_sequence = 0;
    int64_t since_us = 0;
  };
  struct NewestFrame {
    uint32_t rtp_timestamp = 0;
    int64_t arrival_us = 0;  // without jitter
  };
  using FrameMap = std::map<int64_t, AssembledFrame>;

  bool accept_sequence(const RtpPacketView& packet, bool recovered, int64_t now_us);
  void insert(const RtpPacketView& packet, bool recovered, int64_t now_us);
  void read_extensions(const RtpPacketView& packet, BufferedPacket& out);
  void restart();
  void make_room();
  void clear_all();
  bool lacks_beginning(int64_t timestamp) const;
  void on_frame(AssembledFrame frame);
  void count_frame(const AssembledFrame& frame);
  void advance_contiguous();
  bool follows(const AssembledFrame& frame) const;
  FrameMap::const_iterator first_decodable() const;
  void release(FrameMap::iterator frame, int64_t now_us, std::vector<EncodedVideoFrame>& out);
  void hand_out(AssembledFrame frame, bool is_following, int64_t now_us, std::vector<EncodedVideoFrame>& out);
  /// What is whole of a picture with spatial layers whose rest has been waited for long enough.
  bool release_lower_layers(int64_t now_us, std::vector<EncodedVideoFrame>& out);
  void erase(FrameMap::iterator frame);
  void drop_before(int64_t sequence);
  void finish_until(int64_t sequence);
  void drop_hopeless(int64_t now_us);
  void update_blocked(int64_t now_us);
  int64_t release_time_us(const AssembledFrame& frame, int64_t now_us) const;
  int64_t patience_us() const;
  std::optional<int64_t> keyframe_arrival_limit_us() const;
  /// From when on a keyframe is to be asked for; nothing: none is needed.
  std::optional<int64_t> keyframe_needed_us(int64_t now_us) const;

  VideoReceiveSettings settings_;
  std::array<std::unique_ptr<Format>, 128> formats_;
  std::optional<uint32_t> ssrc_;
  Unwrapper<uint16_t> sequences_;
  Unwrapper<uint32_t> timestamps_;
  std::optional<int64_t> newest_sequence_;
  int64_t newest_timestamp_ = 0;
  std::unique_ptr<Suspect> suspect_;
  int stale_streak_ = 0;
  int stale_newer_streak_ = 0;
  DependencyDescriptorReader dependencies_;
  PacketBuffer packets_;
  FrameAssembler assembler_;
  std::vector<AssembledFrame> assembled_;
  FrameMap frames_;  // whole, not yet released, by their first number
  std::set<int64_t> whole_keyframes_;
  size_t frame_octets_ = 0;
  /// Of which packets came, but not all yet; by timestamp.
  std::map<int64_t, ArrivingKeyframe> keyframe_packets_;
  /// All up to here were released, dropped or skipped.
  std::optional<int64_t> done_until_;
  /// And up to here nothing is missing.
  std::optional<int64_t> contiguous_until_;
  /// Of the picture that was released last, if it was without layers that may still come.
  std::optional<int64_t> partial_timestamp_;
  Decodability decodability_;
  NackGenerator nacks_;
  KeyframeRequester keyframes_;
  FrameTiming timing_;
  RenderStatistics render_;
  SenderClock sender_clock_{90'000};
  std::optional<NewestFrame> newest_frame_;
  /// Since when something is missing without which nothing can be released.
  std::optional<int64_t> blocked_since_us_;
  /// A packet since then will not be asked for again.
  bool has_given_up_ = false;
  /// A frame was dropped since one was released.
  bool has_dropped_ = false;
  std::optional<int64_t> last_packet_us_;
  std::optional<int64_t> rtt_us_;
  bool is_keyframe_wanted_ = false;
  bool is_keyframe_asked_for_ = false;
  bool is_unpaced_ = false;
  VideoReceiveStats stats_;
  /// Of packets that came by themselves, and for no request.
  std::optional<int64_t> last_sent_packet_us_;
};

}  // namespace peerwire
