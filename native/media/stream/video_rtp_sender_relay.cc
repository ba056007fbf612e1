// VideoRtpSender with a track that another connection receives: where nothing asks for other pictures, what comes is
// sent on as it was coded; else it is decoded, and coded anew.
#include <algorithm>
#include <utility>

#include "media/packetization/h264_bitstream.h"
#include "media/stream/video_rtp_sender.h"

namespace peerwire {
namespace {

constexpr int64_t kKeyframeRequestIntervalUs = 1'000'000;
/// How long the source may take more than the path has, before its pictures are coded anew with less.
constexpr int64_t kPatienceUs = 3'000'000;
/// And how long they are then, at first; twice as long each time.
constexpr int64_t kFirstRestUs = 10'000'000;
constexpr int64_t kLongestRestUs = 120'000'000;

/// Whether who decodes `profile` decodes the stream that begins with this keyframe (ITU-T H.264 annex A).
bool fits_profile(H264Profile profile, ByteView keyframe) {
  for (const ByteView unit : h264::split_annex_b(keyframe)) {
    if (unit.size() < 4 || h264::nal_type(unit[0]) != h264::kSps) continue;
    const bool is_constrained = (unit[2] & 0x40) != 0;  // constraint_set1_flag
    switch (unit[1]) {
      case 66:
        return is_constrained || profile == H264Profile::kBaseline;
      case 77:
        return profile == H264Profile::kMain || profile == H264Profile::kHigh;
      case 100:
        return profile == H264Profile::kHigh || profile == H264Profile::kConstrainedHigh;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace

void VideoRtpSender::listen_to(std::shared_ptr<VideoSource> source) {
  if (source == relay_source_) return;
  if (relay_source_) relay_source_->relay().remove_sink(this);
  relay_source_ = std::move(source);
  relays_ = false;
  is_profile_misfit_ = false;
  next_keyframe_request_us_ = too_much_since_us_ = no_relay_until_us_ = no_relay_for_us_ = 0;
  if (!relay_source_) return;
  relay_source_->relay().add_sink(this);
  // What comes first tells whether it stays so: until then nothing is decoded in vain.
  relays_ = relay_source_->relay().has_origin();
  for (const EncodingPtr& encoding : encodings_) {
    encoding->awaits_keyframe = true;
    encoding->stream->forget_source();
  }
}

bool VideoRtpSender::may_relay() const {
  if (!track_ || encodings_.size() != 1) return false;
  const EncodingParameters& parameters = encodings_.front()->parameters;
  return parameters.scale_down_by <= 1 && parameters.max_width <= 0 && parameters.max_height <= 0 &&
         parameters.max_framerate < 0 && parameters.scalability == ScalabilityMode{} && track_->is_plain();
}

bool VideoRtpSender::can_relay(const Encoding& encoding, const EncodedVideoFrame& frame, int64_t now_us) {
  const SendCodecParameters& codec = encoding.parameters.codec;
  if (!may_relay() || codec.video != frame.codec) return false;
  // Who is not told of the rotation has to get it done.
  if (frame.rotation != 0 && !parameters_.extensions.has(RtpExtension::kVideoOrientation)) return false;
  if (frame.codec == VideoCodec::kH264) {
    if (codec.single_nal_units) return false;
    if (frame.is_keyframe) is_profile_misfit_ = !fits_profile(codec.h264_profile, frame.data);
    if (is_profile_misfit_) return false;
  }
  if (now_us < no_relay_until_us_) return false;
  const int64_t target = encoding.stream->target_bitrate();
  if (!relays_ || target == 0 || encoding.bitrate.bps() * 9 / 10 <= target) {
    too_much_since_us_ = 0;
    return true;
  }
  if (too_much_since_us_ == 0) too_much_since_us_ = now_us;
  if (now_us - too_much_since_us_ < kPatienceUs) return true;
  too_much_since_us_ = 0;
  no_relay_for_us_ = std::clamp(no_relay_for_us_ * 2, kFirstRestUs, kLongestRestUs);
  no_relay_until_us_ = now_us + no_relay_for_us_;
  return false;
}

void VideoRtpSender::on_relayed(const EncodedVideoFrame& frame) {
  const EncodingPtr encoding = encodings_.empty() ? nullptr : encodings_.front();
  if (!encoding || !encoding->is_attached) return;
  const int64_t now = transport_.now_us();
  encoding->bitrate.add(frame.data.size(), now);
  if (!can_relay(*encoding, frame, now)) {
    if (!relays_) return;
    relays_ = false;
    update_sinks();
    transport_.allocate();
    return;
  }
  if (!relays_ || encoding->awaits_keyframe) {
    if (!frame.is_keyframe) {
      if (now < next_keyframe_request_us_) return;
      next_keyframe_request_us_ = now + kKeyframeRequestIntervalUs;
      relay_source_->relay().request_keyframe();
      return;
    }
    encoding->awaits_keyframe = false;
    encoding->stream->forget_source();
    if (!relays_) {
      relays_ = true;
      update_sinks();
      transport_.allocate();
    }
  }
  EncodedVideoFrame passed = frame;
  passed.capture_time_us = frame.last_packet_us;
  pass_on(*encoding, std::move(passed), encoding->stream->map_timestamp(frame.rtp_timestamp, now, true));
}

}  // namespace peerwire
