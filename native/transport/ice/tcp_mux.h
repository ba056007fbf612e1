// A TCP port on which peers connect, of one ICE transport or shared by several: a connection belongs to the one whose
// user name fragment its first message asks for. Until then it is a stranger's, and bounded. Lives on the network
// thread.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "net/tcp_socket.h"
#include "transport/ice/shared_server_connection.h"
#include "transport/ice/username_fragments.h"

namespace peerwire::ice {

class TcpMux final : public std::enable_shared_from_this<TcpMux>, private TcpListener::Observer {
 public:
  /// Connections that have not said yet whom they are for; in all, and from one IP address.
  static constexpr size_t kMaxStrangers = 128, kMaxStrangersOfAddress = 16;
  /// How long they may take.
  static constexpr auto kPatience = std::chrono::seconds(5);
  /// Octets of the first message: a Binding request with the longest user name and what peers add to it.
  static constexpr size_t kMaxFirstMessage = 1280;

  class Member {
   public:
    virtual ~Member() = default;
    /// `received`: what has been read of it, beginning with a whole frame that holds a Binding request.
    virtual void on_tcp_connection(int tag, std::unique_ptr<TcpSocket> socket, ByteView received) = 0;
  };

  /// A port of one's own (port 0: any), or with `shared` the one that is there already. Null with `error` set to errno
  /// when there is none to be had.
  static std::shared_ptr<TcpMux> acquire(NetworkThread& network, const SocketAddress& address, bool shared, int* error);
  ~TcpMux() override;

  const SocketAddress& local_address() const { return listener_->local_address(); }
  /// Connections whose first message asks for this fragment are the member's; more than one may be (ICE restart).
  void add(Member* member, int tag, const std::string& username_fragment);
  void remove(Member* member);
  /// The connection to a STUN server out of this port, made by the first who asks. Null with `reason` when that cannot
  /// be begun. `authorities` only for TLS.
  std::shared_ptr<SharedServerConnection> connect_to(const IceServer& server, const SocketAddress& address,
                                                     std::shared_ptr<const TlsClientContext> authorities,
                                                     std::string* reason);
  size_t stranger_count() const { return strangers_.size(); }

 private:
  class Stranger;
  explicit TcpMux(NetworkThread& network);
  void on_accepted(std::unique_ptr<TcpSocket> socket) override;
  /// Whose it is: the member, or nobody's.
  void introduce(Stranger* stranger, const std::string& username_fragment);
  void drop(Stranger* stranger);

  NetworkThread& network_;
  SocketAddress key_;  // where it is shared
  std::unique_ptr<TcpListener> listener_;
  std::list<std::unique_ptr<Stranger>> strangers_;
  UsernameFragments<Member> fragments_;
  std::vector<std::weak_ptr<SharedServerConnection>> servers_;
};

}  // namespace peerwire::ice
