#include "media/stream/video_stream_encoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace peerwire {
namespace {

constexpr int64_t kMicroseconds = 1'000'000;
/// Requests of receivers that come closer together get one keyframe.
constexpr int64_t kMinKeyframeInterval = 200'000;
/// However few frames an application wants.
constexpr double kMaxFrameInterval = 3600.0 * kMicroseconds;
constexpr int kMaxSteps = 5;
/// So much more than a picture needs makes it larger, so much less makes it smaller: a rate that wavers does not make
/// it pump.
constexpr double kGrowAt = 1 / 0.8;
constexpr double kShrinkAt = 1 / 1.25;

/// As libwebrtc does: the threads of one encoder wait for each other in loops, so that they cost more than they bring
/// where there are few processors. The pool bounds how many pictures are coded at once.
int encoder_threads(int64_t pixels) {
  const unsigned processors = std::thread::hardware_concurrency();
  if (pixels >= 1920 * 1080 && processors > 8) return 8;
  if (pixels > 1280 * 960 && processors >= 6) return 3;
  if (pixels > 640 * 480 && processors >= 3) return 2;
  return 1;
}

int64_t monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

VideoStreamEncoder::VideoStreamEncoder(std::shared_ptr<WorkerPool> pool, Output output, std::function<int64_t()> clock)
    : output_(std::move(output)), now_us_(clock ? std::move(clock) : monotonic_us), queue_(std::move(pool)) {}

void VideoStreamEncoder::configure(const EncodingParameters& encoding, DegradationPreference degradation,
                                   bool is_detail, bool may_adapt, size_t max_payload_size) {
  std::lock_guard lock(mutex_);
  config_ = {encoding, degradation, is_detail, may_adapt, max_payload_size};
  ++config_generation_;
}

void VideoStreamEncoder::set_sending(bool sending) {
  std::lock_guard lock(mutex_);
  if (sending_ == sending) return;
  sending_ = sending;
  set_limitation(QualityLimitation::kNone, now_us_());
}

void VideoStreamEncoder::set_bitrate(uint32_t bitrate_bps, uint32_t sustained_bps) {
  std::lock_guard lock(mutex_);
  // What was paused begins with a picture that needs no other.
  if (bitrate_.target_bps == 0 && bitrate_bps > 0) keyframe_wanted_ = true;
  if (sending_ && bitrate_bps == 0) {
    set_limitation(QualityLimitation::kBandwidth, now_us_());
  } else if (sending_ && bitrate_.target_bps == 0) {
    set_limitation(QualityLimitation::kNone, now_us_());
  }
  bitrate_ = {bitrate_bps, sustained_bps};
}

void VideoStreamEncoder::request_keyframe() {
  std::lock_guard lock(mutex_);
  keyframe_wanted_ = true;
}

void VideoStreamEncoder::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  pending_.reset();
}

VideoEncoderStats VideoStreamEncoder::stats() const {
  std::lock_guard lock(mutex_);
  VideoEncoderStats copy = stats_;
  const int64_t now = now_us_();
  copy.source_frames_per_second = offered_.in_last_second(now);
  copy.frames_per_second = coded_.in_last_second(now);
  if (limited_since_us_ > 0) {
    copy.limitation_durations_s[static_cast<size_t>(copy.limitation)] +=
        static_cast<double>(now - limited_since_us_) / kMicroseconds;
  }
  return copy;
}

int64_t VideoStreamEncoder::idle_us(int64_t now_us) const {
  std::lock_guard lock(mutex_);
  return now_us - last_offered_us_;
}

void VideoStreamEncoder::on_video_frame(const VideoFrame& frame) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    ++stats_.frames_offered;
    stats_.source_width = frame.width();
    stats_.source_height = frame.height();
    offered_.add(now_us_());
    last_offered_us_ = frame.capture_time_us;
    if (!config_.encoding.active || bitrate_.target_bps == 0) return;
    if (pending_) ++stats_.frames_dropped;
    pending_ = frame;
    if (scheduled_) return;
    scheduled_ = true;
  }
  queue_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->encode_pending();
  });
}

void VideoStreamEncoder::encode_pending() {
  std::optional<VideoFrame> frame;
  Config config;
  bool is_new_config = false;
  bool keyframe = false;
  Bitrate bitrate;
  {
    std::lock_guard lock(mutex_);
    scheduled_ = false;
    frame.swap(pending_);
    if (stopped_ || !frame || !config_.encoding.active || bitrate_.target_bps == 0) return;
    config = config_;
    is_new_config = used_generation_ != config_generation_;
    used_generation_ = config_generation_;
    bitrate = bitrate_;
    keyframe = keyframe_wanted_;
  }
  encode(*frame, config, is_new_config, bitrate, keyframe);
}

bool VideoStreamEncoder::has_fewer_frames(const Config& config) const {
  return config.degradation == DegradationPreference::kMaintainResolution && adaptation_.steps() > 0;
}

double VideoStreamEncoder::coded_framerate(const Config& config) const {
  double framerate = kMicroseconds / interval_.us();
  if (has_fewer_frames(config)) framerate *= std::pow(2.0 / 3, adaptation_.steps());
  return config.encoding.max_framerate > 0 ? std::min(framerate, config.encoding.max_framerate) : framerate;
}

