// Which addresses of this machine the options let ICE use.
#pragma once

#include <string>
#include <vector>

#include "net/network_interfaces.h"
#include "net/network_thread.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

struct LocalAddresses {
  std::vector<SocketAddress> addresses;  // port 0, the preferred one first
  std::string error;                     // why there are none, or not all; empty: nothing is wrong
};

LocalAddresses local_addresses(NetworkThread& network, const IceOptions& options);
/// Of those that the machine has, as listed_addresses() gives them: a bind address only if it is among them.
LocalAddresses local_addresses(const IceOptions& options, const std::vector<InterfaceAddress>& listed);

}  // namespace peerwire::ice
