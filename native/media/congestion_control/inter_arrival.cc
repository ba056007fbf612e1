#include "media/congestion_control/inter_arrival.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

constexpr int64_t kGroupUs = 5'000;
constexpr int64_t kBurstUs = 5'000;
constexpr int64_t kMaxBurstUs = 100'000;
constexpr int64_t kClockJumpUs = 3'000'000;
constexpr int kMaxReordered = 3;

}  // namespace

bool InterArrival::belongs_to_burst(int64_t send_us, int64_t arrival_us) const {
  const int64_t arrival_delta = arrival_us - current_.last_arrival_us;
  const int64_t send_delta = send_us - current_.last_send_us;
  if (send_delta == 0) return true;
  // It waited somewhere and was let go with the others: their distance says nothing of the path.
  return arrival_delta < send_delta && arrival_delta <= kBurstUs &&
         arrival_us - current_.first_arrival_us < kMaxBurstUs;
}

bool InterArrival::begins_group(int64_t send_us, int64_t arrival_us) const {
  if (belongs_to_burst(send_us, arrival_us)) return false;
  return send_us - current_.first_send_us > kGroupUs;
}

std::optional<InterArrival::Deltas> InterArrival::add(int64_t send_us, int64_t arrival_us, int64_t now_us) {
  std::optional<Deltas> deltas;
  if (current_.empty()) {
    current_ = {send_us, send_us, arrival_us, arrival_us, now_us};
    return deltas;
  }
  if (send_us < current_.first_send_us) return deltas;  // reordered
  if (begins_group(send_us, arrival_us)) {
    if (!previous_.empty()) {
      const int64_t arrival_delta = current_.last_arrival_us - previous_.last_arrival_us;
      const int64_t now_delta = current_.last_now_us - previous_.last_now_us;
      if (arrival_delta - now_delta >= kClockJumpUs) {
        reset();
        return deltas;
      }
      if (arrival_delta < 0) {
        if (++consecutive_reordered_ >= kMaxReordered) reset();
        return deltas;
      }
      consecutive_reordered_ = 0;
      deltas = Deltas{current_.last_send_us - previous_.last_send_us, arrival_delta};
    }
    previous_ = current_;
    current_ = {send_us, send_us, arrival_us, arrival_us, now_us};
    return deltas;
  }
  current_.last_send_us = std::max(current_.last_send_us, send_us);
  current_.last_arrival_us = arrival_us;
  current_.last_now_us = now_us;
  return deltas;
}

}  // namespace peerwire::congestion
