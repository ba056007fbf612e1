// What a probe has shown: the rate at which its packets came.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "media/congestion_control/congestion_types.h"

namespace peerwire::congestion {

class ProbeBitrateEstimator {
 public:
  /// A received packet of `cluster`. The rate, as soon as enough of the cluster has come.
  std::optional<int64_t> add(const PacketResult& packet, const ProbeCluster& cluster);

 private:
  struct Arrivals {
    int id = kNotAProbe;
    int64_t octets = 0;
    int64_t last_us = 0;
    bool measured = false;
    std::vector<PacketResult> packets;
  };

  Arrivals& arrivals_of(int id, int64_t receive_us);
  static std::optional<int64_t> measure(std::vector<PacketResult>& packets, int64_t target_bps);

  std::deque<Arrivals> clusters_;
};

}  // namespace peerwire::congestion
