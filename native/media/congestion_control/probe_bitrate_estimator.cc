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
constexpr size_t kMaxPackets = 1'000;
constexpr size_t kMinPackets = 4;

}  // namespace

ProbeBitrateEstimator::Arrivals& ProbeBitrateEstimator::arrivals_of(int id, int64_t receive_us) {
  for (Arrivals& cluster : clusters_) {
    if (cluster.id == id) return cluster;
  }
  while (!clusters_.empty() &&
         (clusters_.size() >= kMaxClusters || clusters_.front().last_us + kClusterHistoryUs < receive_us)) {
    clusters_.pop_front();
  }
  clusters_.emplace_back().id = id;
  return clusters_.back();
}

std::optional<int64_t> ProbeBitrateEstimator::add(const PacketResult& packet, const ProbeCluster& cluster) {
  Arrivals& seen = arrivals_of(cluster.id, packet.receive_time_us);
  if (seen.packets.size() >= kMaxPackets) return std::nullopt;
  seen.packets.push_back(packet);
  seen.octets += static_cast<int64_t>(packet.sent.size);
  seen.last_us = packet.receive_time_us;
  if (static_cast<double>(seen.packets.size()) <
          std::max<double>(kMinPackets, cluster.min_packets * kMinReceivedShare) ||
      static_cast<double>(seen.octets) < static_cast<double>(cluster.min_bytes) * kMinReceivedShare) {
    return std::nullopt;
  }
  // Through jitter each packet more gives another answer, and the best of many answers would be too good.
  if (cluster.has_jitter && seen.measured) return std::nullopt;
  seen.measured = true;
  return measure(seen.packets, cluster.target_bps);
}

// Linear regression of the time of arrival over the octets sent by then: neither a single packet that was held up, nor
// the different sizes of the first and last one count for much. Errs on the side of the lower rate, by the standard
// error of the slope.
std::optional<int64_t> ProbeBitrateEstimator::measure(std::vector<PacketResult>& packets, int64_t target_bps) {
  std::sort(packets.begin(), packets.end(), [](const PacketResult& a, const PacketResult& b) {
    return a.sent.sequence_number < b.sent.sequence_number;
  });
  if (packets.back().sent.send_time_us - packets.front().sent.send_time_us > kMaxIntervalUs) return std::nullopt;
  const int64_t origin_us = packets.front().receive_time_us;
  const double count = static_cast<double>(packets.size());
  double octets = 0, mean_x = 0, mean_y = 0;
  for (const PacketResult& packet : packets) {
    octets += static_cast<double>(packet.sent.size);
    mean_x += octets / count;
    mean_y += static_cast<double>(packet.receive_time_us - origin_us) / count;
  }
  double xx = 0, xy = 0, yy = 0;
  octets = 0;
  for (const PacketResult& packet : packets) {
    octets += static_cast<double>(packet.sent.size);
    const double x = octets - mean_x, y = static_cast<double>(packet.receive_time_us - origin_us) - mean_y;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (xx <= 0) return std::nullopt;
  const double slope = xy / xx;
  const double error = std::sqrt(std::max(0.0, yy - slope * xy) / (count - 2) / xx);
  const double us_per_octet = slope + error;
  const double target = static_cast<double>(target_bps);
  // Came much faster than sent: it waited somewhere and was let go together, which tells nothing.
  if (us_per_octet <= 8e6 / (kMaxRatio * target)) return std::nullopt;
  const double rate = 8e6 / us_per_octet;
  // Came clearly slower than sent: that is what the path carries; a little less keeps its queue empty.
  if (rate < kUnsaturatedRatio * target) return static_cast<int64_t>(kTargetUtilization * rate);
  return static_cast<int64_t>(std::min(rate, target));
}

}  // namespace peerwire::congestion
