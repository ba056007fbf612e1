// Video as codecs take and give it. One object codes one stream; it is used by one thread at a time, never the
// network's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/frame/video_frame.h"

namespace peerwire {

enum class VideoCodec { kVp8, kVp9, kH264, kAv1 };
enum class H264Profile { kConstrainedBaseline, kBaseline, kMain, kConstrainedHigh, kHigh };

/// One access unit: VP8 frame, VP9 superframe, H.264 in Annex B form, AV1 temporal unit (low-overhead OBUs, without
/// temporal delimiter).
struct EncodedVideoFrame {
  VideoCodec codec = VideoCodec::kVp8;
  Bytes data;
  bool is_keyframe = false;
  int width = 0;  // 0: not known (a received frame that is no keyframe)
  int height = 0;
  int rotation = 0;
  int64_t capture_time_us = 0;
  uint32_t rtp_timestamp = 0;
  /// Of the temporal layers that the encoder was told to make: 0 is the base layer.
  int temporal_index = 0;
  int temporal_layers = 1;
  /// No later frame refers to it: it may be lost.
  bool is_discardable = false;
  /// Of temporal layering: refers to nothing above the base layer, so that a receiver may switch up here.
  bool is_layer_sync = false;
  /// Quantizer as the codec counts it (webrtc-stats qpSum); -1: not known.
  int qp = -1;
  /// Of a received frame: when its first and last packets came, monotonic clock.
  int64_t first_packet_us = 0;
  int64_t last_packet_us = 0;
  /// Of a received frame: when it should be shown, monotonic clock.
  int64_t render_time_us = 0;
  std::optional<int64_t> capture_ntp_ms;
  /// Of a received frame whose packets tell of it: its number among those of the stream, and those that it needs.
  int64_t number = -1;  // -1: not known
  std::vector<int64_t> references;
  /// Of a received frame: what came before it is not all there.
  bool is_discontinuous = false;
};

struct VideoEncoderSettings {
  VideoCodec codec = VideoCodec::kVp8;
  H264Profile h264_profile = H264Profile::kConstrainedBaseline;
  /// H.264 packetization mode 0: no slice (NAL unit) larger than max_payload_size.
  bool single_nal_units = false;
  size_t max_payload_size = 1100;
  int width = 0;
  int height = 0;
  double max_framerate = 30;
  uint32_t bitrate_bps = 300'000;
  int temporal_layers = 1;  // 1 to 3
  /// Screen content and text: sharpness before smoothness (contentHint "detail" and "text").
  bool is_screen = false;
  /// Threads that the encoder may use inside, at most.
  int threads = 1;
};

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  /// Null when the build has no such encoder. `settings` may be refused: then why is in `error`.
  static std::unique_ptr<VideoEncoder> create(const VideoEncoderSettings& settings, std::string* error);

  /// Real-time: at most one frame out; none when the rate control drops the picture. A frame of another size than
  /// configured is a broken invariant: call reconfigure() first. False when the codec failed; a keyframe should be
  /// next.
  virtual bool encode(const VideoFrame& frame, bool force_keyframe, std::optional<EncodedVideoFrame>& out) = 0;
  /// Changes rate and frame rate from the next frame on.
  virtual void set_rates(uint32_t bitrate_bps, double framerate) = 0;
  /// Another size or another number of layers; the next frame is a keyframe unless the codec can go on without.
  virtual bool reconfigure(const VideoEncoderSettings& settings) = 0;
  /// Of webrtc-stats encoderImplementation: "libvpx", "OpenH264", "libaom".
  virtual const char* implementation() const = 0;
};

class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;
  /// Null when the build has no such decoder.
  static std::unique_ptr<VideoDecoder> create(VideoCodec codec, int threads);

  /// Damaged input never does more than fail. True with an empty `out`: decoded, but there is nothing to show (yet).
  /// False: a keyframe is needed to go on.
  virtual bool decode(const EncodedVideoFrame& frame, std::optional<VideoFrame>& out) = 0;
  /// Quantizer of the frame decoded last; -1: not known.
  virtual int last_qp() const { return -1; }
  /// Of webrtc-stats decoderImplementation: "libvpx", "OpenH264", "dav1d".
  virtual const char* implementation() const = 0;
};

}  // namespace peerwire
