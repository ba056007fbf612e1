// Video as codecs take and give it. One object codes one stream; it is used by one thread at a time, never the
// network's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/codec/scalability_mode.h"
#include "media/frame/video_frame.h"

namespace peerwire {

enum class VideoCodec { kVp8, kVp9, kH264, kAv1 };
enum class H264Profile { kConstrainedBaseline, kBaseline, kMain, kConstrainedHigh, kHigh };

/// One picture, or one spatial layer of it: VP8 or VP9 frame, H.264 access unit in Annex B form, AV1 OBUs (low-overhead
/// format, without temporal delimiter). What decoders take is a whole picture (join_layers()).
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
  /// Of the spatial layers of its picture. Those of one picture follow each other from the lowest one up, with one
  /// timestamp.
  int spatial_index = 0;
  int spatial_layers = 1;
  InterLayerPrediction prediction = InterLayerPrediction::kAlways;
  bool ends_picture = true;
  /// Of a key picture's lowest layer that was encoded: how large each layer is; empty: there is one.
  std::vector<LayerSize> layer_sizes;
  /// Of a frame that is no keyframe: refers to an earlier picture.
  bool refers_to_earlier = true;
  bool refers_to_lower = false;  // the layer below, in the same picture
  bool serves_upper = false;     // the layer above refers to it
  /// Above the lowest layer, and neither it nor any other picture of its layer refers to a lower one.
  bool is_independent = false;
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
  ScalabilityMode scalability;
  /// Screen content and text: sharpness before smoothness (contentHint "detail" and "text").
  bool is_screen = false;
  /// Threads that the encoder may use inside, at most.
  int threads = 1;
};

/// The layers of a picture as decoders take them: one after the other. Of layers that need none of the others (S2T1),
/// only the highest.
EncodedVideoFrame join_layers(std::vector<EncodedVideoFrame> layers);

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  /// Null when the build has no such encoder. `settings` may be refused: then why is in `error`.
  static std::unique_ptr<VideoEncoder> create(const VideoEncoderSettings& settings, std::string* error);

  /// Real-time: at most one picture out, a frame for each spatial layer; none when the rate control drops it. A picture
  /// of another size than configured is a broken invariant: call reconfigure() first. False when the codec failed; a
  /// keyframe should be next.
  virtual bool encode(const VideoFrame& frame, bool force_keyframe, std::vector<EncodedVideoFrame>& out) = 0;
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
