// The heart beat of a source: calls a function at the times that the function itself names, on a queue of the pool, one
// call at a time. A call that is late makes the next one early, so that no drift adds up.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/timer_thread.h"

namespace peerwire {

class Ticker {
 public:
  /// Where a source's time comes from and where its work is done.
  struct Place {
    std::shared_ptr<Timers> timers;
    /// Runs tasks one at a time, in order; may run them at once.
    std::function<void(std::function<void()>)> run;
  };
  /// The process's timer thread, and a queue of its own on the pool.
  static Place pool();

  /// @return when it wants to be called again; nothing: it has ended
  using Tick = std::function<std::optional<TimePoint>(TimePoint now)>;

  explicit Ticker(Place place) : place_(std::move(place)) {}
  /// As stop().
  ~Ticker() { stop(); }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  TimePoint now() const { return place_.timers->now(); }
  /// First call at `first`. What ran before is stopped.
  void start(TimePoint first, Tick tick);
  /// No call begins any more; one that runs already is not waited for.
  void stop();

 private:
  struct Run;
  const Place place_;
  std::shared_ptr<Run> run_;
};

}  // namespace peerwire
