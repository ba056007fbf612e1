// The event loop on Linux: epoll for descriptors, one eventfd for posts from other threads, a heap of timers.
#if defined(__linux__)

#include <linux/time_types.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/event_loop.h"
#include "net/timer_queue.h"
#include "net/udp_receive_offload.h"

namespace peerwire {
namespace {

// A turn polls descriptors again after this many tasks, so that a flood of posts cannot keep packets waiting.
constexpr size_t kMaxTasksPerTurn = 256;
constexpr size_t kMaxTimersPerTurn = 1024;
constexpr int kMaxEventsPerTurn = 128;
// A deferred task may defer again and still belongs to the turn; endless chains must let descriptors have their say.
constexpr int kMaxDeferRounds = 64;
// Buffers that a burst made larger than this are given back.
constexpr size_t kKeptTaskCapacity = 4096;
constexpr uint32_t kWakeGeneration = 0;
// Who comes again so soon has more to do, which the loop's thread does while the caller goes on.
constexpr auto kLendInterval = std::chrono::microseconds(50);

class EpollEventLoop;
thread_local const EpollEventLoop* current_loop = nullptr;

class EpollEventLoop final : public NetworkThread {
 public:
  EpollEventLoop() = default;
  ~EpollEventLoop() override;
  bool start();

  void post(Task task) override;
  void run_or_post(Task task) override;
  void post_and_wait(Task task) override;
  bool is_current() const override { return current_loop == this; }

  TimePoint now() const override { return now_; }
  TimerId start_timer(TimePoint when, Task task) override { return timers_.start(when, std::move(task)); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void defer(Task task) override { deferred_.push_back(std::move(task)); }
  bool watch(int fd, FdObserver* observer) override;
  void want_writable(int fd, bool wanted) override;
  void unwatch(int fd) override;

 private:
  struct Watch {
    FdObserver* observer = nullptr;
    uint32_t generation = 0;
    bool writable_wanted = false;
  };

  void run();
  /// With mutex_ held by `lock`, which it lets go.
  void enqueue(Task task, std::unique_lock<std::mutex> lock);
  void wake();
  int poll(epoll_event* events);
  int wait(epoll_event* events, Duration timeout);
  void dispatch(const epoll_event& event);
  void run_timers();
  bool run_tasks();
  void run_deferred();
  bool update(int operation, int fd);
  Watch* find(int fd, uint32_t generation);

  const UdpReceiveOffload receive_offload_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Task> inbox_;      // guarded by mutex_
  bool asleep_ = false;          // guarded by mutex_; the loop waits, or is about to, and nobody has woken it yet
  bool lent_ = false;            // guarded by mutex_; another thread runs a turn while the loop's own is asleep
  TimePoint lent_at_;            // guarded by mutex_; the last time
  bool stop_requested_ = false;  // guarded by mutex_
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

bool EpollEventLoop::start() {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_fd_ < 0 || wake_fd_ < 0) return false;
  epoll_event event{};
  // Edge-triggered: each write is one wake-up, and the counter never needs to be read.
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = (static_cast<uint64_t>(kWakeGeneration) << 32) | static_cast<uint32_t>(wake_fd_);
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event) != 0) return false;
  now_ = Clock::now();

