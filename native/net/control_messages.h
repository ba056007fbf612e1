// What the kernel says beside a datagram.
#pragma once

#include <sys/socket.h>

namespace peerwire {

/// CMSG_NXTHDR, which in musl compares signed with unsigned numbers.
inline cmsghdr* next_control_message(msghdr& header, cmsghdr* control) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
  return CMSG_NXTHDR(&header, control);
#pragma GCC diagnostic pop
}

}  // namespace peerwire
