// The way back from threads of the pool to an object of the network thread. A task of the pool may end after the object
// is gone, and after the network thread is: it must touch neither.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "net/network_thread.h"

namespace peerwire {

template <typename Owner>
class ReturnPath : public std::enable_shared_from_this<ReturnPath<Owner>> {
 public:
  ReturnPath(NetworkThread& network, Owner& owner) : network_(network), owner_(&owner) {}

  /// Any thread. `task` is called with the owner on the network thread; not at all once the path is closed.
  template <typename Task>
  void post(Task task) {
    // Held while posting: after close() the network thread may end.
    std::lock_guard lock(mutex_);
    if (!owner_) return;
    network_.post([self = this->shared_from_this(), task = std::move(task)]() mutable {
      // Written on this thread alone.
      if (self->owner_) task(*self->owner_);
    });
  }
  /// Network thread, when the owner goes.
  void close() {
    std::lock_guard lock(mutex_);
    owner_ = nullptr;
  }

 private:
  NetworkThread& network_;
  std::mutex mutex_;
  Owner* owner_;
};

}  // namespace peerwire
