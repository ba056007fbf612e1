// Redundant audio: https://www.rfc-editor.org/rfc/rfc2198
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

/// One block of a payload.
struct RedBlock {
  uint8_t payload_type = 0;
  uint32_t timestamp = 0;
  bool is_primary = false;
  ByteView payload;
};

/// Oldest first, the primary block last; nothing when the payload is malformed. Empty redundant blocks are left out.
std::optional<std::vector<RedBlock>> split_red(ByteView payload, uint32_t timestamp);

/// Joins each frame with some before it.
class RedJoiner {
 public:
  /// `redundancy`: how many frames before are repeated, at most 8; 0: none.
  RedJoiner(uint8_t payload_type, size_t redundancy);
  /// How many from now on: the loss reported by the peer may rule it.
  void set_redundancy(size_t redundancy);
  /// The payload of the next packet. A frame that was sent too long ago, or is too large to be told (1,023 octets), or
  /// would make the payload longer than `max_size`, is not repeated.
  Bytes join(ByteView frame, uint32_t timestamp, size_t max_size = 1200);

 private:
  struct Sent {
    uint32_t timestamp;
    Bytes payload;
  };
  const uint8_t payload_type_;
  size_t redundancy_;
  std::deque<Sent> sent_;
};

}  // namespace peerwire
