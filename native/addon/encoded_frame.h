// Coded frames as JavaScript has them: NativeEncodedFrame of lib/binding/native-addon.ts.
#pragma once

#include <optional>

#include "addon/convert.h"
#include "addon/object_handle.h"
#include "media/stream/encoded_frame.h"

namespace peerwire::addon {

/// On its way through the event queue.
std::unique_ptr<EventStruct> to_event(TappedFrame frame);

/// The argument of pushFrame(), a NativePushedFrame. Nothing: an Error is pending.
std::optional<PushedFrame> to_pushed_frame(const Call& call);

/// The arguments of writeFrame(). Nothing: an Error is pending.
std::optional<WrittenFrame> to_written_frame(const Call& call);

}  // namespace peerwire::addon
