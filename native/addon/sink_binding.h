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

class VideoSinkHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kVideoSink;
  static constexpr const char* kName = "VideoSink";
  static bool define(napi_env env, napi_value exports);

  explicit VideoSinkHandle(AddonData& addon) : ObjectHandle(addon) {}
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value counts(napi_env env, napi_callback_info info);
  void pull(const Call& call);
  void close_transport() override;

  std::shared_ptr<VideoTrack> track_;
  std::shared_ptr<VideoDelivery> delivery_;
};

class AudioSinkHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kAudioSink;
  static constexpr const char* kName = "AudioSink";
  static bool define(napi_env env, napi_value exports);

  explicit AudioSinkHandle(AddonData& addon) : ObjectHandle(addon) {}
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value counts(napi_env env, napi_callback_info info);
  void pull(const Call& call);
  void close_transport() override;

  std::shared_ptr<AudioTrack> track_;
  std::shared_ptr<AudioDelivery> delivery_;
};

}  // namespace peerwire::addon
