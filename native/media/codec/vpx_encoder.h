// What VP8 and VP9 encoders of libvpx have in common.
#pragma once

#include <vpx/vpx_encoder.h>

#include <memory>
#include <string>

#include "media/codec/reconfigurable_video_encoder.h"
#include "media/codec/temporal_pattern.h"

namespace peerwire {

class VpxEncoder : public ReconfigurableVideoEncoder {
 public:
  ~VpxEncoder() override;

  const char* implementation() const override { return "libvpx"; }

 protected:
  explicit VpxEncoder(const VideoEncoderSettings& settings);

  virtual vpx_codec_iface_t* codec_interface() const = 0;
  /// Completes what differs between the codecs.
  virtual void adapt_configuration(vpx_codec_enc_cfg_t& configuration) const = 0;
  virtual bool set_controls() = 0;
  /// Tells the temporal layer of the frame that comes next.
  virtual bool set_layer(int layer) = 0;
  /// Where there is more than one spatial layer.
  virtual void fill_spatial_rates(vpx_codec_enc_cfg_t&) const {}
  bool encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) override;
  bool run(const I420Buffer& picture, vpx_enc_frame_flags_t flags);

  /// Percentage of a frame's average size that a keyframe may have: half of the buffer.
  unsigned max_intra_percent() const;

  template <typename Value>
  bool control(int id, Value value) {
    // libvpx's own macro, which checks types, wants the identifier as a literal.
    return vpx_codec_control_(&context_, id, value) == VPX_CODEC_OK;
  }

 private:
  bool is_open() const override { return is_open_; }
  bool open(std::string* error, bool is_first) override;
  bool apply_rates() override;
  void close();
  void fill_rates();
  vpx_enc_frame_flags_t reference_flags(const TemporalStep& step) const;

  TemporalPattern pattern_;
  vpx_codec_enc_cfg_t configuration_{};
  vpx_codec_ctx_t context_{};
  bool is_open_ = false;
  int64_t timestamp_ = 0;  // 90 kHz
};

}  // namespace peerwire
