#include "fuzz/scripted_sockets.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace peerwire {
namespace {

constexpr int kFirstDescriptor = 1 << 20;
ScriptedSockets* current = nullptr;

/// What is not one of ours any more was closed twice, or used after its end.
ScriptedSocket& socket_of(int fd) {
  ScriptedSocket* socket = current ? current->find(fd) : nullptr;
  check(socket != nullptr);
  return *socket;
}

int fail(int error) {
  errno = error;
  return -1;
}

bool is_refused(ScriptedSockets& sockets) {
  if (sockets.refusals == 0) return false;
  --sockets.refusals;
  return true;
}

/// The error of a call, if the script wants one.
std::optional<int> scripted_error(ScriptedSocket& socket) {
  if (std::exchange(socket.interrupted, false)) return EINTR;
  if (socket.error) return std::exchange(socket.error, 0);
  return std::nullopt;
}

}  // namespace

void answer_connecting(ScriptedSocket& socket, int kind) {
  if (socket.state != ScriptedSocket::State::kConnecting) return;
  if (kind % 4 == 3)
    socket.error = ECONNREFUSED;
  else
    socket.state = ScriptedSocket::State::kConnected;
}

void trouble(ScriptedSocket& socket, int kind, FuzzInput& input) {
  switch (kind % 8) {
    case 0:
      socket.ended = true;
      return;
    case 1:
      socket.error = ECONNRESET;
      return;
    case 2:
      socket.interrupted = true;
      return;
    case 3:
      socket.piece = size_t{1} + input.octet();
      return;
    case 4:
      socket.piece = SIZE_MAX;
      return;
    case 5:
      socket.room = input.octet();
      return;
    default:
      socket.room = SIZE_MAX;
  }
}

ScriptedSockets::ScriptedSockets() : next_(kFirstDescriptor) {
  current = this;
}
ScriptedSockets::~ScriptedSockets() {
  current = nullptr;
}

ScriptedSocket* ScriptedSockets::find(int fd) {
  const auto found = sockets_.find(fd);
  return found == sockets_.end() ? nullptr : &found->second;
}

int ScriptedSockets::open() {
  sockets_[next_];
  return next_++;
}

void ScriptedSockets::close(int fd) {
  const ScriptedSocket closing = std::move(socket_of(fd));
  sockets_.erase(fd);
  for (const int waiting : closing.waiting) sockets_.erase(waiting);
}

int ScriptedSockets::connect_to(int listener, const SocketAddress& from) {
  const int fd = open();
  ScriptedSocket& socket = socket_of(fd);
  socket.state = ScriptedSocket::State::kConnected;
  socket.local = socket_of(listener).local;
  socket.remote = from;
  socket_of(listener).waiting.push_back(fd);
  return fd;
}

bool ScriptedLoop::watch(int fd, FdObserver* observer) {
  if (is_refused(sockets_)) {
    errno = ENOMEM;
    return false;
  }
  check(sockets_.find(fd) != nullptr);
  watches_[fd] = {observer, false, ++generations_};
  return true;
}

void ScriptedLoop::want_writable(int fd, bool wanted) {
  const auto found = watches_.find(fd);
  check(found != watches_.end());
  found->second.writable_wanted = wanted;
}

ScriptedLoop::Watch* ScriptedLoop::find(int fd, uint64_t generation) {
  const auto found = watches_.find(fd);
  return found != watches_.end() && found->second.generation == generation ? &found->second : nullptr;
}

void ScriptedLoop::turn() {
  std::vector<std::pair<int, uint64_t>> watched;
  for (const auto& [fd, watch] : watches_) watched.emplace_back(fd, watch.generation);
  for (const auto& [fd, generation] : watched) {
    const Watch* reading = find(fd, generation);
    if (!reading) continue;
    const ScriptedSocket& socket = socket_of(fd);
    const bool readable = socket.is_readable(), writable = socket.is_writable();
    if (readable) reading->observer->on_readable();
    const Watch* writing = find(fd, generation);
    if (writable && writing && writing->writable_wanted) writing->observer->on_writable();
  }
  const uint64_t limit = timers_.sequence();
  while (const Task task = timers_.take_due(now_, limit)) task();
  while (!deferred_.empty()) {
    const std::vector<Task> running = std::exchange(deferred_, {});
    for (const Task& task : running) task();
  }
}

}  // namespace peerwire

