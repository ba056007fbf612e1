// While this environment and a peer answer each other at once, its own thread reads the sockets.
//
// Otherwise an answer wakes the network thread and that one wakes JavaScript: on idle cores two of the four wake-ups
// that a round trip consists of. One message at a time keeps no second thread busy; as soon as there are more, or
// JavaScript has something else to do, the network thread watches again.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>

#include "addon/libuv.h"
#include "base/clock.h"
#include "net/network_thread.h"

namespace peerwire::addon {

/// Of one environment, on its thread.
class Conversation {
 public:
  explicit Conversation(napi_env env) : env_(env) {}
  ~Conversation() { end(); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// A message was sent while no other one waited.
  /// @param here the environment's thread has sent it itself (NetworkThread::run_or_post)
  void on_message_sent(const std::shared_ptr<NetworkThread>& network, bool here);
  /// Nothing of it happens any more.
  void end();

 private:
  struct Poll;

  static Poll* poll_of(const UvPoll* handle);
  bool open(int descriptor);
  void watch(const std::shared_ptr<NetworkThread>& network);
  /// Gives the watch back.
  void leave();
  /// Looks no more: the watch is not ours.
  void stop();
  static void on_readable(UvPoll* handle, int status, int events);

  const napi_env env_;
  const Libuv* uv_ = nullptr;
  Poll* poll_ = nullptr;  // destroyed when libuv has let go of it
  bool unavailable_ = false;

  std::shared_ptr<NetworkThread> network_;  // held while it is watched for
  uint64_t ticket_ = 0;
  int messages_ = 0;    // in a row, more or less
  int idle_turns_ = 0;  // since the last message
  int busy_turns_ = 0;  // in a row
  int64_t spoken_ = 0;  // messages since it began
  Duration rest_{};
  TimePoint rests_until_;
  TimePoint last_message_;
};

}  // namespace peerwire::addon
