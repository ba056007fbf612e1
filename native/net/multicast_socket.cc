#include "net/multicast_socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "net/control_messages.h"

namespace peerwire {
namespace {

constexpr int kMaxReads = 32;  // in one turn of the loop: the rest comes in the next
constexpr int kHops = 255;     // RFC 6762 section 11

bool set(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

std::optional<SocketAddress> address_of(const sockaddr* address) {
  if (!address) return std::nullopt;
  if (address->sa_family == AF_INET) return SocketAddress::from_sockaddr(address, sizeof(sockaddr_in));
  if (address->sa_family == AF_INET6) return SocketAddress::from_sockaddr(address, sizeof(sockaddr_in6));
  return std::nullopt;
}

template <typename Take>
void each_address(Take take) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return;
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    const auto address = address_of(entry->ifa_addr);
    if (address && (entry->ifa_flags & IFF_UP) && (entry->ifa_flags & IFF_RUNNING)) take(*entry, *address);
  }
  freeifaddrs(list);
}

}  // namespace

std::vector<MulticastInterface> multicast_interfaces() {
  std::map<std::string, MulticastInterface> found;
  each_address([&](const ifaddrs& entry, const SocketAddress& address) {
    if (!(entry.ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK))) return;
    MulticastInterface& interface = found[entry.ifa_name];
    interface.ipv4 |= address.is_ipv4();
    interface.ipv6 |= address.is_ipv6();
  });
  std::vector<MulticastInterface> interfaces;
  for (auto& [name, interface] : found) {
    interface.index = static_cast<int>(if_nametoindex(name.c_str()));
    if (interface.index > 0) interfaces.push_back(interface);
  }
  return interfaces;
}

bool Subnet::contains(const SocketAddress& other) const {
  if (other.family() != address.family()) return false;
  const ByteView own = address.octets(), bits = mask.octets(), octets = other.octets();
  for (size_t i = 0; i < octets.size(); ++i) {
    if ((own[i] ^ octets[i]) & bits[i]) return false;
  }
  return true;
}

std::vector<Subnet> own_subnets() {
  std::vector<Subnet> subnets;
  each_address([&](const ifaddrs& entry, const SocketAddress& address) {
    const auto mask = address_of(entry.ifa_netmask);
    if (mask && mask->family() == address.family()) subnets.push_back({address, *mask});
  });
  return subnets;
}