// ---- the system calls ----

using namespace peerwire;

extern "C" {

int __real_close(int fd);

int __wrap_socket(int, int, int) {
  check(current != nullptr);
  return is_refused(*current) ? fail(EMFILE) : current->open();
}

int __wrap_close(int fd) {
  if (fd < kFirstDescriptor) return __real_close(fd);
  check(current != nullptr);
  current->close(fd);
  return 0;
}

int __wrap_setsockopt(int fd, int, int, const void*, socklen_t) {
  socket_of(fd);
  return 0;
}

int __wrap_getsockopt(int fd, int level, int option, void* value, socklen_t* length) {
  ScriptedSocket& socket = socket_of(fd);
  check(level == SOL_SOCKET && option == SO_ERROR && *length >= sizeof socket.error);
  const int error = std::exchange(socket.error, 0);
  std::memcpy(value, &error, sizeof error);
  return 0;
}

int __wrap_bind(int fd, const sockaddr* address, socklen_t length) {
  ScriptedSocket& socket = socket_of(fd);
  socket.local = SocketAddress::from_sockaddr(address, length).value_or(SocketAddress());
  if (socket.local.port() == 0) socket.local = socket.local.with_port(static_cast<uint16_t>(fd));
  return 0;
}

int __wrap_listen(int fd, int) {
  socket_of(fd).state = ScriptedSocket::State::kListening;
  return 0;
}

int __wrap_connect(int fd, const sockaddr* address, socklen_t length) {
  ScriptedSocket& socket = socket_of(fd);
  socket.remote = SocketAddress::from_sockaddr(address, length).value_or(SocketAddress());
  socket.state = ScriptedSocket::State::kConnecting;
  return fail(EINPROGRESS);
}

int __wrap_accept4(int fd, sockaddr* address, socklen_t* length, int) {
  ScriptedSocket& listener = socket_of(fd);
  if (const auto error = scripted_error(listener)) return fail(*error);
  if (listener.waiting.empty()) return fail(EAGAIN);
  if (is_refused(*current)) return fail(EMFILE);
  const int accepted = listener.waiting.front();
  listener.waiting.pop_front();
  sockaddr_storage name;
  const socklen_t size = socket_of(accepted).remote.to_sockaddr(&name);
  std::memcpy(address, &name, std::min(size, *length));
  *length = size;
  return accepted;
}

int __wrap_getsockname(int fd, sockaddr* address, socklen_t* length) {
  sockaddr_storage name;
  const socklen_t size = socket_of(fd).local.to_sockaddr(&name);
  std::memcpy(address, &name, std::min(size, *length));
  *length = size;
  return 0;
}

ssize_t __wrap_recv(int fd, void* out, size_t size, int flags) {
  ScriptedSocket& socket = socket_of(fd);
  if (const auto error = scripted_error(socket)) return fail(*error);
  if (socket.arriving.empty()) return socket.ended ? 0 : fail(EAGAIN);
  const size_t count = std::min({size, socket.piece, socket.arriving.size()});
  if (!(flags & MSG_TRUNC)) std::memcpy(out, socket.arriving.data(), count);
  socket.arriving.erase(socket.arriving.begin(), socket.arriving.begin() + static_cast<std::ptrdiff_t>(count));
  return static_cast<ssize_t>(count);
}

ssize_t __wrap_send(int fd, const void* octets, size_t size, int) {
  ScriptedSocket& socket = socket_of(fd);
  if (const auto error = scripted_error(socket)) return fail(*error);
  if (socket.state != ScriptedSocket::State::kConnected) return fail(ENOTCONN);
  if (socket.room == 0) return fail(EAGAIN);
  const size_t count = std::min(size, socket.room);
  const auto* begin = static_cast<const uint8_t*>(octets);
  socket.left.insert(socket.left.end(), begin, begin + count);
  if (socket.room != SIZE_MAX) socket.room -= count;
  return static_cast<ssize_t>(count);
}

}  // extern "C"
