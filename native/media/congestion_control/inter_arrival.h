// Groups packets that were sent together, or came together, and compares how far apart two groups were sent with how
// far apart they came (draft-ietf-rmcat-gcc-02 section 5.2 and 5.3).
#pragma once

#include <optional>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class InterArrival {
 public:
  struct Deltas {
    int64_t send_us = 0;
    int64_t arrival_us = 0;
  };

  /// In order of arrival. `now_us` is our own clock, to notice when the peer's one jumps. Deltas of the last two
  /// complete groups, whenever a packet begins a new one.
  std::optional<Deltas> add(int64_t send_us, int64_t arrival_us, int64_t now_us);
  void reset() { *this = InterArrival(); }

 private:
  struct Group {
    int64_t first_send_us = kNever;
    int64_t last_send_us = kNever;
    int64_t first_arrival_us = kNever;
    int64_t last_arrival_us = kNever;
    int64_t last_now_us = kNever;

    bool empty() const { return first_send_us == kNever; }
  };

  bool begins_group(int64_t send_us, int64_t arrival_us) const;
  bool belongs_to_burst(int64_t send_us, int64_t arrival_us) const;

  Group current_;
  Group previous_;
  int consecutive_reordered_ = 0;
};

}  // namespace peerwire::congestion
