// VP9 by libvpx, profile 0, in the way that libwebrtc runs it in real time.
#include <vpx/vp8cx.h>

#include <algorithm>

#include "media/codec/codec_factories.h"
#include "media/codec/layered_pattern.h"
#include "media/codec/vpx_aom.h"
#include "media/codec/vpx_encoder.h"

namespace peerwire {
namespace {

constexpr unsigned kMinQuantizer = 2;
constexpr unsigned kMaxQuantizer = 56;
constexpr int kDropFrameThreshold = 30;

int speed_for(int width, int height) {
  const int pixels = width * height;
  return pixels < 352 * 288 ? 5 : pixels < 1280 * 720 ? 7 : 8;
}

class Vp9Encoder final : public VpxEncoder {
 public:
  explicit Vp9Encoder(const VideoEncoderSettings& settings) : VpxEncoder(settings), pattern_(settings.scalability) {}

 private:
  const ScalabilityMode& mode() const { return settings().scalability; }
  vpx_codec_iface_t* codec_interface() const override { return vpx_codec_vp9_cx(); }

  void adapt_configuration(vpx_codec_enc_cfg_t& configuration) const override {
    configuration.g_profile = 0;
    configuration.rc_min_quantizer = settings().is_screen ? 8 : kMinQuantizer;
    configuration.rc_max_quantizer = kMaxQuantizer;
    configuration.rc_undershoot_pct = 50;
    configuration.rc_overshoot_pct = 50;
    configuration.ss_number_layers = static_cast<unsigned>(mode().spatial_layers);
    // Who refers to whom is told with every frame.
    configuration.temporal_layering_mode =
        mode() == ScalabilityMode{} ? VP9E_TEMPORAL_LAYERING_MODE_NOLAYERING : VP9E_TEMPORAL_LAYERING_MODE_BYPASS;
  }

  bool set_controls() override {
    const VideoEncoderSettings& s = settings();
    const int threads = threads_for_size(s.width, s.height, s.threads);
    const int tile_columns_log2 = threads >= 4 ? 2 : threads >= 2 ? 1 : 0;
    const int content = s.is_screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT;
    if (!control(VP8E_SET_CPUUSED, speed_for(s.width, s.height)) || !control(VP8E_SET_STATIC_THRESHOLD, 1u) ||
        !control(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent()) || !control(VP9E_SET_AQ_MODE, 3u) ||
        !control(VP9E_SET_FRAME_PARALLEL_DECODING, 0u) || !control(VP9E_SET_TILE_COLUMNS, tile_columns_log2) ||
        !control(VP9E_SET_ROW_MT, threads > 1 ? 1u : 0u) || !control(VP9E_SET_NOISE_SENSITIVITY, 0u) ||
        !control(VP9E_SET_TUNE_CONTENT, content) || !control(VP9E_SET_GF_CBR_BOOST_PCT, 0u)) {
      return false;
    }
    return mode() == ScalabilityMode{} || set_layering();
  }

  bool set_layering() {
    vpx_svc_extra_cfg_t layers{};
    for (int layer = 0; layer < mode().spatial_layers * mode().temporal_layers; layer++) {
      layers.max_quantizers[layer] = static_cast<int>(kMaxQuantizer);
      layers.min_quantizers[layer] = static_cast<int>(kMinQuantizer);
    }
    for (int layer = 0; layer < mode().spatial_layers; layer++) {
      const LayerScale scale = layer_scale(mode(), layer);
      const LayerSize size = layer_size(mode(), layer, settings().width, settings().height);
      layers.scaling_factor_num[layer] = scale.numerator;
      layers.scaling_factor_den[layer] = scale.denominator;
      layers.speed_per_layer[layer] = speed_for(size.width, size.height);
    }
    if (!control(VP9E_SET_SVC, 1) || !control(VP9E_SET_SVC_PARAMETERS, &layers)) return false;
    if (mode().spatial_layers == 1) return true;
    pattern_ = LayeredPattern(mode());
    const unsigned prediction = mode().prediction == InterLayerPrediction::kAlways    ? 0
                                : mode().prediction == InterLayerPrediction::kKeyOnly ? 2
                                                                                      : 1;
    // A picture comes with all its layers, or not at all: what is left out from above is the sender's choice.
    vpx_svc_frame_drop_t drop{};
    drop.framedrop_mode = FULL_SUPERFRAME_DROP;
    drop.max_consec_drop = INT32_MAX;
    std::fill_n(drop.framedrop_thresh, mode().spatial_layers, kDropFrameThreshold);
    vpx_codec_priv_output_cx_pkt_cb_pair_t callback{take_layer, this};
    return control(VP9E_SET_SVC_INTER_LAYER_PRED, prediction) && control(VP9E_SET_SVC_FRAME_DROP_LAYER, &drop) &&
           control(VP9E_REGISTER_CX_CALLBACK, &callback);
  }

