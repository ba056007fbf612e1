// AV1 by libaom, main profile, in the way that libwebrtc runs it in real time.
#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "media/codec/codec_factories.h"
#include "media/codec/temporal_pattern.h"

namespace peerwire {
namespace {

constexpr int kTicksPerSecond = 90000;
constexpr unsigned kMinQuantizer = 10;
constexpr unsigned kMaxQuantizer = 56;
constexpr unsigned kMaxIntraPercent = 300;

// Of AV1's seven references and eight slots, layers use two: what LAST means in slot 0, what GOLDEN means in slot 1.
constexpr int kLast = 0;
constexpr int kGolden = 3;
constexpr int kBaseSlot = 0;
constexpr int kSecondSlot = 1;

unsigned kilobits(uint32_t bits) {
  return std::max(1u, (bits + 500) / 1000);
}

/// Octets of the temporal delimiter in front (AV1 bitstream specification, 5.6), which RTP does not carry.
size_t delimiter_length(const uint8_t* octets, size_t size) {
  constexpr uint8_t kDelimiter[] = {0x12, 0x00};
  return size >= 2 && std::equal(kDelimiter, kDelimiter + 2, octets) ? 2 : 0;
}

class LibaomEncoder final : public VideoEncoder {
 public:
  explicit LibaomEncoder(const VideoEncoderSettings& settings)
      : settings_(settings), pattern_(settings.temporal_layers) {}
  ~LibaomEncoder() override { close(); }
  LibaomEncoder(const LibaomEncoder&) = delete;
  LibaomEncoder& operator=(const LibaomEncoder&) = delete;

  bool open(std::string* error);

  bool encode(const VideoFrame& frame, bool force_keyframe, std::optional<EncodedVideoFrame>& out) override;
  void set_rates(uint32_t bitrate_bps, double framerate) override;
  bool reconfigure(const VideoEncoderSettings& settings) override;
  const char* implementation() const override { return "libaom"; }

 private:
  void close();
  void configure();
  bool set_controls();
  bool set_layer_rates();
  bool set_references(const TemporalStep& step, bool is_keyframe);

  template <typename Value>
  bool control(int id, Value value) {
    return aom_codec_control(&context_, id, value) == AOM_CODEC_OK;
  }

