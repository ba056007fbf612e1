#include "net/network_interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>

namespace peerwire {

std::vector<InterfaceAddress> select_addresses(const std::vector<InterfaceAddress>& listed, bool include_loopback,
                                               const InterfaceFilter& filter) {
  const bool loopback_alone =
      std::all_of(listed.begin(), listed.end(), [](const auto& each) { return each.address.is_loopback(); });
  std::vector<InterfaceAddress> found;
  for (const InterfaceAddress& each : listed) {
    if (!filter.admits(each.interface, each.address)) continue;
    const bool wanted = !each.address.is_loopback() || include_loopback || loopback_alone ||
                        filter.asks_for(each.interface, each.address);
    const bool known =
        std::any_of(found.begin(), found.end(), [&](const auto& other) { return other.address == each.address; });
    if (wanted && !known) found.push_back(each);
  }
  std::stable_sort(found.begin(), found.end(), [](const InterfaceAddress& a, const InterfaceAddress& b) {
    const auto rank = [](const SocketAddress& address) {
      return (address.is_loopback() ? 2 : 0) + (address.is_ipv6() ? 0 : 1);
    };
    return rank(a.address) < rank(b.address);
  });
  return found;
}

std::vector<InterfaceAddress> usable_interface_addresses(bool include_loopback, int* error,
                                                         const InterfaceFilter& filter) {
  return select_addresses(listed_addresses(error), include_loopback, filter);
}

std::vector<InterfaceAddress> listed_addresses(int* error) {
  std::vector<InterfaceAddress> listed;
  ifaddrs* list = nullptr;
  const int status = getifaddrs(&list);
  if (error) *error = status == 0 ? 0 : errno;
  if (status != 0) return listed;
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) || !(entry->ifa_flags & IFF_RUNNING)) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto address =
        SocketAddress::from_sockaddr(entry->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    if (!address || address->is_any() || (address->is_ipv6() && address->is_link_local())) continue;
    listed.push_back({entry->ifa_name, *address});
  }
  freeifaddrs(list);
  return listed;
}

}  // namespace peerwire