std::unique_ptr<MulticastSocket> MulticastSocket::open(NetworkThread& network, const SocketAddress& group,
                                                       Receiver* receiver) {
  const bool ipv4 = group.is_ipv4();
  const int fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  const int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
  bool ready = set(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (ipv4) {
    // Without IP_MULTICAST_ALL off, a group that another program has joined would come here, too.
    ready = ready && set(fd, level, IP_PKTINFO, 1) && set(fd, level, IP_MULTICAST_TTL, kHops) &&
            set(fd, level, IP_TTL, kHops) && set(fd, level, IP_MULTICAST_ALL, 0);
  } else {
    ready = ready && set(fd, level, IPV6_V6ONLY, 1) && set(fd, level, IPV6_RECVPKTINFO, 1) &&
            set(fd, level, IPV6_MULTICAST_HOPS, kHops) && set(fd, level, IPV6_UNICAST_HOPS, kHops);
  }
  const auto any = SocketAddress::parse(ipv4 ? "0.0.0.0" : "::", group.port());
  sockaddr_storage name;
  bool shared_port = true;
  if (ready) {
    socklen_t length = any->to_sockaddr(&name);
    if (bind(fd, reinterpret_cast<sockaddr*>(&name), length) != 0) {
      shared_port = false;
      length = any->with_port(0).to_sockaddr(&name);
      ready = bind(fd, reinterpret_cast<sockaddr*>(&name), length) == 0;
    }
  }
  if (!ready) {
    ::close(fd);
    return nullptr;
  }
  std::unique_ptr<MulticastSocket> made(new MulticastSocket(network, group, receiver, fd, shared_port));
  if (!network.watch(fd, made.get())) return nullptr;
  return made;
}

MulticastSocket::~MulticastSocket() {
  if (destroyed_) *destroyed_ = true;
  network_.unwatch(fd_);
  ::close(fd_);
}

void MulticastSocket::join(const std::vector<MulticastInterface>& interfaces) {
  std::set<int> present;
  for (const MulticastInterface& interface : interfaces) {
    if (!(group_.is_ipv4() ? interface.ipv4 : interface.ipv6)) continue;
    int status = 0;
    if (group_.is_ipv4()) {
      ip_mreqn request{};
      std::memcpy(&request.imr_multiaddr, group_.octets().data(), 4);
      request.imr_ifindex = interface.index;
      status = setsockopt(fd_, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
    } else {
      ipv6_mreq request{};
      std::memcpy(&request.ipv6mr_multiaddr, group_.octets().data(), 16);
      request.ipv6mr_interface = static_cast<unsigned>(interface.index);
      status = setsockopt(fd_, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
    }
    if (status == 0 || errno == EADDRINUSE) present.insert(interface.index);  // joined before
  }
  joined_ = std::move(present);
}

void MulticastSocket::send_to_group(int interface, ByteView datagram) {
  if (interface != 0) return send_to(interface, group_, datagram);
  for (const int each : joined_) send_to(each, group_, datagram);
}

void MulticastSocket::send_to(int interface, const SocketAddress& to, ByteView datagram) {
  sockaddr_storage name;
  iovec vector{const_cast<uint8_t*>(datagram.data()), datagram.size()};
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr header{};
  header.msg_name = &name;
  header.msg_namelen = to.to_sockaddr(&name);
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control;
  auto* const info = reinterpret_cast<cmsghdr*>(control);
  if (to.is_ipv4()) {
    in_pktinfo which{};
    which.ipi_ifindex = interface;
    info->cmsg_level = IPPROTO_IP;
    info->cmsg_type = IP_PKTINFO;
    info->cmsg_len = CMSG_LEN(sizeof which);
    header.msg_controllen = CMSG_SPACE(sizeof which);
    std::memcpy(CMSG_DATA(info), &which, sizeof which);
  } else {
    in6_pktinfo which{};
    which.ipi6_ifindex = static_cast<unsigned>(interface);
    info->cmsg_level = IPPROTO_IPV6;
    info->cmsg_type = IPV6_PKTINFO;
    info->cmsg_len = CMSG_LEN(sizeof which);
    header.msg_controllen = CMSG_SPACE(sizeof which);
    std::memcpy(CMSG_DATA(info), &which, sizeof which);
  }
  while (sendmsg(fd_, &header, 0) < 0 && errno == EINTR) {
  }
}

void MulticastSocket::on_readable() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  for (int i = 0; i < kMaxReads; ++i) {
    uint8_t buffer[9000];  // section 17: no message is larger
    sockaddr_storage name;
    iovec vector{buffer, sizeof buffer};
    alignas(cmsghdr) uint8_t control[256];
    msghdr header{};
    header.msg_name = &name;
    header.msg_namelen = sizeof name;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(fd_, &header, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) break;
    const auto from = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), header.msg_namelen);
    if (!from || (header.msg_flags & MSG_TRUNC)) continue;
    int interface = 0;
    bool to_group = false;
    for (cmsghdr* info = CMSG_FIRSTHDR(&header); info; info = next_control_message(header, info)) {
      if (info->cmsg_level == IPPROTO_IP && info->cmsg_type == IP_PKTINFO) {
        in_pktinfo which;
        std::memcpy(&which, CMSG_DATA(info), sizeof which);
        interface = which.ipi_ifindex;
        to_group = std::memcmp(&which.ipi_addr, group_.octets().data(), 4) == 0;
      } else if (info->cmsg_level == IPPROTO_IPV6 && info->cmsg_type == IPV6_PKTINFO) {
        in6_pktinfo which;
        std::memcpy(&which, CMSG_DATA(info), sizeof which);
        interface = static_cast<int>(which.ipi6_ifindex);
        to_group = std::memcmp(&which.ipi6_addr, group_.octets().data(), 16) == 0;
      }
    }
    receiver_->on_multicast(group_.family(), interface, to_group, *from, {buffer, static_cast<size_t>(size)});
    if (destroyed) return;
  }
  destroyed_ = nullptr;
}

}  // namespace peerwire
