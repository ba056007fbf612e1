// VP9 by libvpx, profile 0, in the way that libwebrtc runs it in real time.
#include <vpx/vp8cx.h>

#include "media/codec/codec_factories.h"
#include "media/codec/vpx_encoder.h"

namespace peerwire {
namespace {

class Vp9Encoder final : public VpxEncoder {
 public:
  explicit Vp9Encoder(const VideoEncoderSettings& settings) : VpxEncoder(settings) {}

 private:
  vpx_codec_iface_t* codec_interface() const override { return vpx_codec_vp9_cx(); }

  void adapt_configuration(vpx_codec_enc_cfg_t& configuration) const override {
    configuration.g_profile = 0;
    configuration.rc_min_quantizer = settings().is_screen ? 8 : 2;
    configuration.rc_max_quantizer = 56;
    configuration.rc_undershoot_pct = 50;
    configuration.rc_overshoot_pct = 50;
    configuration.ss_number_layers = 1;
    // Who refers to whom is told with every frame.
    configuration.temporal_layering_mode =
        settings().temporal_layers > 1 ? VP9E_TEMPORAL_LAYERING_MODE_BYPASS : VP9E_TEMPORAL_LAYERING_MODE_NOLAYERING;
  }

  bool set_controls() override {
    const VideoEncoderSettings& s = settings();
    const int pixels = s.width * s.height;
    const int threads = threads_for_size(s.width, s.height, s.threads);
    const int tile_columns_log2 = threads >= 4 ? 2 : threads >= 2 ? 1 : 0;
    const int content = s.is_screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT;
    if (!control(VP8E_SET_CPUUSED, pixels < 352 * 288    ? 5
                                   : pixels < 1280 * 720 ? 7
                                                         : 8) ||
        !control(VP8E_SET_STATIC_THRESHOLD, 1u) || !control(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent()) ||
        !control(VP9E_SET_AQ_MODE, 3u) || !control(VP9E_SET_FRAME_PARALLEL_DECODING, 0u) ||
        !control(VP9E_SET_TILE_COLUMNS, tile_columns_log2) || !control(VP9E_SET_ROW_MT, threads > 1 ? 1u : 0u) ||
        !control(VP9E_SET_NOISE_SENSITIVITY, 0u) || !control(VP9E_SET_TUNE_CONTENT, content) ||
        !control(VP9E_SET_GF_CBR_BOOST_PCT, 0u)) {
      return false;
    }
    if (s.temporal_layers == 1) return true;
    vpx_svc_extra_cfg_t layers{};
    for (int layer = 0; layer < s.temporal_layers; layer++) {
      layers.max_quantizers[layer] = 56;
      layers.min_quantizers[layer] = 2;
    }
    layers.scaling_factor_num[0] = layers.scaling_factor_den[0] = 1;
    return control(VP9E_SET_SVC, 1) && control(VP9E_SET_SVC_PARAMETERS, &layers);
  }

  bool set_layer(int layer) override {
    vpx_svc_layer_id_t id{};
    id.spatial_layer_id = 0;
    id.temporal_layer_id = layer;
    id.temporal_layer_id_per_spatial[0] = layer;
    return control(VP9E_SET_SVC_LAYER_ID, &id);
  }
};

}  // namespace

std::unique_ptr<VideoEncoder> create_vp9_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<Vp9Encoder>(settings);
  if (!encoder->start(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire
