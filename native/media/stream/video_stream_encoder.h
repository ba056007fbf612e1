// Codes one encoding of a video track: takes frames on the thread they come on, keeps the latest only, and codes it on
// a queue.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/serial_queue.h"
#include "media/codec/video_codec.h"
#include "media/frame/frame_interval.h"
#include "media/frame/frame_rate.h"
#include "media/stream/media_parameters.h"
#include "media/stream/picture_size.h"
#include "media/stream/quality_adaptation.h"
#include "media/track/media_track.h"

namespace peerwire {

/// Why a picture is worse than what was captured: RTCQualityLimitationReason.
enum class QualityLimitation { kNone, kCpu, kBandwidth, kOther };

struct VideoEncoderStats {
  uint64_t frames_offered = 0;  // by the track
  int source_frames_per_second = 0;
  int source_width = 0;
  int source_height = 0;
  uint64_t frames_encoded = 0;
  uint64_t keyframes_encoded = 0;
  uint64_t frames_dropped = 0;  // the encoder was busy, or its rate control left them out
  uint64_t qp_sum = 0;
  bool has_qp = false;
  double total_encode_time_s = 0;
  uint64_t total_encoded_bytes_target = 0;
  int frames_per_second = 0;  // coded
  double framerate = 0;       // that rate control reckons with
  int width = 0;
  int height = 0;
  std::string implementation;
  QualityLimitation limitation = QualityLimitation::kNone;
  double limitation_durations_s[4] = {0, 0, 0, 0};  // by QualityLimitation
  uint32_t resolution_changes = 0;
  /// The picture that was asked for, which may be larger than what is coded; 0: no frame yet.
  int wanted_width = 0;
  int wanted_height = 0;
};

class VideoStreamEncoder final : public VideoSink, public std::enable_shared_from_this<VideoStreamEncoder> {
 public:
  /// The frames of one picture, one for each spatial layer. Called on the queue, in coding order.
  using Output = std::function<void(std::vector<EncodedVideoFrame> picture)>;

  /// @param clock microseconds of the monotonic clock, by default
  VideoStreamEncoder(std::shared_ptr<WorkerPool> pool, Output output, std::function<int64_t()> clock = {});

  // ---- any thread ----

  /// @param may_adapt the picture may be made smaller than asked for: not with simulcast, whose layers are that already
  void configure(const EncodingParameters& encoding, DegradationPreference degradation, bool is_detail, bool may_adapt,
                 size_t max_payload_size);
  /// Whether what comes is to be sent: what is, and may use nothing, is limited by bandwidth.
  void set_sending(bool sending);
  /// What the stream may use; 0 pauses it.
  /// @param sustained_bps what it will be able to use once a queue of the path has drained: the size goes by that
  void set_bitrate(uint32_t bitrate_bps, uint32_t sustained_bps);
  void request_keyframe();
  void on_video_frame(const VideoFrame& frame) override;
  /// Since the last frame was captured.
  int64_t idle_us(int64_t now_us) const;
  VideoEncoderStats stats() const;
  /// No output comes any more, but for a call that is under way.
  void stop();

 private:
  struct Config {
    EncodingParameters encoding;
    DegradationPreference degradation = DegradationPreference::kBalanced;
    bool is_detail = false;
    bool may_adapt = true;
    size_t max_payload_size = 1100;
  };

  struct Bitrate {
    uint32_t target_bps = 0;
    uint32_t sustained_bps = 0;
  };

  void encode_pending();
  void encode(const VideoFrame& frame, const Config& config, bool is_new_config, Bitrate bitrate, bool keyframe);
  /// Whether frames are left out, rather than made smaller.
  bool has_fewer_frames(const Config& config) const;
  double coded_framerate(const Config& config) const;
  /// Whether the frame rate wanted leaves this frame out.
  bool skips(const VideoFrame& frame, const Config& config);
  PictureSize size_for(PictureSize wanted, const Config& config, uint32_t sustained_bps);
  /// What is coded of a picture of this size: without the layers from above that the rate is not good for.
  ScalabilityMode scalability_for(const ScalabilityMode& all_layers, PictureSize size, const Config& config,
                                  uint32_t sustained_bps);
  bool prepare(const VideoFrame& frame, PictureSize size, const Config& config, bool is_new_config, Bitrate bitrate);
  /// Smaller or larger pictures, or fewer, as quality and the processor allow.
  void adapt(PictureSize wanted, const Config& config, bool was_coded, int qp, int64_t now_us);
  /// From now on; with the lock.
  void set_limitation(QualityLimitation limitation, int64_t now_us);

  const Output output_;
  const std::function<int64_t()> now_us_;
  SerialQueue queue_;

  // Shared.
  mutable std::mutex mutex_;
  std::optional<VideoFrame> pending_;
  bool scheduled_ = false;
  bool stopped_ = false;
  Config config_;
  uint32_t config_generation_ = 0;
  Bitrate bitrate_;
  bool keyframe_wanted_ = true;
  bool sending_ = false;
  int64_t limited_since_us_ = 0;  // as stats_ says; 0: nothing was sent yet
  VideoEncoderStats stats_;
  FrameRate offered_;
  FrameRate coded_;
  int64_t last_offered_us_ = 0;

  // The queue's.
  std::unique_ptr<VideoEncoder> encoder_;
  VideoEncoderSettings settings_;
  uint32_t used_generation_ = 0;
  uint32_t used_bitrate_bps_ = 0;
  int64_t next_frame_us_ = 0;
  int64_t last_frame_us_ = 0;
  int64_t last_coded_us_ = 0;
  int64_t last_keyframe_us_ = 0;
  FrameInterval interval_;  // of frames as they come
  double used_framerate_ = 30;
  double load_ = 0;  // share of the time between frames that coding takes, smoothed
  QualityAdaptation adaptation_;
  int spatial_layers_ = 0;  // that are coded; 0: nothing was yet
  int size_steps_ = -1;     // reductions of the picture that is coded; negative: none was yet
  /// Of captured pictures for which no encoder could be had: they may be a placeholder before the real ones.
  std::optional<PictureSize> refused_size_;
};

}  // namespace peerwire