bool VideoStreamEncoder::skips(const VideoFrame& frame, const Config& config) {
  double wanted = config.encoding.max_framerate;
  if (wanted == 0) return true;
  const int64_t since = frame.capture_time_us - last_frame_us_;
  if (last_frame_us_ > 0 && since > 0) interval_.add(since);
  last_frame_us_ = frame.capture_time_us;
  if (has_fewer_frames(config)) wanted = coded_framerate(config);
  if (wanted < 0) return false;
  const auto interval = static_cast<int64_t>(std::min(kMicroseconds / wanted, kMaxFrameInterval));
  // Of a lower rate before, or of a source whose clock was ahead.
  if (next_frame_us_ - frame.capture_time_us > 2 * interval) next_frame_us_ = frame.capture_time_us;
  // A frame that comes a little early is on time.
  if (frame.capture_time_us < next_frame_us_ - interval / 8) return true;
  next_frame_us_ = std::max(next_frame_us_ + interval, frame.capture_time_us + interval / 2);
  return false;
}

PictureSize VideoStreamEncoder::size_for(PictureSize wanted, const Config& config, uint32_t sustained_bps) {
  if (!config.may_adapt || config.is_detail || config.degradation == DegradationPreference::kMaintainResolution ||
      config.degradation == DegradationPreference::kDisabled) {
    size_steps_ = 0;
    return wanted;
  }
  if (fitting_scalability(config.encoding.scalability, wanted).spatial_layers > 1) {
    // Layers are left out instead.
    size_steps_ = adaptation_.steps();
    return reduced_size(wanted, size_steps_);
  }
  const auto fits = [&](int steps) {
    const PictureSize size = reduced_size(wanted, steps);
    double factor = 1;
    if (size_steps_ >= 0) factor = steps < size_steps_ ? kGrowAt : kShrinkAt;
    return int64_t{size.width} * size.height <= pixels_for_bitrate(static_cast<uint32_t>(sustained_bps / factor));
  };
  int steps = adaptation_.steps();
  while (steps < kMaxSteps && !fits(steps)) ++steps;
  size_steps_ = steps;
  return reduced_size(wanted, steps);
}

ScalabilityMode VideoStreamEncoder::scalability_for(const ScalabilityMode& all_layers, PictureSize size,
                                                    const Config& config, uint32_t sustained_bps) {
  const LayerBudget budget{sustained_bps, config.encoding.max_bitrate_bps};
  spatial_layers_ = affordable_spatial_layers(all_layers, size, coded_framerate(config), config.is_detail, budget,
                                              std::exchange(spatial_layers_, 0));
  return all_layers.with_spatial_layers(spatial_layers_);
}

bool VideoStreamEncoder::prepare(const VideoFrame& frame, PictureSize size, const Config& config, bool is_new_config,
                                 Bitrate bitrate) {
  const uint32_t bitrate_bps = bitrate.target_bps;
  const EncodingParameters& encoding = config.encoding;
  const ScalabilityMode all_layers = fitting_scalability(encoding.scalability, size);
  const ScalabilityMode scalability = scalability_for(all_layers, size, config, bitrate.sustained_bps);
  const LayerSize top = layer_size(all_layers, scalability.spatial_layers - 1, size.width, size.height);
  size = {top.width, top.height};
  const bool is_same = encoder_ && settings_.width == size.width && settings_.height == size.height &&
                       settings_.scalability == scalability && !is_new_config;
  const double framerate = coded_framerate(config);
  if (is_same) {
    if (bitrate_bps != used_bitrate_bps_ || std::abs(framerate - used_framerate_) > used_framerate_ * 0.1) {
      encoder_->set_rates(bitrate_bps, framerate);
      used_bitrate_bps_ = bitrate_bps;
      used_framerate_ = framerate;
    }
    return true;
  }
  VideoEncoderSettings next;
  next.codec = encoding.codec.video;
  next.h264_profile = encoding.codec.h264_profile;
  next.single_nal_units = encoding.codec.single_nal_units;
  next.max_payload_size = config.max_payload_size;
  next.width = size.width;
  next.height = size.height;
  next.max_framerate = std::max(framerate, 1.0);
  next.bitrate_bps = bitrate_bps;
  next.scalability = scalability;
  next.is_screen = config.is_detail;
  next.threads = encoder_threads(int64_t{size.width} * size.height);
  const bool is_resized = encoder_ && (settings_.width != size.width || settings_.height != size.height);
  const bool is_same_codec = encoder_ && settings_.codec == next.codec && settings_.h264_profile == next.h264_profile &&
                             settings_.single_nal_units == next.single_nal_units &&
                             settings_.is_screen == next.is_screen;
  const bool is_unchanged = is_same_codec && !is_resized && settings_.scalability == next.scalability &&
                            settings_.max_payload_size == next.max_payload_size;
  if (is_unchanged) {
    encoder_->set_rates(bitrate_bps, framerate);
  } else if (!is_same_codec || !encoder_->reconfigure(next)) {
    std::string error;
    encoder_ = VideoEncoder::create(next, &error);
    if (!encoder_) {
      refused_size_ = {frame.width(), frame.height()};
      return false;
    }
    std::lock_guard lock(mutex_);
    keyframe_wanted_ = true;
    stats_.implementation = encoder_->implementation();
  }
  refused_size_.reset();
  settings_ = next;
  used_bitrate_bps_ = bitrate_bps;
  used_framerate_ = framerate;
  if (is_resized) adaptation_.on_resized();
  std::lock_guard lock(mutex_);
  if (is_resized && frame.width() > 0) ++stats_.resolution_changes;
  return true;
}

