// The network thread's turns on other threads: run_or_post(), and the watch for packets.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/network_thread.h"
#include "test/net/lent_turn.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

TEST(LentNetworkThread, LendsItselfWhileItSleeps) {
  auto network = NetworkThread::acquire();
  bool deferred_inside = false;
  ASSERT_TRUE(lends_itself(*network, [&] {
    network->defer(
        [&, caller = std::this_thread::get_id()] { deferred_inside = caller == std::this_thread::get_id(); });
  }));
  EXPECT_TRUE(deferred_inside);
  EXPECT_FALSE(network->is_current());
}

TEST(LentNetworkThread, HasItsPartsWhoeverRunsIt) {
  struct Counter {
    int count = 0;
  };
  struct Other : Counter {};
  auto network = NetworkThread::acquire();
  Counter* own = nullptr;
  network->post_and_wait([&] {
    own = &network->part<Counter>();
    own->count = 7;
  });
  Counter* lent = nullptr;
  ASSERT_TRUE(lends_itself(*network, [&] { lent = &network->part<Counter>(); }));
  EXPECT_EQ(lent, own);
  EXPECT_EQ(lent->count, 7);
  network->post_and_wait([&] { EXPECT_EQ(network->part<Other>().count, 0) << "another type is another part"; });
}

TEST(LentNetworkThread, DestroysItsPartsOnItsOwnThreadTheYoungestFirst) {
  static std::thread::id loop;
  static std::vector<std::string> destroyed;
  destroyed.clear();
  struct First {
    ~First() {
      EXPECT_EQ(std::this_thread::get_id(), loop);
      destroyed.push_back("first");
    }
  };
  struct Second {
    NetworkThread* network = nullptr;
    ~Second() {
      network->part<First>();
      EXPECT_TRUE(network->is_current());
      destroyed.push_back("second");
    }
  };
  struct Capture {
    NetworkThread* network;
    ~Capture() {
      network->part<Second>().network = network;
      destroyed.push_back("capture");
    }
  };
  auto network = NetworkThread::acquire();
  network->post_and_wait([] { loop = std::this_thread::get_id(); });
  // Made by another thread, which is not the one to destroy them.
  ASSERT_TRUE(lends_itself(*network, [&] {
    network->part<First>();
    network->part<Second>().network = network.get();
  }));
  network->post_and_wait([&] {
    network->start_timer(network->now() + std::chrono::hours(1),
                         [capture = std::make_shared<Capture>(network.get())] {});
  });
  network.reset();
  EXPECT_EQ(destroyed, (std::vector<std::string>{"capture", "second", "first"}));
}

