#include "media/receive/packet_buffer.h"

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

constexpr size_t kFirstSize = 128;
/// Memory of larger payloads is not kept for reuse.
constexpr size_t kMaxKeptCapacity = 2048;

}  // namespace

PacketBuffer::PacketBuffer() : ring_(kFirstSize) {}

PacketBuffer::Inserted PacketBuffer::insert(BufferedPacket packet) {
  const int64_t sequence = packet.sequence;
  if (!first_) {
    first_ = sequence;
  } else if (sequence < *first_) {
    // Before anything was removed, an earlier packet than the first may still come.
    if (has_removed_) return Inserted::kTooOld;
    if (static_cast<uint64_t>(*newest_ - sequence) >= kMaxPackets) return Inserted::kTooOld;
  }
  const int64_t low = std::min(*first_, sequence);
  const int64_t high = std::max(newest_.value_or(sequence), sequence);
  const auto span = static_cast<uint64_t>(high - low) + 1;
  if (span > kMaxPackets || octets_ + packet.description.media.size() > kMaxOctets) return Inserted::kFull;
  if (span > ring_.size()) grow(static_cast<size_t>(span));
  Slot& to = slot(sequence);
  if (to.packet.sequence == sequence) return Inserted::kDuplicate;
  first_ = low;
  newest_ = high;
  to.octets.assign(packet.description.media.begin(), packet.description.media.end());
  octets_ += to.octets.size();
  to.packet = std::move(packet);
  to.packet.description.media = to.octets;
  return Inserted::kYes;
}

const BufferedPacket* PacketBuffer::find(int64_t sequence) const {
  if (!first_ || sequence < *first_ || sequence > *newest_) return nullptr;
  const BufferedPacket& packet = slot(sequence).packet;
  return packet.sequence == sequence ? &packet : nullptr;
}

void PacketBuffer::release_octets(Slot& slot) {
  octets_ -= slot.octets.size();
  slot.packet.description.media = {};
  if (slot.octets.capacity() > kMaxKeptCapacity) {
    Bytes().swap(slot.octets);
  } else {
    slot.octets.clear();
  }
}

void PacketBuffer::empty(Slot& slot) {
  release_octets(slot);
  slot.packet.sequence = -1;
}

void PacketBuffer::use(int64_t first, int64_t last) {
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    Slot& each = slot(sequence);
    if (each.packet.sequence != sequence) continue;
    each.packet.is_used = true;
    release_octets(each);
  }
}

void PacketBuffer::remove_until(int64_t sequence) {
  if (!first_ || sequence < *first_) return;
  has_removed_ = true;
  const int64_t last = std::min(sequence, *newest_);
  for (int64_t each = *first_; each <= last; ++each) {
    if (slot(each).packet.sequence == each) empty(slot(each));
  }
  first_ = sequence + 1;
  newest_ = std::max(*newest_, sequence);
}

void PacketBuffer::clear() {
  for (Slot& each : ring_) {
    if (each.packet.sequence >= 0 || !each.octets.empty()) empty(each);
  }
  first_.reset();
  newest_.reset();
  has_removed_ = false;
}

void PacketBuffer::grow(size_t size) {
  size_t new_size = ring_.size();
  while (new_size < size) new_size *= 2;
  std::vector<Slot> old(new_size);
  old.swap(ring_);
  for (Slot& each : old) {
    if (each.packet.sequence < 0) continue;
    // The view follows its octets, whose memory moves along with the vector.
    slot(each.packet.sequence) = std::move(each);
  }
}

}  // namespace peerwire
