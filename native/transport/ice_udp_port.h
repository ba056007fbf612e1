// A UDP port that ICE transports share (IceOptions::udp_mux), held open by a server that waits for peers on it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/network_thread.h"
#include "net/socket_address.h"
#include "transport/ice_transport.h"

namespace peerwire {

/// Told on the network thread. May call back into the port, but not destroy it.
class IceUdpPortObserver {
 public:
  virtual ~IceUdpPortObserver() = default;
  /// A binding request whose user name "local:remote" no transport has: one that is made for it now gets the next
  /// transmission. Nothing of it has been authenticated. Bounded in number, and each told once in a while.
  virtual void on_unknown_request(const SocketAddress& local, const SocketAddress& from,
                                  const std::string& local_fragment, const std::string& remote_fragment) = 0;
};

/// Network thread only; its destructor lets go of the sockets, which transports on them keep.
class IceUdpPort {
 public:
  /// A socket for each address that `options` let ICE use, on port_range_begin (0: one that is free). Null with `error`
  /// when one of them cannot be bound.
  static std::unique_ptr<IceUdpPort> open(NetworkThread& network, const IceOptions& options,
                                          IceUdpPortObserver* observer, std::string* error);
  virtual ~IceUdpPort() = default;
  virtual std::vector<SocketAddress> addresses() const = 0;
};

}  // namespace peerwire
