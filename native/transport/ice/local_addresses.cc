#include "transport/ice/local_addresses.h"

#include <cstring>

#include "net/interface_monitor.h"

namespace peerwire::ice {

LocalAddresses local_addresses(NetworkThread& network, const IceOptions& options) {
  LocalAddresses result;
  const auto bound = SocketAddress::parse(options.bind_address, 0);
  if (bound && !bound->is_any()) {
    result.addresses.push_back(*bound);  // whether it can be bound, the attempt will tell
    return result;
  }
  int error = 0;
  const auto listed = InterfaceMonitor::addresses(network, &error);
  result = local_addresses(options, listed);
  if (error) result.error = std::string("network interfaces cannot be listed: ") + std::strerror(error);
  return result;
}

LocalAddresses local_addresses(const IceOptions& options, const std::vector<InterfaceAddress>& listed) {
  LocalAddresses result;
  const auto bound = SocketAddress::parse(options.bind_address, 0);
  if (!bound && !options.bind_address.empty()) {
    result.error = "bind address is not an IP address";
  } else if (bound && !bound->is_any()) {
    // The machine's whole of loopback (127.0.0.0/8) is there with its first address.
    for (const InterfaceAddress& each : listed) {
      const bool there = each.address.same_ip(*bound) || (bound->is_loopback() && each.address.is_loopback());
      if (there && result.addresses.empty()) result.addresses.push_back(*bound);
    }
  } else {
    for (const auto& found : select_addresses(listed, options.include_loopback, options.interfaces)) {
      if (!bound || found.address.family() == bound->family()) result.addresses.push_back(found.address);
    }
  }
  return result;
}

}  // namespace peerwire::ice
