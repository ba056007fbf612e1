#include "base/scheduling.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace peerwire {
#if defined(__linux__)
namespace {

// struct sched_attr of the kernel in its first size. Not from <linux/sched/types.h>, which older C libraries' own
// <sched.h> does not go together with.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // of SCHED_OTHER: the length of a slice, ns
  uint64_t deadline = 0;
  uint64_t period = 0;
};

// Of those who are owed time, EEVDF runs the one whose slice ends first: who asks for short ones comes before who asks
// for long ones (0.7 to 2.8 ms are usual). Shorter than this (0.1 ms is the least) gave no less delay, and more
// switches.
constexpr uint64_t kPromptSliceNs = 300'000;
constexpr uint64_t kUsualSlice = 0;

void ask_for_slices(uint64_t length_ns) {
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  // Real-time policies come before all of this, SCHED_IDLE after it: both are somebody's decision.
  if (attributes.policy != SCHED_OTHER && attributes.policy != SCHED_BATCH) return;
  attributes.runtime = length_ns;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void ask_for_prompt_scheduling() {
  ask_for_slices(kPromptSliceNs);
}

void ask_for_usual_scheduling() {
  ask_for_slices(kUsualSlice);
}

#else

void ask_for_prompt_scheduling() {}
void ask_for_usual_scheduling() {}

#endif

}  // namespace peerwire
