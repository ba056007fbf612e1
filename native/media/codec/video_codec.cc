#include "media/codec/video_codec.h"

#include <algorithm>
#include <cmath>

#include "media/codec/codec_factories.h"

namespace peerwire {
namespace {

/// Of VP8 and VP9; the others refuse some more.
constexpr int kMaxDimension = 16383;

int max_spatial_layers(VideoCodec codec) {
  return codec == VideoCodec::kVp9 || codec == VideoCodec::kAv1 ? ScalabilityMode::kMaxSpatialLayers : 1;
}

const char* find_fault(const VideoEncoderSettings& settings) {
  if (settings.width < 1 || settings.height < 1 || settings.width > kMaxDimension || settings.height > kMaxDimension) {
    return "the picture's size is out of range";
  }
  const ScalabilityMode& mode = settings.scalability;
  if (mode.temporal_layers < 1 || mode.temporal_layers > ScalabilityMode::kMaxTemporalLayers) {
    return "there are one to three temporal layers";
  }
  if (mode.spatial_layers < 1 || mode.spatial_layers > max_spatial_layers(settings.codec)) {
    return "the codec has no so many spatial layers";
  }
  if (!std::isfinite(settings.max_framerate) || settings.max_framerate <= 0) return "the frame rate is out of range";
  if (settings.single_nal_units && settings.max_payload_size < 200) return "the payload size is too small";
  return nullptr;
}

}  // namespace

std::unique_ptr<VideoEncoder> VideoEncoder::create(const VideoEncoderSettings& settings, std::string* error) {
  std::string unused;
  std::string& fault = error ? *error : unused;
  if (const char* found = find_fault(settings)) {
    fault = found;
    return nullptr;
  }
  switch (settings.codec) {
#ifndef PEERWIRE_WITHOUT_VP8
    case VideoCodec::kVp8:
      return create_vp8_encoder(settings, &fault);
#endif
#ifndef PEERWIRE_WITHOUT_VP9
    case VideoCodec::kVp9:
      return create_vp9_encoder(settings, &fault);
#endif
#ifndef PEERWIRE_WITHOUT_H264
    case VideoCodec::kH264:
      return create_openh264_encoder(settings, &fault);
#endif
#ifndef PEERWIRE_WITHOUT_AV1
    case VideoCodec::kAv1:
      return create_libaom_encoder(settings, &fault);
#endif
    default:
      fault = "the build has no such encoder";
      return nullptr;
  }
}

std::unique_ptr<VideoDecoder> VideoDecoder::create(VideoCodec codec, [[maybe_unused]] int threads) {
  switch (codec) {
#ifndef PEERWIRE_WITHOUT_VP8
    case VideoCodec::kVp8:
      return create_vp8_decoder(std::max(1, threads));
#endif
#ifndef PEERWIRE_WITHOUT_VP9
    case VideoCodec::kVp9:
      return create_vp9_decoder(std::max(1, threads));
#endif
#ifndef PEERWIRE_WITHOUT_H264
    case VideoCodec::kH264:
      return create_openh264_decoder();
#endif
#ifndef PEERWIRE_WITHOUT_AV1
    case VideoCodec::kAv1:
      return create_dav1d_decoder(std::max(1, threads));
#endif
    default:
      return nullptr;
  }
}

int threads_for_size(int width, int height, int limit) {
  const int pixels = width * height;
  const int useful = pixels >= 1920 * 1080 ? 4 : pixels > 1280 * 720 ? 3 : pixels > 640 * 480 ? 2 : 1;
  return std::clamp(limit, 1, useful);
}

VideoFrame decoded_frame(const EncodedVideoFrame& encoded, std::shared_ptr<const I420Buffer> buffer) {
  VideoFrame frame;
  frame.buffer = std::move(buffer);
  frame.capture_time_us = encoded.render_time_us;
  frame.rotation = encoded.rotation;
  frame.rtp_timestamp = encoded.rtp_timestamp;
  frame.capture_ntp_ms = encoded.capture_ntp_ms;
  return frame;
}

EncodedVideoFrame encoded_frame(const VideoFrame& frame, const VideoEncoderSettings& settings) {
  EncodedVideoFrame encoded;
  encoded.codec = settings.codec;
  encoded.width = frame.width();
  encoded.height = frame.height();
  encoded.rotation = frame.rotation;
  encoded.capture_time_us = frame.capture_time_us;
  encoded.capture_ntp_ms = frame.capture_ntp_ms;
  encoded.temporal_layers = settings.scalability.temporal_layers;
  return encoded;
}

EncodedVideoFrame join_layers(std::vector<EncodedVideoFrame> layers) {
  EncodedVideoFrame picture = std::move(layers.front());
  for (size_t index = 1; index < layers.size(); ++index) {
    EncodedVideoFrame& layer = layers[index];
    if (layer.is_independent) {
      picture.data.clear();
      picture.is_keyframe = layer.is_keyframe;
    }
    picture.data.insert(picture.data.end(), layer.data.begin(), layer.data.end());
    picture.last_packet_us = std::max(picture.last_packet_us, layer.last_packet_us);
    if (layer.width > 0) {
      picture.width = layer.width;
      picture.height = layer.height;
    }
    if (layer.qp >= 0) picture.qp = layer.qp;
  }
  // A picture is not told of its layers any more, wherever it goes.
  picture.spatial_index = 0;
  picture.spatial_layers = 1;
  picture.ends_picture = picture.refers_to_earlier = true;
  picture.refers_to_lower = picture.serves_upper = picture.is_independent = false;
  picture.layer_sizes.clear();
  return picture;
}

}  // namespace peerwire
