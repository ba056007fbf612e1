// The one door from native threads to JavaScript. Each environment has one.
//
// Native threads append under a short lock; the first event of a burst wakes the environment's loop, the others ride
// along. The environment's thread takes the whole burst by swapping vectors and hands the events to the dispatcher one
// call each, because what JavaScript sees as a task of its own needs its microtasks run before the next one.
#pragma once

#include <node_api.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "addon/event_kind.h"
#include "base/bytes.h"

namespace peerwire::addon {

/// A value too rich for the variants below; becomes a JavaScript value on the environment's thread.
class EventStruct {
 public:
  virtual ~EventStruct() = default;
  /// Null when it could not be made (an exception may be pending).
  virtual napi_value to_value(napi_env env) = 0;
};

struct Event {
  uint32_t handle_id = 0;
  EventKind kind = EventKind::kStats;
  double number = 0;
  /// Nothing, a number, a word with static lifetime, octets (text or ArrayBuffer, as the kind says), or a struct.
  std::variant<std::monostate, double, const char*, Bytes, std::unique_ptr<EventStruct>> value;
};

/// Octets that a peer may have wait for JavaScript through one handle. Of an association's it is slowed down above, and
/// no longer below half of it; packets of a tap are not shown above.
constexpr size_t kUndeliveredLimit = 4 << 20;
/// What an event with so many octets counts there: small ones cost memory, too.
constexpr size_t undelivered_cost_of(size_t octets) {
  return octets + 64;
}

class EventQueue {
 public:
  /// Asked on the environment's thread before each event: whether somebody still wants it.
  using Admission = std::function<bool(const Event& event)>;

  /// Null when the environment refuses (it is ending).
  static std::shared_ptr<EventQueue> create(napi_env env, Admission admission);
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // ---- any thread ----

  /// Moves the event into the queue; drops it once the environment is ending.
  void push(Event event);

  // ---- the environment's thread ----

  /// Held weakly: it leads to all of the package's loading, which a test environment drops when it is done with it.
  void set_dispatcher(napi_value dispatch);
  /// The dispatcher is held while `needed`, and while the queue holds the event loop open.
  void set_needed(bool needed);
  /// The queue holds the event loop open while `active`.
  void set_keep_alive(bool active);
  /// Calls the dispatcher now, past the queue.
  void deliver(Event event);
  /// Drops everything and lets go of the environment; idempotent.
  void close();

 private:
  EventQueue(napi_env env, Admission admission) : env_(env), admission_(std::move(admission)) {}
  enum class HoldsLoop { kNever, kWhileAlive };  // see set_keep_alive()
  napi_value async_resource(HoldsLoop holds);
  static bool make_function(const std::shared_ptr<EventQueue>& queue, HoldsLoop holds,
                            napi_threadsafe_function_call_js call, napi_threadsafe_function& made);
  static napi_value on_has_ref(napi_env env, napi_callback_info info);
  static void on_wake(napi_env env, napi_value, void* context, void*);
  static void on_turn(napi_env env, napi_value, void* context, void*);
  void hold_dispatcher_if_needed();
  void wake_locked();
  /// Delivers one event and arranges for the next.
  void drain();
  bool take(Event& event);

  const napi_env env_;
  const Admission admission_;
  napi_threadsafe_function wake_ = nullptr;
  // Calls wake_. The loop runs each of the two at most once between two looks at its timers and sockets; setImmediate()
  // would do as well, were it not for programs that replace it while their tests run.
  napi_threadsafe_function turn_ = nullptr;
  napi_ref dispatcher_ = nullptr;
  bool holds_dispatcher_ = false;
  bool needed_ = false;
  bool keep_alive_ = false;

  std::vector<Event> draining_;
  size_t next_ = 0;
  std::chrono::steady_clock::time_point slice_end_{};
  bool in_slice_ = false;

  std::mutex mutex_;
  std::vector<Event> incoming_;
  bool wake_pending_ = false;
  bool closed_ = false;
};

}  // namespace peerwire::addon
