#include "net/network_interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>

namespace peerwire {

std::vector<InterfaceAddress> usable_interface_addresses(bool include_loopback, int* error) {
  std::vector<InterfaceAddress> found, loopback;
  ifaddrs* list = nullptr;
  const int status = getifaddrs(&list);
  if (error) *error = status == 0 ? 0 : errno;
  if (status != 0) return found;
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) || !(entry->ifa_flags & IFF_RUNNING)) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto address =
        SocketAddress::from_sockaddr(entry->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    if (!address || address->is_any() || (address->is_ipv6() && address->is_link_local())) continue;
    std::vector<InterfaceAddress>& into = address->is_loopback() ? loopback : found;
    const bool known =
        std::any_of(into.begin(), into.end(), [&](const InterfaceAddress& other) { return other.address == *address; });
    if (!known) into.push_back({entry->ifa_name, *address});
  }
  freeifaddrs(list);
  if (include_loopback || found.empty()) found.insert(found.end(), loopback.begin(), loopback.end());
  std::stable_sort(found.begin(), found.end(), [](const InterfaceAddress& a, const InterfaceAddress& b) {
    const auto rank = [](const SocketAddress& address) {
      return (address.is_loopback() ? 2 : 0) + (address.is_ipv6() ? 0 : 1);
    };
    return rank(a.address) < rank(b.address);
  });
  return found;
}

}  // namespace peerwire
