// Pending timers of one thread, soonest first: a binary heap whose entries know their place, so that a timer is
// cancelled in O(log n) and leaves nothing behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/network_thread.h"

namespace peerwire {

class TimerQueue {
 public:
  using TimerId = NetworkThread::TimerId;
  using Task = NetworkThread::Task;

  TimerId start(TimePoint when, Task task);
  /// An expired or unknown timer is ignored.
  void cancel(TimerId timer);

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  std::optional<TimePoint> next() const;
  /// Number of timers ever started; a timer's own sequence is below it.
  uint64_t sequence() const { return next_sequence_; }

  /// Takes the soonest timer that is due at `now` and was started before `sequence_limit`. Timers of the same time
  /// run in the order in which they were started. Empty when there is none.
  Task take_due(TimePoint now, uint64_t sequence_limit);
  void clear();

 private:
  struct Entry {
    TimePoint when;
    uint64_t sequence;
    uint32_t slot;
  };
  struct Slot {
    Task task;
    uint32_t generation = 1;
    uint32_t heap_index = 0;
    bool used = false;
  };

  static bool before(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when < b.when : a.sequence < b.sequence;
  }
  void place(size_t index, const Entry& entry);
  void sift_up(size_t index);
  void sift_down(size_t index);
  Task remove(size_t index);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  uint64_t next_sequence_ = 0;
};

}  // namespace peerwire
