// What the parts of congestion control tell each other. Times are microseconds of the monotonic clock, rates are bits
// per second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace peerwire::congestion {

/// No limit, or: not known.
constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();
/// No estimate goes higher, whatever a path without loss or delay seems to carry.
constexpr int64_t kMaxBps = 1'000'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
constexpr int kNotAProbe = -1;

/// What the delay detector sees of the path: its queues grow, shrink, or neither.
enum class BandwidthUsage { kNormal, kOverusing, kUnderusing };

struct SentPacket {
  int64_t sequence_number = 0;  // unwrapped
  int64_t send_time_us = 0;
  size_t size = 0;
  int probe_cluster_id = kNotAProbe;
};

/// What the peer said of a packet.
struct PacketResult {
  SentPacket sent;
  int64_t receive_time_us = kNever;  // kNever: lost. The peer's clock, shifted: only differences mean something
  /// An earlier feedback had said that it was lost.
  bool was_reported_lost = false;

  bool received() const { return receive_time_us != kNever; }
};

/// Packets to be sent at a rate above the usual, to learn whether the path carries it. The pacer sends at least
/// `min_packets` and `min_bytes`, and at least as much as `target_bps` gives in `min_delta_us` at a time.
struct ProbeCluster {
  int id = kNotAProbe;
  int64_t target_bps = 0;
  int64_t min_bytes = 0;
  int min_packets = 0;
  int64_t min_delta_us = 0;
  int64_t created_us = 0;
  /// Lasts as long as it does because the path has much jitter.
  bool has_jitter = false;
};

/// What the peer wishes of the estimate (`x-google-min-bitrate` and its kind), bits a second; 0: nothing.
struct EstimateWishes {
  int64_t min_bps = 0;
  int64_t start_bps = 0;
  int64_t max_bps = 0;
  bool operator==(const EstimateWishes&) const = default;
};

/// What may be sent.
struct TargetRate {
  int64_t target_bps = 0;    // for media, retransmissions and padding together
  int64_t estimate_bps = 0;  // of the path; above target_bps while a queue is drained (webrtc-stats
                             // availableOutgoingBitrate)
  int64_t stable_bps = 0;    // moves slowly: for decisions that should not be taken back (layers, resolution)
  int64_t pacing_bps = 0;
  int64_t padding_bps = 0;
  double loss = 0;     // 0 to 1
  int64_t rtt_us = 0;  // 0: not known
};

}  // namespace peerwire::congestion
