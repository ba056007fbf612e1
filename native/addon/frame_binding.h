// Pictures of one form made into another, for JavaScript.
#pragma once

#include <node_api.h>

namespace peerwire::addon {

/// Defines i420ToRgb() and rgbToI420().
bool define_frames(napi_env env, napi_value exports);

}  // namespace peerwire::addon
