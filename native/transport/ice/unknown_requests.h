// Which binding requests that are for nobody are worth telling of: a bound against floods (pure, time is an argument).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "net/socket_address.h"

namespace peerwire::ice {

class UnknownRequests {
 public:
  /// Told at once, and each second on average.
  static constexpr double kBurst = 256, kPerSecond = 256;
  /// A request that has been told is not told again for as long: who wants to make a connection for it is at it, and
  /// a retransmission will find that.
  static constexpr auto kQuiet = std::chrono::seconds(2);
  static constexpr size_t kMaxRemembered = 1024;

  struct Request {
    std::string local_fragment;  // who is asked for
    std::string remote_fragment;
  };

  /// `username`: of STUN, "ours:theirs" (RFC 8445 section 7.2.2). None when it is malformed, known, or one too many.
  std::optional<Request> take(TimePoint now, std::string_view username, const SocketAddress& from);

 private:
  struct Told {
    TimePoint at;
    std::string key;
  };
  std::deque<Told> order_;
  std::unordered_set<std::string> told_;
  double allowance_ = kBurst;
  TimePoint updated_{};
};

}  // namespace peerwire::ice