TEST(LentNetworkThread, DoesNotLendItselfWhileItWorks) {
  auto network = NetworkThread::acquire();
  std::promise<void> begun, end;
  network->post([&] {
    begun.set_value();
    end.get_future().wait();
  });
  begun.get_future().wait();
  std::promise<std::thread::id> ran;
  network->run_or_post([&] { ran.set_value(std::this_thread::get_id()); });
  end.set_value();
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(LentNetworkThread, KeepsTimersThatWereStartedWhileItWasLent) {
  auto network = NetworkThread::acquire();
  // It would sleep for long without this one.
  NetworkThread::TimerId later = NetworkThread::kNoTimer;
  network->post_and_wait([&] { later = network->start_timer(network->now() + std::chrono::hours(1), [] {}); });
  std::promise<std::thread::id> fired;
  std::atomic<bool> started = false;
  ASSERT_TRUE(lends_itself(*network, [&] {
    if (started.exchange(true)) return;
    network->start_timer(network->now() + std::chrono::milliseconds(2),
                         [&] { fired.set_value(std::this_thread::get_id()); });
  }));
  auto future = fired.get_future();
  ASSERT_EQ(future.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_NE(future.get(), std::this_thread::get_id());
  network->post_and_wait([&] { network->cancel_timer(later); });
}

TEST(LentNetworkThread, IsOneThreadWhoeverRunsIt) {
  auto network = NetworkThread::acquire();
  constexpr int kThreads = 4, kRounds = 3000;
  int inside = 0, done = 0;  // of the network thread, without a lock
  std::atomic<int> lent = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        network->run_or_post([&, caller = std::this_thread::get_id()] {
          ASSERT_EQ(++inside, 1);
          if (caller == std::this_thread::get_id()) ++lent;
          network->start_timer(network->now(), [] {});
          network->defer([&] { ++done; });
          --inside;
        });
        if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(60));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  network->post_and_wait([] {});
  network->post_and_wait([&] { EXPECT_EQ(done, kThreads * kRounds); });
  EXPECT_GT(lent, 0);
}

/// One end of a pair of sockets, watched by the network thread; what it reads goes to `read`.
class WatchedSocket final : public NetworkThread::FdObserver {
 public:
  WatchedSocket(NetworkThread& network, std::function<void(char)> read) : network_(network), read_(std::move(read)) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) != 0) std::abort();
    network_.post_and_wait([this] { network_.watch(ends_[0], this); });
  }
  ~WatchedSocket() override {
    network_.post_and_wait([this] { network_.unwatch(ends_[0]); });
    for (int end : ends_) close(end);
  }
  void on_readable() override {
    char octet = 0;
    while (::read(ends_[0], &octet, 1) == 1) read_(octet);
  }
  void write(char octet) {
    pollfd room{ends_[1], POLLOUT, 0};
    ASSERT_EQ(::poll(&room, 1, 10'000), 1);
    ASSERT_EQ(::write(ends_[1], &octet, 1), 1);
  }

 private:
  NetworkThread& network_;
  const std::function<void(char)> read_;
  int ends_[2] = {-1, -1};
};

/// As an event loop: sleeps until the descriptor is readable, or for a millisecond, then runs a turn.
/// @return false when the watch is lost
bool look(NetworkThread& network, const NetworkThread::PacketWatch& watch) {
  pollfd descriptor{watch.descriptor, POLLIN, 0};
  ::poll(&descriptor, 1, 1);
  return network.run_turn(watch.ticket) != NetworkThread::Turn::kLost;
}

TEST(LentNetworkThread, LeavesPacketsToWhoHasTheWatch) {
  auto network = NetworkThread::acquire();
  std::atomic<int> here = 0, elsewhere = 0;
  WatchedSocket socket(*network, [&, caller = std::this_thread::get_id()](char) {
    EXPECT_TRUE(network->is_current());
    ++(std::this_thread::get_id() == caller ? here : elsewhere);
  });
  // The watch is lost when this thread is kept from its processor for two milliseconds: then it is taken again.
  for (int tries = 0; here < 100 && tries < 10'000; ++tries) {
    const auto watch = network->take_watch();
    ASSERT_TRUE(watch);
    EXPECT_FALSE(network->take_watch()) << "somebody has it";
    for (int i = 0; i < 20; ++i) {
      socket.write('x');
      if (!look(*network, *watch)) break;
    }
    network->return_watch(watch->ticket);
  }
  EXPECT_GE(here, 100);
  std::printf("read by who watches: %d, by the network thread: %d\n", here.load(), elsewhere.load());
}

TEST(LentNetworkThread, TakesTheWatchBackFromWhoDoesNotLook) {
  auto network = NetworkThread::acquire();
  std::atomic<int> elsewhere = 0;
  WatchedSocket socket(*network, [&, caller = std::this_thread::get_id()](char) {
    if (std::this_thread::get_id() != caller) ++elsewhere;
  });
  const auto watch = network->take_watch();
  ASSERT_TRUE(watch);
  std::optional<NetworkThread::PacketWatch> next;
  for (int i = 1; !next; ++i) {
    socket.write('x');
    while (elsewhere < i) std::this_thread::yield();
    next = network->take_watch();
  }
  EXPECT_EQ(network->run_turn(watch->ticket), NetworkThread::Turn::kLost) << "the ticket of another watch";
  network->return_watch(watch->ticket);
  EXPECT_FALSE(network->take_watch()) << "which is not ended by it either";
}

TEST(LentNetworkThread, TakesTheWatchBackFromLongTurns) {
  auto network = NetworkThread::acquire();
  int here = 0, most = 0;  // turns; of the loop, whoever runs it
  TimePoint turn;
  WatchedSocket socket(*network, [&, caller = std::this_thread::get_id()](char) {
    if (std::this_thread::get_id() != caller || turn == network->now()) return;
    turn = network->now();
    ++here;
    // Long, and far from the two milliseconds; to sleep so long takes some systems longer than those.
    const TimePoint enough = Clock::now() + std::chrono::microseconds(300);
    while (Clock::now() < enough) continue;
  });
  // The watch is also lost when this thread is kept from its processor for two milliseconds.
  for (int i = 0; i < 20 || (most < 3 && i < 1000); ++i) {
    const auto watch = network->take_watch();
    ASSERT_TRUE(watch);
    network->post_and_wait([&] { here = 0; });
    do {
      socket.write('x');
    } while (look(*network, *watch));
    network->post_and_wait([&] { most = std::max(most, here); });
  }
  EXPECT_EQ(most, 3);
}

TEST(LentNetworkThread, RunsTimersAndTasksWhileSomebodyElseWatches) {
  auto network = NetworkThread::acquire();
  for (int i = 0; i < 50; ++i) {
    const auto watch = network->take_watch();
    ASSERT_TRUE(watch);
    std::promise<void> fired;
    network->post_and_wait([&] { network->start_timer(Clock::now() + milliseconds(1), [&] { fired.set_value(); }); });
    network->run_turn(watch->ticket);
    fired.get_future().wait();
    network->return_watch(watch->ticket);
  }
}

// A turn of who watches reads the event that wakes the network thread as well, if that one still sleeps in
// epoll_wait().
TEST(LentNetworkThread, LosesNoPostToTheTurnsOfWhoWatches) {
  auto network = NetworkThread::acquire();
  std::atomic<bool> stop = false;
  std::thread holder([&] {
    while (!stop) {
      const auto watch = network->take_watch();
      if (!watch) continue;
      for (int i = 0; i < 3; ++i) network->run_turn(watch->ticket);
      network->return_watch(watch->ticket);
    }
  });
  bool lost = false;
  for (int i = 0; i < 20'000 && !lost; ++i) {
    auto ran = std::make_shared<std::promise<void>>();
    auto done = ran->get_future();
    network->post([ran] { ran->set_value(); });
    lost = done.wait_for(std::chrono::seconds(20)) != std::future_status::ready;
  }
  EXPECT_FALSE(lost);
  stop = true;
  holder.join();
}

TEST(LentNetworkThread, EndsWhileSomebodyElseWatches) {
  for (int i = 0; i < 20; ++i) {
    auto network = NetworkThread::acquire();
    ASSERT_TRUE(network->take_watch());
    std::atomic<bool> ran = false;
    network->post([&] { ran = true; });
    network.reset();
    EXPECT_TRUE(ran);
  }
}

TEST(LentNetworkThread, IsOneThreadWhoeverWatches) {
  auto network = NetworkThread::acquire();
  constexpr int kThreads = 3, kRounds = 2000;
  int inside = 0, read = 0;  // of the network thread, without a lock
  WatchedSocket socket(*network, [&](char) {
    ASSERT_EQ(++inside, 1);
    ++read;
    network->start_timer(network->now(), [] {});
    --inside;
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        socket.write('x');
        network->run_or_post([&] {
          ASSERT_EQ(++inside, 1);
          --inside;
        });
        const auto watch = network->take_watch();
        if (!watch) continue;
        for (int turn = 0; turn < 10 && network->run_turn(watch->ticket) != NetworkThread::Turn::kLost; ++turn)
          std::this_thread::yield();
        // Some lapse instead.
        if (round % 7 != 0) network->return_watch(watch->ticket);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  bool complete = false;
  while (!complete) network->post_and_wait([&] { complete = read == kThreads * kRounds; });
}

}  // namespace
}  // namespace peerwire
