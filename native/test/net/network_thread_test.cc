#include "net/network_thread.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace peerwire {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(NetworkThread, IsSharedByItsHoldersAndEndsWithTheLast) {
  auto first = NetworkThread::acquire();
  auto second = NetworkThread::acquire();
  EXPECT_EQ(first.get(), second.get());
  std::atomic<int> ran = 0;
  first.reset();
  second->post([&] { ++ran; });
  second.reset();  // joins: what was posted has run
  EXPECT_EQ(ran, 1);
  auto third = NetworkThread::acquire();
  third->post_and_wait([&] { ++ran; });
  EXPECT_EQ(ran, 2);
}

TEST(NetworkThread, HoldersComeAndGoOnManyThreadsButOnlyOneLoopEverRuns) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        auto network = NetworkThread::acquire();
        network->post([&] {
          most = std::max(most.load(), ++inside);
          ++ran;
          --inside;
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(ran, 400);
}

TEST(NetworkThread, RunsTasksInTheOrderOfPosting) {
  auto network = NetworkThread::acquire();
  std::vector<int> order;
  for (int i = 0; i < 5000; ++i) network->post([&order, i] { order.push_back(i); });
  network->post_and_wait([] {});
  ASSERT_EQ(order.size(), 5000u);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(NetworkThread, KeepsTheOrderOfEachPostingThread) {
  auto network = NetworkThread::acquire();
  constexpr int kThreads = 4, kPosts = 20000;
  std::vector<std::vector<int>> seen(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) network->post([&seen, t, i] { seen[static_cast<size_t>(t)].push_back(i); });
    });
  }
  for (auto& thread : threads) thread.join();
  network->post_and_wait([] {});
  for (const auto& list : seen) {
    ASSERT_EQ(list.size(), static_cast<size_t>(kPosts));
    for (int i = 0; i < kPosts; ++i) ASSERT_EQ(list[static_cast<size_t>(i)], i);
  }
}

TEST(NetworkThread, HasItsNameAndTakesNoSignals) {
  auto network = NetworkThread::acquire();
  EXPECT_FALSE(network->is_current());
  char name[16] = {};
  bool current = false, blocked = false;
  network->post_and_wait([&] {
    current = network->is_current();
    pthread_getname_np(pthread_self(), name, sizeof name);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGCHLD) == 1 && sigismember(&mask, SIGUSR1) == 1;
  });
  EXPECT_TRUE(current);
  EXPECT_STREQ(name, "peerwire-net");
  EXPECT_TRUE(blocked);
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(sigismember(&mine, SIGTERM), 0);
}

TEST(NetworkThread, TimersRunInTheOrderOfTheirTimesThenOfTheirStart) {
  auto network = NetworkThread::acquire();
  std::string order;
  std::promise<void> done;
  network->post([&] {
    const TimePoint now = network->now();
    network->start_timer(now + milliseconds(6), [&] {
      order += 'd';
      done.set_value();
    });
    network->start_timer(now + milliseconds(2), [&] { order += 'b'; });
    network->start_timer(now + milliseconds(2), [&] { order += 'c'; });
    network->start_timer(now - milliseconds(1), [&] { order += 'a'; });
    const auto cancelled = network->start_timer(now + milliseconds(1), [&] { order += 'X'; });
    network->cancel_timer(cancelled);
    network->cancel_timer(cancelled);
    network->cancel_timer(NetworkThread::kNoTimer);
    network->cancel_timer(~uint64_t{0});
  });
  done.get_future().wait();
  EXPECT_EQ(order, "abcd");
}

TEST(NetworkThread, ATimerMayCancelAnotherThatIsDueInTheSameTurn) {
  auto network = NetworkThread::acquire();
  std::string order;
  std::promise<void> done;
  network->post([&] {
    auto second = std::make_shared<NetworkThread::TimerId>();
    const TimePoint when = network->now() + milliseconds(1);
    network->start_timer(when, [&, second] {
      order += 'a';
      network->cancel_timer(*second);
    });
    *second = network->start_timer(when, [&] { order += 'X'; });
    network->start_timer(when, [&] { done.set_value(); });
  });
  done.get_future().wait();
  EXPECT_EQ(order, "a");
}

TEST(NetworkThread, ATimerIsNeverEarlyAndUsuallyLateByFarLessThanAMillisecond) {
  auto network = NetworkThread::acquire();
  std::vector<Duration> lateness;
  for (int i = 0; i < 50; ++i) {
    std::promise<void> done;
    network->post([&] {
      const TimePoint when = Clock::now() + microseconds(300);
      network->start_timer(when, [&, when] {
        lateness.push_back(Clock::now() - when);
        done.set_value();
      });
    });
    done.get_future().wait();
  }
  std::sort(lateness.begin(), lateness.end());
  EXPECT_GE(lateness.front(), Duration::zero());
  std::printf("timer lateness: median %lld us\n",
              static_cast<long long>(std::chrono::duration_cast<microseconds>(lateness[25]).count()));
}

