// AV1 by libaom, main profile, in the way that libwebrtc runs it in real time.
#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "media/codec/codec_factories.h"
#include "media/codec/layered_pattern.h"
#include "media/codec/reconfigurable_video_encoder.h"
#include "media/codec/temporal_pattern.h"
#include "media/codec/vpx_aom.h"

namespace peerwire {
namespace {

constexpr unsigned kMinQuantizer = 10;
constexpr unsigned kMaxQuantizer = 56;
constexpr unsigned kMaxIntraPercent = 300;

// Of AV1's seven references layers use two: LAST is an earlier picture, GOLDEN the layer below.
constexpr int kLast = 0;
constexpr int kGolden = 3;
// Refer to nothing: a slot is written only if a reference stands there.
constexpr int kBegun = 5;
constexpr int kWritten = 6;

/// Octets of the temporal delimiter in front (AV1 bitstream specification, 5.6), which RTP does not carry.
size_t delimiter_length(const uint8_t* octets, size_t size) {
  constexpr uint8_t kDelimiter[] = {0x12, 0x00};
  return size >= 2 && std::equal(kDelimiter, kDelimiter + 2, octets) ? 2 : 0;
}

class LibaomEncoder final : public ReconfigurableVideoEncoder {
 public:
  explicit LibaomEncoder(const VideoEncoderSettings& settings)
      : ReconfigurableVideoEncoder(settings), pattern_(settings.scalability) {}
  ~LibaomEncoder() override { close(); }
  LibaomEncoder(const LibaomEncoder&) = delete;
  LibaomEncoder& operator=(const LibaomEncoder&) = delete;

  const char* implementation() const override { return "libaom"; }

 private:
  bool is_open() const override { return is_open_; }
  bool open(std::string* error, bool is_first) override;
  bool apply_rates() override;
  bool encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) override;
  void close();
  void configure();
  bool set_controls();
  bool set_layer_rates();
  bool set_references(int spatial_index, bool is_keyframe);
  /// Runs the encoder once, for a picture or one spatial layer of it. What comes out is put into `out`, if anything
  /// does.
  bool run(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out);
  bool encode_layers(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out);
  const ScalabilityMode& mode() const { return settings().scalability; }
  unsigned long duration() const {
    return static_cast<unsigned long>(std::max(1.0, kTicksPerSecond / settings().max_framerate));
  }

  template <typename Value>
  bool control(int id, Value value) {
    return aom_codec_control(&context_, id, value) == AOM_CODEC_OK;
  }

