// The process's one usrsctp: initialised once, driven by one timer of the network thread, shared by all associations.
//
// usrsctp is handed small numbers as "addresses", never pointers: a packet that it sends after an association is gone
// finds nothing in the table and is dropped.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "net/network_thread.h"

namespace peerwire {

/// What the library measures round trips and life times with. Tests have a clock of their own.
inline TimePoint (*usrsctp_clock)() = &Clock::now;

/// What the stack needs of an association. All calls on the network thread.
class UsrsctpEndpoint {
 public:
  virtual ~UsrsctpEndpoint() = default;
  /// A packet that usrsctp wants sent; the checksum field is zero and may be filled in. Called from within usrsctp.
  virtual void on_output(uint8_t* packet, size_t size) = 0;
  /// Timers of the library have fired. True when this is to be called after the next ones, too.
  virtual bool on_timers_handled() = 0;
};

class UsrsctpStack {
 public:
  using Address = uintptr_t;

  static UsrsctpStack& instance();

  /// Never 0, never used twice.
  Address attach(NetworkThread& network, UsrsctpEndpoint* endpoint);
  void detach(Address address);
  UsrsctpEndpoint* find(Address address) const;

  /// To be called before anything that may start a timer in the library: brings its clock up to `now` and has it
  /// looked at again within one tick, and the endpoint, too.
  void touch(Address address);
  /// Calls into usrsctp bracket themselves with these, so that a packet that comes in meanwhile (a transport below that
  /// answers at once) is not fed to a library that holds its locks.
  void enter() { ++depth_; }
  void leave() { --depth_; }
  bool inside() const { return depth_ > 0; }

 private:
  UsrsctpStack();
  static int output(void* address, void* buffer, size_t size, uint8_t tos, uint8_t set_df);
  void advance_clock(TimePoint now);
  void on_timer();
  void arm(TimePoint when);
  void activate(Address address);

  struct Entry {
    UsrsctpEndpoint* endpoint = nullptr;
    bool active = false;  // in active_
  };
  std::unordered_map<Address, Entry> endpoints_;
  std::vector<Address> active_;  // those that timers may have something for; the others are at rest
  Address last_address_ = 0;
  NetworkThread* network_ = nullptr;
  NetworkThread::TimerId timer_ = NetworkThread::kNoTimer;
  TimePoint timer_due_{};
  bool touched_ = false;  // since the timers were looked at last
  TimePoint clock_{};     // up to where the library's ticks have been advanced
  int depth_ = 0;
};

/// Brackets calls into usrsctp.
class InsideUsrsctp {
 public:
  InsideUsrsctp() { UsrsctpStack::instance().enter(); }
  ~InsideUsrsctp() { UsrsctpStack::instance().leave(); }
  InsideUsrsctp(const InsideUsrsctp&) = delete;
  InsideUsrsctp& operator=(const InsideUsrsctp&) = delete;
};

}  // namespace peerwire
