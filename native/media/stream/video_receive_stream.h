// One RTP stream of video that is received: buffer on the network thread, decoder on a queue, frames into a source.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/serial_queue.h"
#include "media/frame/frame_rate.h"
#include "media/receive/video_receive_buffer.h"
#include "media/stream/encoded_frame.h"
#include "media/stream/media_parameters.h"
#include "media/stream/return_path.h"
#include "media/stream/stream_stats.h"
#include "media/track/media_track.h"
#include "net/network_thread.h"
#include "rtp/capture_times.h"
#include "rtp/reception_statistics.h"

namespace peerwire {

/// Decodes frames of one stream in order, and delivers pictures. Held by its tasks.
class FrameDecoder final : public std::enable_shared_from_this<FrameDecoder> {
 public:
  struct Result {
    bool succeeded = false;
    bool has_picture = false;
    int64_t decode_time_us = 0;
    int64_t done_us = 0;
    bool is_keyframe = false;
    uint64_t keyframes = 0;  // up to this frame
    int width = 0, height = 0;
    int qp = -1;
    int64_t received_us = 0;  // first packet
    std::optional<int64_t> capture_ntp_ms;
    const char* implementation = "";
  };
  /// Called on the queue.
  using Done = std::function<void(Result result)>;

  FrameDecoder(std::shared_ptr<WorkerPool> pool, std::shared_ptr<VideoSource> source, Done done)
      : queue_(std::move(pool)), source_(std::move(source)), done_(std::move(done)) {}

  /// False: too much waits already, and the frame is lost.
  bool decode(EncodedVideoFrame frame);
  /// That were given to it.
  uint64_t keyframes() const { return keyframes_; }
  /// Pictures go nowhere any more.
  void stop() { stopped_.store(true); }

 private:
  void run(const EncodedVideoFrame& frame, uint64_t keyframes);

  SerialQueue queue_;
  const std::shared_ptr<VideoSource> source_;
  const Done done_;
  std::atomic<bool> stopped_{false};
  uint64_t keyframes_ = 0;
  // The queue's.
  std::unique_ptr<VideoDecoder> decoder_;
  VideoCodec codec_ = VideoCodec::kVp8;
};

class VideoReceiveStream {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    /// `tapped` has no token, octets and receive time yet; the latter two are those of `frame`.
    virtual void on_tapped_frame(TappedFrame tapped, EncodedVideoFrame frame) = 0;
  };

  VideoReceiveStream(NetworkThread& network, std::shared_ptr<WorkerPool> pool, std::shared_ptr<VideoSource> source,
                     uint32_t ssrc, std::string rid, VideoReceiveSettings settings, Observer& observer);
  ~VideoReceiveStream();

  uint32_t ssrc() const { return ssrc_; }
  const std::string& rid() const { return rid_; }
  /// The peer calls it otherwise now.
  void set_rid(const std::string& rid) { rid_ = rid; }
  VideoReceiveBuffer& buffer() { return buffer_; }
  SsrcReception& reception() { return reception_; }
  CaptureTimes& capture_times() { return capture_times_; }
  int64_t last_packet_us() const { return last_packet_us_; }
  void set_rtx_ssrc(uint32_t ssrc) { rtx_ssrc_ = ssrc; }
  /// Only a shown stream is decoded.
  void set_shown(bool shown);
  /// Nothing comes for now: drops what waits, and the decoder. What was counted stays.
  void reset();

  void on_packet(const RtpPacketView& packet, bool recovered_by_rtx, int64_t now_us);
  void set_tap(bool active);
  /// What the observer was given, after it went through a transform.
  void write_frame(EncodedVideoFrame frame);
  /// Gives what is due to the decoder.
  void process(int64_t now_us);
  void on_sender_report(const rtcp::SenderReport& report, int64_t now_us);
  /// Of the path.
  void on_rtt(int64_t rtt_us);
  /// By the peer's answer to a report of ours.
  void on_remote_rtt(int64_t rtt_us);
  /// A keyframe was asked for.
  void on_pli_sent() { ++pli_count_; }
  void on_fir_sent() { ++fir_count_; }

  InboundStats stats(int64_t now_us, double unix_ms_now) const;

 private:
  /// Senders pass frames on, and nobody wants pictures.
  bool is_only_relayed() const { return source_->relay().has_sinks() && !source_->is_wanted(); }
  void release(EncodedVideoFrame frame);
  void decode(EncodedVideoFrame frame);
  void decode_picture(EncodedVideoFrame picture);
  void on_decoded(const FrameDecoder::Result& result);
  void begin_decoding();
  void end_decoding();

  NetworkThread& network_;
  const std::shared_ptr<WorkerPool> pool_;
  const std::shared_ptr<VideoSource> source_;
  const uint32_t ssrc_;
  std::string rid_;
  Observer& observer_;
  VideoReceiveBuffer buffer_;
  SsrcReception reception_;
  CaptureTimes capture_times_;
  std::shared_ptr<ReturnPath<VideoReceiveStream>> path_;
  std::shared_ptr<FrameDecoder> decoder_;
  uint32_t rtx_ssrc_ = 0;
  int payload_type_ = -1;
  int64_t last_packet_us_ = 0;
  bool shown_ = true;
  std::vector<EncodedVideoFrame> layers_;  // of a picture whose other layers come next
  bool tapped_ = false;
  bool was_passed_over_ = false;  // the decoder, as nobody wanted pictures
  bool awaits_keyframe_ = false;  // of what comes out of the transform

  int64_t remote_rtt_us_ = -1, total_remote_rtt_us_ = 0;
  uint64_t remote_rtt_measurements_ = 0;
  std::optional<PlayedMoment> last_shown_;
  uint32_t pli_count_ = 0, fir_count_ = 0;

  // Of decoding.
  uint64_t frames_decoded_ = 0, key_frames_decoded_ = 0, frames_dropped_ = 0;
  int64_t decode_time_us_ = 0, processing_delay_us_ = 0;
  uint64_t qp_sum_ = 0;
  bool has_qp_ = false;
  int width_ = 0, height_ = 0;
  std::string implementation_;
  FrameRate decoded_;
};

}  // namespace peerwire
