// The probes that wait to be sent, and when each of their packets should leave.
#pragma once

#include <deque>
#include <optional>

#include "media/congestion_control/congestion_types.h"

namespace peerwire {

class ProbeSender {
 public:
  void add(const congestion::ProbeCluster& cluster, int64_t now_us);
  /// Probing begins with a packet of video, or of padding, that is large enough to tell something.
  void on_packet_queued(size_t size);

  bool is_active() const { return active_ && !clusters_.empty(); }
  /// When the next packets of the probe should leave; kUnlimited: there is none.
  int64_t next_us(int64_t now_us) const;
  /// The cluster that packets sent now belong to. One that is far too late has failed: the next one's turn.
  std::optional<int> current(int64_t now_us);
  /// Nothing of the current cluster was sent so far.
  bool is_at_start() const { return clusters_.front().sent_packets == 0; }
  /// What should leave together, so that the rate is met in steps that a timer can keep.
  size_t recommended_size() const;
  void on_sent(size_t bytes, int64_t now_us);
  void clear();

 private:
  struct Cluster {
    congestion::ProbeCluster wanted;
    int64_t began_us = 0;
    int64_t sent_bytes = 0;
    int sent_packets = 0;
  };

  std::deque<Cluster> clusters_;
  bool active_ = false;
  int64_t next_us_ = congestion::kNever;
};

}  // namespace peerwire
