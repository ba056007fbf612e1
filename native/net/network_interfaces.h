// The addresses of this machine that ICE may use.
#pragma once

#include <string>
#include <vector>

#include "net/interface_filter.h"
#include "net/socket_address.h"

namespace peerwire {

struct InterfaceAddress {
  std::string interface;
  SocketAddress address;  // port 0
};

/// Addresses of interfaces that are up, IPv4 and IPv6; no link-local IPv6, no any-address. Order: as they should be
/// preferred, IPv6 first (RFC 8421), each address once. Loopback only with `include_loopback`, where `filter` asks for
/// it, or where nothing else exists. `error`: errno where the system does not tell, otherwise 0.
std::vector<InterfaceAddress> usable_interface_addresses(bool include_loopback, int* error = nullptr,
                                                         const InterfaceFilter& filter = {});

/// Of interfaces that are up: IPv4, and IPv6 that is not link-local, in the system's order.
std::vector<InterfaceAddress> listed_addresses(int* error = nullptr);

/// What usable_interface_addresses() makes of what the system lists.
std::vector<InterfaceAddress> select_addresses(const std::vector<InterfaceAddress>& listed, bool include_loopback,
                                               const InterfaceFilter& filter);

}  // namespace peerwire
