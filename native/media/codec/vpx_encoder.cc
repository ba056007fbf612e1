#include "media/codec/vpx_encoder.h"

#include <vpx/vp8cx.h>

#include <algorithm>

#include "media/codec/codec_factories.h"
#include "media/codec/vpx_aom.h"

namespace peerwire {
namespace {

// Milliseconds of the rate control's model of the receiver's buffer, as libwebrtc has them.
constexpr unsigned kBufferInitialMs = 500;
/// When only the size changes: most such changes come when there is little room, and a keyframe that fills the link for
/// a quarter of a second looks like congestion.
constexpr unsigned kBufferResizedMs = 200;
constexpr unsigned kBufferOptimalMs = 600;
constexpr unsigned kBufferMs = 1000;
constexpr unsigned kDropFrameThreshold = 30;

/// Of the format's two remaining reference buffers, "golden" is the pattern's second; "altref" is not used in layers.
constexpr vpx_enc_frame_flags_t kNoAltRef = VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_ARF;

}  // namespace

VpxEncoder::VpxEncoder(const VideoEncoderSettings& settings)
    : ReconfigurableVideoEncoder(settings), pattern_(settings.scalability.temporal_layers) {}

VpxEncoder::~VpxEncoder() {
  close();
}

bool VpxEncoder::open(std::string* error, bool is_first) {
  close();
  if (vpx_codec_enc_config_default(codec_interface(), &configuration_, 0) != VPX_CODEC_OK) {
    *error = "libvpx has no such encoder";
    return false;
  }
  configuration_.g_w = static_cast<unsigned>(settings().width);
  configuration_.g_h = static_cast<unsigned>(settings().height);
  configuration_.g_threads =
      static_cast<unsigned>(threads_for_size(settings().width, settings().height, settings().threads));
  configuration_.g_timebase = {1, kTicksPerSecond};
  configuration_.g_lag_in_frames = 0;
  const ScalabilityMode& mode = settings().scalability;
  const bool is_layered = mode.temporal_layers > 1 || mode.spatial_layers > 1;
  configuration_.g_error_resilient = is_layered ? VPX_ERROR_RESILIENT_DEFAULT : 0;
  configuration_.rc_end_usage = VPX_CBR;
  configuration_.rc_resize_allowed = 0;
  configuration_.rc_dropframe_thresh = kDropFrameThreshold;
  configuration_.rc_buf_initial_sz = is_first ? kBufferInitialMs : kBufferResizedMs;
  configuration_.rc_buf_optimal_sz = kBufferOptimalMs;
  configuration_.rc_buf_sz = kBufferMs;
  configuration_.kf_mode = VPX_KF_DISABLED;  // receivers ask for them
  configuration_.kf_max_dist = 100'000;
  adapt_configuration(configuration_);
  fill_rates();
  if (vpx_codec_enc_init(&context_, codec_interface(), &configuration_, 0) != VPX_CODEC_OK) {
    *error = context_.err_detail ? context_.err_detail : "libvpx refuses the settings";
    vpx_codec_destroy(&context_);
    return false;
  }
  is_open_ = true;
  pattern_ = TemporalPattern(settings().scalability.temporal_layers);
  if (!set_controls()) {
    *error = "libvpx refuses a control";
    close();
    return false;
  }
  return true;
}

void VpxEncoder::close() {
  if (is_open_) vpx_codec_destroy(&context_);
  is_open_ = false;
}

void VpxEncoder::fill_rates() {
  configuration_.rc_target_bitrate = kilobits(settings().bitrate_bps);
  const int layers = settings().scalability.temporal_layers;
  configuration_.ts_number_layers = static_cast<unsigned>(layers);
  fill_spatial_rates(configuration_);
  if (layers == 1) return;
  configuration_.ts_periodicity = TemporalPattern::kLength;
  TemporalPattern pattern(layers);
  for (unsigned& layer : configuration_.ts_layer_id) {
    layer = static_cast<unsigned>(pattern.step().layer);
    pattern.advance();
  }
  for (int layer = 0; layer < layers; layer++) {
    configuration_.ts_target_bitrate[layer] = cumulative_kilobits(settings().bitrate_bps, layers, layer);
    if (settings().scalability.spatial_layers == 1) {
      configuration_.layer_target_bitrate[layer] = configuration_.ts_target_bitrate[layer];
    }
    configuration_.ts_rate_decimator[layer] = static_cast<unsigned>(frame_rate_divisor(layers, layer));
  }
}

unsigned VpxEncoder::max_intra_percent() const {
  const double percent = 0.5 * kBufferOptimalMs * settings().max_framerate / 10;
  return static_cast<unsigned>(std::clamp(percent, 300.0, 10'000.0));
}

vpx_enc_frame_flags_t VpxEncoder::reference_flags(const TemporalStep& step) const {
  if (settings().scalability.temporal_layers == 1) return 0;
  vpx_enc_frame_flags_t flags = kNoAltRef;
  if (!step.updates_base) flags |= VP8_EFLAG_NO_UPD_LAST;
  if (!step.refers_to_second) flags |= VP8_EFLAG_NO_REF_GF;
  if (!step.updates_second) flags |= VP8_EFLAG_NO_UPD_GF;
  // What a lost frame has learnt must not be missed.
  if (step.layer > 0) flags |= VP8_EFLAG_NO_UPD_ENTROPY;
  return flags;
}

bool VpxEncoder::apply_rates() {
  fill_rates();
  return vpx_codec_enc_config_set(&context_, &configuration_) == VPX_CODEC_OK &&
         control(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent());
}

bool VpxEncoder::run(const I420Buffer& picture, vpx_enc_frame_flags_t flags) {
  auto image = image_of<vpx_image_t>(picture);
  image.fmt = VPX_IMG_FMT_I420;
  const auto duration = static_cast<unsigned long>(std::max(1.0, kTicksPerSecond / settings().max_framerate));
  const vpx_codec_err_t result = vpx_codec_encode(&context_, &image, timestamp_, duration, flags, VPX_DL_REALTIME);
  timestamp_ += static_cast<int64_t>(duration);
  return result == VPX_CODEC_OK;
}

bool VpxEncoder::encode_picture(const VideoFrame& frame, bool wants_keyframe, std::vector<EncodedVideoFrame>& out) {
  if (wants_keyframe) pattern_.restart();
  const TemporalStep step = pattern_.step();
  vpx_enc_frame_flags_t flags = wants_keyframe ? VPX_EFLAG_FORCE_KF : reference_flags(step);
  if (settings().scalability.temporal_layers > 1 && !set_layer(step.layer)) return false;

  if (!run(*frame.buffer, flags)) return false;
  vpx_codec_iter_t iterator = nullptr;
  while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&context_, &iterator)) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
    const auto* data = static_cast<const uint8_t*>(packet->data.frame.buf);
    if (out.empty()) out.push_back(encoded_frame(frame, settings()));
    out.front().data.insert(out.front().data.end(), data, data + packet->data.frame.sz);
    if (packet->data.frame.flags & VPX_FRAME_IS_KEY) out.front().is_keyframe = true;
  }
  if (out.empty()) return true;  // dropped

  out.front().temporal_index = step.layer;
  out.front().is_discardable = settings().scalability.temporal_layers > 1 && step.is_discardable();
  out.front().is_layer_sync = step.is_sync;
  int quantizer = -1;
  if (control(VP8E_GET_LAST_QUANTIZER, &quantizer)) out.front().qp = quantizer;
  pattern_.advance();
  return true;
}

}  // namespace peerwire
