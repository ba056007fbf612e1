#include "net/timer_queue.h"

#include <utility>

namespace peerwire {

TimerQueue::TimerId TimerQueue::start(TimePoint when, Task task) {
  uint32_t index;
  if (!free_slots_.empty()) {
    index = free_slots_.back();
    free_slots_.pop_back();
  } else {
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  }
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.used = true;
  heap_.push_back({});
  place(heap_.size() - 1, {when, next_sequence_++, index});
  sift_up(heap_.size() - 1);
  return (static_cast<uint64_t>(slot.generation) << 32) | (index + 1u);
}

void TimerQueue::cancel(TimerId timer) {
  const uint32_t number = static_cast<uint32_t>(timer);
  if (number == 0 || number > slots_.size()) return;
  const Slot& slot = slots_[number - 1];
  if (!slot.used || slot.generation != static_cast<uint32_t>(timer >> 32)) return;
  // The task is destroyed only after the queue is consistent again: its captures may call back.
  Task task = remove(slot.heap_index);
}

std::optional<TimePoint> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

TimerQueue::Task TimerQueue::take_due(TimePoint now, uint64_t sequence_limit) {
  if (heap_.empty()) return nullptr;
  const Entry& first = heap_.front();
  if (first.when > now || first.sequence >= sequence_limit) return nullptr;
  return remove(0);
}

void TimerQueue::clear() {
  std::vector<Slot> slots = std::move(slots_);
  slots_.clear();
  heap_.clear();
  free_slots_.clear();
}

void TimerQueue::place(size_t index, const Entry& entry) {
  heap_[index] = entry;
  slots_[entry.slot].heap_index = static_cast<uint32_t>(index);
}

void TimerQueue::sift_up(size_t index) {
  const Entry entry = heap_[index];
  while (index > 0) {
    const size_t parent = (index - 1) / 2;
    if (!before(entry, heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(size_t index) {
  const Entry entry = heap_[index];
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

TimerQueue::Task TimerQueue::remove(size_t index) {
  const uint32_t slot_index = heap_[index].slot;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index < heap_.size()) {
    place(index, last);
    sift_up(index);
    sift_down(slots_[last.slot].heap_index);
  }
  Slot& slot = slots_[slot_index];
  Task task = std::move(slot.task);
  slot.task = nullptr;
  slot.used = false;
  ++slot.generation;
  free_slots_.push_back(slot_index);
  return task;
}

}  // namespace peerwire
