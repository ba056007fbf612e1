#include "media/congestion_control/probe_bitrate_estimator.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

constexpr double kMinReceivedShare = 0.80;
constexpr double kMaxRatio = 2.0;
constexpr double kUnsaturatedRatio = 0.9;
constexpr double kTargetUtilization = 0.95;
constexpr int64_t kMaxIntervalUs = 1'000'000;
constexpr int64_t kClusterHistoryUs = 1'000'000;
constexpr size_t kMaxClusters = 16;

}  // namespace

ProbeBitrateEstimator::Received& ProbeBitrateEstimator::received(int id, int64_t receive_us) {
  while (!clusters_.empty() &&
         (clusters_.size() >= kMaxClusters || clusters_.front().last_receive_us + kClusterHistoryUs < receive_us)) {
    if (clusters_.front().id == id) break;
    clusters_.pop_front();
  }
  for (Received& cluster : clusters_) {
    if (cluster.id == id) return cluster;
  }
  clusters_.emplace_back().id = id;
  return clusters_.back();
}

std::optional<int64_t> ProbeBitrateEstimator::add(const PacketResult& packet, const ProbeCluster& cluster) {
  Received& seen = received(cluster.id, packet.receive_time_us);
  const int64_t size = static_cast<int64_t>(packet.sent.size);
  const int64_t send_us = packet.sent.send_time_us, receive_us = packet.receive_time_us;
  if (seen.packets == 0 || send_us < seen.first_send_us) seen.first_send_us = send_us;
  if (seen.packets == 0 || send_us >= seen.last_send_us) {
    seen.last_send_us = send_us;
    seen.size_of_last_sent = size;
  }
  if (seen.packets == 0 || receive_us < seen.first_receive_us) {
    seen.first_receive_us = receive_us;
    seen.size_of_first_received = size;
  }
  if (seen.packets == 0 || receive_us > seen.last_receive_us) seen.last_receive_us = receive_us;
  seen.size += size;
  ++seen.packets;

  if (seen.packets < cluster.min_packets * kMinReceivedShare ||
      static_cast<double>(seen.size) < static_cast<double>(cluster.min_bytes) * kMinReceivedShare) {
    return std::nullopt;
  }
  const int64_t send_interval = seen.last_send_us - seen.first_send_us;
  const int64_t receive_interval = seen.last_receive_us - seen.first_receive_us;
  if (send_interval <= 0 || send_interval > kMaxIntervalUs || receive_interval <= 0 ||
      receive_interval > kMaxIntervalUs) {
    return std::nullopt;
  }
  // The last packet's time of sending is known, not how long that took; likewise the first one's arrival.
  const double send_bps =
      8e6 * static_cast<double>(seen.size - seen.size_of_last_sent) / static_cast<double>(send_interval);
  const double receive_bps =
      8e6 * static_cast<double>(seen.size - seen.size_of_first_received) / static_cast<double>(receive_interval);
  if (send_bps <= 0 || receive_bps / send_bps > kMaxRatio) return std::nullopt;
  double rate = std::min(send_bps, receive_bps);
  // Came clearly slower than sent: that is what the path carries; a little less keeps its queue empty.
  if (receive_bps < kUnsaturatedRatio * send_bps) rate = kTargetUtilization * receive_bps;
  return static_cast<int64_t>(rate);
}

}  // namespace peerwire::congestion
