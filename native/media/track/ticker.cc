#include "media/track/ticker.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "base/serial_queue.h"

namespace peerwire {

/// From one start() to the next stop(). Timers and tasks hold it weakly, so that it ends with its ticker.
struct Ticker::Run : std::enable_shared_from_this<Run> {
  Run(Place where, Tick what) : place(std::move(where)), tick(std::move(what)) {}

  void wait_until(TimePoint when) {
    std::lock_guard lock(mutex);
    if (stopped) return;
    timer = place.timers->start(when, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->place.run([weak] {
        if (const auto same = weak.lock()) same->call();
      });
    });
  }

  void call() {
    {
      std::lock_guard lock(mutex);
      if (stopped) return;
    }
    if (const auto next = tick(place.timers->now())) wait_until(*next);
  }

  void stop() {
    std::lock_guard lock(mutex);
    stopped = true;
    place.timers->cancel(timer);
  }

  const Place place;
  const Tick tick;
  std::mutex mutex;
  bool stopped = false;
  Timers::TimerId timer = 0;
};

Ticker::Place Ticker::pool() {
  const auto queue = std::make_shared<SerialQueue>(WorkerPool::acquire());
  return {acquire_timer_thread(), [queue](std::function<void()> task) { queue->post(std::move(task)); }};
}

void Ticker::start(TimePoint first, Tick tick) {
  stop();
  run_ = std::make_shared<Run>(place_, std::move(tick));
  run_->wait_until(first);
}

void Ticker::stop() {
  if (run_) run_->stop();
  run_.reset();
}

}  // namespace peerwire
