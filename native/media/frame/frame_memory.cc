#include "media/frame/frame_memory.h"

#include <algorithm>
#include <cstdlib>

namespace peerwire {
namespace {

constexpr Duration kIdleTime = std::chrono::seconds(2);
/// Enough for fifteen pictures of 1080p, or four of 4K.
constexpr size_t kProcessLimit = 64 << 20;
/// Blocks are of whole pages, so that nearly equal pictures share them.
constexpr size_t kPage = 4096;

}  // namespace

FrameMemoryPool::~FrameMemoryPool() {
  for (const Block& block : kept_) std::free(block.memory);
}

FrameMemoryPool& FrameMemoryPool::instance() {
  static FrameMemoryPool& pool = *new FrameMemoryPool(kProcessLimit);
  return pool;
}

std::shared_ptr<uint8_t> FrameMemoryPool::allocate(size_t octets, TimePoint now) {
  octets = (octets + kAlignment + kPage - 1) / kPage * kPage;
  uint8_t* memory = nullptr;
  {
    const std::lock_guard lock(mutex_);
    used_octets_ += octets;
    note_use(now);
    // The one that came back last is the likeliest to be in the processor's caches.
    const auto found =
        std::find_if(kept_.rbegin(), kept_.rend(), [&](const Block& block) { return block.octets == octets; });
    if (found != kept_.rend()) {
      memory = found->memory;
      kept_octets_ -= octets;
      kept_.erase(std::next(found).base());
    }
  }
  if (!memory) memory = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, octets));
  if (!memory) {
    const std::lock_guard lock(mutex_);
    used_octets_ -= octets;
    return nullptr;
  }
  return {memory, [this, octets](uint8_t* block) { give_back(block, octets, Clock::now()); }};
}

void FrameMemoryPool::trim(TimePoint now) {
  std::vector<uint8_t*> surplus;
  {
    const std::lock_guard lock(mutex_);
    note_use(now);
    collect_surplus(now, surplus);
  }
  for (uint8_t* memory : surplus) std::free(memory);
}

size_t FrameMemoryPool::kept_octets() const {
  const std::lock_guard lock(mutex_);
  return kept_octets_;
}

size_t FrameMemoryPool::used_octets() const {
  const std::lock_guard lock(mutex_);
  return used_octets_;
}

void FrameMemoryPool::give_back(uint8_t* memory, size_t octets, TimePoint now) {
  std::vector<uint8_t*> surplus;
  {
    const std::lock_guard lock(mutex_);
    note_use(now);
    used_octets_ -= octets;
    kept_.push_back({memory, octets, now});
    kept_octets_ += octets;
    collect_surplus(now, surplus);
  }
  // Outside of the lock: giving pages back takes a while.
  for (uint8_t* block : surplus) std::free(block);
}

void FrameMemoryPool::note_use(TimePoint now) {
  if (now - period_begin_ >= kIdleTime) {
    previous_peak_ = now - period_begin_ >= 2 * kIdleTime ? used_octets_ : peak_;
    peak_ = used_octets_;
    period_begin_ = now;
  }
  peak_ = std::max(peak_, used_octets_);
}

void FrameMemoryPool::collect_surplus(TimePoint now, std::vector<uint8_t*>& surplus) {
  // What is in use and what is kept together are what was in use at once.
  const size_t peak = std::max(peak_, previous_peak_);
  const size_t limit = std::min(max_kept_octets_, peak > used_octets_ ? peak - used_octets_ : 0);
  size_t count = 0;
  while (count < kept_.size() && (kept_octets_ > limit || now - kept_[count].returned >= kIdleTime)) {
    kept_octets_ -= kept_[count].octets;
    surplus.push_back(kept_[count].memory);
    count++;
  }
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace peerwire
