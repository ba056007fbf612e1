#if defined(__linux__)

#include "net/epoll_event_loop.h"

#include <linux/time_types.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <future>
#include <system_error>
#include <utility>

#include "base/scheduling.h"
#include "net/event_loop.h"

namespace peerwire {
namespace {

// A turn polls descriptors again after this many tasks, so that a flood of posts cannot keep packets waiting.
constexpr size_t kMaxTasksPerTurn = 256;
constexpr size_t kMaxTimersPerTurn = 1024;
// A deferred task may defer again and still belongs to the turn; endless chains must let descriptors have their say.
constexpr int kMaxDeferRounds = 64;
// Buffers that a burst made larger than this are given back.
constexpr size_t kKeptTaskCapacity = 4096;

}  // namespace

thread_local const EpollEventLoop* EpollEventLoop::current_ = nullptr;

bool EpollEventLoop::is_current() const {
  return current_ == this;
}

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
    std::unique_lock lock(mutex_);
    stop_requested_ = true;
    wake(std::move(lock));
    thread_.join();
  }
  if (wake_fd_ >= 0) close(wake_fd_);
  if (epoll_fd_ >= 0) close(epoll_fd_);
}

void EpollEventLoop::wake(std::unique_lock<std::mutex> lock) {
  if (!std::exchange(asleep_, false)) return;
  const bool dozes = dozes_;
  lock.unlock();
  if (dozes) {
    woken_.notify_one();
  } else {
    signal();
  }
}

void EpollEventLoop::signal() {
  const uint64_t one = 1;
  ssize_t written;
  do {
    written = write(wake_fd_, &one, sizeof one);
  } while (written < 0 && errno == EINTR);
}

void EpollEventLoop::post(Task task) {
  std::unique_lock lock(mutex_);
  inbox_.push_back(std::move(task));
  wake(std::move(lock));
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

void EpollEventLoop::run() {
  current_ = this;
  pthread_setname_np(pthread_self(), "peerwire-net");
  ask_for_prompt_scheduling();
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
  destroy_parts();  // last: what was captured may leave them
  current_ = nullptr;
}

int EpollEventLoop::poll(epoll_event* events) {
  if (running_next_ < running_.size() || !deferred_.empty()) return wait(events, Duration::zero());
  const auto next = timers_.next();
  sleeps_until_ = next.value_or(TimePoint::max());
  std::unique_lock lock(mutex_);
  asleep_ = inbox_.empty() && !stop_requested_;
  if (!asleep_) {
    lock.unlock();
    return wait(events, Duration::zero());
  }
  dozes_ = watch_ticket_ != 0;
  if (dozes_) {
    doze(lock);
    lock.unlock();
    return wait(events, Duration::zero());
  }
  lock.unlock();
  // From here on the loop may be lent: nothing of it is touched.
  Duration timeout = Duration::max();
  if (next) timeout = std::max(Duration::zero(), *next - Clock::now());
  const int count = wait(events, timeout);
  lock.lock();
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

std::unique_ptr<NetworkThread> start_event_loop() {
  auto loop = std::make_unique<EpollEventLoop>();
  if (!loop->start()) return nullptr;
  return loop;
}

}  // namespace peerwire

#endif  // defined(__linux__)
