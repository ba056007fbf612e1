// What a decoder needs to know of an access unit before it decodes it.
#pragma once

#include "base/bytes.h"

namespace peerwire {

struct H264Slices {
  bool has_idr = false;
  bool has_b = false;
};

/// Looks at the NAL units of an access unit in Annex B form. Any octets are allowed.
H264Slices find_h264_slices(ByteView access_unit);

}  // namespace peerwire