void VideoStreamEncoder::encode(const VideoFrame& frame, const Config& config, bool is_new_config, Bitrate bitrate,
                                bool keyframe) {
  if (!is_new_config && refused_size_ == PictureSize{frame.width(), frame.height()}) return;
  if (skips(frame, config)) {
    // The change of configuration is for the next frame then.
    if (is_new_config) {
      std::lock_guard lock(mutex_);
      if (used_generation_ == config_generation_) --used_generation_;
    }
    return;
  }
  const PictureSize wanted = wanted_size({frame.width(), frame.height()}, config.encoding);
  const PictureSize size = size_for(wanted, config, bitrate.sustained_bps);
  if (!prepare(frame, size, config, is_new_config, bitrate)) return;
  const int64_t begun = now_us_();
  if (keyframe && !is_new_config && begun - last_keyframe_us_ < kMinKeyframeInterval) keyframe = false;
  const VideoFrame scaled = scale_frame(frame, settings_.width, settings_.height);
  std::vector<EncodedVideoFrame> coded;
  const bool succeeded = encoder_->encode(scaled, keyframe, coded);
  const int64_t ended = now_us_();
  const double taken_s = static_cast<double>(ended - begun) / kMicroseconds;
  // Between frames that are coded: fewer of them are less work.
  const double interval_s = static_cast<double>(frame.capture_time_us - last_coded_us_) / kMicroseconds;
  if (last_coded_us_ > 0 && interval_s > 0) load_ += (std::min(taken_s / interval_s, 2.0) - load_) * 0.05;
  last_coded_us_ = frame.capture_time_us;
  {
    std::lock_guard lock(mutex_);
    stats_.total_encode_time_s += taken_s;
    stats_.framerate = used_framerate_;
    stats_.wanted_width = wanted.width;
    stats_.wanted_height = wanted.height;
    if (!succeeded) keyframe_wanted_ = true;
    if (coded.empty()) {
      ++stats_.frames_dropped;
    } else {
      ++stats_.frames_encoded;
      stats_.width = settings_.width;
      stats_.height = settings_.height;
      coded_.add(ended);
      stats_.total_encoded_bytes_target +=
          static_cast<uint64_t>(bitrate.target_bps / 8.0 / std::max(used_framerate_, 1.0));
      if (coded.front().is_keyframe) {
        ++stats_.keyframes_encoded;
        keyframe_wanted_ = false;
        last_keyframe_us_ = ended;
      }
      if (coded.back().qp >= 0) {
        stats_.has_qp = true;
        stats_.qp_sum += static_cast<uint64_t>(coded.back().qp);
      }
    }
    if (stopped_) return;
  }
  // Where there are layers, the quantizer of none of them says whether the picture is too large for the rate.
  const bool has_quality = !coded.empty() && settings_.scalability.spatial_layers == 1;
  adapt(wanted, config, !coded.empty(), has_quality ? coded.back().qp : -1, ended);
  if (coded.empty()) return;
  for (EncodedVideoFrame& layer : coded) {
    layer.rotation = frame.rotation;
    layer.capture_time_us = frame.capture_time_us;
  }
  output_(std::move(coded));
}

void VideoStreamEncoder::adapt(PictureSize wanted, const Config& config, bool was_coded, int qp, int64_t now) {
  if (config.may_adapt && config.degradation != DegradationPreference::kDisabled) {
    adaptation_.on_frame(settings_.codec, was_coded, qp, load_, now);
  } else {
    adaptation_.reset();
  }
  QualityLimitation limitation = QualityLimitation::kNone;
  if (adaptation_.is_limited_by_cpu()) {
    limitation = QualityLimitation::kCpu;
  } else if (PictureSize{settings_.width, settings_.height} != wanted || adaptation_.is_limited_by_quality()) {
    limitation = QualityLimitation::kBandwidth;
  }
  std::lock_guard lock(mutex_);
  // Switched off meanwhile, it has another reason.
  if (sending_ && bitrate_.target_bps > 0) set_limitation(limitation, now);
}

void VideoStreamEncoder::set_limitation(QualityLimitation limitation, int64_t now) {
  if (limited_since_us_ > 0) {
    stats_.limitation_durations_s[static_cast<size_t>(stats_.limitation)] +=
        static_cast<double>(now - limited_since_us_) / kMicroseconds;
  }
  limited_since_us_ = now;
  stats_.limitation = limitation;
}

}  // namespace peerwire
