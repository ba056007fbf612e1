#include "addon/libuv.h"

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

namespace peerwire::addon {
namespace {

template <typename Function>
bool look_up(const char* name, Function& function) {
#if defined(_WIN32)
  static_cast<void>(name);
  return false;
#else
  function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return function != nullptr;
#endif
}

/// Bun and Deno name themselves beside the version of Node.js that they resemble. Bun has functions by libuv's names
/// that end the process.
bool is_another_runtime(napi_env env) {
  napi_value global = nullptr, process = nullptr, versions = nullptr;
  bool bun = true, deno = true;
  if (napi_get_global(env, &global) != napi_ok ||
      napi_get_named_property(env, global, "process", &process) != napi_ok ||
      napi_get_named_property(env, process, "versions", &versions) != napi_ok ||
      napi_has_named_property(env, versions, "bun", &bun) != napi_ok ||
      napi_has_named_property(env, versions, "deno", &deno) != napi_ok) {
    return true;
  }
  return bun || deno;
}

}  // namespace

const Libuv* Libuv::library() {
  static Libuv functions;
  static const bool complete =
      look_up("uv_handle_size", functions.handle_size) && look_up("uv_poll_init", functions.poll_init) &&
      look_up("uv_poll_start", functions.poll_start) && look_up("uv_poll_stop", functions.poll_stop) &&
      look_up("uv_unref", functions.unref) && look_up("uv_close", functions.close) &&
      look_up("uv_handle_get_data", functions.get_data) && look_up("uv_handle_set_data", functions.set_data);
  return complete ? &functions : nullptr;
}

const Libuv* Libuv::of(napi_env env) {
  return is_another_runtime(env) ? nullptr : library();
}

}  // namespace peerwire::addon
