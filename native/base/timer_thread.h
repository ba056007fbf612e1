// One thread for the process that only waits: it starts what media devices do at their times. Work that takes longer
// than some microseconds goes to a queue of the pool (base/serial_queue.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"

namespace peerwire {

/// Calls back at a time. Tests have timers of their own, in virtual time.
class Timers {
 public:
  using Task = std::function<void()>;
  using TimerId = uint64_t;

  virtual ~Timers() = default;
  // ---- any thread ----
  virtual TimePoint now() const = 0;
  /// Runs `task` once, at `when` or as soon as possible after it; timers of the same time in the order of starting.
  virtual TimerId start(TimePoint when, Task task) = 0;
  /// An expired or unknown timer is ignored. Does not wait for a task that runs already.
  virtual void cancel(TimerId timer) = 0;
};

/// The process's timer thread: started by the first holder, ended by the last.
std::shared_ptr<Timers> acquire_timer_thread();

}  // namespace peerwire
