// Coded frames as JavaScript has them: NativeEncodedFrame of lib/binding/native/rtp-streams.ts.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "addon/convert.h"
#include "addon/object_handle.h"
#include "media/stream/encoded_frame.h"

namespace peerwire::addon {

/// The coded frames of one handle on their way through the event queue. While JavaScript does not come to take them,
/// no more wait than a tap remembers; what comes then is lost, as it is where a transform drops it.
class EncodedFrameEvents {
 public:
  /// Network thread.
  void push(EventQueue& events, uint32_t handle_id, TappedFrame frame);

 private:
  const std::shared_ptr<std::atomic<size_t>> waiting_ = std::make_shared<std::atomic<size_t>>(0);
};

/// The argument of pushFrame(), a NativePushedFrame. Nothing: an Error is pending.
std::optional<PushedFrame> to_pushed_frame(const Call& call);

/// The arguments of writeFrame(). Nothing: an Error is pending.
std::optional<WrittenFrame> to_written_frame(const Call& call);

}  // namespace peerwire::addon
