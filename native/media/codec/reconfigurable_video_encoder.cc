#include "media/codec/reconfigurable_video_encoder.h"

#include <cassert>
#include <cmath>

#include "media/codec/codec_factories.h"

namespace peerwire {

void ReconfigurableVideoEncoder::set_rates(uint32_t bitrate_bps, double framerate) {
  if (!std::isfinite(framerate) || framerate <= 0) framerate = settings_.max_framerate;
  if (bitrate_bps == settings_.bitrate_bps && framerate == settings_.max_framerate) return;
  settings_.bitrate_bps = bitrate_bps;
  settings_.max_framerate = framerate;
  rates_changed_ = true;
}

bool ReconfigurableVideoEncoder::reconfigure(const VideoEncoderSettings& settings) {
  const bool goes_on = is_open() && settings.width == settings_.width && settings.height == settings_.height &&
                       settings.scalability == settings_.scalability && settings.is_screen == settings_.is_screen &&
                       settings.threads == settings_.threads && !needs_opening_for(settings);
  if (goes_on) {
    set_rates(settings.bitrate_bps, settings.max_framerate);
    return true;
  }
  settings_ = settings;
  rates_changed_ = false;
  needs_keyframe_ = true;
  std::string error;
  return open(&error, false);
}

bool ReconfigurableVideoEncoder::encode(const VideoFrame& frame, bool force_keyframe,
                                        std::vector<EncodedVideoFrame>& out) {
  out.clear();
  if (!is_open()) return false;
  // A broken invariant; the library would read beyond the picture.
  assert(has_size_of(frame, settings_) && "the encoder was configured for another size");
  if (!has_size_of(frame, settings_)) return false;
  if (rates_changed_) {
    rates_changed_ = false;
    if (!apply_rates()) return false;
  }
  const bool wants_keyframe = force_keyframe || needs_keyframe_;
  // Until it is known that all went well. When a picture is dropped, a keyframe that was asked for is still owed.
  needs_keyframe_ = true;
  if (!encode_picture(frame, wants_keyframe, out)) return false;
  if (!out.empty() && wants_keyframe && !out.front().is_keyframe) {
    out.clear();
    return false;
  }
  needs_keyframe_ = wants_keyframe && out.empty();
  return true;
}

}  // namespace peerwire
