#include "net/socket_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace peerwire {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped_ipv4(const uint8_t* octets) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets);
}

}  // namespace

std::optional<SocketAddress> SocketAddress::from_octets(ByteView octets, uint16_t port) {
  SocketAddress result;
  result.port_ = port;
  if (octets.size() == 16 && is_mapped_ipv4(octets.data())) octets = octets.subspan(12);
  if (octets.size() == 4) {
    result.family_ = IpFamily::kIpv4;
  } else if (octets.size() == 16) {
    result.family_ = IpFamily::kIpv6;
  } else {
    return std::nullopt;
  }
  std::copy(octets.begin(), octets.end(), result.octets_.begin());
  return result;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view ip, uint16_t port) {
  if (ip.empty() || ip.size() > 63) return std::nullopt;
  std::string_view scope;
  if (size_t percent = ip.find('%'); percent != std::string_view::npos) {
    scope = ip.substr(percent + 1);
    ip = ip.substr(0, percent);
  }
  char text[64];
  std::memcpy(text, ip.data(), ip.size());
  text[ip.size()] = 0;
  // An embedded NUL would make inet_pton see a shorter text than the caller gave.
  if (std::strlen(text) != ip.size()) return std::nullopt;
  uint8_t octets[16];
  if (inet_pton(AF_INET, text, octets) == 1) {
    return scope.empty() ? from_octets({octets, 4}, port) : std::nullopt;
  }
  if (inet_pton(AF_INET6, text, octets) != 1) return std::nullopt;
  auto result = from_octets({octets, 16}, port);
  if (result && !scope.empty()) {
    uint32_t index = 0;
    auto [end, error] = std::from_chars(scope.data(), scope.data() + scope.size(), index);
    if (error != std::errc() || end != scope.data() + scope.size()) index = if_nametoindex(std::string(scope).c_str());
    if (result->is_link_local()) result->scope_ = index;
  }
  return result;
}

std::optional<SocketAddress> SocketAddress::from_sockaddr(const sockaddr* address, socklen_t length) {
  if (!address) return std::nullopt;
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    return from_octets({reinterpret_cast<const uint8_t*>(&in.sin_addr), 4}, ntohs(in.sin_port));
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 in6;
    std::memcpy(&in6, address, sizeof in6);
    auto result = from_octets({in6.sin6_addr.s6_addr, 16}, ntohs(in6.sin6_port));
    if (result && result->is_link_local() && result->is_ipv6()) result->scope_ = in6.sin6_scope_id;
    return result;
  }
  return std::nullopt;
}

socklen_t SocketAddress::to_sockaddr(sockaddr_storage* out) const {
  if (is_ipv4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, octets_.data(), 4);
    std::memcpy(out, &in, sizeof in);
    return sizeof in;
  }
  if (is_ipv6()) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port_);
    in6.sin6_scope_id = scope_;
    std::memcpy(&in6.sin6_addr, octets_.data(), 16);
    std::memcpy(out, &in6, sizeof in6);
    return sizeof in6;
  }
  return 0;
}

SocketAddress SocketAddress::with_port(uint16_t port) const {
  SocketAddress result = *this;
  result.port_ = port;
  return result;
}

bool SocketAddress::is_loopback() const {
  if (is_ipv4()) return octets_[0] == 127;
  if (!is_ipv6()) return false;
  return octets_[15] == 1 && std::all_of(octets_.begin(), octets_.begin() + 15, [](uint8_t o) { return o == 0; });
}

bool SocketAddress::is_link_local() const {
  if (is_ipv4()) return octets_[0] == 169 && octets_[1] == 254;
  return is_ipv6() && octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
}

bool SocketAddress::is_any() const {
  return !empty() && std::all_of(octets_.begin(), octets_.end(), [](uint8_t o) { return o == 0; });
}

bool SocketAddress::same_ip(const SocketAddress& other) const {
  return family_ == other.family_ && octets_ == other.octets_;
}

std::string SocketAddress::ip_text() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (!empty()) inet_ntop(is_ipv4() ? AF_INET : AF_INET6, octets_.data(), text, sizeof text);
  return text;
}

std::string SocketAddress::text() const {
  std::string ip = ip_text();
  return (is_ipv6() ? "[" + ip + "]" : ip) + ":" + std::to_string(port_);
}

size_t SocketAddress::hash() const {
  uint64_t low, high;
  std::memcpy(&low, octets_.data(), 8);
  std::memcpy(&high, octets_.data() + 8, 8);
  uint64_t mixed = (low ^ (high * 0x9e3779b97f4a7c15ULL)) + port_ + (static_cast<uint64_t>(family_) << 32);
  mixed *= 0xff51afd7ed558ccdULL;
  return mixed ^ (mixed >> 33);
}

}  // namespace peerwire