  LayeredPattern pattern_;
  aom_codec_enc_cfg_t configuration_{};
  aom_codec_ctx_t context_{};
  bool is_open_ = false;
  int64_t timestamp_ = 0;  // 90 kHz
};

void LibaomEncoder::close() {
  if (is_open_) aom_codec_destroy(&context_);
  is_open_ = false;
}

void LibaomEncoder::configure() {
  configuration_.g_w = static_cast<unsigned>(settings().width);
  configuration_.g_h = static_cast<unsigned>(settings().height);
  configuration_.g_threads =
      static_cast<unsigned>(threads_for_size(settings().width, settings().height, settings().threads));
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
  configuration_.rc_target_bitrate = kilobits(settings().bitrate_bps);
}

bool LibaomEncoder::open(std::string* error, bool) {
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
  pattern_ = LayeredPattern(mode());
  if (!set_controls() || !set_layer_rates()) {
    *error = "libaom refuses a control";
    close();
    return false;
  }
  return true;
}

bool LibaomEncoder::set_controls() {
  const int pixels = settings().width * settings().height;
  const int speed = settings().is_screen || pixels > 640 * 360 ? 10 : pixels > 320 * 180 ? 9 : 8;
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
         control(AV1E_SET_TUNE_CONTENT, settings().is_screen ? AOM_CONTENT_SCREEN : AOM_CONTENT_DEFAULT) &&
         control(AV1E_SET_ENABLE_PALETTE, settings().is_screen ? 1 : 0);
}

bool LibaomEncoder::set_layer_rates() {
  if (mode() == ScalabilityMode{}) return true;
  aom_svc_params_t parameters{};
  parameters.number_spatial_layers = mode().spatial_layers;
  parameters.number_temporal_layers = mode().temporal_layers;
  for (int temporal = 0; temporal < mode().temporal_layers; temporal++) {
    parameters.framerate_factor[temporal] = frame_rate_divisor(mode().temporal_layers, temporal);
  }
  for (int spatial = 0; spatial < mode().spatial_layers; spatial++) {
    const LayerScale scale = layer_scale(mode(), spatial);
    parameters.scaling_factor_num[spatial] = scale.numerator;
    parameters.scaling_factor_den[spatial] = scale.denominator;
    const auto rate = static_cast<uint32_t>(settings().bitrate_bps * spatial_rate_share(mode(), spatial));
    for (int temporal = 0; temporal < mode().temporal_layers; temporal++) {
      const int layer = spatial * mode().temporal_layers + temporal;
      parameters.min_quantizers[layer] = kMinQuantizer;
      parameters.max_quantizers[layer] = kMaxQuantizer;
      parameters.layer_target_bitrate[layer] =
          static_cast<int>(cumulative_kilobits(rate, mode().temporal_layers, temporal));
    }
  }
  if (!control(AV1E_SET_SVC_PARAMS, &parameters)) return false;
  // A picture comes with all its layers, or not at all.
  return mode().spatial_layers == 1 ||
         control(AV1E_SET_SVC_FRAME_DROP_MODE, static_cast<unsigned>(AOM_FULL_SUPERFRAME_DROP));
}

bool LibaomEncoder::set_references(int spatial_index, bool is_keyframe) {
  aom_svc_layer_id_t id{};
  id.spatial_layer_id = spatial_index;
  id.temporal_layer_id = pattern_.temporal_index();
  const LayerReferences slots = pattern_.references(spatial_index, is_keyframe);
  aom_svc_ref_frame_config_t references{};
  const int used = std::max({slots.earlier_slot, slots.lower_slot, 0});
  std::fill(std::begin(references.ref_idx), std::end(references.ref_idx), used);
  if (slots.earlier_slot >= 0) {
    references.ref_idx[kLast] = slots.earlier_slot;
    references.reference[kLast] = 1;
  }
  if (slots.lower_slot >= 0) {
    references.ref_idx[kGolden] = slots.lower_slot;
    references.reference[kGolden] = 1;
  }
  if (slots.written_slot >= 0) {
    references.ref_idx[kWritten] = slots.written_slot;
    references.refresh[slots.written_slot] = 1;
  }
  if (slots.begun_slot >= 0) {
    references.ref_idx[kBegun] = slots.begun_slot;
    references.refresh[slots.begun_slot] = 1;
  }
  return control(AV1E_SET_SVC_LAYER_ID, &id) && control(AV1E_SET_SVC_REF_FRAME_CONFIG, &references);
}

bool LibaomEncoder::apply_rates() {
  configuration_.rc_target_bitrate = kilobits(settings().bitrate_bps);
  return aom_codec_enc_config_set(&context_, &configuration_) == AOM_CODEC_OK && set_layer_rates();
}

bool LibaomEncoder::run(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) {
  auto image = image_of<aom_image_t>(*frame.buffer);
  image.fmt = AOM_IMG_FMT_I420;
  image.cp = AOM_CICP_CP_UNSPECIFIED;
  image.tc = AOM_CICP_TC_UNSPECIFIED;
  image.mc = AOM_CICP_MC_UNSPECIFIED;
  image.range = AOM_CR_STUDIO_RANGE;
  const aom_enc_frame_flags_t flags = wants_keyframe ? AOM_EFLAG_FORCE_KF : 0;
  if (aom_codec_encode(&context_, &image, timestamp_, duration(), flags) != AOM_CODEC_OK) return false;
  std::optional<EncodedVideoFrame> coded;
  aom_codec_iter_t iterator = nullptr;
  while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(&context_, &iterator)) {
    if (packet->kind != AOM_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
    const auto* data = static_cast<const uint8_t*>(packet->data.frame.buf);
    const size_t skipped = delimiter_length(data, packet->data.frame.sz);
    if (!coded) coded = encoded_frame(frame, settings());
    coded->data.insert(coded->data.end(), data + skipped, data + packet->data.frame.sz);
    if (packet->data.frame.flags & AOM_FRAME_IS_KEY) coded->is_keyframe = true;
  }
  if (!coded) return true;  // dropped
  int quantizer = -1;
  if (control(AOME_GET_LAST_QUANTIZER, &quantizer)) coded->qp = quantizer;
  out.push_back(std::move(*coded));
  return true;
}

bool LibaomEncoder::encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) {
  if (mode() != ScalabilityMode{}) return encode_layers(frame, wants_keyframe, out);
  const bool succeeded = run(frame, wants_keyframe, out);
  timestamp_ += static_cast<int64_t>(duration());
  return succeeded;
}

bool LibaomEncoder::encode_layers(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) {
  if (wants_keyframe) pattern_.restart();
  bool succeeded = true;
  for (int layer = 0; succeeded && layer < mode().spatial_layers; layer++) {
    succeeded = set_references(layer, wants_keyframe) && run(frame, wants_keyframe && layer == 0, out);
  }
  timestamp_ += static_cast<int64_t>(duration());
  if (!succeeded || out.empty()) return succeeded;
  if (out.size() != static_cast<size_t>(mode().spatial_layers)) return false;
  if (out.front().is_keyframe != wants_keyframe) return false;
  for (int layer = 0; layer < mode().spatial_layers; layer++) {
    pattern_.describe(layer, wants_keyframe, settings().width, settings().height, out[static_cast<size_t>(layer)]);
  }
  pattern_.advance();
  return true;
}

}  // namespace

std::unique_ptr<VideoEncoder> create_libaom_encoder(const VideoEncoderSettings& settings, std::string* error) {
  auto encoder = std::make_unique<LibaomEncoder>(settings);
  if (!encoder->start(error)) return nullptr;
  return encoder;
}

}  // namespace peerwire
