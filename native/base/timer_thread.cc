#include "base/timer_thread.h"

#include <pthread.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/scheduling.h"

namespace peerwire {
namespace {

/// Held by the thread, too: it may outlive the object for the length of one task.
struct Schedule {
  using Key = std::pair<TimePoint, Timers::TimerId>;

  std::mutex mutex;
  std::condition_variable changed;
  std::map<Key, Timers::Task> timers;
  std::map<Timers::TimerId, TimePoint> times;
  Timers::TimerId last_id = 0;
  bool ending = false;

  void run() {
    pthread_setname_np(pthread_self(), "peerwire-timer");
    ask_for_prompt_scheduling();
    std::unique_lock lock(mutex);
    while (!ending) {
      if (timers.empty()) {
        changed.wait(lock);
        continue;
      }
      const auto first = timers.begin();
      const TimePoint when = first->first.first;
      if (Clock::now() < when) {
        changed.wait_until(lock, when);
        continue;
      }
      Timers::Task task = std::move(first->second);
      times.erase(first->first.second);
      timers.erase(first);
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
};

class TimerThread final : public Timers {
 public:
  TimerThread() : thread_([schedule = schedule_] { schedule->run(); }) {}

  ~TimerThread() override {
    {
      std::lock_guard lock(schedule_->mutex);
      schedule_->ending = true;
    }
    schedule_->changed.notify_all();
    // A task may have held the last reference: then the thread ends by itself, after that task.
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }

  TimePoint now() const override { return Clock::now(); }

  TimerId start(TimePoint when, Task task) override {
    // Under the lock until the end: the task may let go of this object.
    std::lock_guard lock(schedule_->mutex);
    const TimerId id = ++schedule_->last_id;
    const auto [place, added] = schedule_->timers.emplace(Schedule::Key{when, id}, std::move(task));
    schedule_->times.emplace(id, when);
    if (added && place == schedule_->timers.begin()) schedule_->changed.notify_all();
    return id;
  }

  void cancel(TimerId timer) override {
    Task dropped;  // destroyed outside of the lock: it may hold anything
    std::lock_guard lock(schedule_->mutex);
    const auto time = schedule_->times.find(timer);
    if (time == schedule_->times.end()) return;
    const auto entry = schedule_->timers.find({time->second, timer});
    dropped = std::move(entry->second);
    schedule_->timers.erase(entry);
    schedule_->times.erase(time);
  }

 private:
  const std::shared_ptr<Schedule> schedule_ = std::make_shared<Schedule>();
  std::thread thread_;
};

}  // namespace

std::shared_ptr<Timers> acquire_timer_thread() {
  // Never destroyed: threads may ask while static destructors run.
  static std::mutex& mutex = *new std::mutex;
  static std::weak_ptr<Timers>& current = *new std::weak_ptr<Timers>;
  std::lock_guard lock(mutex);
  std::shared_ptr<Timers> timers = current.lock();
  if (!timers) {
    timers = std::make_shared<TimerThread>();
    current = timers;
  }
  return timers;
}

}  // namespace peerwire
