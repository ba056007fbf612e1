#include "net/tcp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace peerwire {
namespace {

constexpr size_t kReadBuffer = 65536;
constexpr int kReadRounds = 4;  // in one turn, so that timers and other sockets get theirs
constexpr size_t kMaxDiscarded = 4 << 20;
constexpr int kUnsentLimit = 64 << 10;
constexpr int kBacklog = 128;
constexpr int kMaxAcceptsPerTurn = 32;
// A NAT or firewall on the way forgets a flow on which nothing is said, some after a few minutes; and nobody else would
// notice that the other end's machine has gone. What is unacknowledged, be it a probe alone, ends the connection after
// the time that consent has (RFC 7675 section 5.1).
constexpr int kIdleBeforeProbeS = 15;
constexpr int kBetweenProbesS = 5;
constexpr int kUnacknowledgedMs = 30'000;
constexpr auto kAcceptPause = std::chrono::milliseconds(200);

void set_option(int fd, int level, int option, int value) {
  // Each of them only makes a connection that works anyway better.
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

void prepare_connection(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
#if defined(TCP_NOTSENT_LOWAT)
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentLimit);
#endif
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kIdleBeforeProbeS);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kBetweenProbesS);
#if defined(TCP_USER_TIMEOUT)
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMs);
#endif
}

SocketAddress name_of(int fd) {
  sockaddr_storage name;
  socklen_t length = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  return SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), length).value_or(SocketAddress());
}

int open_socket(const SocketAddress& like) {
  sockaddr_storage name;
  like.to_sockaddr(&name);
  return ::socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

// To a port of one's own: connections that have ended would keep it for a minute otherwise.
bool reuse_address(int fd) {
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
}

bool bind_to(int fd, const SocketAddress& local) {
  sockaddr_storage name;
  const socklen_t length = local.to_sockaddr(&name);
  return ::bind(fd, reinterpret_cast<sockaddr*>(&name), length) == 0;
}

}  // namespace

void retire(NetworkThread& network, std::unique_ptr<ByteStream> stream) {
  if (!stream) return;
  stream->detach();
  network.defer([dying = std::shared_ptr<ByteStream>(std::move(stream))] {});
}

TcpOrigin::TcpOrigin(TcpListener& at) : address(at.local_address()), listener(&at) {}

std::unique_ptr<TcpSocket> TcpSocket::connect(NetworkThread& network, const TcpOrigin& origin,
                                              const SocketAddress& remote, StreamObserver* observer, int* error) {
  const auto failed = [error](int fd) {
    if (error) *error = errno;
    if (fd >= 0) ::close(fd);
    return nullptr;
  };
  const int fd = open_socket(remote);
  if (fd < 0) return failed(fd);
  const SocketAddress& local = origin.address;
  const bool chosen = local.port() != 0;
  if (chosen && !reuse_address(fd)) return failed(fd);
  if (!local.empty() && !(origin.listener ? origin.listener->bind_beside(fd) : bind_to(fd, local))) return failed(fd);
  prepare_connection(fd);
  if (origin.listener) {
    const linger reset{1, 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0) return failed(fd);
  }
  sockaddr_storage name;
  const socklen_t length = remote.to_sockaddr(&name);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&name), length) != 0 && errno != EINPROGRESS && errno != EINTR) {
    // The port has a connection with `remote` already, or has had one a moment ago.
    if (chosen && errno == EADDRNOTAVAIL) errno = EADDRINUSE;
    return failed(fd);
  }
  std::unique_ptr<TcpSocket> socket(new TcpSocket(network, fd, remote, observer));
  socket->blocked_ = true;
  socket->resets_ = origin.listener != nullptr;
  if (!socket->watch(error)) return nullptr;
  network.want_writable(fd, true);
  return socket;
}

TcpSocket::TcpSocket(NetworkThread& network, int fd, const SocketAddress& remote, StreamObserver* observer)
    : network_(network), fd_(fd), local_(name_of(fd)), remote_(remote), observer_(observer) {}

bool TcpSocket::watch(int* error) {
  if (network_.watch(fd_, this)) return true;
  if (error) *error = errno;
  return false;
}

TcpSocket::~TcpSocket() {
  observer_ = nullptr;
  if (state_ == State::kOpen) flush();  // what was queued before the end (the release of an allocation) leaves
  if (deferred_) *deferred_ = nullptr;
  network_.unwatch(fd_);
  if (state_ == State::kOpen && !resets_) {
    // With input that nobody has read the system closes by a reset, which takes what was sent from the peer.
    (void)::recv(fd_, nullptr, kMaxDiscarded, MSG_TRUNC);
  }
  ::close(fd_);
}

