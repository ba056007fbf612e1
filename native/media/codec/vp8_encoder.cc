// VP8 by libvpx, in the way that libwebrtc runs it in real time.
#include <vpx/vp8cx.h>

#include "media/codec/codec_factories.h"
#include "media/codec/vpx_encoder.h"

namespace peerwire {
namespace {

class Vp8Encoder final : public VpxEncoder {
 public:
  explicit Vp8Encoder(const VideoEncoderSettings& settings) : VpxEncoder(settings) {}

 private:
  vpx_codec_iface_t* codec_interface() const override { return vpx_codec_vp8_cx(); }

  void adapt_configuration(vpx_codec_enc_cfg_t& configuration) const override {
    configuration.rc_min_quantizer = 2;
    configuration.rc_max_quantizer = 56;
    configuration.rc_undershoot_pct = 100;
    configuration.rc_overshoot_pct = 15;
  }

  bool set_controls() override {
    const bool is_screen = settings().is_screen;
    // Speed, negative: fixed. Below CIF there is time for better pictures.
    const int speed = settings().width * settings().height < 352 * 288 ? -4 : -6;
    return control(VP8E_SET_CPUUSED, speed) && control(VP8E_SET_STATIC_THRESHOLD, is_screen ? 100u : 1u) &&
           control(VP8E_SET_TOKEN_PARTITIONS, static_cast<int>(VP8_ONE_TOKENPARTITION)) &&
           // Cameras have their own noise reduction, and programs that draw have no noise.
           control(VP8E_SET_NOISE_SENSITIVITY, 0u) && control(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent()) &&
           control(VP8E_SET_SCREEN_CONTENT_MODE, is_screen ? 2u : 0u);
  }

  bool set_layer(int layer) override { return control(VP8E_SET_TEMPORAL_LAYER_ID, layer); }
};

}  // namespace

std::unique_ptr<VideoEncoder> create_vp8_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<Vp8Encoder>(settings);
  if (!encoder->start(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire
