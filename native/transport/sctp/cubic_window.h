// How much may be on its way: CUBIC (RFC 9438), and until a path is full HyStart++ (RFC 9406). No clock, no packets.
#pragma once

#include <cstdint>

namespace peerwire {

/// Plain values without a destructor: usrsctp keeps it in a structure of its own, and the window itself, which it
/// changes for reasons of its own, too.
class CubicWindow {
 public:
  struct Acknowledgement {
    uint32_t octets = 0;         // that were on their way until now
    uint32_t flight = 0;         // that are still
    bool filled_window = false;  // nothing but the window kept more from being sent
    int64_t now_us = 0;
    int64_t round_trip_us = 0;  // smoothed
    int64_t last_sent_us = -1;  // when the latest packet left of those that were sent once; -1: there was none
  };
  /// @param window octets
  /// @param packet octets of the largest one
  /// @returns the new window, as do the others
  uint32_t after_acknowledgement(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged);
  /// Once for all that is lost of one window.
  uint32_t after_loss(uint32_t window, uint32_t packet);
  /// Of the retransmission timer.
  uint32_t after_timeout(uint32_t window, uint32_t packet);

  uint32_t slow_start_threshold() const { return threshold_; }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;

  uint32_t grow_slowly_started(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged);
  uint32_t grow_cubically(uint32_t window, uint32_t packet, const Acknowledgement& acknowledged);
  void follow_rounds(const Acknowledgement& acknowledged);
  void begin_epoch(uint32_t window, uint32_t packet, int64_t now_us);
  void decrease_threshold(uint32_t window, uint32_t packet);

  uint32_t threshold_ = kUnknown;  // ssthresh
  // RFC 9438, section 4.1.2, in octets and seconds.
  float maximum_ = 0;        // W_max; 0: not known
  float prior_ = 0;          // cwnd_prior
  float reno_estimate_ = 0;  // W_est
  float plateau_s_ = 0;      // K
  int64_t epoch_us_ = -1;    // -1: begins with the next acknowledgement
  int64_t limited_since_us_ = -1;
  // RFC 9406, section 4.2.
  uint32_t round_left_ = 0;  // octets until the round ends
  uint32_t round_min_us_ = kUnknown;
  uint32_t last_round_min_us_ = kUnknown;
  uint32_t recent_min_us_ = kUnknown;
  uint32_t baseline_us_ = kUnknown;  // known: conservative slow start
  uint8_t samples_ = 0;
  uint8_t conservative_rounds_ = 0;
};

}  // namespace peerwire