  // The thread inherits the mask: signals stay with the threads that were there before us.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  bool started = true;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  return started;
}

EpollEventLoop::~EpollEventLoop() {
  if (thread_.joinable()) {
    if (is_current()) fail_invariant("the network thread cannot join itself");
    bool wake_needed;
    {
      std::lock_guard lock(mutex_);
      stop_requested_ = true;
      wake_needed = std::exchange(asleep_, false);
    }
    if (wake_needed) wake();
    thread_.join();
  }
  if (wake_fd_ >= 0) close(wake_fd_);
  if (epoll_fd_ >= 0) close(epoll_fd_);
}

void EpollEventLoop::enqueue(Task task, std::unique_lock<std::mutex> lock) {
  inbox_.push_back(std::move(task));
  const bool wake_needed = std::exchange(asleep_, false);
  lock.unlock();
  if (wake_needed) wake();
}

void EpollEventLoop::post(Task task) {
  enqueue(std::move(task), std::unique_lock(mutex_));
}

void EpollEventLoop::run_or_post(Task task) {
  const TimePoint from = Clock::now();
  {
    std::unique_lock lock(mutex_);
    if (!asleep_ || lent_ || from - lent_at_ < kLendInterval) return enqueue(std::move(task), std::move(lock));
    lent_ = true;
  }
  const EpollEventLoop* const outer = std::exchange(current_loop, this);
  now_ = from;
  task();
  task = nullptr;  // its captures are of the loop, too
  // To the end: what is put off may be kept in lists of this thread.
  while (!deferred_.empty()) run_deferred();
  current_loop = outer;
  const auto next = timers_.next();
  bool wake_needed = next && *next < sleeps_until_;
  {
    std::lock_guard lock(mutex_);
    lent_ = false;
    lent_at_ = from;
    wake_needed = wake_needed && std::exchange(asleep_, false);
  }
  given_back_.notify_one();
  if (wake_needed) wake();
}

void EpollEventLoop::post_and_wait(Task task) {
  if (is_current()) fail_invariant("post_and_wait() was called on the network thread and would never return");
  // Shared, because the waiter may be gone before set_value() has returned.
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> finished = done->get_future();
  post([task = std::move(task), done]() mutable {
    task();
    // What the task captured is destroyed before the waiter goes on.
    task = nullptr;
    done->set_value();
  });
  finished.wait();
}

void EpollEventLoop::wake() {
  const uint64_t one = 1;
  ssize_t written;
  do {
    written = write(wake_fd_, &one, sizeof one);
  } while (written < 0 && errno == EINTR);
}

void EpollEventLoop::run() {
  current_loop = this;
  pthread_setname_np(pthread_self(), "peerwire-net");
  epoll_event events[kMaxEventsPerTurn];
  for (;;) {
    const int count = poll(events);
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) dispatch(events[i]);
    run_timers();
    const bool more_tasks = run_tasks();
    run_deferred();
    if (more_tasks || !deferred_.empty()) continue;
    std::lock_guard lock(mutex_);
    if (stop_requested_ && inbox_.empty()) break;
  }
  // Captures may still call start_timer() or defer() from their destructors; nothing of that runs any more.
  timers_.clear();
  deferred_.clear();
  current_loop = nullptr;
}

int EpollEventLoop::poll(epoll_event* events) {
  if (running_next_ < running_.size() || !deferred_.empty()) return wait(events, Duration::zero());
  const auto next = timers_.next();
  sleeps_until_ = next.value_or(TimePoint::max());
  bool may_sleep;
  {
    std::lock_guard lock(mutex_);
    may_sleep = asleep_ = inbox_.empty() && !stop_requested_;
  }
  if (!may_sleep) return wait(events, Duration::zero());
  // From here on the loop may be lent: nothing of it is touched.
  Duration timeout = Duration::max();
  if (next) timeout = std::max(Duration::zero(), *next - Clock::now());
  const int count = wait(events, timeout);
  std::unique_lock lock(mutex_);
  asleep_ = false;
  given_back_.wait(lock, [this] { return !lent_; });
  return count;
}

