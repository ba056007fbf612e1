// A UDP socket that is a member of one group on every link of this machine.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "net/network_thread.h"
#include "net/socket_address.h"

namespace peerwire {

/// An interface that groups can be joined on.
struct MulticastInterface {
  int index = 0;
  bool ipv4 = false, ipv6 = false;  // has an address of the family
};

/// Those that are up, loopback among them.
std::vector<MulticastInterface> multicast_interfaces();

/// An address of this machine, and what it shares with the others of its link.
struct Subnet {
  SocketAddress address, mask;
  bool contains(const SocketAddress& other) const;
};

/// Those of the interfaces that are up.
std::vector<Subnet> own_subnets();

class MulticastSocket final : private NetworkThread::FdObserver {
 public:
  class Receiver {
   public:
    virtual ~Receiver() = default;
    /// May destroy the socket. `to_group`: it was sent to the group, and thus comes from the link.
    virtual void on_multicast(IpFamily family, int interface, bool to_group, const SocketAddress& from,
                              ByteView datagram) = 0;
  };

  /// On the port of `group`, which other programs may use at the same time; or, where they have it for themselves, on
  /// any other. Null where the machine has no such socket.
  static std::unique_ptr<MulticastSocket> open(NetworkThread& network, const SocketAddress& group, Receiver* receiver);
  ~MulticastSocket() override;

  bool on_port_of_group() const { return shared_port_; }
  /// Joins on these interfaces of the family; those that are gone have left by themselves.
  void join(const std::vector<MulticastInterface>& interfaces);
  /// To the group on one interface, or on all that were joined (0). Lost where it cannot leave, as any datagram may be.
  void send_to_group(int interface, ByteView datagram);
  void send_to(int interface, const SocketAddress& to, ByteView datagram);

 private:
  MulticastSocket(NetworkThread& network, const SocketAddress& group, Receiver* receiver, int fd, bool shared_port)
      : network_(network), group_(group), receiver_(receiver), fd_(fd), shared_port_(shared_port) {}
  void on_readable() override;

  NetworkThread& network_;
  const SocketAddress group_;
  Receiver* receiver_;
  int fd_;
  bool shared_port_;
  bool* destroyed_ = nullptr;
  std::set<int> joined_;
};

}  // namespace peerwire