  void fill_spatial_rates(vpx_codec_enc_cfg_t& configuration) const override {
    if (mode().spatial_layers == 1) return;
    const int temporal_layers = mode().temporal_layers;
    for (int spatial = 0; spatial < mode().spatial_layers; spatial++) {
      const auto rate = static_cast<uint32_t>(settings().bitrate_bps * spatial_rate_share(mode(), spatial));
      configuration.ss_target_bitrate[spatial] = kilobits(rate);
      for (int temporal = 0; temporal < temporal_layers; temporal++) {
        configuration.layer_target_bitrate[spatial * temporal_layers + temporal] =
            cumulative_kilobits(rate, temporal_layers, temporal);
      }
    }
  }

  bool set_references(bool is_keyframe) {
    vpx_svc_ref_frame_config_t references{};
    vpx_svc_layer_id_t id{};
    id.temporal_layer_id = pattern_.temporal_index();
    for (int layer = 0; layer < mode().spatial_layers; layer++) {
      id.temporal_layer_id_per_spatial[layer] = pattern_.temporal_index();
      const LayerReferences slots = pattern_.references(layer, is_keyframe);
      const bool has_earlier = slots.earlier_slot >= 0;
      const bool has_lower = slots.lower_slot >= 0;
      // A reference that is not used stands where one does that is.
      const int earlier = has_earlier ? slots.earlier_slot : has_lower ? slots.lower_slot : layer;
      references.lst_fb_idx[layer] = references.alt_fb_idx[layer] = earlier;
      references.gld_fb_idx[layer] = has_lower ? slots.lower_slot : earlier;
      references.reference_last[layer] = has_earlier;
      references.reference_golden[layer] = has_lower;
      if (slots.written_slot >= 0) references.update_buffer_slot[layer] = 1 << slots.written_slot;
    }
    return control(VP9E_SET_SVC_LAYER_ID, &id) && control(VP9E_SET_SVC_REF_FRAME_CONFIG, &references);
  }

  static void take_layer(vpx_codec_cx_pkt_t* packet, void* encoder) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) return;
    static_cast<Vp9Encoder*>(encoder)->add_layer(*packet);
  }

  void add_layer(const vpx_codec_cx_pkt_t& packet) {
    const auto* data = static_cast<const uint8_t*>(packet.data.frame.buf);
    EncodedVideoFrame& layer = layers_.emplace_back();
    layer.data.assign(data, data + packet.data.frame.sz);
    layer.is_keyframe = (packet.data.frame.flags & VPX_FRAME_IS_KEY) != 0;
    int quantizer = -1;
    if (control(VP8E_GET_LAST_QUANTIZER, &quantizer)) layer.qp = quantizer;
  }

  bool encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) override {
    if (mode().spatial_layers == 1) return VpxEncoder::encode_picture(frame, wants_keyframe, out);
    if (wants_keyframe) pattern_.restart();
    if (!set_references(wants_keyframe)) return false;
    layers_.clear();
    if (!run(*frame.buffer, wants_keyframe ? VPX_EFLAG_FORCE_KF : 0)) return false;
    if (layers_.empty()) return true;  // dropped
    const auto count = static_cast<size_t>(mode().spatial_layers);
    if (layers_.size() != count) return false;
    // libvpx says of every layer of a key picture that it is one.
    if (wants_keyframe != layers_.front().is_keyframe) return false;
    for (size_t index = 0; index < count; index++) {
      EncodedVideoFrame& layer = out.emplace_back(encoded_frame(frame, settings()));
      layer.data = std::move(layers_[index].data);
      layer.qp = layers_[index].qp;
      pattern_.describe(static_cast<int>(index), wants_keyframe, settings().width, settings().height, layer);
    }
    pattern_.advance();
    return true;
  }

  bool set_layer(int layer) override {
    vpx_svc_layer_id_t id{};
    id.spatial_layer_id = 0;
    id.temporal_layer_id = layer;
    id.temporal_layer_id_per_spatial[0] = layer;
    return control(VP9E_SET_SVC_LAYER_ID, &id);
  }

  LayeredPattern pattern_;
  std::vector<EncodedVideoFrame> layers_;  // of the picture that is being encoded
};

}  // namespace

std::unique_ptr<VideoEncoder> create_vp9_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<Vp9Encoder>(settings);
  if (!encoder->start(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire
