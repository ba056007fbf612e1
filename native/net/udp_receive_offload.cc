#include "net/udp_receive_offload.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace peerwire {

UdpReceiveOffload::UdpReceiveOffload() {
  // One of IPv6 keeps both families' paths.
  fd_ = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd_ >= 0) setsockopt(fd_, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
}

UdpReceiveOffload::~UdpReceiveOffload() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace peerwire
