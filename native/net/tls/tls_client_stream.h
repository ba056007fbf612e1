// TLS, as its client, over a TCP connection (RFC 8446, RFC 5246): TLS 1.2 or later, the server's certificate checked
// against the authorities and its name (RFC 9525).
#pragma once

#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/tcp_socket.h"
#include "net/tls/trusted_authorities.h"

namespace peerwire {

class TlsClientStream final : public ByteStream, private StreamObserver {
 public:
  /// Connects as TcpSocket::connect() does, then as `server_name`: a host name, which is told to the server (RFC 6066),
  /// or an IP address, which is not. Null with `reason` when that cannot be begun, and `error` set to errno where it is
  /// for want of a socket, else to 0.
  static std::unique_ptr<TlsClientStream> connect(NetworkThread& network,
                                                  std::shared_ptr<const TlsClientContext> context,
                                                  const std::string& server_name, const TcpOrigin& origin,
                                                  const SocketAddress& remote, StreamObserver* observer,
                                                  std::string* reason, int* error);
  ~TlsClientStream() override;

  bool send(ByteView octets) override;
  void detach() override { observer_ = nullptr; }
  const SocketAddress& local_address() const override { return socket_->local_address(); }
  const SocketAddress& remote_address() const override { return socket_->remote_address(); }

 private:
  TlsClientStream(std::shared_ptr<const TlsClientContext> context, StreamObserver* observer)
      : context_(std::move(context)), observer_(observer) {}
  void on_stream_open() override {
    connected_ = true;
    drive();
  }
  void on_stream_octets(ByteView octets) override;
  void on_stream_closed(const std::string& reason) override;
  /// Goes on with the handshake, then with what came in.
  void drive();
  /// Hands on what OpenSSL wants to send. False when the connection takes no more.
  bool pump();
  void end(const std::string& reason);
  std::string failure() const;

  std::shared_ptr<const TlsClientContext> context_;
  StreamObserver* observer_;
  std::unique_ptr<TcpSocket> socket_;
  SslPtr ssl_;
  BIO* incoming_ = nullptr;  // owned by ssl_, as is outgoing_
  BIO* outgoing_ = nullptr;
  Bytes early_;  // sent before the handshake is done
  bool connected_ = false, open_ = false, ended_ = false;
};

}  // namespace peerwire
