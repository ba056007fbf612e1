// Encoded sound that waits for its turn, in order of its timestamps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

struct AudioPacket {
  int64_t timestamp = 0;  // unwrapped
  int64_t arrival_us = 0;
  /// How much later it came than the quickest packets of late.
  int64_t relative_delay_us = 0;
  uint8_t payload_type = 0;
  /// A copy that came with a later packet (RFC 2198): worth less than the original.
  bool is_redundant = false;
  Bytes payload;
};

/// Bounded, and sparing with memory: payloads are kept in buffers that were used before.
class AudioPacketBuffer {
 public:
  enum class Outcome { kInserted, kReplacedRedundant, kDuplicate };

  explicit AudioPacketBuffer(size_t capacity) : capacity_(capacity) { packets_.reserve(64); }

  Outcome insert(const AudioPacket& packet, ByteView payload);
  bool is_full() const { return packets_.size() >= capacity_; }
  bool empty() const { return packets_.empty(); }
  size_t size() const { return packets_.size(); }
  const AudioPacket& front() const { return packets_.front(); }
  const AudioPacket& back() const { return packets_.back(); }
  void pop_front();
  void clear();

 private:
  void recycle(AudioPacket& packet);

  const size_t capacity_;
  std::vector<AudioPacket> packets_;
  std::vector<Bytes> spare_;
};

}  // namespace peerwire
