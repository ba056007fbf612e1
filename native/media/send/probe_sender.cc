#include "media/send/probe_sender.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr int64_t kClusterTimeoutUs = 5'000'000;
// Later than this the packets would not show the rate that was asked for.
constexpr int64_t kMaxDelayUs = 20'000;
constexpr size_t kMinPacketSize = 200;
constexpr size_t kMaxClusters = 16;

}  // namespace

void ProbeSender::add(const congestion::ProbeCluster& cluster, int64_t now_us) {
  while (!clusters_.empty() &&
         (clusters_.size() >= kMaxClusters || now_us - clusters_.front().wanted.created_us > kClusterTimeoutUs)) {
    clusters_.pop_front();
  }
  if (cluster.target_bps <= 0) return;
  clusters_.push_back({cluster, 0, 0, 0});
  if (clusters_.size() == 1) active_ = false;
}

void ProbeSender::on_packet_queued(size_t size) {
  if (active_ || clusters_.empty() || size < std::min(recommended_size(), kMinPacketSize)) return;
  active_ = true;
  next_us_ = congestion::kNever;
}

int64_t ProbeSender::next_us(int64_t now_us) const {
  if (!is_active()) return congestion::kUnlimited;
  return next_us_ == congestion::kNever ? now_us : next_us_;
}

std::optional<int> ProbeSender::current(int64_t now_us) {
  if (!is_active()) return std::nullopt;
  if (next_us_ != congestion::kNever && now_us - next_us_ > kMaxDelayUs) {
    clusters_.pop_front();
    next_us_ = congestion::kNever;
    if (clusters_.empty()) {
      active_ = false;
      return std::nullopt;
    }
  }
  return clusters_.front().wanted.id;
}

size_t ProbeSender::recommended_size() const {
  const congestion::ProbeCluster& cluster = clusters_.front().wanted;
  return static_cast<size_t>(cluster.target_bps * cluster.min_delta_us / 8'000'000);
}

void ProbeSender::on_sent(size_t bytes, int64_t now_us) {
  if (clusters_.empty()) return;
  Cluster& cluster = clusters_.front();
  if (cluster.sent_packets == 0) cluster.began_us = now_us;
  cluster.sent_bytes += static_cast<int64_t>(bytes);
  ++cluster.sent_packets;
  next_us_ = cluster.began_us + cluster.sent_bytes * 8'000'000 / cluster.wanted.target_bps;
  if (cluster.sent_bytes >= cluster.wanted.min_bytes && cluster.sent_packets >= cluster.wanted.min_packets) {
    clusters_.pop_front();
    active_ = !clusters_.empty();
  }
}

void ProbeSender::clear() {
  clusters_.clear();
  active_ = false;
}

}  // namespace peerwire