int EpollEventLoop::wait(epoll_event* events, Duration timeout) {
  using std::chrono::nanoseconds;
  const bool forever = timeout == Duration::max();
  const int64_t ns = forever ? -1 : std::chrono::duration_cast<nanoseconds>(timeout).count();
#if defined(SYS_epoll_pwait2)
  // Called by number: glibc has it since 2.35 only. Kernels since 5.11; sandboxes may refuse it.
  if (ns > 0 && has_pwait2_) {
    const __kernel_timespec spec{ns / 1'000'000'000, ns % 1'000'000'000};
    const long count = syscall(SYS_epoll_pwait2, epoll_fd_, events, kMaxEventsPerTurn, &spec, nullptr, size_t{0});
    if (count >= 0) return static_cast<int>(count);
    if (errno == EINTR) return 0;
    has_pwait2_ = false;
  }
#endif
  const int64_t ms = forever ? -1 : std::min<int64_t>((ns + 999'999) / 1'000'000, INT_MAX);
  const int count = epoll_wait(epoll_fd_, events, kMaxEventsPerTurn, static_cast<int>(ms));
  if (count < 0 && errno != EINTR) fail_invariant("epoll_wait() failed: the loop's own descriptors are broken");
  return std::max(count, 0);
}

EpollEventLoop::Watch* EpollEventLoop::find(int fd, uint32_t generation) {
  if (static_cast<size_t>(fd) >= watches_.size()) return nullptr;
  Watch& watch = watches_[static_cast<size_t>(fd)];
  return watch.observer && watch.generation == generation ? &watch : nullptr;
}

void EpollEventLoop::dispatch(const epoll_event& event) {
  const int fd = static_cast<int>(static_cast<uint32_t>(event.data.u64));
  const uint32_t generation = static_cast<uint32_t>(event.data.u64 >> 32);
  if (generation == kWakeGeneration) return;
  // Looked up before each call: an earlier one may have unwatched this descriptor, or given its number to another.
  // An error or hang-up is found out by reading.
  if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
    if (Watch* watch = find(fd, generation)) watch->observer->on_readable();
  }
  if (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
    Watch* watch = find(fd, generation);
    if (watch && watch->writable_wanted) watch->observer->on_writable();
  }
}

void EpollEventLoop::run_timers() {
  // Timers started by timers wait for the next turn, even if they are due already.
  const uint64_t limit = timers_.sequence();
  for (size_t i = 0; i < kMaxTimersPerTurn; ++i) {
    const Task task = timers_.take_due(now_, limit);
    if (!task) return;
    task();
  }
}

bool EpollEventLoop::run_tasks() {
  if (running_next_ == running_.size()) {
    running_.clear();
    if (running_.capacity() > kKeptTaskCapacity) running_.shrink_to_fit();
    running_next_ = 0;
    std::lock_guard lock(mutex_);
    running_.swap(inbox_);
  }
  const size_t end = std::min(running_.size(), running_next_ + kMaxTasksPerTurn);
  while (running_next_ < end) {
    Task task = std::move(running_[running_next_++]);
    task();
  }
  return running_next_ < running_.size();
}

void EpollEventLoop::run_deferred() {
  for (int round = 0; round < kMaxDeferRounds && !deferred_.empty(); ++round) {
    deferred_running_.swap(deferred_);
    for (Task& task : deferred_running_) {
      task();
      task = nullptr;
    }
    deferred_running_.clear();
  }
}

bool EpollEventLoop::update(int operation, int fd) {
  const Watch& watch = watches_[static_cast<size_t>(fd)];
  epoll_event event{};
  event.events = EPOLLIN | (watch.writable_wanted ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  event.data.u64 = (static_cast<uint64_t>(watch.generation) << 32) | static_cast<uint32_t>(fd);
  if (epoll_ctl(epoll_fd_, operation, fd, &event) == 0) return true;
  // The kernel's memory or fs.epoll.max_user_watches is exhausted: nobody's mistake.
  if (errno == ENOMEM || errno == ENOSPC) return false;
  fail_invariant("a descriptor that cannot be polled was watched");
}

bool EpollEventLoop::watch(int fd, FdObserver* observer) {
  if (static_cast<size_t>(fd) >= watches_.size()) watches_.resize(static_cast<size_t>(fd) + 1);
  Watch& watch = watches_[static_cast<size_t>(fd)];
  const bool known = watch.observer != nullptr;
  watch = {observer, next_generation_, false};
  if (++next_generation_ == kWakeGeneration) ++next_generation_;
  if (update(known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd)) return true;
  watch.observer = nullptr;
  return false;
}

void EpollEventLoop::want_writable(int fd, bool wanted) {
  if (static_cast<size_t>(fd) >= watches_.size()) return;
  Watch& watch = watches_[static_cast<size_t>(fd)];
  if (!watch.observer || watch.writable_wanted == wanted) return;
  watch.writable_wanted = wanted;
  update(EPOLL_CTL_MOD, fd);
}

void EpollEventLoop::unwatch(int fd) {
  if (static_cast<size_t>(fd) >= watches_.size()) return;
  Watch& watch = watches_[static_cast<size_t>(fd)];
  if (!watch.observer) return;
  watch.observer = nullptr;
  // A failure means that the descriptor was closed first, which removed it.
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace

std::unique_ptr<NetworkThread> start_event_loop() {
  auto loop = std::make_unique<EpollEventLoop>();
  if (!loop->start()) return nullptr;
  return loop;
}

}  // namespace peerwire

#endif  // defined(__linux__)
