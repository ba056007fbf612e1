#include "media/congestion_control/probe_bitrate_estimator.h"

#include <algorithm>
#include <cmath>

namespace peerwire::congestion {
namespace {

constexpr double kMinReceivedShare = 0.80;
constexpr double kMaxRatio = 2.0;
constexpr double kUnsaturatedRatio = 0.9;
constexpr double kTargetUtilization = 0.95;
constexpr int64_t kMaxIntervalUs = 1'000'000;
constexpr int64_t kClusterHistoryUs = 1'000'000;
constexpr size_t kMaxClusters = 16;
constexpr size_t kMaxArrivals = 1'000;
constexpr size_t kMinTrendPackets = 5;

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

// Linear regression of the time of arrival over the octets sent by then: single arrivals do not weigh much. Errs on the
// side of the lower rate, by the standard error of the slope.
std::optional<int64_t> ProbeBitrateEstimator::rate_of_trend(Received& seen) {
  std::vector<PacketResult>& packets = seen.arrivals;
  if (packets.size() < kMinTrendPackets) return std::nullopt;
  std::sort(packets.begin(), packets.end(), [](const PacketResult& a, const PacketResult& b) {
    return a.sent.sequence_number < b.sent.sequence_number;
  });
  const double count = static_cast<double>(packets.size());
  std::vector<std::pair<double, double>> points;
  points.reserve(packets.size());
  double octets = 0, mean_x = 0, mean_y = 0;
  for (const PacketResult& packet : packets) {
    octets += static_cast<double>(packet.sent.size);
    points.emplace_back(octets, static_cast<double>(packet.receive_time_us - seen.first_receive_us));
    mean_x += points.back().first / count;
    mean_y += points.back().second / count;
  }
  double xx = 0, xy = 0;
  for (const auto& [x, y] : points) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
  }
  if (xx <= 0) return std::nullopt;
  const double slope = xy / xx;
  double residuals = 0;
  for (const auto& [x, y] : points) {
    const double residual = y - mean_y - slope * (x - mean_x);
    residuals += residual * residual;
  }
  const double error = std::sqrt(residuals / (count - 2) / xx);
  const double send_bps = 8e6 * (octets - static_cast<double>(seen.size_of_last_sent)) /
                          static_cast<double>(std::max<int64_t>(1, seen.last_send_us - seen.first_send_us));
  const double us_per_octet = std::max(slope, 0.0) + error;
  if (us_per_octet <= 0) return static_cast<int64_t>(send_bps);
  return static_cast<int64_t>(std::min(send_bps, 8e6 / us_per_octet));
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
  if (cluster.by_trend && seen.arrivals.size() < kMaxArrivals) seen.arrivals.push_back(packet);

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
  if (cluster.by_trend) {
    if (seen.measured) return std::nullopt;
    seen.measured = true;
    return rate_of_trend(seen);
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
