// A non-blocking TCP connection, opened by us or accepted, and a socket that accepts them.
#pragma once

#include <cstdint>
#include <memory>

#include "net/byte_stream.h"

namespace peerwire {

class TcpListener;

/// Where a connection of ours comes from.
struct TcpOrigin {
  TcpOrigin() = default;  // as the system routes
  /// Port 0: any.
  TcpOrigin(const SocketAddress& from) : address(from) {}
  /// The port on which it listens, so that a NAT on the way shows what it makes of that port. The end of the connection
  /// is a reset: the port can have another one with the same peer at once, and not after a minute.
  explicit TcpOrigin(TcpListener& at);

  SocketAddress address;
  TcpListener* listener = nullptr;  // needed as long as a connection is being begun
};

class TcpSocket final : public ByteStream, private NetworkThread::FdObserver {
 public:
  /// Octets of ours that wait, besides those that the system has taken: a path that is slower than its sender shall
  /// lose packets, as a queue of datagrams does, not make them old.
  static constexpr size_t kMaxQueued = 256 << 10;

  /// Begins to connect. Null with `error` set to errno when there is no such socket to be had, EADDRINUSE also when the
  /// port has a connection with `remote`; that the peer cannot be reached is told to the observer, never before this
  /// returns.
  static std::unique_ptr<TcpSocket> connect(NetworkThread& network, const TcpOrigin& origin,
                                            const SocketAddress& remote, StreamObserver* observer, int* error);
  ~TcpSocket() override;

  bool send(ByteView octets) override;
  void detach() override { observer_ = nullptr; }
  const SocketAddress& local_address() const override { return local_; }
  const SocketAddress& remote_address() const override { return remote_; }
  void set_observer(StreamObserver* observer) { observer_ = observer; }
  size_t queued() const { return queue_.size() - sent_; }

 private:
  friend class TcpListener;
  enum class State { kConnecting, kOpen, kEnded };
  TcpSocket(NetworkThread& network, int fd, const SocketAddress& remote, StreamObserver* observer);
  bool watch(int* error);
  void on_readable() override;
  void on_writable() override;
  void connected();
  void flush();
  void end(const std::string& reason);

  NetworkThread& network_;
  int fd_;
  SocketAddress local_, remote_;
  StreamObserver* observer_;
  State state_ = State::kConnecting;
  Bytes queue_;
  size_t sent_ = 0;  // of queue_
  bool blocked_ = false;
  bool resets_ = false;                   // ends so on purpose
  std::shared_ptr<TcpSocket*> deferred_;  // set while a flush is due at the end of the turn
};

class TcpListener final : private NetworkThread::FdObserver {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    /// A connection that stands. Its observer is to be set before the turn of the loop ends. May not destroy the
    /// listener.
    virtual void on_accepted(std::unique_ptr<TcpSocket> socket) = 0;
  };
  /// Bound to `local` (port 0: any). Null with `error` set to errno when there is no such socket to be had.
  static std::unique_ptr<TcpListener> listen(NetworkThread& network, const SocketAddress& local, Observer* observer,
                                             int* error);
  ~TcpListener() override;
  const SocketAddress& local_address() const { return local_; }

 private:
  friend class TcpSocket;
  TcpListener(NetworkThread& network, int fd, const SocketAddress& local, Observer* observer)
      : network_(network), fd_(fd), local_(local), observer_(observer) {}
  void on_readable() override;
  /// Binds a socket, which will not listen, to the port of this one. False with errno.
  bool bind_beside(int fd);
  /// Accepts nothing for a while.
  void pause();

  NetworkThread& network_;
  int fd_;
  SocketAddress local_;
  Observer* observer_;
  NetworkThread::TimerId pause_ = NetworkThread::kNoTimer;
};

}  // namespace peerwire
