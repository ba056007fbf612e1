#include "base/serial_queue.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/scheduling.h"

namespace peerwire {
namespace {

/// What the threads work on; each of them holds it.
struct Work {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<std::function<void()>> tasks;
  bool ending = false;

  void run() {
    pthread_setname_np(pthread_self(), "peerwire-work");
    ask_for_usual_scheduling();
    std::unique_lock lock(mutex);
    for (;;) {
      ready.wait(lock, [this] { return ending || !tasks.empty(); });
      if (tasks.empty()) return;
      std::function<void()> task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
};

class Threads final : public WorkerPool {
 public:
  Threads() {
    const size_t count = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 8);
    try {
      for (size_t index = 0; index < count; ++index) threads_.emplace_back([work = work_] { work->run(); });
    } catch (const std::system_error&) {
      // The system refuses more; without any, tasks wait, and whoever posts them is bounded.
    }
  }

  ~Threads() override {
    {
      std::lock_guard lock(work_->mutex);
      work_->ending = true;
    }
    work_->ready.notify_all();
    for (std::thread& thread : threads_) {
      // A task may have held the last queue: its thread ends by itself, after that task.
      if (thread.get_id() == std::this_thread::get_id()) {
        thread.detach();
      } else {
        thread.join();
      }
    }
  }

  size_t threads() const override { return threads_.size(); }

 private:
  void run(std::function<void()> task) override {
    {
      std::lock_guard lock(work_->mutex);
      work_->tasks.push_back(std::move(task));
    }
    work_->ready.notify_one();
  }

  const std::shared_ptr<Work> work_ = std::make_shared<Work>();
  std::vector<std::thread> threads_;
};

}  // namespace

std::shared_ptr<WorkerPool> WorkerPool::acquire() {
  // Never destroyed: threads may ask while static destructors run.
  static std::mutex& mutex = *new std::mutex;
  static std::weak_ptr<WorkerPool>& current = *new std::weak_ptr<WorkerPool>;
  std::lock_guard lock(mutex);
  std::shared_ptr<WorkerPool> pool = current.lock();
  if (!pool) {
    pool = std::make_shared<Threads>();
    current = pool;
  }
  return pool;
}

struct SerialQueue::State : std::enable_shared_from_this<SerialQueue::State> {
  /// Not owned by tasks: the pool's last holder must not be one of its own threads.
  std::weak_ptr<WorkerPool> pool;
  std::mutex mutex;
  std::deque<Task> tasks;
  bool running = false;
  bool closed = false;
  std::atomic<size_t> pending{0};

  void run_next() {
    Task task;
    {
      std::lock_guard lock(mutex);
      if (closed || tasks.empty()) {
        running = false;
        return;
      }
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
    task = nullptr;
    pending.fetch_sub(1);
    {
      std::lock_guard lock(mutex);
      if (closed || tasks.empty()) {
        running = false;
        return;
      }
    }
    // One task a turn: queues share the threads evenly.
    schedule(pool.lock());
  }

  void schedule(const std::shared_ptr<WorkerPool>& threads) {
    if (threads) threads->run([self = shared_from_this()] { self->run_next(); });
  }
};

SerialQueue::SerialQueue(std::shared_ptr<WorkerPool> pool) : pool_(std::move(pool)), state_(std::make_shared<State>()) {
  state_->pool = pool_;
}

SerialQueue::~SerialQueue() {
  std::deque<Task> dropped;
  std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->tasks.swap(dropped);
}

void SerialQueue::post(Task task) {
  // The task may destroy this queue, and the pool with it, before the pool's call has returned.
  const std::shared_ptr<WorkerPool> pool = pool_;
  const std::shared_ptr<State> state = state_;
  {
    std::lock_guard lock(state->mutex);
    state->pending.fetch_add(1);
    state->tasks.push_back(std::move(task));
    if (state->running) return;
    state->running = true;
  }
  state->schedule(pool);
}

size_t SerialQueue::pending() const {
  return state_->pending.load();
}

}  // namespace peerwire
