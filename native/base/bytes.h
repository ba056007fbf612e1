// Views of and owners of octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace peerwire {

/// Borrowed octets: valid for the duration of the call they are passed to, no longer.
using ByteView = std::span<const uint8_t>;

/// Owned octets, moved between threads, never shared.
using Bytes = std::vector<uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace peerwire
