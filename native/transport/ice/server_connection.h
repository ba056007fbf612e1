// The connection to one TURN server over TCP or TLS (RFC 8656 section 3.1), as the agent's base sees it: messages go in
// and come out.
#pragma once

#include <memory>
#include <string>

#include "net/frame_reader.h"
#include "net/tcp_socket.h"
#include "net/tls/trusted_authorities.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

class ServerConnection final : private StreamObserver {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// None of them may destroy the connection: see close().
    virtual void on_server_open(int slot) = 0;
    virtual void on_server_message(int slot, ByteView message) = 0;
    /// Once, and then nothing more.
    virtual void on_server_closed(int slot, const std::string& reason) = 0;
  };

  /// Begins to connect. `authorities` only for TLS. Null with `reason` when that cannot be begun, and `error` set to
  /// errno where it is for want of a socket, else to 0.
  static std::unique_ptr<ServerConnection> open(NetworkThread& network, const IceServer& server,
                                                const SocketAddress& address, const TcpOrigin& origin,
                                                std::shared_ptr<const TlsClientContext> authorities, int slot,
                                                Owner* owner, std::string* reason, int* error);
  ~ServerConnection() override;

  const SocketAddress& local_address() const { return stream_->local_address(); }
  const SocketAddress& remote_address() const { return stream_->remote_address(); }
  /// False when it cannot leave: the queue is full, or the connection has ended.
  bool send(ByteView message);
  /// Ends the connection, possibly from a call of its own to the owner; what was queued leaves before.
  static void close(NetworkThread& network, std::unique_ptr<ServerConnection> connection);

 private:
  ServerConnection(NetworkThread& network, int slot, Owner* owner);
  void on_stream_open() override;
  void on_stream_octets(ByteView octets) override;
  void on_stream_closed(const std::string& reason) override { end(reason); }
  void end(const std::string& reason);

  NetworkThread& network_;
  int slot_;
  Owner* owner_;
  std::unique_ptr<ByteStream> stream_;
  FrameReader reader_;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire::ice
