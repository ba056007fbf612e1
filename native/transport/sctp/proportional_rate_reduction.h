// What may be sent while losses of one window are repaired (RFC 9937): in step with what arrives, so that
// retransmissions do not run into the queue that was full.
#pragma once

#include <cstdint>

namespace peerwire {

/// Octets throughout. Plain values without a destructor, as CubicWindow.
class ProportionalRateReduction {
 public:
  /// @param threshold of slow start, which is what the window will be
  /// @param in_flight when the loss was noticed, lost packets included
  void begin(uint32_t threshold, uint32_t in_flight);
  void end() { is_active_ = false; }
  bool is_active() const { return is_active_; }
  uint32_t threshold() const { return threshold_; }

  struct Acknowledgement {
    uint32_t delivered = 0;  // by this one
    uint32_t sent = 0;       // since the one before
    uint32_t in_flight = 0;  // now, without what counts as lost
    bool is_safe = false;    // the first of the missing have come, and no more are missing
  };
  /// @returns the congestion window
  uint32_t window_after(const Acknowledgement& acknowledged, uint32_t packet);

 private:
  uint32_t threshold_ = 0;
  uint32_t in_flight_at_first_ = 0;  // RecoverFS
  uint32_t delivered_ = 0;           // prr_delivered
  uint32_t sent_ = 0;                // prr_out
  bool is_active_ = false;
};

}  // namespace peerwire
