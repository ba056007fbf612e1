// When a request to a STUN or TURN server is sent again, and when it is given up (RFC 8489 section 6.2.1).
#pragma once

#include "base/clock.h"

namespace peerwire::ice {

class Retransmission {
 public:
  /// Call for the first and for every further transmission.
  void sent(TimePoint now) {
    // 250 ms doubled up to 2 s: given up after 7.75 s, where the 39.5 s of the RFC would hold up gathering
    // (docs/deviations.md says why not less).
    interval_ = count_ == 0 ? std::chrono::milliseconds(250) : interval_ * 2;
    if (interval_ > std::chrono::seconds(2)) interval_ = std::chrono::seconds(2);
    next_ = now + interval_;
    ++count_;
  }
  /// Over TCP or TLS, which do not lose it: given up when there is no answer after 10 s.
  void sent_reliably(TimePoint now) {
    count_ = kMaxTransmissions;
    next_ = now + std::chrono::seconds(10);
  }
  void reset() { *this = Retransmission(); }
  TimePoint next() const { return next_; }
  bool exhausted() const { return count_ >= kMaxTransmissions; }

 private:
  static constexpr int kMaxTransmissions = 6;
  TimePoint next_{};
  Duration interval_{};
  int count_ = 0;
};

}  // namespace peerwire::ice
