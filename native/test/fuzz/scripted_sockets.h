// TCP without a kernel: the system calls of net/tcp_socket.cc end here (the linker's --wrap), and a script is the peer,
// the path and the system. A network thread that is the caller's own belongs to it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "fuzz/fuzz_input.h"
#include "net/network_thread.h"
#include "net/socket_address.h"
#include "net/timer_queue.h"

namespace peerwire {

/// A socket of the code under test; the script plays what is at its other end.
struct ScriptedSocket {
  enum class State { kFresh, kConnecting, kConnected, kListening };
  State state = State::kFresh;
  SocketAddress local, remote;
  Bytes arriving;            // has not been read yet
  size_t piece = SIZE_MAX;   // of it, what one reading gives at most
  bool ended = false;        // after what arrives
  int error = 0;             // what the next call says, as SO_ERROR does
  bool interrupted = false;  // the next call is
  Bytes left;                // what has been sent
  size_t room = SIZE_MAX;    // what the system still takes
  std::deque<int> waiting;   // of a listening one: connections that are to be accepted

  bool is_readable() const { return !arriving.empty() || ended || error || !waiting.empty(); }
  bool is_writable() const { return error || ended || (state == State::kConnected && room > 0); }
};

/// A peer takes the connection of a connecting socket, or (one kind in four) refuses it.
void answer_connecting(ScriptedSocket& socket, int kind);
/// By `kind`: an end, an error, an interrupted call, or other sizes of what is read and taken, which `input` gives.
void trouble(ScriptedSocket& socket, int kind, FuzzInput& input);

/// The sockets that there are. Descriptors are far above those of the system.
class ScriptedSockets {
 public:
  /// Only one at a time.
  ScriptedSockets();
  ~ScriptedSockets();

  /// Null when there is none of that number (any more).
  ScriptedSocket* find(int fd);
  int open();
  void close(int fd);
  size_t count() const { return sockets_.size(); }
  /// The youngest, or -1.
  int latest() const { return sockets_.empty() ? -1 : sockets_.rbegin()->first; }

  /// A peer connects to a listening socket, and sends.
  int connect_to(int listener, const SocketAddress& from);
  /// So many calls that need a new descriptor fail.
  int refusals = 0;

 private:
  std::map<int, ScriptedSocket> sockets_;
  int next_;
};

/// The network thread: nothing runs but inside turn() and skip().
class ScriptedLoop final : public NetworkThread {
 public:
  explicit ScriptedLoop(ScriptedSockets& sockets) : sockets_(sockets) {}

  void post(Task task) override { deferred_.push_back(std::move(task)); }
  bool run_or_post(Task task) override {
    post(std::move(task));
    return false;
  }
  void post_and_wait(Task task) override { task(); }
  bool is_current() const override { return true; }
  TimePoint now() const override { return now_; }
  TimerId start_timer(TimePoint when, Task task) override { return timers_.start(when, std::move(task)); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void defer(Task task) override { deferred_.push_back(std::move(task)); }
  bool watch(int fd, FdObserver* observer) override;
  void want_writable(int fd, bool wanted) override;
  void unwatch(int fd) override { watches_.erase(fd); }

  /// What is ready is told, once each, as level-triggered epoll does; then timers, then what was put off.
  void turn();
  void skip(Duration time) {
    now_ += time;
    turn();
  }
  bool is_idle() const { return watches_.empty() && timers_.empty() && deferred_.empty(); }

 private:
  struct Watch {
    FdObserver* observer;
    bool writable_wanted = false;
    uint64_t generation;
  };
  Watch* find(int fd, uint64_t generation);

  ScriptedSockets& sockets_;
  std::map<int, Watch> watches_;
  uint64_t generations_ = 0;
  TimerQueue timers_;
  TimePoint now_ = TimePoint(std::chrono::hours(1));
  std::vector<Task> deferred_;
};

}  // namespace peerwire
