#include "net/timer_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace peerwire {
namespace {

TEST(TimerQueue, AgreesWithASortedMapUnderRandomUse) {
  std::mt19937 random(7);
  TimerQueue queue;
  std::map<std::pair<int64_t, uint64_t>, TimerQueue::TimerId> model;
  std::vector<TimerQueue::TimerId> dead;
  uint64_t started = 0;
  for (int step = 0; step < 20000; ++step) {
    const int what = static_cast<int>(random() % 10);
    if (what < 5 || model.empty()) {
      const int64_t when = static_cast<int64_t>(random() % 500);
      model[{when, started++}] = queue.start(TimePoint(Duration(when)), [] {});
    } else if (what < 8) {
      auto it = std::next(model.begin(), static_cast<long>(random() % model.size()));
      queue.cancel(it->second);
      dead.push_back(it->second);
      model.erase(it);
      queue.cancel(dead[random() % dead.size()]);
    } else {
      ASSERT_EQ(queue.next()->time_since_epoch().count(), model.begin()->first.first);
      ASSERT_TRUE(queue.take_due(TimePoint(Duration(500)), UINT64_MAX));
      dead.push_back(model.begin()->second);
      model.erase(model.begin());
    }
    ASSERT_EQ(queue.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(queue.next()->time_since_epoch().count(), model.begin()->first.first);
    }
  }
}

TEST(TimerQueue, GivesNothingBeforeItsTimeOrBeyondTheSequenceLimit) {
  TimerQueue queue;
  queue.start(TimePoint(Duration(10)), [] {});
  EXPECT_FALSE(queue.take_due(TimePoint(Duration(9)), UINT64_MAX));
  EXPECT_FALSE(queue.take_due(TimePoint(Duration(10)), 0));
  EXPECT_TRUE(queue.take_due(TimePoint(Duration(10)), 1));
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace peerwire
