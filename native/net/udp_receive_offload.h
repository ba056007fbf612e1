// Keeps the kernel's path for coalesced datagrams (UDP_GRO) switched on while sockets come and go.
#pragma once

namespace peerwire {

/// The machine's first socket that asks for UDP_GRO has the kernel patch its own code, and so has the last one that is
/// closed: that interrupts every processor, and takes as long as all else about a socket. A process that opens one
/// connection after the other would pay it twice for each. This holds one such socket, without a port.
class UdpReceiveOffload {
 public:
  UdpReceiveOffload();
  ~UdpReceiveOffload();
  UdpReceiveOffload(const UdpReceiveOffload&) = delete;
  UdpReceiveOffload& operator=(const UdpReceiveOffload&) = delete;

 private:
  int fd_ = -1;  // -1: this system has no such sockets, which costs nothing but the time
};

}  // namespace peerwire
