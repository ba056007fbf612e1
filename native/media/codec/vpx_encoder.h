// What VP8 and VP9 encoders of libvpx have in common.
#pragma once

#include <vpx/vpx_encoder.h>

#include <memory>
#include <string>

#include "media/codec/temporal_pattern.h"
#include "media/codec/video_codec.h"

namespace peerwire {

class VpxEncoder : public VideoEncoder {
 public:
  ~VpxEncoder() override;

  bool encode(const VideoFrame& frame, bool force_keyframe, std::optional<EncodedVideoFrame>& out) override;
  void set_rates(uint32_t bitrate_bps, double framerate) override;
  bool reconfigure(const VideoEncoderSettings& settings) override;
  const char* implementation() const override { return "libvpx"; }

  /// Once, after construction. False with `error` when libvpx refuses the settings.
  bool start(std::string* error);

 protected:
  explicit VpxEncoder(const VideoEncoderSettings& settings);

  virtual vpx_codec_iface_t* codec_interface() const = 0;
  /// Completes what differs between the codecs.
  virtual void adapt_configuration(vpx_codec_enc_cfg_t& configuration) const = 0;
  virtual bool set_controls() = 0;
  /// Tells the layer of the frame that comes next.
  virtual bool set_layer(int layer) = 0;

  const VideoEncoderSettings& settings() const { return settings_; }
  /// Percentage of a frame's average size that a keyframe may have: half of the buffer.
  unsigned max_intra_percent() const;

  template <typename Value>
  bool control(int id, Value value) {
    // libvpx's own macro, which checks types, wants the identifier as a literal.
    return vpx_codec_control_(&context_, id, value) == VPX_CODEC_OK;
  }

 private:
  /// @param initial_buffer_ms of the rate control's model: the first keyframe may take half of it
  bool open(std::string* error, unsigned initial_buffer_ms);
  void close();
  void apply_rates();
  vpx_enc_frame_flags_t reference_flags(const TemporalStep& step) const;

  VideoEncoderSettings settings_;
  TemporalPattern pattern_;
  vpx_codec_enc_cfg_t configuration_{};
  vpx_codec_ctx_t context_{};
  bool is_open_ = false;
  bool rates_changed_ = false;
  bool needs_keyframe_ = true;
  int64_t timestamp_ = 0;  // 90 kHz
};

}  // namespace peerwire
