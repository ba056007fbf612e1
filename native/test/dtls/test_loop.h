// A network thread that is the test's own thread: nothing runs but inside run_until() and skip().
#pragma once

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "net/network_thread.h"
#include "net/timer_queue.h"

namespace peerwire {

class TestLoop final : public NetworkThread {
 public:
  void post(Task task) override { timers_.start(TimePoint::min(), std::move(task)); }
  bool run_or_post(Task task) override {
    post(std::move(task));
    return false;
  }
  void post_and_wait(Task task) override { task(); }
  bool is_current() const override { return true; }
  TimePoint now() const override { return Clock::now() + skipped_; }
  TimerId start_timer(TimePoint when, Task task) override { return timers_.start(when, std::move(task)); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void defer(Task task) override { post(std::move(task)); }
  bool watch(int, FdObserver*) override { return true; }
  void want_writable(int, bool) override {}
  void unwatch(int) override {}

  /// Runs timers as they come due. False when `done` did not come true within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(20)) {
    const TimePoint end = Clock::now() + limit;
    while (!done()) {
      if (Clock::now() > end) return false;
      run_due();
      if (done()) return true;
      const auto next = timers_.next();
      if (!next) return false;  // nothing will ever happen
      if (*next > now()) std::this_thread::sleep_for(std::min<Duration>(*next - now(), std::chrono::milliseconds(20)));
    }
    return true;
  }
  void run_for(Duration time) {
    const TimePoint end = now() + time;
    bool over = false;
    start_timer(end, [&over] { over = true; });
    run_until([&over] { return over; });
  }
  /// Moves the clock and runs what is due then.
  void skip(Duration time) {
    skipped_ += time;
    run_due();
  }

 private:
  void run_due() {
    const uint64_t limit = timers_.sequence();
    while (const Task task = timers_.take_due(now(), limit)) task();
  }
  TimerQueue timers_;
  Duration skipped_{};
};

}  // namespace peerwire
