#include "media/frame/frame_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

namespace peerwire::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kBlock = 100'000;
const TimePoint kBegin = Clock::now();

TEST(FrameMemoryPool, GivesTheSameBlockAgain) {
  FrameMemoryPool pool(1 << 20);
  auto block = pool.allocate(kBlock, kBegin);
  uint8_t* const memory = block.get();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % FrameMemoryPool::kAlignment, 0u);
  std::memset(memory, 1, kBlock + FrameMemoryPool::kAlignment);
  EXPECT_GE(pool.used_octets(), kBlock);
  block.reset();
  EXPECT_EQ(pool.used_octets(), 0u);
  EXPECT_GE(pool.kept_octets(), kBlock);
  EXPECT_EQ(pool.allocate(kBlock, kBegin).get(), memory);
}

TEST(FrameMemoryPool, BlocksInUseAreDistinct) {
  FrameMemoryPool pool(1 << 20);
  const auto one = pool.allocate(kBlock, kBegin);
  const auto other = pool.allocate(kBlock, kBegin);
  EXPECT_NE(one.get(), other.get());
}

TEST(FrameMemoryPool, KeepsNoMoreThanItsLimit) {
  FrameMemoryPool pool(3 * kBlock);
  std::vector<std::shared_ptr<uint8_t>> blocks;
  for (int i = 0; i < 20; i++) blocks.push_back(pool.allocate(kBlock, kBegin));
  blocks.clear();
  EXPECT_LE(pool.kept_octets(), 3 * kBlock);
  EXPECT_GT(pool.kept_octets(), kBlock);
}

TEST(FrameMemoryPool, GivesBackWhatNobodyAsksFor) {
  FrameMemoryPool pool(100 * kBlock);
  { const auto block = pool.allocate(kBlock, kBegin); }
  EXPECT_GT(pool.kept_octets(), 0u);
  pool.trim(Clock::now() + seconds(1));
  EXPECT_GT(pool.kept_octets(), 0u);
  pool.trim(Clock::now() + seconds(3));
  EXPECT_EQ(pool.kept_octets(), 0u);
}

TEST(FrameMemoryPool, ShrinksWithItsUse) {
  FrameMemoryPool pool(100 * kBlock);
  std::vector<std::shared_ptr<uint8_t>> blocks;
  for (int i = 0; i < 10; i++) blocks.push_back(pool.allocate(kBlock, kBegin));
  blocks.clear();
  EXPECT_GE(pool.kept_octets(), 9 * kBlock);
  // A small picture now and then: the large ones are not kept for it.
  for (int i = 1; i <= 60; i++) pool.allocate(10'000, Clock::now() + milliseconds(100) * i);
  EXPECT_LE(pool.kept_octets(), 20'000u + FrameMemoryPool::kAlignment);
}

TEST(FrameMemoryPool, ServesThreads) {
  FrameMemoryPool pool(10 * kBlock);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&pool, &failures, t] {
      for (int i = 0; i < 300; i++) {
        const auto block = pool.allocate(1000 * static_cast<size_t>(1 + i % 3));
        std::memset(block.get(), t, 1000);
        if (block.get()[0] != t || block.get()[999] != t) failures++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(pool.used_octets(), 0u);
}

}  // namespace
}  // namespace peerwire::test
