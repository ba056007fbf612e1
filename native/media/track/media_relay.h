// What a source gets coded, for senders that can pass it on as it is: nothing is decoded for them, nor coded again.
// Network thread only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "media/codec/audio_codec.h"
#include "media/codec/video_codec.h"

namespace peerwire {

template <typename Frame>
class MediaRelay {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    /// May remove sinks, itself among them.
    virtual void on_relayed(const Frame& frame) = 0;
  };
  /// The receiver whose frames they are.
  class Origin {
   public:
    virtual ~Origin() = default;
    virtual void on_keyframe_wanted() = 0;
  };

  void add_sink(Sink* sink) { sinks_.push_back(sink); }
  void remove_sink(Sink* sink) { std::erase(sinks_, sink); }
  bool has_sinks() const { return !sinks_.empty(); }
  void deliver(const Frame& frame) {
    const std::vector<Sink*> sinks = sinks_;
    for (Sink* sink : sinks) {
      if (std::find(sinks_.begin(), sinks_.end(), sink) != sinks_.end()) sink->on_relayed(frame);
    }
  }

  void set_origin(Origin* origin) { origin_ = origin; }
  /// Another one may have taken over meanwhile.
  void remove_origin(const Origin* origin) {
    if (origin_ == origin) origin_ = nullptr;
  }
  /// Frames come this way, or will.
  bool has_origin() const { return origin_ != nullptr; }
  void request_keyframe() {
    if (origin_) origin_->on_keyframe_wanted();
  }

 private:
  std::vector<Sink*> sinks_;
  Origin* origin_ = nullptr;
};

/// A packet's worth of coded sound as it was received.
struct RelayedAudio {
  AudioCodec codec = AudioCodec::kOpus;
  ByteView payload;
  uint32_t rtp_timestamp = 0;
  bool marker = false;
  int audio_level = -1;  // -dBov
  bool voice = false;
  int64_t arrival_us = 0;
};

using VideoRelay = MediaRelay<EncodedVideoFrame>;
using AudioRelay = MediaRelay<RelayedAudio>;

}  // namespace peerwire
