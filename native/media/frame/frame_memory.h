// Memory of pictures: large blocks that come and go thirty times a second, kept for the next picture instead of being
// given back to the system, which would have to clear them page by page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace peerwire {

/// Blocks given back are kept, as long as no more is kept than was in use at once lately, and no more than a limit.
/// What nobody has asked for within two seconds goes back to the system. Any thread.
class FrameMemoryPool {
 public:
  /// Blocks begin at multiples of this, and as many octets beyond their end may be read and written.
  static constexpr size_t kAlignment = 64;

  explicit FrameMemoryPool(size_t max_kept_octets) : max_kept_octets_(max_kept_octets) {}
  ~FrameMemoryPool();
  FrameMemoryPool(const FrameMemoryPool&) = delete;
  FrameMemoryPool& operator=(const FrameMemoryPool&) = delete;

  /// The pool of the process; lives for ever.
  static FrameMemoryPool& instance();

  /// A block of at least `octets`, with undefined contents; null when the system has none. The pool must outlive it.
  std::shared_ptr<uint8_t> allocate(size_t octets, TimePoint now = Clock::now());
  /// Gives back to the system what was not asked for lately. Happens with every block as well; call it when the last
  /// user of pictures has gone.
  void trim(TimePoint now = Clock::now());

  size_t kept_octets() const;
  size_t used_octets() const;

 private:
  struct Block {
    uint8_t* memory;
    size_t octets;
    TimePoint returned;
  };

  void give_back(uint8_t* memory, size_t octets, TimePoint now);
  void note_use(TimePoint now);
  /// Moves what is not to be kept into `surplus`, oldest first.
  void collect_surplus(TimePoint now, std::vector<uint8_t*>& surplus);

  const size_t max_kept_octets_;
  mutable std::mutex mutex_;
  std::vector<Block> kept_;  // in the order of coming back
  size_t kept_octets_ = 0;
  size_t used_octets_ = 0;
  // The most in use at once, in this period and the one before.
  size_t peak_ = 0;
  size_t previous_peak_ = 0;
  TimePoint period_begin_{};
};

}  // namespace peerwire
