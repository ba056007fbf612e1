#include <algorithm>
#include <bit>
#include <cstring>

#include "media/codec/openh264_slices.h"

namespace peerwire {
namespace {

// Rec. ITU-T H.264, table 7-1.
constexpr int kNalSlice = 1;
constexpr int kNalIdr = 5;

/// Offset behind the next start code (Annex B.1), or the size.
size_t after_start_code(ByteView octets, size_t from) {
  while (from + 3 <= octets.size()) {
    const void* one = std::memchr(octets.data() + from + 2, 1, octets.size() - from - 2);
    if (!one) break;
    const auto at = static_cast<size_t>(static_cast<const uint8_t*>(one) - octets.data());
    if (octets[at - 1] == 0 && octets[at - 2] == 0) return at + 1;
    from = at - 1;
  }
  return octets.size();
}

/// slice_type (7.3.3): the second Exp-Golomb number (9.1) of a slice; -1: there is none.
int slice_type(ByteView nal) {
  uint64_t bits = 0;  // the first octets behind the NAL header; emulation prevention cannot come this early to matter
  const size_t count = std::min<size_t>(nal.size() - 1, 8);
  for (size_t i = 0; i < 8; i++) bits = bits << 8 | (i < count ? nal[1 + i] : 0);
  int used = 0;
  for (int number = 0;; number++) {
    const int zeros = std::countl_zero(bits << used);
    if (used + 2 * zeros + 1 > 64 || zeros > 16) return -1;
    const auto value = (bits << used >> (63 - 2 * zeros)) - 1;
    if (number == 1) return static_cast<int>(value);
    used += 2 * zeros + 1;
  }
}

}  // namespace

H264Slices find_h264_slices(ByteView access_unit) {
  H264Slices found;
  for (size_t at = after_start_code(access_unit, 0); at < access_unit.size(); at = after_start_code(access_unit, at)) {
    const int type = access_unit[at] & 0x1f;
    if (type == kNalIdr) found.has_idr = true;
    if (type == kNalSlice) {
      const int slice = slice_type(access_unit.subspan(at));
      if (slice >= 0 && slice % 5 == 1) found.has_b = true;
    }
  }
  return found;
}

}  // namespace peerwire
