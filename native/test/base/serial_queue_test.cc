#include "base/serial_queue.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace peerwire {
namespace {

TEST(SerialQueue, RunsTasksInOrderAndOneAtATime) {
  SerialQueue queue(WorkerPool::acquire());
  std::vector<int> seen;
  std::atomic<int> inside{0};
  bool overlapped = false;
  for (int index = 0; index < 1000; ++index) {
    queue.post([&, index] {
      overlapped |= inside.fetch_add(1) != 0;
      seen.push_back(index);
      inside.fetch_sub(1);
    });
  }
  std::promise<void> done;
  queue.post([&] { done.set_value(); });
  done.get_future().wait();
  ASSERT_EQ(seen.size(), 1000u);
  for (int index = 0; index < 1000; ++index) EXPECT_EQ(seen[index], index);
  EXPECT_FALSE(overlapped);
}

TEST(SerialQueue, TellsItsThreadsFromThoseOfTheNetwork) {
  std::promise<std::string> name;
  SerialQueue queue(WorkerPool::acquire());
  queue.post([&] {
    char own[16] = {};
    pthread_getname_np(pthread_self(), own, sizeof own);
    name.set_value(own);
  });
  EXPECT_EQ(name.get_future().get(), "peerwire-work");
}

TEST(SerialQueue, RunsSeveralQueuesAtOnce) {
  const auto pool = WorkerPool::acquire();
  SerialQueue first(pool), second(pool);
  std::promise<void> met, done;
  first.post([&] {
    met.get_future().wait();
    done.set_value();
  });
  second.post([&] { met.set_value(); });
  done.get_future().wait();
}

TEST(SerialQueue, MayBeDestroyedByItsOwnTask) {
  std::promise<void> done;
  auto queue = std::make_shared<SerialQueue>(WorkerPool::acquire());
  auto* raw = queue.get();
  raw->post([&done, queue = std::move(queue)]() mutable {
    queue.reset();
    done.set_value();
  });
  done.get_future().wait();
}

TEST(SerialQueue, DropsWhatHasNotBegunWhenDestroyed) {
  auto pool = WorkerPool::acquire();
  std::promise<void> begun, go, done;
  auto counted = std::make_shared<int>(0);
  {
    SerialQueue queue(pool);
    queue.post([&] {
      begun.set_value();
      go.get_future().wait();
      done.set_value();
    });
    queue.post([counted] { ++*counted; });
    begun.get_future().wait();
  }
  EXPECT_EQ(counted.use_count(), 1);
  go.set_value();
  done.get_future().wait();
  EXPECT_EQ(*counted, 0);
}

}  // namespace
}  // namespace peerwire