TEST(NetworkThread, ATimerThatAlwaysRestartsItselfAsDueStarvesNobody) {
  auto network = NetworkThread::acquire();
  std::atomic<bool> stop = false;
  std::function<void()> again = [&] {
    if (!stop) network->start_timer(network->now(), again);
  };
  network->post(again);
  for (int i = 0; i < 100; ++i) network->post_and_wait([] {});
  network->post_and_wait([&] { stop = true; });
}

TEST(NetworkThread, DeferredTasksEndTheTurnInWhichTheyWereDeferred) {
  auto network = NetworkThread::acquire();
  std::string order;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  network->post([opened] { opened.wait(); });  // holds the loop, so that what follows is one burst
  network->post([&] {
    order += 'a';
    network->defer([&] {
      order += 'c';
      network->defer([&] { order += 'd'; });
    });
  });
  network->post([&] { order += 'b'; });
  gate.set_value();
  network->post_and_wait([] {});
  network->post_and_wait([] {});
  EXPECT_EQ(order, "abcd");
}

struct ReadAll : NetworkThread::FdObserver {
  void on_readable() override {
    char buffer[64];
    const ssize_t size = read(fd, buffer, sizeof buffer);
    if (size > 0) text.append(buffer, static_cast<size_t>(size));
    if (size == 0) ++ends;
    if (readable) readable();
  }
  void on_writable() override {
    ++writable_calls;
    network->want_writable(fd, false);
    if (writable) writable();
  }
  NetworkThread* network = nullptr;
  int fd = -1;
  std::string text;
  int ends = 0;
  int writable_calls = 0;
  std::function<void()> readable;
  std::function<void()> writable;
};

TEST(NetworkThread, TellsReadableAndWritableDescriptors) {
  auto network = NetworkThread::acquire();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
  std::promise<void> read_done, write_done;
  ReadAll observer;
  observer.network = network.get();
  observer.fd = pair[0];
  observer.readable = [&] {
    if (observer.text == "ping") read_done.set_value();
  };
  observer.writable = [&] { write_done.set_value(); };
  network->post_and_wait([&] { network->watch(pair[0], &observer); });
  ASSERT_EQ(write(pair[1], "ping", 4), 4);
  read_done.get_future().wait();
  network->post_and_wait([&] { network->want_writable(pair[0], true); });
  write_done.get_future().wait();
  network->post_and_wait([&] {
    EXPECT_EQ(observer.writable_calls, 1);
    network->unwatch(pair[0]);
    network->unwatch(pair[0]);
  });
  close(pair[0]);
  close(pair[1]);
}

TEST(NetworkThread, ADescriptorUnwatchedByItsNeighbourInTheSameTurnIsNotToldAnyMore) {
  auto network = NetworkThread::acquire();
  int a[2], b[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, a), 0);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b), 0);
  ReadAll first, second;
  first.fd = a[0];
  second.fd = b[0];
  int calls = 0;
  auto take_both = [&] {
    ++calls;
    network->unwatch(a[0]);
    network->unwatch(b[0]);
  };
  first.readable = take_both;
  second.readable = take_both;
  network->post_and_wait([&] {
    network->watch(a[0], &first);
    network->watch(b[0], &second);
    ASSERT_EQ(write(a[1], "x", 1), 1);
    ASSERT_EQ(write(b[1], "x", 1), 1);
  });
  for (int i = 0; i < 3; ++i) network->post_and_wait([] {});
  network->post_and_wait([&] { EXPECT_EQ(calls, 1); });
  for (int fd : {a[0], a[1], b[0], b[1]}) close(fd);
}

TEST(NetworkThread, AFloodOfTasksDoesNotKeepPacketsWaiting) {
  auto network = NetworkThread::acquire();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  ReadAll observer;
  observer.fd = pair[0];
  int tasks_run = 0, tasks_run_when_read = -1;
  observer.readable = [&] { tasks_run_when_read = tasks_run; };
  network->post_and_wait([&] { network->watch(pair[0], &observer); });
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  network->post([opened] { opened.wait(); });
  for (int i = 0; i < 10000; ++i) network->post([&] { ++tasks_run; });
  ASSERT_EQ(write(pair[1], "x", 1), 1);
  gate.set_value();
  network->post_and_wait([] {});
  network->post_and_wait([&] { network->unwatch(pair[0]); });
  EXPECT_GE(tasks_run_when_read, 0);
  EXPECT_LT(tasks_run_when_read, 1000);
  close(pair[0]);
  close(pair[1]);
}

#if !defined(__SANITIZE_THREAD__)
TEST(NetworkThread, AForkedChildNeitherHangsNorTouchesTheParentsThread) {
  auto network = NetworkThread::acquire();
  network->post_and_wait([] {});
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    network.reset();  // inherited: must not wait for a thread that is not here
    auto own = NetworkThread::acquire();
    bool ran = false;
    own->post_and_wait([&] { ran = true; });
    own.reset();
    _exit(ran ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  bool ran = false;
  network->post_and_wait([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(NetworkThreadDeathTest, WaitingForItselfIsABugAndSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto network = NetworkThread::acquire();
        network->post([&] { network->post_and_wait([] {}); });
        network->post_and_wait([] {});
      },
      "would never return");
}
#endif

}  // namespace
}  // namespace peerwire
