// Who drives an ICE agent: sockets, connections, and whoever is told what becomes of it.
#pragma once

#include <functional>
#include <string>

#include "net/fragmentation.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

/// What the agent asks of, and tells, the one who drives it. Events come at the end of a call into the agent, so that
/// every one of them may call it again.
class AgentDelegate {
 public:
  virtual ~AgentDelegate() = default;
  /// False when the datagram cannot leave this way (no route); not for a full queue.
  virtual bool send_datagram(int base, const SocketAddress& to, ByteView datagram) = 0;
  /// An application's datagram that is larger than others. False also when it is a probe that does not fit.
  virtual bool send_large_datagram(int /*base*/, const SocketAddress& /*to*/, ByteView /*datagram*/, Fragmentation) {
    return false;
  }
  /// A socket on another port of the same address, as a new base; -1 when there is none to be had.
  virtual int open_socket_like(int base) = 0;
  /// Begins to connect to a server over TCP or TLS, as a new base of private use, whose datagrams are the messages of
  /// that connection; stream_opened() or stream_closed() tells what has become of it. -1 with `reason` when there is
  /// none to be had. `beside`: out of the port of this base, which is one of kPassive; or -1, from any.
  virtual int open_stream(const IceServer& server, const SocketAddress& to, int beside, std::string* reason) = 0;
  /// The base is not used any more.
  virtual void close_base(int base) = 0;
  virtual void on_data(ByteView packet) = 0;
  virtual void on_writable(bool writable) = 0;
  virtual void on_state(IceTransportState state) = 0;
  virtual void on_gathering_state(IceGatheringState state) = 0;
  virtual void on_local_candidate(const IceCandidate& candidate) = 0;
  virtual void on_candidate_error(const std::string& address, uint16_t port, const std::string& url, int code,
                                  const std::string& reason) = 0;
  virtual void on_selected_pair(const IceCandidate& local, const IceCandidate& remote) = 0;
  virtual void on_role(IceRole role) = 0;
};

/// What the one who drives the agent is told, as a call of his.
using AgentEvent = std::function<void(AgentDelegate&)>;

}  // namespace peerwire::ice