  VideoEncoderSettings settings_;
  TemporalPattern pattern_;
  aom_codec_enc_cfg_t configuration_{};
  aom_codec_ctx_t context_{};
  bool is_open_ = false;
  bool rates_changed_ = false;
  bool needs_keyframe_ = true;
  int64_t timestamp_ = 0;  // 90 kHz
};

void LibaomEncoder::close() {
  if (is_open_) aom_codec_destroy(&context_);
  is_open_ = false;
}

void LibaomEncoder::configure() {
  configuration_.g_w = static_cast<unsigned>(settings_.width);
  configuration_.g_h = static_cast<unsigned>(settings_.height);
  configuration_.g_threads =
      static_cast<unsigned>(threads_for_size(settings_.width, settings_.height, settings_.threads));
  configuration_.g_timebase = {1, kTicksPerSecond};
  configuration_.g_lag_in_frames = 0;
  configuration_.g_error_resilient = 0;
  configuration_.g_pass = AOM_RC_ONE_PASS;
  configuration_.g_input_bit_depth = 8;
  configuration_.kf_mode = AOM_KF_DISABLED;  // receivers ask for them
  configuration_.rc_end_usage = AOM_CBR;
  configuration_.rc_min_quantizer = kMinQuantizer;
  configuration_.rc_max_quantizer = kMaxQuantizer;
  configuration_.rc_undershoot_pct = 50;
  configuration_.rc_overshoot_pct = 50;
  configuration_.rc_buf_initial_sz = 600;
  configuration_.rc_buf_optimal_sz = 600;
  configuration_.rc_buf_sz = 1000;
  configuration_.rc_dropframe_thresh = 30;
  configuration_.rc_target_bitrate = kilobits(settings_.bitrate_bps);
}

bool LibaomEncoder::open(std::string* error) {
  close();
  aom_codec_iface_t* const codec_interface = aom_codec_av1_cx();
  if (aom_codec_enc_config_default(codec_interface, &configuration_, AOM_USAGE_REALTIME) != AOM_CODEC_OK) {
    *error = "libaom has no real-time encoder";
    return false;
  }
  configure();
  if (aom_codec_enc_init(&context_, codec_interface, &configuration_, 0) != AOM_CODEC_OK) {
    *error = context_.err_detail ? context_.err_detail : "libaom refuses the settings";
    aom_codec_destroy(&context_);
    return false;
  }
  is_open_ = true;
  rates_changed_ = false;
  needs_keyframe_ = true;
  pattern_ = TemporalPattern(settings_.temporal_layers);
  if (!set_controls() || !set_layer_rates()) {
    *error = "libaom refuses a control";
    close();
    return false;
  }
  return true;
}

bool LibaomEncoder::set_controls() {
  const int pixels = settings_.width * settings_.height;
  const int speed = settings_.is_screen || pixels > 640 * 360 ? 10 : pixels > 320 * 180 ? 9 : 8;
  const int threads = static_cast<int>(configuration_.g_threads);
  const int tile_columns_log2 = threads >= 4 ? 2 : threads >= 2 ? 1 : 0;
  // Tools that cost more time than they save bits, at these speeds.
  constexpr int kOff[] = {
      AV1E_SET_ENABLE_TPL_MODEL,        AV1E_SET_DELTAQ_MODE,
      AV1E_SET_ENABLE_ORDER_HINT,       AV1E_SET_ENABLE_OBMC,
      AV1E_SET_ENABLE_GLOBAL_MOTION,    AV1E_SET_ENABLE_WARPED_MOTION,
      AV1E_SET_ENABLE_REF_FRAME_MVS,    AV1E_SET_ENABLE_CFL_INTRA,
      AV1E_SET_ENABLE_SMOOTH_INTRA,     AV1E_SET_ENABLE_ANGLE_DELTA,
      AV1E_SET_ENABLE_FILTER_INTRA,     AV1E_SET_ENABLE_DIST_WTD_COMP,
      AV1E_SET_ENABLE_DIFF_WTD_COMP,    AV1E_SET_ENABLE_DUAL_FILTER,
      AV1E_SET_ENABLE_INTERINTRA_COMP,  AV1E_SET_ENABLE_INTERINTRA_WEDGE,
      AV1E_SET_ENABLE_INTERINTER_WEDGE, AV1E_SET_ENABLE_MASKED_COMP,
      AV1E_SET_ENABLE_PAETH_INTRA,
  };
  for (const int tool : kOff) {
    if (!control(tool, 0)) return false;
  }
  return control(AOME_SET_CPUUSED, speed) && control(AV1E_SET_ENABLE_CDEF, 1) && control(AV1E_SET_AQ_MODE, 3) &&
         control(AOME_SET_MAX_INTRA_BITRATE_PCT, kMaxIntraPercent) && control(AV1E_SET_COEFF_COST_UPD_FREQ, 3) &&
         control(AV1E_SET_MODE_COST_UPD_FREQ, 3) && control(AV1E_SET_MV_COST_UPD_FREQ, 3) &&
         control(AV1E_SET_TILE_COLUMNS, tile_columns_log2) && control(AV1E_SET_ROW_MT, threads > 1 ? 1 : 0) &&
         control(AV1E_SET_INTRA_DEFAULT_TX_ONLY, 1) && control(AV1E_SET_DISABLE_TRELLIS_QUANT, 1) &&
         control(AV1E_SET_NOISE_SENSITIVITY, 0) &&
         control(AV1E_SET_TUNE_CONTENT, settings_.is_screen ? AOM_CONTENT_SCREEN : AOM_CONTENT_DEFAULT) &&
         control(AV1E_SET_ENABLE_PALETTE, settings_.is_screen ? 1 : 0);
}

bool LibaomEncoder::set_layer_rates() {
  const int layers = settings_.temporal_layers;
  if (layers == 1) return true;
  aom_svc_params_t parameters{};
  parameters.number_spatial_layers = 1;
  parameters.number_temporal_layers = layers;
  parameters.scaling_factor_num[0] = parameters.scaling_factor_den[0] = 1;
  for (int layer = 0; layer < layers; layer++) {
    const auto bits = uint64_t{settings_.bitrate_bps} * static_cast<unsigned>(cumulative_rate_percent(layers, layer));
    parameters.min_quantizers[layer] = kMinQuantizer;
    parameters.max_quantizers[layer] = kMaxQuantizer;
    parameters.layer_target_bitrate[layer] = static_cast<int>(kilobits(static_cast<uint32_t>(bits / 100)));
    parameters.framerate_factor[layer] = frame_rate_divisor(layers, layer);
  }
  return control(AV1E_SET_SVC_PARAMS, &parameters);
}

bool LibaomEncoder::set_references(const TemporalStep& step, bool is_keyframe) {
  aom_svc_layer_id_t id{};
  id.temporal_layer_id = step.layer;
  aom_svc_ref_frame_config_t references{};
  // A reference that is not used stands where the base does.
  references.ref_idx[kGolden] = kSecondSlot;
  if (!is_keyframe) {
    references.reference[kLast] = 1;
    references.reference[kGolden] = step.refers_to_second;
    references.refresh[kBaseSlot] = step.updates_base;
    references.refresh[kSecondSlot] = step.updates_second;
  }
  return control(AV1E_SET_SVC_LAYER_ID, &id) && control(AV1E_SET_SVC_REF_FRAME_CONFIG, &references);
}

void LibaomEncoder::set_rates(uint32_t bitrate_bps, double framerate) {
  if (!std::isfinite(framerate) || framerate <= 0) framerate = settings_.max_framerate;
  if (bitrate_bps == settings_.bitrate_bps && framerate == settings_.max_framerate) return;
  settings_.bitrate_bps = bitrate_bps;
  settings_.max_framerate = framerate;
  rates_changed_ = true;
}

bool LibaomEncoder::reconfigure(const VideoEncoderSettings& settings) {
  const bool is_same = is_open_ && settings.width == settings_.width && settings.height == settings_.height &&
                       settings.temporal_layers == settings_.temporal_layers &&
                       settings.is_screen == settings_.is_screen && settings.threads == settings_.threads;
  if (is_same) {
    set_rates(settings.bitrate_bps, settings.max_framerate);
    return true;
  }
  settings_ = settings;
  std::string error;
  return open(&error);
}

bool LibaomEncoder::encode(const VideoFrame& frame, bool force_keyframe, std::optional<EncodedVideoFrame>& out) {
  out.reset();
  if (!is_open_) return false;
  // A broken invariant; the library would read beyond the picture.
  assert(has_size_of(frame, settings_) && "the encoder was configured for another size");
  if (!has_size_of(frame, settings_)) return false;
  if (rates_changed_) {
    rates_changed_ = false;
    configuration_.rc_target_bitrate = kilobits(settings_.bitrate_bps);
    if (aom_codec_enc_config_set(&context_, &configuration_) != AOM_CODEC_OK || !set_layer_rates()) return false;
  }
  const bool wants_keyframe = force_keyframe || needs_keyframe_;
  if (wants_keyframe) pattern_.restart();
  const TemporalStep step = pattern_.step();
  if (settings_.temporal_layers > 1 && !set_references(step, wants_keyframe)) return false;

  const I420Buffer& picture = *frame.buffer;
  aom_image_t image{};
  image.fmt = AOM_IMG_FMT_I420;
  image.bit_depth = 8;
  image.bps = 12;
  image.cp = AOM_CICP_CP_UNSPECIFIED;
  image.tc = AOM_CICP_TC_UNSPECIFIED;
  image.mc = AOM_CICP_MC_UNSPECIFIED;
  image.range = AOM_CR_STUDIO_RANGE;
  image.w = image.d_w = static_cast<unsigned>(picture.width());
  image.h = image.d_h = static_cast<unsigned>(picture.height());
  image.x_chroma_shift = image.y_chroma_shift = 1;
  // Only read, whatever their type says.
  image.planes[AOM_PLANE_Y] = const_cast<uint8_t*>(picture.y());
  image.planes[AOM_PLANE_U] = const_cast<uint8_t*>(picture.u());
  image.planes[AOM_PLANE_V] = const_cast<uint8_t*>(picture.v());
  image.stride[AOM_PLANE_Y] = picture.stride_y();
  image.stride[AOM_PLANE_U] = image.stride[AOM_PLANE_V] = picture.stride_uv();

  const auto duration = static_cast<unsigned long>(std::max(1.0, kTicksPerSecond / settings_.max_framerate));
  const aom_enc_frame_flags_t flags = wants_keyframe ? AOM_EFLAG_FORCE_KF : 0;
  const aom_codec_err_t result = aom_codec_encode(&context_, &image, timestamp_, duration, flags);
  timestamp_ += static_cast<int64_t>(duration);
  if (result != AOM_CODEC_OK) {
    needs_keyframe_ = true;
    return false;
  }
  aom_codec_iter_t iterator = nullptr;
  while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(&context_, &iterator)) {
    if (packet->kind != AOM_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
    const auto* data = static_cast<const uint8_t*>(packet->data.frame.buf);
    const size_t skipped = delimiter_length(data, packet->data.frame.sz);
    if (!out) out = encoded_frame(frame, settings_);
    out->data.insert(out->data.end(), data + skipped, data + packet->data.frame.sz);
    if (packet->data.frame.flags & AOM_FRAME_IS_KEY) out->is_keyframe = true;
  }
  if (!out) {
    needs_keyframe_ = wants_keyframe;
    return true;  // dropped
  }
  if (wants_keyframe && !out->is_keyframe) {
    needs_keyframe_ = true;
    out.reset();
    return false;
  }
  needs_keyframe_ = false;
  out->temporal_index = step.layer;
  out->is_discardable = settings_.temporal_layers > 1 && step.is_discardable();
  out->is_layer_sync = step.is_sync;
  int quantizer = -1;
  if (control(AOME_GET_LAST_QUANTIZER, &quantizer)) out->qp = quantizer;
  pattern_.advance();
  return true;
}

}  // namespace

std::unique_ptr<VideoEncoder> create_libaom_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<LibaomEncoder>(settings);
  if (!encoder->open(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire
