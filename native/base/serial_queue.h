// Work off the network and JavaScript threads: a bounded pool for the whole process, and queues that each run one task
// at a time, in order, on whatever thread of the pool is free. An encoder or decoder lives on one queue, so it needs no
// lock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace peerwire {

/// The threads. Started with the first queue, joined when the last holder lets go.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  /// The process's pool: as many threads as processors, at least two, at most eight.
  static std::shared_ptr<WorkerPool> acquire();
  virtual size_t threads() const = 0;

 private:
  friend class SerialQueue;
  virtual void run(std::function<void()> task) = 0;
};

/// Tasks hold the queue's state alive until they have run. Destroying the queue drops tasks that have not begun, and
/// does not wait for the one that runs.
class SerialQueue {
 public:
  using Task = std::function<void()>;

  explicit SerialQueue(std::shared_ptr<WorkerPool> pool);
  ~SerialQueue();
  SerialQueue(const SerialQueue&) = delete;
  SerialQueue& operator=(const SerialQueue&) = delete;

  /// Any thread.
  void post(Task task);
  /// Tasks that have not ended yet: a measure of overload. Any thread.
  size_t pending() const;

 private:
  struct State;
  const std::shared_ptr<WorkerPool> pool_;
  const std::shared_ptr<State> state_;
};

}  // namespace peerwire
