#include "media/track/media_track.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "media/frame/convert.h"

namespace peerwire {
namespace {

/// A frame that comes a quarter of its period early is in time: cameras and schedulers are not exact.
constexpr double kEarly = 0.25;
/// Gaps longer than this are pauses, and say nothing of the frame rate.
constexpr int64_t kPauseUs = 2'000'000;

bool is_turned(const VideoFrame& frame) {
  return frame.rotation == 90 || frame.rotation == 270;
}

/// What is shown of a picture, and the size it is shown in.
struct View {
  CropRect crop;
  int width = 0;
  int height = 0;
};

/// As much of `width` x `height` as has the ratio of the shape, no larger than that.
View view_of(int width, int height, int to_width, int to_height) {
  View view{{0, 0, width, height}, width, height};
  if (to_width <= 0 && to_height <= 0) return view;
  if (to_width <= 0 || to_height <= 0) {
    // One side alone: in proportion.
    const double scale = to_width > 0 ? static_cast<double>(to_width) / width : static_cast<double>(to_height) / height;
    if (scale >= 1) return view;
    view.width = std::max(1, static_cast<int>(std::lround(width * scale)));
    view.height = std::max(1, static_cast<int>(std::lround(height * scale)));
    return view;
  }
  const double ratio = static_cast<double>(to_width) / to_height;
  CropRect& crop = view.crop;
  crop.width = std::clamp(static_cast<int>(std::lround(height * ratio)), 1, width);
  crop.height = std::clamp(static_cast<int>(std::lround(width / ratio)), 1, height);
  crop.x = (width - crop.width) / 2;
  crop.y = (height - crop.height) / 2;
  const bool is_smaller = crop.width < to_width || crop.height < to_height;
  view.width = is_smaller ? crop.width : to_width;
  view.height = is_smaller ? crop.height : to_height;
  return view;
}

View view_of(const VideoFrame& frame, const VideoTrack::Shape& shape) {
  return is_turned(frame) ? view_of(frame.width(), frame.height(), shape.height, shape.width)
                          : view_of(frame.width(), frame.height(), shape.width, shape.height);
}

}  // namespace

template <typename Sink>
void FrameSource<Sink>::add_sink(std::shared_ptr<Sink> sink) {
  // Under the lock, so that the demand hears of changes in their order.
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.add(std::move(sink));
  if (!was_wanted) tell_demand(true);
}

template <typename Sink>
void FrameSource<Sink>::remove_sink(const Sink* sink) {
  std::lock_guard lock(demand_mutex_);
  const bool was_wanted = !sinks_.empty();
  sinks_.remove(sink);
  if (was_wanted && sinks_.empty()) tell_demand(false);
}

template <typename Sink>
void FrameSource<Sink>::tell_demand(bool wanted) {
  on_wanted(wanted);
  if (demand_) demand_->on_demand(wanted);
}

template <typename Sink>
void FrameSource<Sink>::set_demand(std::shared_ptr<SourceDemand> demand) {
  std::lock_guard lock(demand_mutex_);
  demand_ = std::move(demand);
  if (demand_) demand_->on_demand(!sinks_.empty());
}

template class FrameSource<VideoSink>;
template class FrameSource<AudioSink>;

void VideoSource::deliver(const VideoFrame& frame) {
  {
    std::lock_guard lock(flow_mutex_);
    flow_.width = is_turned(frame) ? frame.height() : frame.width();
    flow_.height = is_turned(frame) ? frame.width() : frame.height();
    const int64_t gap = last_frame_us_ ? frame.capture_time_us - *last_frame_us_ : 0;
    if (gap > 0 && gap < kPauseUs) {
      // The gaps: the mean of their inverses is more than there is where they differ.
      const auto now = static_cast<double>(gap);
      flow_.framerate = 1e6 / (flow_.framerate > 0 ? 1e6 / flow_.framerate * 0.9 + now * 0.1 : now);
    }
    last_frame_us_ = frame.capture_time_us;
  }
  const auto sinks = sinks_.snapshot();
  for (const auto& sink : *sinks) sink->on_video_frame(frame);
}

VideoFlow VideoSource::flow() const {
  std::lock_guard lock(flow_mutex_);
  return flow_;
}

void AudioSource::deliver(const AudioBlockPtr& block) {
  sample_rate_ = block->sample_rate;
  channels_ = block->channels;
  const auto sinks = sinks_.snapshot();
  for (const auto& sink : *sinks) sink->on_audio_block(block);
}

template <typename Source, typename Sink>
void FrameTrack<Source, Sink>::end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    if (!attached_) return;
    attached_ = false;
  }
  source_->remove_sink(this);
}

template <typename Source, typename Sink>
bool FrameTrack<Source, Sink>::is_blank() {
  std::lock_guard lock(mutex_);
  return ended_ || !enabled_.load();
}

template <typename Source, typename Sink>
void FrameTrack<Source, Sink>::add_sink(std::shared_ptr<Sink> sink) {
  std::lock_guard lock(mutex_);
  sinks_.add(std::move(sink));
  if (ended_ || attached_) return;
  attached_ = true;
  source_->add_sink(this->shared_from_this());
}

template <typename Source, typename Sink>
void FrameTrack<Source, Sink>::remove_sink(const Sink* sink) {
  std::shared_ptr<FrameTrack> self;  // the source may hold the last reference: the lock goes first
  std::lock_guard lock(mutex_);
  sinks_.remove(sink);
  if (!attached_ || !sinks_.empty()) return;
  self = this->shared_from_this();
  attached_ = false;
  source_->remove_sink(this);
}

template class FrameTrack<VideoSource, VideoSink>;
template class FrameTrack<AudioSource, AudioSink>;

void VideoTrack::set_shape(Shape shape) {
  std::lock_guard lock(mutex_);
  if (shape.framerate != shape_.framerate) next_frame_us_.reset();
  shape_ = shape;
}

bool VideoTrack::is_plain() {
  std::lock_guard lock(mutex_);
  return enabled() && !ended_ && shape_.width <= 0 && shape_.height <= 0 && shape_.framerate <= 0;
}

std::shared_ptr<const I420Buffer> VideoTrack::black_picture(int width, int height) {
  std::lock_guard lock(mutex_);
  if (!black_ || black_->width() != width || black_->height() != height) {
    VideoFrame sized;
    sized.buffer = I420Buffer::allocate(width, height);
    black_ = black_frame(sized).buffer;
  }
  return black_;
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
  const View view = view_of(frame, shape);
  VideoFrame shaped = frame;
  if (!enabled()) {
    shaped.buffer = black_picture(view.width, view.height);
  } else if (view.width != frame.width() || view.height != frame.height()) {
    shaped = crop_and_scale_frame(frame, view.crop, view.width, view.height);
  }
  const auto sinks = sinks_.snapshot();
  for (const auto& sink : *sinks) sink->on_video_frame(shaped);
}

void AudioTrack::on_audio_block(const AudioBlockPtr& block) {
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
  }
  AudioBlockPtr sent = block;
  if (!enabled()) {
    auto silence = std::make_shared<AudioBlock>(*block);
    std::fill(silence->samples.begin(), silence->samples.end(), int16_t{0});
    sent = std::move(silence);
  }
  const auto sinks = sinks_.snapshot();
  for (const auto& sink : *sinks) sink->on_audio_block(sent);
}

}  // namespace peerwire
