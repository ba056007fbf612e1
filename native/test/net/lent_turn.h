// Turns of the network thread that the calling thread runs.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <thread>

#include "net/network_thread.h"

namespace peerwire {

/// The thread on which run_or_post() has run `inside`.
inline std::thread::id thread_that_runs(
    NetworkThread& network, const std::function<void()>& inside = [] {}) {
  std::promise<std::thread::id> ran;
  network.run_or_post([&] {
    EXPECT_TRUE(network.is_current());
    inside();
    ran.set_value(std::this_thread::get_id());
  });
  return ran.get_future().get();
}

/// Whether `inside` has run on the calling thread: until the loop sleeps, of which nobody is told, it runs it itself.
inline bool lends_itself(
    NetworkThread& network, const std::function<void()>& inside = [] {}) {
  for (int i = 0; i < 10'000; ++i) {
    if (thread_that_runs(network, inside) == std::this_thread::get_id()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace peerwire
