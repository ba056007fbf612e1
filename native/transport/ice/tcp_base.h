// The sockets of one base of ICE over TCP: a port on which peers connect, or where our connections come from, and the
// connections that there are.
#pragma once

#include <memory>
#include <unordered_map>

#include "transport/ice/candidate.h"
#include "transport/ice/tcp_link.h"
#include "transport/ice/tcp_mux.h"

namespace peerwire::ice {

struct TcpBase {
  /// More than an agent has remote candidates that it checks; a peer that opens more is refused.
  static constexpr size_t kMaxLinks = 64;

  TcpRole role = TcpRole::kActive;
  SocketAddress local;          // with port 0, for connections of ours
  std::shared_ptr<TcpMux> mux;  // of a passive base
  std::unordered_map<SocketAddress, std::unique_ptr<TcpLink>, SocketAddressHash> links;
};

}  // namespace peerwire::ice
