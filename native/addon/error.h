// How a call from JavaScript fails: a plain Error, pending in the environment, and never more than that. TypeScript has
// checked every value before; what still comes wrong is a bug of ours or somebody calling the addon by hand.
#pragma once

#include <node_api.h>

#include <exception>
#include <string>

namespace peerwire::addon {

/// Leaves an Error pending unless one is already. Returns nullptr, to be returned to JavaScript.
inline napi_value throw_error(napi_env env, const std::string& message) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

/// Every entry from JavaScript goes through here: no C++ exception (memory exhausted) may cross Node-API.
template <typename Body>
napi_value guarded(napi_env env, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return throw_error(env, std::string("peerwire: ") + error.what());
  }
}

}  // namespace peerwire::addon
