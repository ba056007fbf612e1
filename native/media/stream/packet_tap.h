// Whoever looks at the packets of a section, as they are without SRTP.
#pragma once

#include "base/bytes.h"

namespace peerwire {

class PacketTap {
 public:
  virtual ~PacketTap() = default;
  virtual void on_packet(ByteView packet, bool is_rtcp) = 0;
};

}  // namespace peerwire
