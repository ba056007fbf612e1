// Names whose name servers do not answer, until the test says so.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>

#include "net/lookup_pool.h"

namespace peerwire {

class BlockedLookups {
 public:
  static std::shared_ptr<BlockedLookups> add(NameSource source, int count) {
    const auto shared = std::make_shared<BlockedLookups>();
    for (int i = 0; i < count; ++i) LookupPool::instance().add(source, [shared] { shared->look_up(); });
    return shared;
  }

  void release() {
    std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  bool wait_for_begun(int count) {
    return wait([&] { return begun_ >= count; });
  }
  bool wait_for_ended(int count) {
    return wait([&] { return ended_ >= count; });
  }
  int begun() {
    std::lock_guard lock(mutex_);
    return begun_;
  }
  int most_at_once() {
    std::lock_guard lock(mutex_);
    return most_at_once_;
  }

 private:
  void look_up() {
    std::unique_lock lock(mutex_);
    ++begun_;
    most_at_once_ = std::max(most_at_once_, begun_ - ended_);
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
    ++ended_;
    changed_.notify_all();
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0, ended_ = 0, most_at_once_ = 0;
  bool released_ = false;
};

}  // namespace peerwire
