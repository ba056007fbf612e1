#include "addon/conversation.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace peerwire::addon {
namespace {

/// So many messages, each so soon after the one before it, are a conversation. To watch costs the environment's loop
/// one more descriptor, and the network thread a look at it every two milliseconds.
constexpr int kMessages = 16;
constexpr auto kSoon = std::chrono::milliseconds(1);
/// One that the network thread has to send costs as much as so many that it has not: now and then it is just awake, but
/// who always has two messages at a time keeps it busy.
constexpr int kPosted = 6;
/// So many turns without a message of ours: the packets are somebody else's, media perhaps.
constexpr int kIdleTurns = 8;
/// So many looks in a row at the network thread at work: it needs the processor more than we do.
constexpr int kBusyTurns = 64;
/// A conversation of fewer was none. To begin one makes the kernel go through all sockets of the process (0.1 ms for a
/// thousand), so the next one has to wait, longer each time.
constexpr int kWorthwhile = 100;
constexpr Duration kShortestRest = std::chrono::milliseconds(10);
constexpr Duration kLongestRest = std::chrono::seconds(5);

}  // namespace

/// What libuv holds. It outlives the conversation until the loop has closed the handle, for which the environment
/// waits.
struct Conversation::Poll {
  Poll(const Libuv& uv, Conversation* conversation)
      : owner(conversation), memory(new std::byte[uv.handle_size(Libuv::kPollType)]) {}

  UvPoll* handle() const { return reinterpret_cast<UvPoll*>(memory.get()); }

  Conversation* owner;  // null: closing
  const std::unique_ptr<std::byte[]> memory;
  napi_async_cleanup_hook_handle cleanup = nullptr;
};

Conversation::Poll* Conversation::poll_of(const UvPoll* handle) {
  return static_cast<Poll*>(Libuv::library()->get_data(handle));
}

void Conversation::on_message_sent(const std::shared_ptr<NetworkThread>& network, bool here) {
  if (unavailable_) return;
  idle_turns_ = 0;
  ++spoken_;
  const TimePoint now = Clock::now();
  const bool soon = now - std::exchange(last_message_, now) < kSoon;
  messages_ = here ? std::min(soon ? messages_ + 1 : 1, kMessages) : std::max(messages_ - kPosted, 0);
  if (messages_ == kMessages && ticket_ == 0 && now >= rests_until_) {
    watch(network);
  } else if (messages_ == 0 && ticket_ != 0) {
    leave();
  }
}

void Conversation::watch(const std::shared_ptr<NetworkThread>& network) {
  const auto watch = network->take_watch();
  if (!watch) {
    messages_ = 0;  // it is another environment's: asked for again after as many
    return;
  }
  network_ = network;
  ticket_ = watch->ticket;
  spoken_ = idle_turns_ = busy_turns_ = 0;
  // Another loading of the addon in this environment may not know yet that its watch has been taken back: later, then.
  const bool watches =
      (poll_ || open(watch->descriptor)) && uv_->poll_start(poll_->handle(), Libuv::kReadable, on_readable) == 0;
  if (!watches) leave();
}

bool Conversation::open(int descriptor) {
  uv_ = Libuv::of(env_);
  uv_loop_s* loop = nullptr;
  unavailable_ = !uv_ || napi_get_uv_event_loop(env_, &loop) != napi_ok;
  if (unavailable_) return false;
  auto poll = std::make_unique<Poll>(*uv_, this);
  if (uv_->poll_init(loop, poll->handle(), descriptor) != 0) return false;
  // From here on only libuv's callback may end it.
  poll_ = poll.release();
  uv_->set_data(poll_->handle(), poll_);
  uv_->unref(poll_->handle());
  const auto on_end = [](napi_async_cleanup_hook_handle, void* data) {
    if (Conversation* owner = static_cast<Poll*>(data)->owner) owner->end();
  };
  unavailable_ = napi_add_async_cleanup_hook(env_, on_end, poll_, &poll_->cleanup) != napi_ok;
  if (unavailable_) end();
  return !unavailable_;
}

void Conversation::leave() {
  if (ticket_ == 0) return;
  network_->return_watch(ticket_);
  stop();
}

void Conversation::stop() {
  messages_ = 0;
  rest_ = spoken_ < kWorthwhile ? std::clamp(2 * rest_, kShortestRest, kLongestRest) : Duration::zero();
  rests_until_ = Clock::now() + rest_;
  if (poll_) uv_->poll_stop(poll_->handle());
  ticket_ = 0;
  network_.reset();
}

void Conversation::on_readable(UvPoll* handle, int, int) {
  // Errors of the descriptor are found out by reading.
  Conversation* const self = poll_of(handle)->owner;
  switch (self->network_->run_turn(self->ticket_)) {
    case NetworkThread::Turn::kRan:
      self->busy_turns_ = 0;
      if (++self->idle_turns_ > kIdleTurns) self->leave();
      break;
    case NetworkThread::Turn::kBusy:
      if (++self->busy_turns_ > kBusyTurns) self->leave();
      break;
    case NetworkThread::Turn::kLost:
      self->stop();
      break;
  }
}

void Conversation::end() {
  unavailable_ = true;
  leave();
  if (!poll_) return;
  poll_->owner = nullptr;
  uv_->close(poll_->handle(), [](UvPoll* handle) {
    Poll* poll = poll_of(handle);
    if (poll->cleanup) napi_remove_async_cleanup_hook(poll->cleanup);
    delete poll;
  });
  poll_ = nullptr;
}

}  // namespace peerwire::addon
