// A base of the agent's: where datagrams leave from and come to (RFC 8445 section 4).
#pragma once

#include "net/socket_address.h"
#include "transport/ice/candidate.h"

namespace peerwire::ice {

class TurnClient;

struct Base {
  SocketAddress address;
  uint16_t local_preference = 0;
  bool private_use = false;
  TurnClient* relay = nullptr;  // of a relayed address
  bool usable = true;
  TcpRole tcp = TcpRole::kNone;
  bool told = true;     // whether its host candidate is
  bool closed = false;  // a connection or an allocation that is over
};

}  // namespace peerwire::ice
