// The octets of an input, taken from the front, and what must hold whatever they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace peerwire {

struct FuzzInput {
  ByteView rest;

  bool is_empty() const { return rest.empty(); }
  /// Zero when there is no more.
  uint8_t octet() {
    const ByteView taken = take(1);
    return taken.empty() ? 0 : taken[0];
  }
  /// As many as there are.
  ByteView take(size_t size) {
    const ByteView taken = rest.first(std::min(size, rest.size()));
    rest = rest.subspan(taken.size());
    return taken;
  }
};

/// What does not hold is a finding.
inline void check(bool holds) {
  if (!holds) __builtin_trap();
}

inline void append(Bytes& to, ByteView octets) {
  to.insert(to.end(), octets.begin(), octets.end());
}

inline bool is_prefix(ByteView head, ByteView whole) {
  return head.size() <= whole.size() && std::equal(head.begin(), head.end(), whole.begin());
}

}  // namespace peerwire
