// The few functions of libuv that the addon calls, looked up at run time: the other runtimes that load the addon have
// Node-API and no libuv, or only its names. All of it is part of libuv's stable ABI since 1.19.
#pragma once

#include <node_api.h>

#include <cstddef>

namespace peerwire::addon {

/// A handle that tells the environment's event loop of a readable descriptor. Opaque: libuv says how large it is.
struct UvPoll;

struct Libuv {
  using PollCallback = void (*)(UvPoll* handle, int status, int events);
  using CloseCallback = void (*)(UvPoll* handle);

  size_t (*handle_size)(int type) = nullptr;
  int (*poll_init)(uv_loop_s* loop, UvPoll* handle, int descriptor) = nullptr;
  int (*poll_start)(UvPoll* handle, int events, PollCallback callback) = nullptr;
  int (*poll_stop)(UvPoll* handle) = nullptr;
  void (*unref)(UvPoll* handle) = nullptr;
  void (*close)(UvPoll* handle, CloseCallback callback) = nullptr;
  void* (*get_data)(const UvPoll* handle) = nullptr;
  void (*set_data)(UvPoll* handle, void* data) = nullptr;

  static constexpr int kPollType = 8;  // UV_POLL
  static constexpr int kReadable = 1;  // UV_READABLE

  /// Null where the environment does not run on libuv.
  static const Libuv* of(napi_env env);
  /// Null where the process has none.
  static const Libuv* library();
};

}  // namespace peerwire::addon
