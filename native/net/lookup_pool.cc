#include "net/lookup_pool.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace peerwire {
namespace {

constexpr auto kIdle = std::chrono::seconds(5);

}  // namespace

LookupPool& LookupPool::instance() {
  static LookupPool* pool = new LookupPool;  // never destroyed: a lookup may outlast everything else
  return *pool;
}

bool LookupPool::add(NameSource source, std::function<void()> lookup) {
  std::lock_guard lock(mutex_);
  Queue& queue = queue_of(source);
  queue.push_back(std::move(lookup));
  if (idle_ >= startable() || threads_ >= kMaxThreads) {
    wake_.notify_one();
    return true;
  }
  try {
    std::thread([this] { run(); }).detach();
    ++threads_;
  } catch (const std::system_error&) {
    // The system refuses a thread: those that there are will come to it.
    if (threads_ > 0) return true;
    queue.pop_back();
    return false;
  }
  return true;
}

int LookupPool::startable() const {
  const int free_for_peers = kMaxForPeers - busy_for_peers_;
  return static_cast<int>(of_configuration_.size()) + std::min(static_cast<int>(of_peers_.size()), free_for_peers);
}

void LookupPool::run() {
  pthread_setname_np(pthread_self(), "peerwire-names");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    const bool work = wake_.wait_for(lock, kIdle, [this] { return startable() > 0; });
    --idle_;
    if (!work) break;
    const bool for_peer = of_configuration_.empty();
    Queue& queue = queue_of(for_peer ? NameSource::kPeer : NameSource::kConfiguration);
    auto lookup = std::move(queue.front());
    queue.pop_front();
    busy_for_peers_ += for_peer;
    lock.unlock();
    lookup();
    lookup = nullptr;
    lock.lock();
    busy_for_peers_ -= for_peer;
  }
  --threads_;
}

}  // namespace peerwire
