// The turns of the event loop that other threads run.
#if defined(__linux__)

#include <algorithm>
#include <utility>

#include "net/epoll_event_loop.h"

namespace peerwire {
namespace {

// Who comes again so soon has more to do, which the loop's thread does while the caller goes on.
constexpr auto kLendInterval = std::chrono::microseconds(50);
// A thread that watches and has not looked for so long is busy with something else.
constexpr auto kWatchLapse = std::chrono::milliseconds(2);
// Turns of more than a few packets: there is enough to do for a thread of its own. One may have lost its processor.
constexpr auto kLongTurn = std::chrono::microseconds(200);
constexpr int kMaxLongTurns = 3;

}  // namespace

template <typename Work>
void EpollEventLoop::run_as_loop(TimePoint from, Work work) noexcept {
  const EpollEventLoop* const outer = std::exchange(current_, this);
  now_ = std::max(now_, from);
  work();
  // To the end: what is put off may be kept in lists of this thread.
  while (!deferred_.empty()) run_deferred();
  current_ = outer;
}

void EpollEventLoop::give_back(std::unique_lock<std::mutex> lock, bool wake_needed) {
  lent_ = false;
  if (wake_needed) {
    wake(std::move(lock));
  } else {
    lock.unlock();
  }
  given_back_.notify_one();
}

bool EpollEventLoop::run_or_post(Task task) {
  const TimePoint from = Clock::now();
  {
    std::unique_lock lock(mutex_);
    if (!asleep_ || lent_ || from - lent_at_ < kLendInterval) {
      inbox_.push_back(std::move(task));
      wake(std::move(lock));
      return false;
    }
    lent_ = true;
  }
  run_as_loop(from, [&] {
    task();
    task = nullptr;  // its captures are of the loop, too
  });
  const auto next = timers_.next();
  const bool wake_needed = next && *next < sleeps_until_;
  std::unique_lock lock(mutex_);
  lent_at_ = from;
  give_back(std::move(lock), wake_needed);
  return true;
}

std::optional<NetworkThread::PacketWatch> EpollEventLoop::take_watch() {
  std::lock_guard lock(mutex_);
  if (watch_ticket_ != 0 || stop_requested_) return std::nullopt;
  watch_ticket_ = ++last_ticket_;
  watched_at_ = Clock::now();
  long_turns_ = 0;
  // The next packet still wakes the loop's thread, too; from then on it sleeps without the descriptors.
  return PacketWatch{watch_ticket_, epoll_fd_};
}

NetworkThread::Turn EpollEventLoop::run_turn(uint64_t ticket) {
  const TimePoint from = Clock::now();
  {
    std::lock_guard lock(mutex_);
    if (watch_ticket_ != ticket) return Turn::kLost;
    watched_at_ = from;
    if (!asleep_ || lent_) return Turn::kBusy;
    lent_ = true;
  }
  run_as_loop(from, [this] {
    epoll_event events[kMaxEventsPerTurn];
    const int count = wait(events, Duration::zero());
    for (int i = 0; i < count; ++i) dispatch(events[i]);
  });
  const auto next = timers_.next();
  const bool is_long = Clock::now() - from > kLongTurn;
  std::unique_lock lock(mutex_);
  long_turns_ = is_long ? long_turns_ + 1 : 0;
  const bool keeps = long_turns_ < kMaxLongTurns;
  if (!keeps) watch_ticket_ = 0;
  lent_at_ = TimePoint();  // what is sent next answers this turn
  // The loop's thread still sleeps among the descriptors: it shall do so without them. And what another thread has
  // woken it with may be among the events that were read here.
  if (!dozes_) signal();
  give_back(std::move(lock), !keeps || (next && *next < sleeps_until_));
  return keeps ? Turn::kRan : Turn::kLost;
}

void EpollEventLoop::return_watch(uint64_t ticket) {
  std::unique_lock lock(mutex_);
  if (watch_ticket_ != ticket) return;
  watch_ticket_ = 0;
  wake(std::move(lock));
}

void EpollEventLoop::doze(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    const auto next = timers_.next();
    sleeps_until_ = std::min(next.value_or(TimePoint::max()), watched_at_ + kWatchLapse);
    asleep_ = true;
    const bool woken = woken_.wait_until(lock, sleeps_until_, [this] { return !asleep_; });
    asleep_ = false;  // before the wait: nobody gets the loop any more before this thread has had it
    given_back_.wait(lock, [this] { return !lent_; });
    const TimePoint now = Clock::now();
    if (now - watched_at_ >= kWatchLapse) watch_ticket_ = 0;
    if (woken || watch_ticket_ == 0 || !inbox_.empty() || stop_requested_) return;
    if (const auto due = timers_.next(); due && *due <= now) return;
  }
}

}  // namespace peerwire

#endif  // defined(__linux__)
