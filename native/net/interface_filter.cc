#include "net/interface_filter.h"

#include <algorithm>
#include <charconv>

namespace peerwire {
namespace {

bool same_prefix(const SocketAddress& address, const SocketAddress& prefix, unsigned bits) {
  const ByteView a = address.octets(), b = prefix.octets();
  if (a.size() != b.size() || bits > 8 * a.size()) return false;
  const size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<long>(whole), b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool matches(const std::string& entry, const std::string& interface, const SocketAddress& address) {
  if (const size_t slash = entry.find('/'); slash != std::string::npos) {
    const auto prefix = SocketAddress::parse(entry.substr(0, slash), 0);
    unsigned bits = 0;
    const char* const end = entry.data() + entry.size();
    const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, bits);
    return prefix && error == std::errc() && stop == end && same_prefix(address, *prefix, bits);
  }
  if (const auto exact = SocketAddress::parse(entry, 0)) return exact->same_ip(address);
  if (entry.ends_with('*')) return interface.starts_with(std::string_view(entry).substr(0, entry.size() - 1));
  return entry == interface;
}

bool any_matches(const std::vector<std::string>& entries, const std::string& interface, const SocketAddress& address) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return matches(entry, interface, address); });
}

}  // namespace

bool InterfaceFilter::admits(const std::string& interface, const SocketAddress& address) const {
  return (allowed.empty() || any_matches(allowed, interface, address)) && !any_matches(excluded, interface, address);
}

bool InterfaceFilter::asks_for(const std::string& interface, const SocketAddress& address) const {
  return any_matches(allowed, interface, address) && !any_matches(excluded, interface, address);
}

}  // namespace peerwire
