// What VideoEncoder::create() and VideoDecoder::create() choose from. Each is there only if the build has its codec.
#pragma once

#include <memory>
#include <string>

#include "media/codec/video_codec.h"

namespace peerwire {

// `settings` are in range; null with `error` when the library refuses them.
std::unique_ptr<VideoEncoder> create_vp8_encoder(const VideoEncoderSettings& settings, std::string* error);
std::unique_ptr<VideoEncoder> create_vp9_encoder(const VideoEncoderSettings& settings, std::string* error);
std::unique_ptr<VideoEncoder> create_openh264_encoder(const VideoEncoderSettings& settings, std::string* error);
std::unique_ptr<VideoEncoder> create_libaom_encoder(const VideoEncoderSettings& settings, std::string* error);

std::unique_ptr<VideoDecoder> create_vp8_decoder(int threads);
std::unique_ptr<VideoDecoder> create_vp9_decoder(int threads);
std::unique_ptr<VideoDecoder> create_openh264_decoder();
std::unique_ptr<VideoDecoder> create_dav1d_decoder(int threads);

/// Larger pictures are not decoded: a few octets could ask for gigabytes. A little more than 4096 x 2304 either way.
constexpr int kMaxDecodedPixels = 4096 * 4096;

/// Threads that are of use for a picture of this size, no more than `limit`. Each costs processor time (it waits for
/// the others), so that small pictures are coded by one.
int threads_for_size(int width, int height, int limit);

/// The frame that `encoded` became.
VideoFrame decoded_frame(const EncodedVideoFrame& encoded, std::shared_ptr<const I420Buffer> buffer);

inline bool has_size_of(const VideoFrame& frame, const VideoEncoderSettings& settings) {
  return frame.width() == settings.width && frame.height() == settings.height;
}

/// What every encoder says of `frame` in the same way.
EncodedVideoFrame encoded_frame(const VideoFrame& frame, const VideoEncoderSettings& settings);

}  // namespace peerwire