bool TcpSocket::send(ByteView octets) {
  if (state_ == State::kEnded || queued() + octets.size() > kMaxQueued) return false;
  if (sent_ == queue_.size()) {
    queue_.clear();
    sent_ = 0;
  } else if (sent_ > kMaxQueued) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<long>(sent_));
    sent_ = 0;
  }
  queue_.insert(queue_.end(), octets.begin(), octets.end());
  if (blocked_ || deferred_) return true;
  deferred_ = std::make_shared<TcpSocket*>(this);
  network_.defer([deferred = deferred_] {
    TcpSocket* socket = *deferred;
    if (!socket) return;
    socket->deferred_.reset();
    socket->flush();
  });
  return true;
}

void TcpSocket::flush() {
  while (state_ == State::kOpen && queued()) {
    const ssize_t count = ::send(fd_, queue_.data() + sent_, queued(), MSG_NOSIGNAL);
    if (count >= 0) {
      sent_ += static_cast<size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) {
      blocked_ = true;
      network_.want_writable(fd_, true);
      return;
    }
    return end(std::strerror(errno));
  }
}

void TcpSocket::on_writable() {
  if (state_ == State::kEnded) return;
  if (state_ == State::kConnecting) {
    connected();
    if (state_ != State::kOpen) return;
  }
  blocked_ = false;
  network_.want_writable(fd_, false);
  flush();
}

void TcpSocket::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error) return end(std::strerror(error));
  state_ = State::kOpen;
  local_ = name_of(fd_);
  // A connection to oneself, which TCP allows where the port of the source happens to be that of the target.
  if (local_ == remote_) return end(std::strerror(ECONNREFUSED));
  if (observer_) observer_->on_stream_open();
}

void TcpSocket::on_readable() {
  if (state_ == State::kConnecting) on_writable();
  thread_local std::unique_ptr<uint8_t[]> buffer(new uint8_t[kReadBuffer]);
  for (int round = 0; round < kReadRounds && state_ == State::kOpen; ++round) {
    const ssize_t count = ::recv(fd_, buffer.get(), kReadBuffer, 0);
#if defined(TCP_QUICKACK)
    // A sender that gathers small packets (Nagle's algorithm) waits for this, and what it waits looks like a queue to
    // its congestion control. The kernel forgets it again as it likes.
    if (count > 0) set_option(fd_, IPPROTO_TCP, TCP_QUICKACK, 1);
#endif
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) return end(std::strerror(errno));
    if (count == 0) return end("connection closed by the peer");
    if (observer_) observer_->on_stream_octets({buffer.get(), static_cast<size_t>(count)});
    if (static_cast<size_t>(count) < kReadBuffer) return;
  }
}

void TcpSocket::end(const std::string& reason) {
  state_ = State::kEnded;
  network_.unwatch(fd_);
  queue_.clear();
  sent_ = 0;
  if (StreamObserver* observer = observer_) {
    observer_ = nullptr;
    observer->on_stream_closed(reason);
  }
}

// ---- accepting ----

std::unique_ptr<TcpListener> TcpListener::listen(NetworkThread& network, const SocketAddress& local, Observer* observer,
                                                 int* error) {
  const int fd = open_socket(local);
  const int on = 1;
  const bool ready = fd >= 0 && reuse_address(fd) &&
                     (!local.is_ipv6() || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
                     bind_to(fd, local) && ::listen(fd, kBacklog) == 0;
  if (!ready) {
    if (error) *error = errno;
    if (fd >= 0) ::close(fd);
    return nullptr;
  }
  std::unique_ptr<TcpListener> listener(new TcpListener(network, fd, name_of(fd), observer));
  if (!network.watch(fd, listener.get())) {
    if (error) *error = errno;
    return nullptr;
  }
  return listener;
}

bool TcpListener::bind_beside(int fd) {
  // Both sockets have to say at this moment that they share the port. Had the listening one said so before it was
  // bound, another process could listen on its port, too, and take connections away.
  const int on = 1, off = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return false;
  if (setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return false;
  const bool bound = bind_to(fd, local_);
  const int error = errno;
  const bool alone = setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &off, sizeof off) == 0;
  if (!bound) errno = error;
  return bound && alone;
}

TcpListener::~TcpListener() {
  network_.cancel_timer(pause_);
  network_.unwatch(fd_);
  ::close(fd_);
}

void TcpListener::pause() {
  network_.unwatch(fd_);
  pause_ = network_.start_timer(network_.now() + kAcceptPause, [this] {
    pause_ = NetworkThread::kNoTimer;
    if (!network_.watch(fd_, this)) pause();
  });
}

void TcpListener::on_readable() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    sockaddr_storage name;
    socklen_t length = sizeof name;
    const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&name), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0 && errno == EAGAIN) return;
    // No descriptors or memory: those who wait would ring again at once, and for ever.
    if (fd < 0) return pause();
    const auto remote = SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&name), length);
    if (!remote) {
      ::close(fd);
      continue;
    }
    prepare_connection(fd);
    std::unique_ptr<TcpSocket> socket(new TcpSocket(network_, fd, *remote, nullptr));
    socket->state_ = TcpSocket::State::kOpen;
    if (socket->watch(nullptr)) observer_->on_accepted(std::move(socket));
  }
}

}  // namespace peerwire
