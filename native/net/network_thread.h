// The thread on which sockets, ICE, DTLS and SCTP live.
//
// Every transport object is confined to it: built, called and destroyed there, so that none of them needs a lock.
// Other threads reach it through post() alone, and are reached from it through their own queues.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "net/loop_parts.h"

namespace peerwire {

class NetworkThread {
 public:
  using Task = std::function<void()>;
  using TimerId = uint64_t;
  static constexpr TimerId kNoTimer = 0;

  /// What an epoll registration is told. Called on the network thread.
  class FdObserver {
   public:
    virtual ~FdObserver() = default;
    virtual void on_readable() = 0;
    virtual void on_writable() {}
  };

  /// The process's network thread, started by the first holder and joined when the last one lets go (which must
  /// happen on another thread than the network thread itself). Null when the system refuses a thread or descriptors.
  static std::shared_ptr<NetworkThread> acquire();

  virtual ~NetworkThread() = default;

  // ---- any thread ----

  /// Runs `task` on the network thread, in the order of posting. One wake-up serves all tasks of a burst.
  virtual void post(Task task) = 0;
  /// Runs `task` now, on the calling thread, when the network thread is asleep and has not been spared like this within
  /// some microseconds; otherwise this is post(). While it runs, the caller is the network thread. For what is short
  /// and urgent: it saves the wake-up, and the caller pays for the work.
  /// @return whether it has run
  virtual bool run_or_post(Task task) = 0;
  /// post(), then waits until the task has run. Never from the network thread or while holding a lock it needs.
  virtual void post_and_wait(Task task) = 0;
  virtual bool is_current() const = 0;

  // ---- any thread that has an event loop of its own: it may keep the watch for packets, which saves a wake-up each
  // ----

  /// From now on the network thread does not wait for packets. The caller does, in its own loop: it polls `descriptor`
  /// and calls run_turn(). It loses the watch when it has not run a turn for some milliseconds, or when one took long.
  struct PacketWatch {
    uint64_t ticket = 0;  // never 0 when the watch was given
    int descriptor = -1;
  };
  /// Nothing when somebody has the watch already, or the platform does not lend it.
  virtual std::optional<PacketWatch> take_watch() { return std::nullopt; }
  enum class Turn : uint8_t {
    kRan,
    kBusy,  // another thread is at it: what has arrived may still be there afterwards
    kLost,  // the watch is the caller's no longer: `descriptor` is not to be polled any more
  };
  /// Reads what has arrived, on the calling thread. Nobody else looks afterwards: the caller polls for what stays
  /// readable.
  virtual Turn run_turn(uint64_t /*ticket*/) { return Turn::kLost; }
  /// Does nothing when the watch has been lost.
  virtual void return_watch(uint64_t /*ticket*/) {}

  // ---- network thread only ----

  /// The time at which the current turn of the loop began, or was last refreshed.
  virtual TimePoint now() const = 0;
  virtual TimerId start_timer(TimePoint when, Task task) = 0;
  /// Cancelling an expired or unknown timer, or kNoTimer, does nothing.
  virtual void cancel_timer(TimerId timer) = 0;
  /// Runs `task` once, at the end of the current turn of the loop: what one turn emits leaves in one batch.
  virtual void defer(Task task) = 0;
  /// False, with errno set, when the system has no room for a further registration.
  virtual bool watch(int fd, FdObserver* observer) = 0;
  virtual void want_writable(int fd, bool wanted) = 0;
  virtual void unwatch(int fd) = 0;
  /// What the network thread has one of, whichever thread runs its turn: made when it is first asked for, destroyed on
  /// the network thread when that ends. `Type` tells which, and starts out empty.
  template <typename Type>
  Type& part() {
    return parts_.get<Type>();
  }

 protected:
  /// For the end of the thread, when nobody is left to ask for them.
  void destroy_parts() { parts_.clear(); }

 private:
  LoopParts parts_;
};

}  // namespace peerwire
