// The addresses of this machine that ICE may use.
#pragma once

#include <string>
#include <vector>

#include "net/interface_filter.h"
#include "net/socket_address.h"

namespace peerwire {

/// What the system says of an address by itself (IPv6 alone).
enum class AddressKind : uint8_t {
  kPlain,       ///< IPv4, or given by hand
  kAutomatic,   ///< made from an advertised prefix, for as long as the machine has it (RFC 4862, RFC 7217)
  kTemporary,   ///< made so, for a day, that nobody can be followed by it (RFC 8981)
  kDeprecated,  ///< not to be begun with any more; what goes over it goes on (RFC 4862 section 5.5.4)
};

struct InterfaceAddress {
  std::string interface;
  SocketAddress address;  // port 0
  AddressKind kind = AddressKind::kPlain;
};

/// Of interfaces that are up: IPv4, and IPv6 that is not link-local and may be bound, in the system's order. `error`:
/// errno where the system does not tell, otherwise 0.
std::vector<InterfaceAddress> listed_addresses(int* error = nullptr);

/// What to gather from, of what `filter` admits. Order: as they should be preferred, IPv6 first (RFC 8421), each
/// address once. Loopback only with `include_loopback`, where `filter` asks for it, or where nothing else exists. Left
/// out are deprecated addresses of interfaces that have others (RFC 6724 section 5, rule 3), and automatic ones beside
/// temporary ones of their prefix, as the machine could be followed by them all the same (RFC 8445 section 5.1.1.1).
std::vector<InterfaceAddress> select_addresses(const std::vector<InterfaceAddress>& listed, bool include_loopback,
                                               const InterfaceFilter& filter);

}  // namespace peerwire
