#include "media/codec/vpx_encoder.h"

#include <vpx/vp8cx.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "media/codec/codec_factories.h"

namespace peerwire {
namespace {

constexpr int kTicksPerSecond = 90000;
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

unsigned kilobits(uint32_t bits) {
  return std::max(1u, (bits + 500) / 1000);
}

}  // namespace

VpxEncoder::VpxEncoder(const VideoEncoderSettings& settings)
    : settings_(settings), pattern_(settings.temporal_layers) {}

VpxEncoder::~VpxEncoder() {
  close();
}

bool VpxEncoder::start(std::string* error) {
  return open(error, kBufferInitialMs);
}

bool VpxEncoder::open(std::string* error, unsigned initial_buffer_ms) {
  close();
  if (vpx_codec_enc_config_default(codec_interface(), &configuration_, 0) != VPX_CODEC_OK) {
    *error = "libvpx has no such encoder";
    return false;
  }
  configuration_.g_w = static_cast<unsigned>(settings_.width);
  configuration_.g_h = static_cast<unsigned>(settings_.height);
  configuration_.g_threads =
      static_cast<unsigned>(threads_for_size(settings_.width, settings_.height, settings_.threads));
  configuration_.g_timebase = {1, kTicksPerSecond};
  configuration_.g_lag_in_frames = 0;
  configuration_.g_error_resilient = settings_.temporal_layers > 1 ? VPX_ERROR_RESILIENT_DEFAULT : 0;
  configuration_.rc_end_usage = VPX_CBR;
  configuration_.rc_resize_allowed = 0;
  configuration_.rc_dropframe_thresh = kDropFrameThreshold;
  configuration_.rc_buf_initial_sz = initial_buffer_ms;
  configuration_.rc_buf_optimal_sz = kBufferOptimalMs;
  configuration_.rc_buf_sz = kBufferMs;
  configuration_.kf_mode = VPX_KF_DISABLED;  // receivers ask for them
  configuration_.kf_max_dist = 100'000;
  adapt_configuration(configuration_);
  apply_rates();
  if (vpx_codec_enc_init(&context_, codec_interface(), &configuration_, 0) != VPX_CODEC_OK) {
    *error = context_.err_detail ? context_.err_detail : "libvpx refuses the settings";
    vpx_codec_destroy(&context_);
    return false;
  }
  is_open_ = true;
  rates_changed_ = false;
  needs_keyframe_ = true;
  pattern_ = TemporalPattern(settings_.temporal_layers);
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

void VpxEncoder::apply_rates() {
  configuration_.rc_target_bitrate = kilobits(settings_.bitrate_bps);
  const int layers = settings_.temporal_layers;
  configuration_.ts_number_layers = static_cast<unsigned>(layers);
  if (layers == 1) return;
  configuration_.ts_periodicity = TemporalPattern::kLength;
  TemporalPattern pattern(layers);
  for (unsigned& layer : configuration_.ts_layer_id) {
    layer = static_cast<unsigned>(pattern.step().layer);
    pattern.advance();
  }
  for (int layer = 0; layer < layers; layer++) {
    const auto bits = uint64_t{settings_.bitrate_bps} * static_cast<unsigned>(cumulative_rate_percent(layers, layer));
    configuration_.ts_target_bitrate[layer] = kilobits(static_cast<uint32_t>(bits / 100));
    configuration_.layer_target_bitrate[layer] = configuration_.ts_target_bitrate[layer];
    configuration_.ts_rate_decimator[layer] = static_cast<unsigned>(frame_rate_divisor(layers, layer));
  }
}

unsigned VpxEncoder::max_intra_percent() const {
  const double percent = 0.5 * kBufferOptimalMs * settings_.max_framerate / 10;
  return static_cast<unsigned>(std::clamp(percent, 300.0, 10'000.0));
}

void VpxEncoder::set_rates(uint32_t bitrate_bps, double framerate) {
  if (!std::isfinite(framerate) || framerate <= 0) framerate = settings_.max_framerate;
  if (bitrate_bps == settings_.bitrate_bps && framerate == settings_.max_framerate) return;
  settings_.bitrate_bps = bitrate_bps;
  settings_.max_framerate = framerate;
  rates_changed_ = true;
}

bool VpxEncoder::reconfigure(const VideoEncoderSettings& settings) {
  const bool is_same = is_open_ && settings.width == settings_.width && settings.height == settings_.height &&
                       settings.temporal_layers == settings_.temporal_layers &&
                       settings.is_screen == settings_.is_screen && settings.threads == settings_.threads;
  if (is_same) {
    set_rates(settings.bitrate_bps, settings.max_framerate);
    return true;
  }
  settings_ = settings;
  std::string error;
  return open(&error, kBufferResizedMs);
}

vpx_enc_frame_flags_t VpxEncoder::reference_flags(const TemporalStep& step) const {
  if (settings_.temporal_layers == 1) return 0;
  vpx_enc_frame_flags_t flags = kNoAltRef;
  if (!step.updates_base) flags |= VP8_EFLAG_NO_UPD_LAST;
  if (!step.refers_to_second) flags |= VP8_EFLAG_NO_REF_GF;
  if (!step.updates_second) flags |= VP8_EFLAG_NO_UPD_GF;
  // What a lost frame has learnt must not be missed.
  if (step.layer > 0) flags |= VP8_EFLAG_NO_UPD_ENTROPY;
  return flags;
}

bool VpxEncoder::encode(const VideoFrame& frame, bool force_keyframe, std::optional<EncodedVideoFrame>& out) {
  out.reset();
  if (!is_open_) return false;
  // A broken invariant; the library would read beyond the picture.
  assert(has_size_of(frame, settings_) && "the encoder was configured for another size");
  if (!has_size_of(frame, settings_)) return false;
  if (rates_changed_) {
    rates_changed_ = false;
    apply_rates();
    if (vpx_codec_enc_config_set(&context_, &configuration_) != VPX_CODEC_OK ||
        !control(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent())) {
      return false;
    }
  }

  const bool wants_keyframe = force_keyframe || needs_keyframe_;
  if (wants_keyframe) pattern_.restart();
  const TemporalStep step = pattern_.step();
  vpx_enc_frame_flags_t flags = wants_keyframe ? VPX_EFLAG_FORCE_KF : reference_flags(step);
  if (settings_.temporal_layers > 1 && !set_layer(step.layer)) return false;

  const I420Buffer& picture = *frame.buffer;
  vpx_image_t image{};
  image.fmt = VPX_IMG_FMT_I420;
  image.bit_depth = 8;
  image.bps = 12;
  image.w = image.d_w = static_cast<unsigned>(picture.width());
  image.h = image.d_h = static_cast<unsigned>(picture.height());
  image.x_chroma_shift = image.y_chroma_shift = 1;
  // Only read, whatever their type says.
  image.planes[VPX_PLANE_Y] = const_cast<uint8_t*>(picture.y());
  image.planes[VPX_PLANE_U] = const_cast<uint8_t*>(picture.u());
  image.planes[VPX_PLANE_V] = const_cast<uint8_t*>(picture.v());
  image.stride[VPX_PLANE_Y] = picture.stride_y();
  image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = picture.stride_uv();

  const auto duration = static_cast<unsigned long>(std::max(1.0, kTicksPerSecond / settings_.max_framerate));
  const vpx_codec_err_t result = vpx_codec_encode(&context_, &image, timestamp_, duration, flags, VPX_DL_REALTIME);
  timestamp_ += static_cast<int64_t>(duration);
  if (result != VPX_CODEC_OK) {
    needs_keyframe_ = true;
    return false;
  }

  vpx_codec_iter_t iterator = nullptr;
  while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&context_, &iterator)) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
    const auto* data = static_cast<const uint8_t*>(packet->data.frame.buf);
    if (!out) out = encoded_frame(frame, settings_);
    out->data.insert(out->data.end(), data, data + packet->data.frame.sz);
    if (packet->data.frame.flags & VPX_FRAME_IS_KEY) out->is_keyframe = true;
  }
  if (!out) return true;  // dropped

  if (wants_keyframe && !out->is_keyframe) {
    out.reset();
    return false;
  }
  needs_keyframe_ = false;
  out->temporal_index = step.layer;
  out->is_discardable = settings_.temporal_layers > 1 && step.is_discardable();
  out->is_layer_sync = step.is_sync;
  int quantizer = -1;
  if (control(VP8E_GET_LAST_QUANTIZER, &quantizer)) out->qp = quantizer;
  pattern_.advance();
  return true;
}

}  // namespace peerwire
