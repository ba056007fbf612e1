#include "addon/event_queue.h"

#include <cstring>
#include <utility>

namespace peerwire::addon {
namespace {

/// How long one wake-up may stay in JavaScript before timers and sockets of the loop get their turn.
constexpr auto kSlice = std::chrono::milliseconds(1);

/// A copy, though lending the vector's memory would save 9 % of the CPU time at 256 KiB (nothing at 64 KiB): Node.js
/// marks an external ArrayBuffer untransferable, so that postMessage() of a received message would fail, and Electron
/// refuses to make one.
napi_value to_array_buffer(napi_env env, const Bytes& bytes) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, &buffer) != napi_ok) return nullptr;
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return buffer;
}

napi_value to_text(napi_env env, const char* text, size_t size) {
  napi_value value = nullptr;
  return napi_create_string_utf8(env, text, size, &value) == napi_ok ? value : nullptr;
}

napi_value to_value(napi_env env, Event& event) {
  napi_value value = nullptr;
  if (const auto* bytes = std::get_if<Bytes>(&event.value)) {
    if (!is_text(event.kind)) return to_array_buffer(env, *bytes);
    // The pointer of an empty vector may be null, which Node-API takes for a mistake.
    return to_text(env, bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  if (const auto* word = std::get_if<const char*>(&event.value)) return to_text(env, *word, NAPI_AUTO_LENGTH);
  if (auto* structure = std::get_if<std::unique_ptr<EventStruct>>(&event.value)) return (*structure)->to_value(env);
  if (const auto* number = std::get_if<double>(&event.value)) {
    return napi_create_double(env, *number, &value) == napi_ok ? value : nullptr;
  }
  return napi_get_undefined(env, &value) == napi_ok ? value : nullptr;
}

/// An exception out of JavaScript goes where any uncaught one goes: 'uncaughtException'.
void report_pending_exception(napi_env env) {
  bool pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
}

void drop_reference(napi_env env, napi_ref& reference) {
  if (reference) napi_delete_reference(env, reference);
  reference = nullptr;
}

}  // namespace

/// What async_hooks shows of the queue. As those of Node.js' own handles it says whether it holds the event loop:
/// Jest's --detectOpenHandles reports each resource that does not say so.
napi_value EventQueue::async_resource(HoldsLoop holds) {
  napi_value resource = nullptr;
  napi_value has_ref = nullptr;
  if (napi_create_object(env_, &resource) != napi_ok ||
      napi_create_function(env_, "hasRef", NAPI_AUTO_LENGTH, &EventQueue::on_has_ref,
                           holds == HoldsLoop::kWhileAlive ? this : nullptr, &has_ref) != napi_ok ||
      napi_set_named_property(env_, resource, "hasRef", has_ref) != napi_ok) {
    return nullptr;
  }
  return resource;
}

bool EventQueue::make_function(const std::shared_ptr<EventQueue>& queue, HoldsLoop holds,
                               napi_threadsafe_function_call_js call, napi_threadsafe_function& made) {
  napi_value name = nullptr;
  // The function's context owns a reference of its own: a call may be under way when everybody else has let go.
  auto context = std::make_unique<std::shared_ptr<EventQueue>>(queue);
  if (napi_create_string_utf8(queue->env_, "peerwire events", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(
          queue->env_, nullptr, queue->async_resource(holds), name, 0, 1, nullptr,
          [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<EventQueue>*>(hint); }, context.get(),
          call, &made) != napi_ok) {
    return false;
  }
  context.release();
  napi_unref_threadsafe_function(queue->env_, made);
  return true;
}

std::shared_ptr<EventQueue> EventQueue::create(napi_env env, Admission admission) {
  std::shared_ptr<EventQueue> queue(new EventQueue(env, std::move(admission)));
  if (!make_function(queue, HoldsLoop::kWhileAlive, &EventQueue::on_wake, queue->wake_)) return nullptr;
  if (make_function(queue, HoldsLoop::kNever, &EventQueue::on_turn, queue->turn_)) return queue;
  napi_release_threadsafe_function(queue->wake_, napi_tsfn_abort);
  return nullptr;
}

EventQueue::~EventQueue() = default;

void EventQueue::push(Event event) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  if (event.kind == EventKind::kSctpBufferedAmountDecreased && !incoming_.empty()) {
    // The sender hears once of what left in a row: one call for a burst of messages.
    Event& last = incoming_.back();
    if (last.kind == event.kind && last.handle_id == event.handle_id && last.number == event.number) {
      std::get<double>(last.value) += std::get<double>(event.value);
      return;
    }
  }
  incoming_.push_back(std::move(event));
  wake_locked();
}

void EventQueue::wake_locked() {
  if (wake_pending_) return;
  wake_pending_ = true;
  // Inside the lock: close() takes it too, and the function must not be called once the environment has ended.
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void EventQueue::set_dispatcher(napi_value dispatch) {
  drop_reference(env_, dispatcher_);
  holds_dispatcher_ = false;
  napi_create_reference(env_, dispatch, 0, &dispatcher_);
  hold_dispatcher_if_needed();
}

void EventQueue::set_needed(bool needed) {
  needed_ = needed;
  hold_dispatcher_if_needed();
}

void EventQueue::hold_dispatcher_if_needed() {
  const bool hold = needed_ || keep_alive_;
  if (!dispatcher_ || hold == holds_dispatcher_) return;
  holds_dispatcher_ = hold;
  if (hold) {
    napi_reference_ref(env_, dispatcher_, nullptr);
  } else {
    napi_reference_unref(env_, dispatcher_, nullptr);
  }
}

void EventQueue::set_keep_alive(bool active) {
  if (active == keep_alive_ || closed_) return;
  keep_alive_ = active;
  if (active) {
    napi_ref_threadsafe_function(env_, wake_);
  } else {
    napi_unref_threadsafe_function(env_, wake_);
  }
  hold_dispatcher_if_needed();
}

void EventQueue::on_wake(napi_env env, napi_value, void* context, void*) {
  if (!env) return;
  // By value: what JavaScript does may end the environment's hold on the queue.
  const std::shared_ptr<EventQueue> queue = *static_cast<std::shared_ptr<EventQueue>*>(context);
  queue->drain();
}

napi_value EventQueue::on_has_ref(napi_env env, napi_callback_info info) {
  void* self = nullptr;
  napi_value result = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &self) != napi_ok ||
      napi_get_boolean(env, self && static_cast<EventQueue*>(self)->keep_alive_, &result) != napi_ok) {
    return nullptr;
  }
  return result;
}

