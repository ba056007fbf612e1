// Which addresses of this machine the options let ICE use.
#pragma once

#include <string>
#include <vector>

#include "transport/ice_transport.h"

namespace peerwire::ice {

struct LocalAddresses {
  std::vector<SocketAddress> addresses;  // port 0, the preferred one first
  std::string error;                     // why there are none, or not all; empty: nothing is wrong
};

LocalAddresses local_addresses(const IceOptions& options);

}  // namespace peerwire::ice
