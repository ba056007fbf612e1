#include "net/network_interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace peerwire {
namespace {

/// What getifaddrs() does not tell of an address of IPv6.
struct Ipv6Flags {
  std::string interface;
  SocketAddress address;
  unsigned flags;  // IFA_F_…
};

/// 32 hexadecimal digits.
std::optional<SocketAddress> read_ipv6(const std::string& digits) {
  std::array<uint8_t, 16> octets{};
  if (digits.size() != 2 * octets.size()) return std::nullopt;
  for (size_t at = 0; at < octets.size(); ++at) {
    const char* const two = digits.data() + 2 * at;
    if (std::from_chars(two, two + 2, octets[at], 16).ptr != two + 2) return std::nullopt;
  }
  return SocketAddress::from_octets(octets, 0);
}

std::vector<Ipv6Flags> read_ipv6_flags() {
  std::vector<Ipv6Flags> read;
  // Of this thread: it may be in another network namespace than the rest of the process.
  std::ifstream file("/proc/thread-self/net/if_inet6");
  for (std::string line; std::getline(file, line);) {
    std::istringstream columns(line);
    std::string digits, index, prefix_length, scope, interface;
    unsigned flags = 0;
    if (!(columns >> digits >> index >> prefix_length >> scope >> std::hex >> flags >> interface)) continue;
    if (const auto address = read_ipv6(digits)) read.push_back({interface, *address, flags});
  }
  return read;
}

AddressKind kind_of(unsigned flags) {
  if (flags & IFA_F_DEPRECATED) return AddressKind::kDeprecated;
  if (flags & IFA_F_TEMPORARY) return AddressKind::kTemporary;
  return flags & IFA_F_PERMANENT ? AddressKind::kPlain : AddressKind::kAutomatic;
}

/// Duplicate address detection is not done, or has found one (RFC 4862 section 5.4): bind() would fail.
bool is_unusable(unsigned flags) {
  return (flags & IFA_F_DADFAILED) || ((flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC));
}

bool share_prefix(const SocketAddress& one, const SocketAddress& other) {
  return std::equal(one.octets().begin(), one.octets().begin() + 8, other.octets().begin());
}

/// Whether there is something better to begin with than `each`, on its interface.
bool has_better(const InterfaceAddress& each, const std::vector<InterfaceAddress>& listed) {
  return std::any_of(listed.begin(), listed.end(), [&](const InterfaceAddress& other) {
    if (other.interface != each.interface || !other.address.is_ipv6()) return false;
    if (each.kind == AddressKind::kDeprecated) return other.kind != AddressKind::kDeprecated;
    return each.kind == AddressKind::kAutomatic && other.kind == AddressKind::kTemporary &&
           share_prefix(each.address, other.address);
  });
}

}  // namespace

std::vector<InterfaceAddress> select_addresses(const std::vector<InterfaceAddress>& listed, bool include_loopback,
                                               const InterfaceFilter& filter) {
  const bool loopback_alone =
      std::all_of(listed.begin(), listed.end(), [](const auto& each) { return each.address.is_loopback(); });
  std::vector<InterfaceAddress> admitted;
  std::copy_if(listed.begin(), listed.end(), std::back_inserter(admitted),
               [&](const auto& each) { return filter.admits(each.interface, each.address); });
  std::vector<InterfaceAddress> found;
  for (const InterfaceAddress& each : admitted) {
    const bool left_out = each.address.is_loopback()
                              ? !include_loopback && !loopback_alone && !filter.asks_for(each.interface, each.address)
                              : has_better(each, admitted);
    const bool known =
        std::any_of(found.begin(), found.end(), [&](const auto& other) { return other.address == each.address; });
    if (!left_out && !known) found.push_back(each);
  }
  std::stable_sort(found.begin(), found.end(), [](const InterfaceAddress& a, const InterfaceAddress& b) {
    const auto rank = [](const SocketAddress& address) {
      return (address.is_loopback() ? 2 : 0) + (address.is_ipv6() ? 0 : 1);
    };
    return rank(a.address) < rank(b.address);
  });
  return found;
}

std::vector<InterfaceAddress> listed_addresses(int* error) {
  std::vector<InterfaceAddress> listed;
  ifaddrs* list = nullptr;
  const int status = getifaddrs(&list);
  if (error) *error = status == 0 ? 0 : errno;
  if (status != 0) return listed;
  const std::vector<Ipv6Flags> known = read_ipv6_flags();
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) || !(entry->ifa_flags & IFF_RUNNING)) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto address =
        SocketAddress::from_sockaddr(entry->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    if (!address || address->is_any() || (address->is_ipv6() && address->is_link_local())) continue;
    const auto flags = std::find_if(known.begin(), known.end(), [&](const Ipv6Flags& each) {
      return each.address.same_ip(*address) && each.interface == entry->ifa_name;
    });
    if (flags != known.end() && is_unusable(flags->flags)) continue;
    listed.push_back({entry->ifa_name, *address, flags == known.end() ? AddressKind::kPlain : kind_of(flags->flags)});
  }
  freeifaddrs(list);
  return listed;
}

}  // namespace peerwire
