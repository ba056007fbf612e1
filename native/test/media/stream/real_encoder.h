// The encoder of a sender, driven in virtual time: what it makes of a fake camera's pictures at the rates it is given.
#pragma once

#include <functional>
#include <memory>

#include "media/congestion_control/simulated_call.h"
#include "media/stream/video_stream_encoder.h"
#include "media/track/test_picture.h"

namespace peerwire::test {

class RealEncoder final : public FrameCoder {
 public:
  RealEncoder(VideoCodec codec, int width, int height, ScalabilityMode scalability = {});
  Frame code(int64_t bps, int64_t sustained_bps, int64_t now_us) override;
  VideoEncoderStats stats() const { return encoder_->stats(); }
  /// Spatial layers of the last picture that came out.
  int layers() const { return layers_; }

 private:
  const int width_;
  const int height_;
  TestPicture picture_{1};
  uint32_t number_ = 0;
  int64_t now_us_ = 0;
  Frame coded_;
  int layers_ = 0;
  std::shared_ptr<VideoStreamEncoder> encoder_;
};

}  // namespace peerwire::test
