#include "base/timer_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace peerwire {
namespace {

TEST(TimerThread, RunsTimersInOrderOfTheirTimes) {
  const auto timers = acquire_timer_thread();
  std::vector<int> seen;
  std::promise<void> done;
  const TimePoint now = timers->now();
  timers->start(now + std::chrono::milliseconds(20), [&] {
    seen.push_back(3);
    done.set_value();
  });
  timers->start(now + std::chrono::milliseconds(10), [&] { seen.push_back(1); });
  timers->start(now + std::chrono::milliseconds(10), [&] { seen.push_back(2); });
  const auto cancelled = timers->start(now + std::chrono::milliseconds(15), [&] { seen.push_back(9); });
  timers->cancel(cancelled);
  timers->cancel(cancelled);
  done.get_future().wait();
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(timers->now(), now + std::chrono::milliseconds(20));
}

TEST(TimerThread, IsSharedAndEndsWithItsLastHolder) {
  std::weak_ptr<Timers> weak;
  {
    const auto one = acquire_timer_thread();
    EXPECT_EQ(one, acquire_timer_thread());
    weak = one;
  }
  EXPECT_TRUE(weak.expired());
}

TEST(TimerThread, MayBeLetGoByItsOwnTask) {
  std::promise<void> done;
  auto holder = std::make_shared<std::shared_ptr<Timers>>(acquire_timer_thread());
  Timers* raw = holder->get();
  raw->start(raw->now(), [&done, holder = std::move(holder)]() mutable {
    holder.reset();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace
}  // namespace peerwire
