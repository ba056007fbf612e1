#include "transport/ice/redirection.h"

#include <algorithm>

namespace peerwire::ice {
namespace {

// "to which it has already sent this request within the last five minutes"
constexpr auto kMemory = std::chrono::minutes(5);
constexpr size_t kMaxDomain = 255;

/// A name of DNS as certificates have it (RFC 8489 section 14.16): no address, and nothing that ends a C string early.
bool is_domain(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  return plain && !text.empty() && text.size() <= kMaxDomain && text.front() != '.' && !SocketAddress::parse(text, 0);
}

/// 224.0.0.0/4, what is above it with the address of broadcasts, and ff00::/8.
bool is_of_many(const SocketAddress& address) {
  return address.is_ipv4() ? address.octets()[0] >= 224 : address.octets()[0] == 0xff;
}

}  // namespace

IceServer Redirection::named(IceServer asked) const {
  if (!domain_.empty()) asked.host = domain_;
  return asked;
}

bool Redirection::follow(TimePoint now, const StunMessage& answer, Families families, bool over_tls,
                         std::string* reason) {
  const auto refuse = [&](const char* why) {
    reason->assign(answer.error_reason).append(" (").append(why).append(")");
    return false;
  };
  const bool ipv6 = server_.is_ipv6();
  auto next = answer.alternate_servers[ipv6];
  if (!next && families == Families::kAny) next = answer.alternate_servers[!ipv6];
  if (!next) return refuse("names no server of this address family");
  // Nobody elsewhere has us talk to what listens on this machine alone. The unspecified address is this machine, too.
  const bool here = next->is_any() || (next->is_loopback() && !server_.is_loopback());
  if (here || is_of_many(*next) || next->port() == 0) return refuse("names an address that is no server's");
  // What listens below is not made to hear of us: libwebrtc has the same list.
  const uint16_t port = next->port();
  const bool usual = port >= 1024 || port == 53 || port == 80 || port == 443 || port == origin_.port();
  if (!usual) return refuse("names a port that is no server's");
  std::erase_if(asked_, [now](const Asked& each) { return now - each.left_at >= kMemory; });
  const bool asked = *next == server_ ||
                     std::any_of(asked_.begin(), asked_.end(), [&](const Asked& each) { return each.server == *next; });
  if (asked) return refuse("names a server that has been asked already");
  if (asked_.size() >= kMaxFollowed) return refuse("has been followed too often");
  if (over_tls && answer.alternate_domain) {
    if (!is_domain(*answer.alternate_domain)) return refuse("names no domain");
    domain_ = *answer.alternate_domain;
  }
  asked_.push_back({server_, now});
  server_ = *next;
  return true;
}

}  // namespace peerwire::ice
