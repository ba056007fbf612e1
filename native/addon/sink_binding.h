// The VideoSink and AudioSink classes of the addon: frames on their way to JavaScript. They wait in a bounded box, from
// which the oldest is dropped when JavaScript does not keep up; what crosses the event queue is only that there is one.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "addon/object_handle.h"
#include "addon/track_binding.h"
#include "media/track/media_track.h"

namespace peerwire::addon {

/// What waits for JavaScript. Any thread puts in, the environment's takes out.
template <typename Item>
class DeliveryBox {
 public:
  /// @param credit how many may be delivered; -1: all
  DeliveryBox(size_t capacity, int64_t credit) : capacity_(capacity), credit_(credit) {}

  /// Whether the item has to be announced: by one event for each that is taken.
  bool put(Item item) {
    std::lock_guard lock(mutex_);
    const bool drops = items_.size() >= capacity_;
    if (drops) {
      items_.pop_front();
      ++counts_.dropped;
    }
    items_.push_back(std::move(item));
    ++counts_.received;
    return announce_locked();
  }
  /// More may be delivered; how many events that makes.
  size_t allow(int64_t more) {
    std::lock_guard lock(mutex_);
    credit_ += more;
    size_t events = 0;
    while (announce_locked()) ++events;
    return events;
  }
  std::optional<Item> take() {
    std::lock_guard lock(mutex_);
    --announced_;
    if (items_.empty()) return std::nullopt;
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  /// Of all that was put in.
  struct Counts {
    uint64_t received = 0;
    uint64_t dropped = 0;
  };
  Counts counts() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  bool announce_locked() {
    if (announced_ >= items_.size() || credit_ == 0) return false;
    if (credit_ > 0) --credit_;
    ++announced_;
    return true;
  }

  const size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<Item> items_;
  size_t announced_ = 0;  // events that are on their way
  int64_t credit_;
  Counts counts_;
};

class VideoDelivery;
class AudioDelivery;

/// What a sink takes, and how it is told.
struct VideoSinkKind {
  static constexpr HandleType kType = HandleType::kVideoSink;
  static constexpr const char* kName = "VideoSink";
  static constexpr const char* kConstructor = "new VideoSink()";
  static constexpr EventKind kEvent = EventKind::kVideoFrame;
  using Track = VideoTrack;
  static constexpr auto track = MediaTrackHandle::video;
  using Item = VideoFrame;
  using Delivery = VideoDelivery;
};

struct AudioSinkKind {
  static constexpr HandleType kType = HandleType::kAudioSink;
  static constexpr const char* kName = "AudioSink";
  static constexpr const char* kConstructor = "new AudioSink()";
  static constexpr EventKind kEvent = EventKind::kAudioBlock;
  using Track = AudioTrack;
  static constexpr auto track = MediaTrackHandle::audio;
  using Item = AudioBlockPtr;
  using Delivery = AudioDelivery;
};

template <typename Kind>
class SinkHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = Kind::kType;
  static constexpr const char* kName = Kind::kName;
  static bool define(napi_env env, napi_value exports);

  explicit SinkHandle(AddonData& addon) : ObjectHandle(addon) {}

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value counts(napi_env env, napi_callback_info info);
  void pull(const Call& call);
  void close_transport() override;

  std::shared_ptr<typename Kind::Track> track_;
  std::shared_ptr<typename Kind::Delivery> delivery_;
};

using VideoSinkHandle = SinkHandle<VideoSinkKind>;
using AudioSinkHandle = SinkHandle<AudioSinkKind>;

}  // namespace peerwire::addon
