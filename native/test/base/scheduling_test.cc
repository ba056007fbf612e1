#include "base/scheduling.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <future>
#include <thread>

#include "base/serial_queue.h"

namespace peerwire {
namespace {

/// As sched_getattr(2) gives them.
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

Attributes attributes_of_this_thread() {
  Attributes attributes{};
  syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0);
  return attributes;
}

bool kernel_knows_slices() {
  utsname system{};
  int major = 0, minor = 0;
  uname(&system);
  return std::sscanf(system.release, "%d.%d", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 12));
}

TEST(Scheduling, AskingForItShortensTheSlicesOfThisThreadAndChangesNothingElse) {
  if (!kernel_knows_slices()) GTEST_SKIP() << "slices are asked for since Linux 6.12";
  const Attributes here = attributes_of_this_thread();
  Attributes before{}, after{};
  std::thread([&] {
    before = attributes_of_this_thread();
    ask_for_prompt_scheduling();
    after = attributes_of_this_thread();
  }).join();
  EXPECT_LT(after.runtime, before.runtime);
  EXPECT_EQ(after.policy, before.policy);
  EXPECT_EQ(after.nice, before.nice);
  EXPECT_EQ(after.flags, before.flags);
  EXPECT_EQ(attributes_of_this_thread().runtime, here.runtime);
}

TEST(Scheduling, ThreadsThatComputeDoNotInheritIt) {
  if (!kernel_knows_slices()) GTEST_SKIP() << "slices are asked for since Linux 6.12";
  const uint64_t usual = attributes_of_this_thread().runtime;
  uint64_t inherited = 0;
  std::promise<uint64_t> computing;
  std::thread([&] {
    ask_for_prompt_scheduling();
    std::thread([&] { inherited = attributes_of_this_thread().runtime; }).join();
    SerialQueue queue(WorkerPool::acquire());
    queue.post([&] { computing.set_value(attributes_of_this_thread().runtime); });
    EXPECT_EQ(computing.get_future().get(), usual);
  }).join();
  EXPECT_LT(inherited, usual);  // or there were nothing to ask for
}

TEST(Scheduling, APolicySomebodyChoseIsLeft) {
  Attributes after{};
  bool chosen = false;
  std::thread([&] {
    const sched_param none{};
    chosen = sched_setscheduler(0, SCHED_IDLE, &none) == 0;
    ask_for_prompt_scheduling();
    after = attributes_of_this_thread();
  }).join();
  if (!chosen) GTEST_SKIP() << "policies may not be chosen here";
  EXPECT_EQ(after.policy, static_cast<uint32_t>(SCHED_IDLE));
}

}  // namespace
}  // namespace peerwire
