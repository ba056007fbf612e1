// The threads that look names up, a few for the process.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace peerwire {

/// Who has given a name. A peer may make up as many as it likes, of name servers that do not answer.
enum class NameSource : uint8_t { kConfiguration, kPeer };

/// Threads that live while there are names to look up. A lookup cannot be interrupted, so they are detached. Names of
/// peers wait for each other alone: they never take all threads. Any thread.
class LookupPool {
 public:
  static constexpr int kMaxThreads = 4;
  static constexpr int kMaxForPeers = kMaxThreads / 2;

  static LookupPool& instance();

  /// Calls `lookup`, which may block, on one of the threads. False when there is none, and none to be had.
  bool add(NameSource source, std::function<void()> lookup);

 private:
  using Queue = std::deque<std::function<void()>>;
  LookupPool() = default;
  void run();
  Queue& queue_of(NameSource source) { return source == NameSource::kPeer ? of_peers_ : of_configuration_; }
  /// How many lookups may be begun now.
  int startable() const;

  std::mutex mutex_;
  std::condition_variable wake_;
  Queue of_configuration_, of_peers_;
  int threads_ = 0, idle_ = 0;
  int busy_for_peers_ = 0;  // of the threads
};

}  // namespace peerwire
