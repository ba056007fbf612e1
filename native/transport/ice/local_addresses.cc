#include "transport/ice/local_addresses.h"

#include <cstring>

#include "net/network_interfaces.h"

namespace peerwire::ice {

LocalAddresses local_addresses(const IceOptions& options) {
  LocalAddresses result;
  std::optional<SocketAddress> bound;
  if (!options.bind_address.empty()) {
    bound = SocketAddress::parse(options.bind_address, 0);
    if (!bound) {
      result.error = "bind address is not an IP address";
      return result;
    }
    if (!bound->is_any()) {
      result.addresses.push_back(*bound);
      return result;
    }
  }
  int error = 0;
  for (const auto& found : usable_interface_addresses(options.include_loopback, &error, options.interfaces)) {
    if (!bound || found.address.family() == bound->family()) result.addresses.push_back(found.address);
  }
  if (error) result.error = std::string("network interfaces cannot be listed: ") + std::strerror(error);
  return result;
}

}  // namespace peerwire::ice
