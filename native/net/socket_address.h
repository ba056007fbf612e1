// An IP address with a port, as a small value: what datagrams go to and come from.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace peerwire {

enum class IpFamily : uint8_t { kNone, kIpv4, kIpv6 };

class SocketAddress {
 public:
  SocketAddress() = default;

  /// Reads a numeric address ("192.0.2.1", "2001:db8::1", "fe80::1%2"); never a name. IPv4-mapped IPv6 becomes IPv4.
  static std::optional<SocketAddress> parse(std::string_view ip, uint16_t port);
  /// From 4 or 16 octets in network order.
  static std::optional<SocketAddress> from_octets(ByteView octets, uint16_t port);
  static std::optional<SocketAddress> from_sockaddr(const sockaddr* address, socklen_t length);

  /// Fills `out` and returns the length used; 0 for an empty address.
  socklen_t to_sockaddr(sockaddr_storage* out) const;

  IpFamily family() const { return family_; }
  bool empty() const { return family_ == IpFamily::kNone; }
  bool is_ipv4() const { return family_ == IpFamily::kIpv4; }
  bool is_ipv6() const { return family_ == IpFamily::kIpv6; }
  uint16_t port() const { return port_; }
  SocketAddress with_port(uint16_t port) const;
  /// The address in network order: 4 or 16 octets, none when empty.
  ByteView octets() const {
    return {octets_.data(), family_ == IpFamily::kIpv4 ? 4u : family_ == IpFamily::kIpv6 ? 16u : 0u};
  }

  bool is_loopback() const;
  bool is_link_local() const;
  bool is_any() const;
  bool same_ip(const SocketAddress& other) const;

  /// "192.0.2.1", "2001:db8::1": no port, no scope, as candidates and statistics write it.
  std::string ip_text() const;
  /// "192.0.2.1:80", "[2001:db8::1]:80".
  std::string text() const;

  bool operator==(const SocketAddress& other) const = default;
  size_t hash() const;

 private:
  std::array<uint8_t, 16> octets_{};
  uint32_t scope_ = 0;  // link-local IPv6 only
  uint16_t port_ = 0;
  IpFamily family_ = IpFamily::kNone;
};

struct SocketAddressHash {
  size_t operator()(const SocketAddress& address) const { return address.hash(); }
};

}  // namespace peerwire
