#include "transport/sctp/proportional_rate_reduction.h"

#include <algorithm>

namespace peerwire {

void ProportionalRateReduction::begin(uint32_t threshold, uint32_t in_flight) {
  threshold_ = threshold;
  in_flight_at_first_ = std::max(in_flight, 1u);
  delivered_ = sent_ = 0;
  is_active_ = true;
}

uint32_t ProportionalRateReduction::window_after(const Acknowledgement& acknowledged, uint32_t packet) {
  // https://www.rfc-editor.org/rfc/rfc9937#section-6
  delivered_ += acknowledged.delivered;
  sent_ += acknowledged.sent;
  const uint32_t in_flight = acknowledged.in_flight;
  uint32_t more = 0;
  if (in_flight > threshold_) {
    const uint64_t allowed = (uint64_t{delivered_} * threshold_ + in_flight_at_first_ - 1) / in_flight_at_first_;
    more = static_cast<uint32_t>(allowed - std::min<uint64_t>(allowed, sent_));
  } else {
    more = std::max(delivered_ - std::min(delivered_, sent_), acknowledged.delivered);
    if (acknowledged.is_safe) more += packet;
    more = std::min(more, threshold_ - in_flight);
  }
  // The first retransmission leaves at once.
  if (sent_ == 0 && more == 0) more = packet;
  return in_flight + more;
}

}  // namespace peerwire
