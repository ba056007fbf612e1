// How large the packets of a path may be, found out by probes (RFC 8899, for SCTP section 6.2). Sizes are those of SCTP
// packets. No clock and no packets in here.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace peerwire {

class PathMtuSearch {
 public:
  /// `base`: what every path is taken to carry (BASE_PLPMTU).
  void begin(size_t base, std::vector<size_t> larger);

  /// What the path is known to carry (PLPMTU).
  size_t packet_size() const { return size_; }
  size_t base() const { return base_; }
  /// The size of the probe that is to be sent now; 0 when none is due.
  size_t take_probe(TimePoint now);
  /// The probe just taken cannot be sent: its size is known not to fit.
  void refused(TimePoint now);
  /// The peer has acknowledged a probe of that size. True when packets may be larger now.
  bool acknowledged(TimePoint now, size_t size);
  /// Packets above the base are lost one after the other (section 4.3): back to the base, and later another search.
  void black_hole(TimePoint now);

 private:
  void complete(TimePoint now);

  size_t base_ = 0, size_ = 0;
  std::vector<size_t> larger_;  // ascending
  size_t next_ = 0;             // of larger_, the one to be probed
  size_t end_ = 0;              // of larger_, the first that is known not to pass
  int attempts_ = 0;            // at next_
  TimePoint due_{};             // of the next probe
  TimePoint raise_at_{};        // when sizes from end_ on are tried again
  Duration hold_{};             // until a search after a black hole; longer each time
};

}  // namespace peerwire
