// What video encoders have in common, whatever library codes: settings that change while they run, and the keyframe
// that is owed until one comes out.
#pragma once

#include <string>
#include <vector>

#include "media/codec/video_codec.h"

namespace peerwire {

class ReconfigurableVideoEncoder : public VideoEncoder {
 public:
  bool encode(const VideoFrame& frame, bool force_keyframe, std::vector<EncodedVideoFrame>& out) final;
  void set_rates(uint32_t bitrate_bps, double framerate) final;
  bool reconfigure(const VideoEncoderSettings& settings) final;

  /// Once, after construction. False with `error` when the library refuses the settings.
  bool start(std::string* error) { return open(error, true); }

 protected:
  explicit ReconfigurableVideoEncoder(const VideoEncoderSettings& settings) : settings_(settings) {}

  const VideoEncoderSettings& settings() const { return settings_; }
  virtual bool is_open() const = 0;
  /// Begins anew with settings(); what was open is closed. Its first frame is a keyframe.
  virtual bool open(std::string* error, bool is_first) = 0;
  /// Whether a change to `next`, beyond what concerns every codec, needs open().
  virtual bool needs_opening_for(const VideoEncoderSettings&) const { return false; }
  /// settings() have another rate or frame rate.
  virtual bool apply_rates() = 0;
  /// Codes the picture, which has the size of settings(). `out` stays empty when the rate control drops it.
  virtual bool encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) = 0;

 private:
  VideoEncoderSettings settings_;
  bool rates_changed_ = false;
  bool needs_keyframe_ = true;
};

}  // namespace peerwire