void EventQueue::on_turn(napi_env env, napi_value, void* context, void*) {
  if (!env) return;
  auto* const queue = static_cast<std::shared_ptr<EventQueue>*>(context)->get();
  std::lock_guard lock(queue->mutex_);
  if (!queue->closed_) napi_call_threadsafe_function(queue->wake_, nullptr, napi_tsfn_nonblocking);
}

bool EventQueue::take(Event& event) {
  if (next_ == draining_.size()) {
    draining_.clear();
    next_ = 0;
    std::lock_guard lock(mutex_);
    incoming_.swap(draining_);
    if (draining_.empty()) {
      wake_pending_ = false;
      return false;
    }
  }
  event = std::move(draining_[next_++]);
  return true;
}

void EventQueue::drain() {
  if (closed_) return;
  if (!in_slice_) {
    in_slice_ = true;
    slice_end_ = std::chrono::steady_clock::now() + kSlice;
  }
  Event event;
  bool wanted = false;
  while (!wanted) {
    if (!take(event)) {
      in_slice_ = false;
      return;
    }
    wanted = admission_(event);
  }
  deliver(std::move(event));
  if (closed_) return;

  std::lock_guard lock(mutex_);
  if (next_ == draining_.size() && incoming_.empty()) {
    wake_pending_ = false;
    in_slice_ = false;
    return;
  }
  napi_threadsafe_function next = wake_;  // the same wake-up goes on, in a call of its own, after this one's microtasks
  if (std::chrono::steady_clock::now() >= slice_end_) {
    in_slice_ = false;
    next = turn_;
  }
  napi_call_threadsafe_function(next, nullptr, napi_tsfn_nonblocking);
}

void EventQueue::deliver(Event event) {
  if (closed_ || !dispatcher_) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value dispatch = nullptr;
  napi_value undefined = nullptr;
  napi_value arguments[4] = {};
  arguments[3] = to_value(env_, event);
  if (arguments[3] && napi_get_undefined(env_, &undefined) == napi_ok &&
      napi_get_reference_value(env_, dispatcher_, &dispatch) == napi_ok && dispatch &&
      napi_create_uint32(env_, event.handle_id, &arguments[0]) == napi_ok &&
      napi_create_uint32(env_, static_cast<uint32_t>(event.kind), &arguments[1]) == napi_ok &&
      napi_create_double(env_, event.number, &arguments[2]) == napi_ok) {
    napi_call_function(env_, undefined, dispatch, 4, arguments, nullptr);
  }
  report_pending_exception(env_);
  napi_close_handle_scope(env_, scope);
}

void EventQueue::close() {
  std::vector<Event> dropped;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    dropped.swap(incoming_);
  }
  draining_.clear();
  next_ = 0;
  drop_reference(env_, dispatcher_);
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
  napi_release_threadsafe_function(turn_, napi_tsfn_abort);
}

}  // namespace peerwire::addon
