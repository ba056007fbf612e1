// What may become of a datagram that is larger than some hop of its path carries.
#pragma once

#include <cstdint>

namespace peerwire {

enum class Fragmentation : uint8_t {
  kUsual,    // as the system does by itself: it learns what a path carries, and cuts what is larger
  kNever,    // the datagram passes whole or is lost, whatever the system has learned (RFC 8899 section 4.2)
  kProbe,    // as kNever, and at once: the call says when it is known here already that it does not fit
  kAllowed,  // cut here and by routers, for what was made for a path that is no more
};

}  // namespace peerwire
