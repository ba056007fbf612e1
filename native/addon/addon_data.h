// What the addon knows per environment (main thread, worker, second loading of the file): nothing of it is static.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "addon/conversation.h"
#include "addon/event_queue.h"
#include "base/unix_clock.h"
#include "net/network_thread.h"

namespace peerwire::addon {

class ObjectHandle;

class AddonData : public std::enable_shared_from_this<AddonData> {
 public:
  /// Makes the instance data of `env` and registers its end. Null when the environment refuses.
  static AddonData* attach(napi_env env);
  static AddonData* of(napi_env env);
  explicit AddonData(napi_env env) : env_(env), conversation_(env) {}
  AddonData(const AddonData&) = delete;
  AddonData& operator=(const AddonData&) = delete;

  napi_env env() const { return env_; }
  const std::shared_ptr<EventQueue>& events() const { return events_; }
  Conversation& conversation() { return conversation_; }
  /// The environment's: what its performance.timeOrigin + performance.now() are.
  /// The system's, until it is set.
  const UnixClock& clock() const { return clock_; }
  void set_clock(const UnixClock& clock) { clock_ = clock; }
  /// Started by the first transport; null when the system refuses a thread or the environment is ending.
  std::shared_ptr<NetworkThread> network();

  uint32_t add(ObjectHandle* handle);
  void remove(uint32_t id);
  /// Something that no handle stands for is going to be answered through the event queue, or has been.
  void expect_answer();
  void answered();
  ObjectHandle* find(uint32_t id) const;
  size_t live_handles() const { return handles_.size(); }
  bool ended() const { return ended_; }

  /// The constructor of Certificate, and whether native code is calling it right now.
  napi_ref certificate_constructor = nullptr;
  bool making_certificate = false;

 private:
  /// Closes every live handle, then lets go of the network thread. Runs before the environment goes away.
  void end();
  void need_dispatcher_or_not();

  const napi_env env_;
  std::shared_ptr<EventQueue> events_;
  std::shared_ptr<NetworkThread> network_;
  Conversation conversation_;
  UnixClock clock_;
  std::unordered_map<uint32_t, ObjectHandle*> handles_;
  uint32_t last_id_ = 0;
  uint32_t expected_answers_ = 0;
  bool ended_ = false;
};

}  // namespace peerwire::addon
