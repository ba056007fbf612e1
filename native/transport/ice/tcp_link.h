// One TCP connection between the peers (RFC 6544): a packet is a frame of RFC 4571.
#pragma once

#include <memory>

#include "net/frame_reader.h"
#include "net/tcp_socket.h"

namespace peerwire::ice {

class TcpLink final : private StreamObserver {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Neither may destroy the link: see close().
    virtual void on_link_packet(int slot, const SocketAddress& remote, ByteView packet) = 0;
    /// It could not be made, or is no longer there. Once, and then nothing more.
    virtual void on_link_closed(int slot, const SocketAddress& remote) = 0;
  };

  /// Begins to connect from `local` (port 0). Null when that cannot be begun.
  static std::unique_ptr<TcpLink> connect(NetworkThread& network, const SocketAddress& local,
                                          const SocketAddress& remote, int slot, Owner* owner);
  /// A connection that stands; feed() it what has been read of it.
  static std::unique_ptr<TcpLink> adopt(NetworkThread& network, std::unique_ptr<TcpSocket> socket, int slot,
                                        Owner* owner);
  ~TcpLink() override;

  const SocketAddress& remote_address() const { return socket_->remote_address(); }
  /// Also before the connection stands. False when it cannot leave.
  bool send(ByteView packet);
  void feed(ByteView octets) { on_stream_octets(octets); }
  /// Ends the link, possibly from a call of its own to the owner; what was queued leaves before.
  static void close(NetworkThread& network, std::unique_ptr<TcpLink> link);

 private:
  TcpLink(NetworkThread& network, int slot, Owner* owner);
  void on_stream_open() override;
  void on_stream_octets(ByteView octets) override;
  void on_stream_closed(const std::string&) override { end(); }
  void end();

  NetworkThread& network_;
  int slot_;
  Owner* owner_;
  std::unique_ptr<TcpSocket> socket_;
  FrameReader reader_{measure_packet_frame};
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire::ice
