// Addresses of candidates and servers as text: what is taken for an address comes out as one, and goes through the
// system's form and back.
#include <cstdlib>
#include <string_view>

#include "net/socket_address.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using peerwire::SocketAddress;
  if (size < 2) return 0;
  const auto port = static_cast<uint16_t>(data[0] << 8 | data[1]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto address = SocketAddress::parse(text, port);
  if (!address) return 0;
  if (address->empty() || address->port() != port) std::abort();
  const auto again = SocketAddress::parse(address->ip_text(), port);
  if (!again || !again->same_ip(*address)) std::abort();
  sockaddr_storage storage;
  const socklen_t length = address->to_sockaddr(&storage);
  const auto back = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&storage), length);
  if (!back || *back != *address || back->hash() != address->hash()) std::abort();
  return 0;
}
