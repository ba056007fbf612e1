// Coded frames as JavaScript has them: NativeEncodedFrame of lib/binding/native-addon.ts.
#pragma once

#include "addon/convert.h"
#include "media/stream/encoded_frame.h"

namespace peerwire::addon {

napi_value to_value(napi_env env, const TappedFrame& frame);

}  // namespace peerwire::addon
