// Time that passes when the test says so, and work that is done at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "base/timer_thread.h"
#include "media/track/ticker.h"

namespace peerwire {

class ManualTimers final : public Timers {
 public:
  TimePoint now() const override { return now_; }
  TimerId start(TimePoint when, Task task) override {
    const TimerId id = ++last_id_;
    tasks_.emplace(std::pair(when, id), std::move(task));
    return id;
  }
  void cancel(TimerId timer) override {
    std::erase_if(tasks_, [&](const auto& each) { return each.first.second == timer; });
  }

  /// Runs what becomes due, each at its time.
  void advance(Duration duration) {
    const TimePoint end = now_ + duration;
    while (!tasks_.empty() && tasks_.begin()->first.first <= end) {
      const auto first = tasks_.begin();
      now_ = std::max(now_, first->first.first);
      Task task = std::move(first->second);
      tasks_.erase(first);
      task();
    }
    now_ = end;
  }
  /// Time passes, and nobody does anything: a machine that was asleep.
  void sleep(Duration duration) { now_ += duration; }
  size_t pending() const { return tasks_.size(); }

 private:
  TimePoint now_{std::chrono::seconds(1000)};
  TimerId last_id_ = 0;
  std::map<std::pair<TimePoint, TimerId>, Task> tasks_;
};

struct ManualPlace {
  std::shared_ptr<ManualTimers> timers = std::make_shared<ManualTimers>();
  Ticker::Place place() const {
    return {timers, [](std::function<void()> task) { task(); }};
  }
  int64_t now_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(timers->now().time_since_epoch()).count();
  }
};

}  // namespace peerwire
