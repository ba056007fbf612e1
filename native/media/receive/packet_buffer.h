// Received packets of one video stream by sequence number, until their frames are whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "media/packetization/depacketizer.h"
#include "media/packetization/dependency_descriptor.h"

namespace peerwire {

/// What is kept of a packet. Its octets are the buffer's.
struct BufferedPacket {
  int64_t sequence = -1;  // unwrapped; -1: none
  int64_t timestamp = 0;  // unwrapped
  int64_t arrival_us = 0;
  uint8_t payload_type = 0;
  bool marker = false;
  bool is_repaired = false;  // came only because it was asked for again
  /// Nothing but padding, or of a payload type that is not ours: of no frame.
  bool is_empty = false;
  /// Its frame is whole and has been taken out.
  bool is_used = false;
  /// `media` points into the buffer's copy of the payload.
  PayloadDescription description;
  std::optional<DependencyDescriptor> dependencies;
  std::optional<uint8_t> orientation;
  std::optional<uint32_t> playout_delay;  // the 24 bits of the header extension
};

/// A ring that grows with what it has to hold, up to bounds in packets and octets.
class PacketBuffer {
 public:
  static constexpr size_t kMaxPackets = 2048;
  static constexpr size_t kMaxOctets = 16 << 20;

  enum class Inserted {
    kYes,
    kDuplicate,
    kTooOld,  // before what was removed
    kFull,
  };

  PacketBuffer();
  /// Copies `packet.description.media`.
  Inserted insert(BufferedPacket packet);
  /// Null: not there.
  const BufferedPacket* find(int64_t sequence) const;
  /// Marks `first` to `last` as used, and lets their octets go.
  void use(int64_t first, int64_t last);
  /// Forgets everything up to and including `sequence`: it is too old from now on.
  void remove_until(int64_t sequence);
  void clear();
  /// The lowest number that is not too old; nothing before the first packet.
  std::optional<int64_t> first() const { return first_; }
  std::optional<int64_t> newest() const { return newest_; }
  /// Whether anything came before first() that was removed.
  bool has_removed() const { return has_removed_; }

 private:
  struct Slot {
    BufferedPacket packet;
    Bytes octets;
  };
  Slot& slot(int64_t sequence) { return ring_[static_cast<size_t>(sequence) & (ring_.size() - 1)]; }
  const Slot& slot(int64_t sequence) const { return ring_[static_cast<size_t>(sequence) & (ring_.size() - 1)]; }
  void empty(Slot& slot);
  void release_octets(Slot& slot);
  void grow(size_t size);

  std::vector<Slot> ring_;  // a power of two of them
  std::optional<int64_t> first_;
  std::optional<int64_t> newest_;
  bool has_removed_ = false;
  size_t octets_ = 0;
};

}  // namespace peerwire
