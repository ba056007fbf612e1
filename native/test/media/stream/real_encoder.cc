#include "media/stream/real_encoder.h"

#include <algorithm>

#include "media/stream/callers_thread.h"

namespace peerwire::test {
RealEncoder::RealEncoder(VideoCodec codec, int width, int height, ScalabilityMode scalability)
    : width_(width), height_(height) {
  encoder_ = std::make_shared<VideoStreamEncoder>(
      std::make_shared<CallersThread>(),
      [this](const std::vector<EncodedVideoFrame>& picture) {
        layers_ = static_cast<int>(picture.size());
        for (const EncodedVideoFrame& frame : picture) {
          coded_.bytes += frame.data.size();
          coded_.is_keyframe |= frame.is_keyframe;
        }
      },
      [this] { return now_us_; });
  EncodingParameters encoding;
  encoding.codec.video = codec;
  encoding.scalability = scalability;
  encoder_->configure(encoding, DegradationPreference::kBalanced, false, true, 1100);
  encoder_->set_sending(true);
}

FrameCoder::Frame RealEncoder::code(int64_t bps, int64_t sustained_bps, int64_t now_us) {
  now_us_ = now_us;
  coded_ = {};
  encoder_->set_bitrate(static_cast<uint32_t>(std::max<int64_t>(0, bps)),
                        static_cast<uint32_t>(std::max<int64_t>(0, sustained_bps)));
  VideoFrame frame;
  frame.buffer = picture_.draw(width_, height_, {number_++, now_us, now_us / 1000});
  frame.capture_time_us = now_us;
  encoder_->on_video_frame(frame);
  return coded_;
}

}  // namespace peerwire::test
