#include "media/track/media_track.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace peerwire {
namespace {

/// A frame that comes a quarter of its period early is in time: cameras and schedulers are not exact.
constexpr double kEarly = 0.25;
/// Gaps longer than this are pauses, and say nothing of the frame rate.
constexpr int64_t kPauseUs = 2'000'000;

bool is_turned(const VideoFrame& frame) {
  return frame.rotation == 90 || frame.rotation == 270;
}

/// The largest part of `width` x `height` with the ratio of `to`, and the size to which it is scaled down.
struct Crop {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  int scaled_width = 0;
  int scaled_height = 0;
};

Crop crop_to(int width, int height, int to_width, int to_height) {
  Crop crop{0, 0, width, height, width, height};
  if (to_width <= 0 && to_height <= 0) return crop;
  if (to_width <= 0 || to_height <= 0) {
    // One side alone: in proportion.
    const double scale = to_width > 0 ? static_cast<double>(to_width) / width : static_cast<double>(to_height) / height;
    if (scale >= 1) return crop;
    crop.scaled_width = std::max(1, static_cast<int>(std::lround(width * scale)));
    crop.scaled_height = std::max(1, static_cast<int>(std::lround(height * scale)));
    return crop;
  }
  const double ratio = static_cast<double>(to_width) / to_height;
  crop.width = std::clamp(static_cast<int>(std::lround(height * ratio)), 1, width);
  crop.height = std::clamp(static_cast<int>(std::lround(width / ratio)), 1, height);
  // Even, so that the planes of colour are cut at the same place.
  crop.x = (width - crop.width) / 2 & ~1;
  crop.y = (height - crop.height) / 2 & ~1;
  const bool is_smaller = crop.width < to_width || crop.height < to_height;
  crop.scaled_width = is_smaller ? crop.width : to_width;
  crop.scaled_height = is_smaller ? crop.height : to_height;
  return crop;
}

void copy_plane(const uint8_t* from, int from_stride, uint8_t* to, int to_stride, int width, int height) {
  for (int row = 0; row < height; ++row) {
    std::copy_n(from + static_cast<size_t>(row) * from_stride, width, to + static_cast<size_t>(row) * to_stride);
  }
}

VideoFrame cut(const VideoFrame& frame, const Crop& crop) {
  if (crop.width == frame.width() && crop.height == frame.height()) return frame;
  const auto part = I420Buffer::allocate(crop.width, crop.height);
  const I420Buffer& whole = *frame.buffer;
  const size_t y_offset = static_cast<size_t>(crop.y) * whole.stride_y() + crop.x;
  const size_t uv_offset = static_cast<size_t>(crop.y / 2) * whole.stride_uv() + crop.x / 2;
  copy_plane(whole.y() + y_offset, whole.stride_y(), part->y(), part->stride_y(), crop.width, crop.height);
  copy_plane(whole.u() + uv_offset, whole.stride_uv(), part->u(), part->stride_uv(), part->chroma_width(),
             part->chroma_height());
  copy_plane(whole.v() + uv_offset, whole.stride_uv(), part->v(), part->stride_uv(), part->chroma_width(),
             part->chroma_height());
  VideoFrame result = frame;
  result.buffer = part;
  return result;
}

VideoFrame with_shape(const VideoFrame& frame, const VideoTrack::Shape& shape) {
  if (shape.width <= 0 && shape.height <= 0) return frame;
  const bool turned = is_turned(frame);
  const Crop crop =
      crop_to(frame.width(), frame.height(), turned ? shape.height : shape.width, turned ? shape.width : shape.height);
  VideoFrame result = scale_frame(cut(frame, crop), crop.scaled_width, crop.scaled_height);
  result.program_time_us = frame.program_time_us;
  return result;
}

}  // namespace

void VideoSource::add_sink(std::shared_ptr<VideoSink> sink) {
  // Under the lock, so that the demand hears of changes in their order.
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.add(std::move(sink));
  if (!was_wanted) tell_demand(true);
}

void VideoSource::remove_sink(const VideoSink* sink) {
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.remove(sink);
  if (was_wanted && sinks_.empty()) tell_demand(false);
}

void VideoSource::tell_demand(bool wanted) {
  on_wanted(wanted);
  if (demand_) demand_->on_demand(wanted);
}

void VideoSource::set_demand(std::shared_ptr<SourceDemand> demand) {
  std::lock_guard lock(demand_mutex_);
  demand_ = std::move(demand);
  if (demand_) demand_->on_demand(!sinks_.empty());
}

void VideoSource::deliver(const VideoFrame& frame) {
  {
    std::lock_guard lock(flow_mutex_);
    flow_.width = is_turned(frame) ? frame.height() : frame.width();
    flow_.height = is_turned(frame) ? frame.width() : frame.height();
    const int64_t gap = last_frame_us_ ? frame.capture_time_us - *last_frame_us_ : 0;
    if (gap > 0 && gap < kPauseUs) {
      const double now = 1e6 / static_cast<double>(gap);
      flow_.framerate = flow_.framerate > 0 ? flow_.framerate * 0.9 + now * 0.1 : now;
    }
    last_frame_us_ = frame.capture_time_us;
  }
  for (const auto& sink : *sinks_.snapshot()) sink->on_video_frame(frame);
}

