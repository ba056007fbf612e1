#include "transport/ice/server_connection.h"

#include <cstring>
#include <utility>

#include "net/tls/tls_client_stream.h"
#include "transport/ice/turn_framing.h"

namespace peerwire::ice {
namespace {

// For TCP's three-way handshake and that of TLS. A SYN is repeated after 1, 3 and 7 s: two may get lost.
constexpr auto kOpenTimeout = std::chrono::seconds(10);

}  // namespace

std::unique_ptr<ServerConnection> ServerConnection::open(NetworkThread& network, const IceServer& server,
                                                         const SocketAddress& address, const TcpOrigin& origin,
                                                         std::shared_ptr<const TlsClientContext> authorities, int slot,
                                                         Owner* owner, std::string* reason, int* error) {
  *error = 0;
  std::unique_ptr<ServerConnection> connection(new ServerConnection(network, slot, owner));
  if (server.over_tls()) {
    if (!authorities) {
      *reason = "no authorities to check the server's certificate against";
      return nullptr;
    }
    connection->stream_ = TlsClientStream::connect(network, std::move(authorities), server.host, origin, address,
                                                   connection.get(), reason, error);
  } else {
    connection->stream_ = TcpSocket::connect(network, origin, address, connection.get(), error);
    if (!connection->stream_) *reason = std::strerror(*error);
  }
  if (!connection->stream_) return nullptr;
  return connection;
}

ServerConnection::ServerConnection(NetworkThread& network, int slot, Owner* owner)
    : network_(network), slot_(slot), owner_(owner), reader_(measure_turn_frame) {
  timer_ = network_.start_timer(network_.now() + kOpenTimeout, [this] {
    timer_ = NetworkThread::kNoTimer;
    end("connection timed out");
  });
}

ServerConnection::~ServerConnection() {
  network_.cancel_timer(timer_);
}

void ServerConnection::close(NetworkThread& network, std::unique_ptr<ServerConnection> connection) {
  if (!connection) return;
  connection->owner_ = nullptr;
  if (connection->stream_) connection->stream_->detach();
  network.cancel_timer(std::exchange(connection->timer_, NetworkThread::kNoTimer));
  network.defer([dying = std::shared_ptr<ServerConnection>(std::move(connection))] {});
}

bool ServerConnection::send(ByteView message) {
  // It may have ended by our own decision, of which the stream does not know.
  if (!owner_) return false;
  const size_t padding = turn_padding(message);
  if (padding == 0) return stream_->send(message);
  Bytes padded(message.size() + padding);
  std::memcpy(padded.data(), message.data(), message.size());
  return stream_->send(padded);
}

void ServerConnection::on_stream_open() {
  network_.cancel_timer(std::exchange(timer_, NetworkThread::kNoTimer));
  if (owner_) owner_->on_server_open(slot_);
}

void ServerConnection::on_stream_octets(ByteView octets) {
  const bool framed = reader_.read(octets, [this](ByteView message) {
    if (owner_) owner_->on_server_message(slot_, message);
    return owner_ != nullptr;
  });
  if (!framed) end("the server's stream is neither STUN nor ChannelData");
}

void ServerConnection::end(const std::string& reason) {
  network_.cancel_timer(std::exchange(timer_, NetworkThread::kNoTimer));
  if (stream_) stream_->detach();
  if (Owner* owner = std::exchange(owner_, nullptr)) owner->on_server_closed(slot_, reason);
}

}  // namespace peerwire::ice
