// The addresses of this machine that ICE may use.
#pragma once

#include <string>
#include <vector>

#include "net/socket_address.h"

namespace peerwire {

struct InterfaceAddress {
  std::string interface;
  SocketAddress address;  // port 0
};

/// Addresses of interfaces that are up, IPv4 and IPv6; no link-local IPv6, no any-address. Order: as they should be
/// preferred, IPv6 first (RFC 8421), each address once. Loopback only with `include_loopback` or where nothing else
/// exists. `error`: errno where the system does not tell, otherwise 0.
std::vector<InterfaceAddress> usable_interface_addresses(bool include_loopback, int* error = nullptr);

}  // namespace peerwire
