// What a probe has shown: the lesser of the rates at which its packets were sent and came.
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
  struct Received {
    int id = kNotAProbe;
    int packets = 0;
    int64_t first_send_us = 0;
    int64_t last_send_us = 0;
    int64_t first_receive_us = 0;
    int64_t last_receive_us = 0;
    int64_t size = 0;
    int64_t size_of_last_sent = 0;
    int64_t size_of_first_received = 0;
    bool measured = false;
    std::vector<PacketResult> arrivals;  // of a probe that is measured by its trend
  };

  static std::optional<int64_t> rate_of_trend(Received& seen);
  Received& received(int id, int64_t receive_us);

  std::deque<Received> clusters_;
};

}  // namespace peerwire::congestion
