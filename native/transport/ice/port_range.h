// A free port of a range.
#pragma once

#include <errno.h>

#include <cstdint>

#include "transport/ice/random_source.h"

namespace peerwire::ice {

/// What `bind(port, &error)` gives for the first port that can be had, or null with the last error (errno). From a
/// random port on, so that many connections do not all try the same taken ports first.
template <typename Bind>
auto bind_in_range(uint16_t first, uint16_t last, int* error, Bind bind) {
  const uint32_t count = uint32_t{last} - first + 1;
  const uint64_t start = RandomSource::system().u64() % count;
  for (uint32_t i = 0; i < count; ++i) {
    auto bound = bind(static_cast<uint16_t>(first + (start + i) % count), error);
    if (bound || (*error != EADDRINUSE && *error != EACCES)) return bound;
  }
  return decltype(bind(first, error)){};
}

}  // namespace peerwire::ice
