// What the build can do with audio and video, for JavaScript.
#pragma once

#include <node_api.h>

namespace peerwire::addon {

/// Defines mediaCapabilities().
bool define_media(napi_env env, napi_value exports);

}  // namespace peerwire::addon
