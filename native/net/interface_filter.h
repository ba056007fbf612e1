// Which interfaces and addresses of this machine may be used.
#pragma once

#include <string>
#include <vector>

#include "net/socket_address.h"

namespace peerwire {

/// A declared list, so that the network thread never has to ask JavaScript. An entry is an address ("192.0.2.1"), a
/// prefix ("10.0.0.0/8", "2001:db8::/32") or the name of an interface, which may end with "*" ("docker*").
struct InterfaceFilter {
  std::vector<std::string> allowed;   // empty: all
  std::vector<std::string> excluded;  // wins over `allowed`

  bool admits(const std::string& interface, const SocketAddress& address) const;
  /// An entry of `allowed` says so itself: what is otherwise left out, as loopback, has been asked for.
  bool asks_for(const std::string& interface, const SocketAddress& address) const;
};

}  // namespace peerwire
