// Tracks as the engine sees them: a source fans its frames out to tracks, a track (which may be disabled) to sinks.
//
// Frames come on whatever thread makes them and go through on it; a sink that has work to do posts it to a thread of
// its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "media/frame/audio_block.h"
#include "media/frame/video_frame.h"
#include "media/track/media_relay.h"

namespace peerwire {

/// Called on any thread. For one source mostly by one at a time, but where the stream that a receiver shows gives way
/// to another, each with a decoder of its own, the last picture of the one may come together with the first of the
/// other. A call may still come while, or shortly after, the sink is removed: it is held by shared_ptr until then.
class VideoSink {
 public:
  virtual ~VideoSink() = default;
  virtual void on_video_frame(const VideoFrame& frame) = 0;
};

class AudioSink {
 public:
  virtual ~AudioSink() = default;
  virtual void on_audio_block(const AudioBlockPtr& block) = 0;
};

/// A list of sinks. Any thread may add and remove while another sends.
template <typename Sink>
class SinkList {
 public:
  void add(std::shared_ptr<Sink> sink) {
    std::lock_guard lock(mutex_);
    auto next = std::make_shared<std::vector<std::shared_ptr<Sink>>>(*sinks_);
    next->push_back(std::move(sink));
    sinks_ = std::move(next);
  }
  void remove(const Sink* sink) {
    std::lock_guard lock(mutex_);
    auto next = std::make_shared<std::vector<std::shared_ptr<Sink>>>(*sinks_);
    std::erase_if(*next, [&](const auto& each) { return each.get() == sink; });
    sinks_ = std::move(next);
  }
  bool empty() const { return snapshot()->empty(); }
  std::shared_ptr<const std::vector<std::shared_ptr<Sink>>> snapshot() const {
    std::lock_guard lock(mutex_);
    return sinks_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<std::shared_ptr<Sink>>> sinks_ =
      std::make_shared<std::vector<std::shared_ptr<Sink>>>();
};

/// Told when a source gets its first sink and when it loses its last: the source may rest meanwhile.
class SourceDemand {
 public:
  virtual ~SourceDemand() = default;
  virtual void on_demand(bool wanted) = 0;
};

/// The sinks of a source, and who is told whether there are any.
template <typename Sink>
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  void add_sink(std::shared_ptr<Sink> sink);
  void remove_sink(const Sink* sink);
  /// Any thread; called with what is the case now, then with every change.
  void set_demand(std::shared_ptr<SourceDemand> demand);
  bool is_wanted() const { return !sinks_.empty(); }

 protected:
  /// As SourceDemand, for the sources themselves; called before that. Must not add or remove sinks.
  virtual void on_wanted(bool) {}

  SinkList<Sink> sinks_;

 private:
  void tell_demand(bool wanted);

  std::mutex demand_mutex_;
  std::shared_ptr<SourceDemand> demand_;
};

/// Pictures as they come, width and height upright; zeros until one has come.
struct VideoFlow {
  int width = 0;
  int height = 0;
  /// Frames a second, smoothed; 0 until two have come.
  double framerate = 0;
};

/// Where video comes from. Whoever has frames calls deliver().
class VideoSource : public FrameSource<VideoSink> {
 public:
  void deliver(const VideoFrame& frame);
  VideoFlow flow() const;
  /// Of what comes coded. Network thread only.
  VideoRelay& relay() { return relay_; }

 private:
  VideoRelay relay_;
  mutable std::mutex flow_mutex_;
  VideoFlow flow_;
  std::optional<int64_t> last_frame_us_;
};

/// Sound as it comes; zeros until some has come.
struct AudioFlow {
  int sample_rate = 0;
  int channels = 0;
};

class AudioSource : public FrameSource<AudioSink> {
 public:
  void deliver(const AudioBlockPtr& block);
  AudioFlow flow() const { return {sample_rate_.load(), channels_.load()}; }
  /// Of what comes coded. Network thread only.
  AudioRelay& relay() { return relay_; }

 private:
  AudioRelay relay_;
  std::atomic<int> sample_rate_{0};
  std::atomic<int> channels_{0};
};

/// One MediaStreamTrack's view of a source. While disabled it sends black pictures and silence of the same shape. An
/// ended track gives its sinks nothing. It is a sink of its source only while it has sinks itself.
template <typename Source, typename Sink>
class FrameTrack : public Sink, public std::enable_shared_from_this<FrameTrack<Source, Sink>> {
 public:
  explicit FrameTrack(std::shared_ptr<Source> source) : source_(std::move(source)) {}
  void set_enabled(bool enabled) { enabled_.store(enabled); }
  bool enabled() const { return enabled_.load(); }
  /// Final: no frame comes any more.
  void end();
  /// Disabled or ended: https://w3c.github.io/webrtc-pc/#mediastreamtrack-network-use wants black, or silence, sent for
  /// it.
  bool is_blank();
  void add_sink(std::shared_ptr<Sink> sink);
  void remove_sink(const Sink* sink);
  const std::shared_ptr<Source>& source() const { return source_; }

 protected:
  std::mutex mutex_;
  bool ended_ = false;
  SinkList<Sink> sinks_;

 private:
  const std::shared_ptr<Source> source_;
  std::atomic<bool> enabled_{true};
  bool attached_ = false;  // while it is, the source holds it
};

class VideoTrack final : public FrameTrack<VideoSource, VideoSink> {
 public:
  using FrameTrack::FrameTrack;
  void on_video_frame(const VideoFrame& frame) override;
  /// Largest size and rate at which this track passes frames on (constraints "crop-and-scale"); 0: as they come. With
  /// width and height, of the upright picture, as much is cut away on both sides as their ratio asks for, and the rest
  /// is scaled down.
  struct Shape {
    int width = 0;
    int height = 0;
    double framerate = 0;
  };
  void set_shape(Shape shape);
  /// What comes out is what went in: nothing is cut, scaled, left out or blackened.
  bool is_plain();

 private:
  std::shared_ptr<const I420Buffer> black_picture(int width, int height);

  // With the lock.
  Shape shape_;
  std::optional<int64_t> next_frame_us_;
  std::shared_ptr<const I420Buffer> black_;  // the last one
};

class AudioTrack final : public FrameTrack<AudioSource, AudioSink> {
 public:
  using FrameTrack::FrameTrack;
  void on_audio_block(const AudioBlockPtr& block) override;
  /// What comes out is what went in.
  bool is_plain() { return !is_blank(); }
};

}  // namespace peerwire
