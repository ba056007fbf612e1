// The event loop on Linux: epoll for descriptors, one eventfd for posts from other threads, a heap of timers.
#pragma once

#include <sys/epoll.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "net/network_thread.h"
#include "net/timer_queue.h"
#include "net/udp_receive_offload.h"

namespace peerwire {

class EpollEventLoop final : public NetworkThread {
 public:
  EpollEventLoop() = default;
  ~EpollEventLoop() override;
  bool start();

  void post(Task task) override;
  bool run_or_post(Task task) override;
  void post_and_wait(Task task) override;
  bool is_current() const override;

  std::optional<PacketWatch> take_watch() override;
  Turn run_turn(uint64_t ticket) override;
  void return_watch(uint64_t ticket) override;

  TimePoint now() const override { return now_; }
  TimerId start_timer(TimePoint when, Task task) override { return timers_.start(when, std::move(task)); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void defer(Task task) override { deferred_.push_back(std::move(task)); }
  bool watch(int fd, FdObserver* observer) override;
  void want_writable(int fd, bool wanted) override;
  void unwatch(int fd) override;

 private:
  static constexpr uint32_t kWakeGeneration = 0;
  static constexpr int kMaxEventsPerTurn = 128;

  struct Watch {
    FdObserver* observer = nullptr;
    uint32_t generation = 0;
    bool writable_wanted = false;
  };

  void run();
  /// With mutex_ held by `lock`, which it lets go. Does nothing when the loop is awake.
  void wake(std::unique_lock<std::mutex> lock);
  /// Ends the epoll_wait() of the loop's thread.
  void signal();
  /// Runs `work` and what it defers as the loop's thread. The loop is lent to the caller.
  template <typename Work>
  void run_as_loop(TimePoint from, Work work) noexcept;
  /// Ends lent_. With mutex_ held by `lock`, which it lets go.
  void give_back(std::unique_lock<std::mutex> lock, bool wake_needed);
  int poll(epoll_event* events);
  /// Sleeps while another thread watches the descriptors. With mutex_ held.
  void doze(std::unique_lock<std::mutex>& lock);
  int wait(epoll_event* events, Duration timeout);
  void dispatch(const epoll_event& event);
  void run_timers();
  bool run_tasks();
  void run_deferred();
  bool update(int operation, int fd);
  Watch* find(int fd, uint32_t generation);

  static thread_local const EpollEventLoop* current_;  // whose turn the thread runs

  const UdpReceiveOffload receive_offload_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Task> inbox_;      // guarded by mutex_
  bool asleep_ = false;          // guarded by mutex_; the loop waits, or is about to, and nobody has woken it yet
  bool dozes_ = false;           // guarded by mutex_; when it sleeps, it does so in woken_ and not in epoll_wait()
  bool lent_ = false;            // guarded by mutex_; another thread runs a turn while the loop's own is asleep
  TimePoint lent_at_;            // guarded by mutex_; the last time that run_or_post() ran something
  uint64_t watch_ticket_ = 0;    // guarded by mutex_; of who waits for packets, 0: the loop's thread
  uint64_t last_ticket_ = 0;     // guarded by mutex_
  TimePoint watched_at_;         // guarded by mutex_; when the holder of the ticket looked last
  int long_turns_ = 0;           // guarded by mutex_; of that one, in a row
  bool stop_requested_ = false;  // guarded by mutex_
  std::condition_variable woken_;
  std::condition_variable given_back_;

  // The network thread's own, or of the one to which the loop is lent.
  TimePoint sleeps_until_;
  TimePoint now_;
  std::vector<Task> running_;  // taken from inbox_; those before running_next_ are done
  size_t running_next_ = 0;
  std::vector<Task> deferred_;
  std::vector<Task> deferred_running_;
  TimerQueue timers_;
  std::vector<Watch> watches_;  // by descriptor
  uint32_t next_generation_ = kWakeGeneration + 1;
  bool has_pwait2_ = true;
};

}  // namespace peerwire
