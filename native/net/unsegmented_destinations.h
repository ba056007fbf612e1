// Destinations that the system has refused segments for (UDP_SEGMENT), for a while.
#pragma once

#include <vector>

#include "base/clock.h"
#include "net/socket_address.h"

namespace peerwire {

class UnsegmentedDestinations {
 public:
  /// Those refused last: to ask again for one that was displaced costs one call.
  static constexpr size_t kMax = 32;
  /// After which the system is asked again: a path may have become wide again.
  static constexpr auto kRemembered = std::chrono::seconds(10);

  bool contains(TimePoint now, const SocketAddress& to) const;
  void add(TimePoint now, const SocketAddress& to);

 private:
  struct Entry {
    SocketAddress to;
    TimePoint until;
  };
  std::vector<Entry> entries_;  // the latest last
};

}  // namespace peerwire
