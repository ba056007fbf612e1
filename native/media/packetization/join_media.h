// Pictures whose packets only have to be put one after the other.
#pragma once

#include <span>

#include "base/bytes.h"

namespace peerwire {

inline void join_media(std::span<const ByteView> media, Bytes& out) {
  size_t size = 0;
  for (const ByteView part : media) size += part.size();
  out.clear();
  out.reserve(size);
  for (const ByteView part : media) out.insert(out.end(), part.begin(), part.end());
}

}  // namespace peerwire
