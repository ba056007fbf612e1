// Coded frames as JavaScript has them: NativeEncodedFrame of lib/binding/native-addon.ts.
#pragma once

#include "addon/convert.h"
#include "media/stream/encoded_frame.h"

namespace peerwire::addon {

/// On its way through the event queue.
std::unique_ptr<EventStruct> to_event(TappedFrame frame);

}  // namespace peerwire::addon
