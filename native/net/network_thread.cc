#include "net/network_thread.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>

#if defined(_WIN32)
#include <process.h>
#else
#include <unistd.h>
#endif

#include "net/event_loop.h"

namespace peerwire {
namespace {

int process_id() {
#if defined(_WIN32)
  return _getpid();
#else
  return static_cast<int>(getpid());
#endif
}

// Counted by hand and not by a weak_ptr: the next loop may start only after the last one has been joined, because
// layers above keep process-wide state (usrsctp) that only one network thread may ever touch.
struct SharedLoop {
  std::mutex mutex;
  std::unique_ptr<NetworkThread> loop;
  size_t holders = 0;
  int owner_process = 0;
};

// Never destroyed: environments may let go of the thread while static destructors run.
SharedLoop& shared_loop() {
  static SharedLoop* const shared = new SharedLoop;
  return *shared;
}

void release(NetworkThread* loop) {
  SharedLoop& shared = shared_loop();
  // A forked child has the object but not the thread: there is nothing to join.
  if (shared.owner_process != process_id()) return;
  if (loop->is_current()) fail_invariant("the network thread was released on itself and cannot join itself");
  std::lock_guard lock(shared.mutex);
  if (shared.loop.get() != loop || --shared.holders > 0) return;
  shared.loop.reset();
}

}  // namespace

void fail_invariant(const char* sentence) {
  std::fprintf(stderr, "peerwire: %s\n", sentence);
  std::abort();
}

std::shared_ptr<NetworkThread> NetworkThread::acquire() {
  SharedLoop& shared = shared_loop();
  std::lock_guard lock(shared.mutex);
  if (shared.loop && shared.owner_process != process_id()) {
    // Inherited through fork(): its thread stayed with the parent. Left behind on purpose.
    static_cast<void>(shared.loop.release());
    shared.holders = 0;
  }
  if (!shared.loop) {
    shared.loop = start_event_loop();
    if (!shared.loop) return nullptr;
    shared.owner_process = process_id();
  }
  ++shared.holders;
  return {shared.loop.get(), release};
}

}  // namespace peerwire