VideoFlow VideoSource::flow() const {
  std::lock_guard lock(flow_mutex_);
  return flow_;
}

void AudioSource::add_sink(std::shared_ptr<AudioSink> sink) {
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.add(std::move(sink));
  if (!was_wanted) tell_demand(true);
}

void AudioSource::remove_sink(const AudioSink* sink) {
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.remove(sink);
  if (was_wanted && sinks_.empty()) tell_demand(false);
}

void AudioSource::tell_demand(bool wanted) {
  on_wanted(wanted);
  if (demand_) demand_->on_demand(wanted);
}

void AudioSource::set_demand(std::shared_ptr<SourceDemand> demand) {
  std::lock_guard lock(demand_mutex_);
  demand_ = std::move(demand);
  if (demand_) demand_->on_demand(!sinks_.empty());
}

void AudioSource::deliver(const AudioBlockPtr& block) {
  sample_rate_ = block->sample_rate;
  channels_ = block->channels;
  for (const auto& sink : *sinks_.snapshot()) sink->on_audio_block(block);
}

VideoTrack::~VideoTrack() = default;  // while attached, the source holds it

void VideoTrack::end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    if (!attached_) return;
    attached_ = false;
  }
  source_->remove_sink(this);
}

void VideoTrack::add_sink(std::shared_ptr<VideoSink> sink) {
  std::lock_guard lock(mutex_);
  sinks_.add(std::move(sink));
  if (ended_ || attached_) return;
  attached_ = true;
  source_->add_sink(shared_from_this());
}

void VideoTrack::remove_sink(const VideoSink* sink) {
  std::shared_ptr<VideoTrack> self;  // the source may hold the last reference: the lock goes first
  std::lock_guard lock(mutex_);
  sinks_.remove(sink);
  if (!attached_ || !sinks_.empty()) return;
  self = shared_from_this();
  attached_ = false;
  source_->remove_sink(this);
}

void VideoTrack::set_shape(Shape shape) {
  std::lock_guard lock(mutex_);
  if (shape.framerate != shape_.framerate) next_frame_us_.reset();
  shape_ = shape;
}

void VideoTrack::on_video_frame(const VideoFrame& frame) {
  Shape shape;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    shape = shape_;
    if (shape.framerate > 0) {
      const double period = 1e6 / shape.framerate;
      const int64_t time = frame.capture_time_us;
      if (next_frame_us_ && time < *next_frame_us_ - static_cast<int64_t>(period * kEarly) &&
          time > *next_frame_us_ - static_cast<int64_t>(2 * period)) {
        return;
      }
      // On the grid of the wanted rate, as long as the frames keep up with it.
      const auto step = static_cast<int64_t>(period);
      const bool keeps_up = next_frame_us_ && std::abs(time - *next_frame_us_) < step;
      next_frame_us_ = (keeps_up ? *next_frame_us_ : time) + step;
    }
  }
  const bool is_enabled = enabled_.load();
  VideoFrame shaped = is_enabled ? with_shape(frame, shape) : frame;
  if (!is_enabled) {
    // Of the shape that it would have, without the work of scaling.
    const bool turned = is_turned(frame);
    const Crop crop = crop_to(frame.width(), frame.height(), turned ? shape.height : shape.width,
                              turned ? shape.width : shape.height);
    if (!black_ || black_->width() != crop.scaled_width || black_->height() != crop.scaled_height) {
      VideoFrame sized = frame;
      sized.buffer = I420Buffer::allocate(crop.scaled_width, crop.scaled_height);
      black_ = black_frame(sized).buffer;
    }
    shaped.buffer = black_;
  }
  for (const auto& sink : *sinks_.snapshot()) sink->on_video_frame(shaped);
}

AudioTrack::~AudioTrack() = default;  // while attached, the source holds it

void AudioTrack::end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    if (!attached_) return;
    attached_ = false;
  }
  source_->remove_sink(this);
}

void AudioTrack::add_sink(std::shared_ptr<AudioSink> sink) {
  std::lock_guard lock(mutex_);
  sinks_.add(std::move(sink));
  if (ended_ || attached_) return;
  attached_ = true;
  source_->add_sink(shared_from_this());
}

void AudioTrack::remove_sink(const AudioSink* sink) {
  std::shared_ptr<AudioTrack> self;  // the source may hold the last reference: the lock goes first
  std::lock_guard lock(mutex_);
  sinks_.remove(sink);
  if (!attached_ || !sinks_.empty()) return;
  self = shared_from_this();
  attached_ = false;
  source_->remove_sink(this);
}

void AudioTrack::on_audio_block(const AudioBlockPtr& block) {
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
  }
  AudioBlockPtr sent = block;
  if (!enabled_.load()) {
    auto silence = std::make_shared<AudioBlock>(*block);
    std::fill(silence->samples.begin(), silence->samples.end(), int16_t{0});
    sent = std::move(silence);
  }
  for (const auto& sink : *sinks_.snapshot()) sink->on_audio_block(sent);
}

}  // namespace peerwire
