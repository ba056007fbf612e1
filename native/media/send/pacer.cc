#include "media/send/pacer.h"

#include <algorithm>

namespace peerwire {
namespace {

using congestion::kNever;
using congestion::kNotAProbe;
using congestion::kUnlimited;

// What would be sent one by one within this time is sent together, in one system call.
constexpr double kBurstSeconds = 0.005;
constexpr int64_t kPaddingUs = 5'000;
constexpr int64_t kMaxElapsedUs = 2'000'000;
constexpr double kMaxDebtSeconds = 0.5;
constexpr int64_t kEarlyProbeUs = 1'000;
constexpr size_t kMaxQueuedBytes = size_t{16} << 20;
constexpr size_t kMaxPaddingPackets = 64;

double bytes_in(int64_t bps, int64_t us) {
  return static_cast<double>(bps) / 8 * static_cast<double>(us) / 1e6;
}
double bytes_in_seconds(int64_t bps, double seconds) {
  return static_cast<double>(bps) / 8 * seconds;
}

}  // namespace

bool Pacer::enqueue(std::unique_ptr<RtpPacketToSend> packet, size_t size, int64_t now_us) {
  if (queue_.bytes() + size > kMaxQueuedBytes) return false;
  seen_packet_ = true;
  if (!packet->is_audio) probes_.on_packet_queued(size);
  queue_.push(std::move(packet), size, now_us);
  return true;
}

void Pacer::set_rates(int64_t pacing_bps, int64_t padding_bps, int64_t now_us) {
  advance(now_us);
  pacing_bps_ = std::max<int64_t>(0, pacing_bps);
  padding_bps_ = padding_bps;
  adapt_rate(now_us);
}

void Pacer::add_probes(std::span<const congestion::ProbeCluster> clusters, int64_t now_us) {
  for (const auto& cluster : clusters) probes_.add(cluster, now_us);
}

void Pacer::advance(int64_t now_us) {
  if (last_us_ == kNever || now_us < last_us_) {
    last_us_ = std::max(last_us_, now_us);
    return;
  }
  const int64_t elapsed = std::min(now_us - last_us_, kMaxElapsedUs);
  last_us_ = now_us;
  media_debt_ = std::max(0.0, media_debt_ - bytes_in(adjusted_bps_, elapsed));
  padding_debt_ = std::max(0.0, padding_debt_ - bytes_in(padding_bps_, elapsed));
}

void Pacer::adapt_rate(int64_t now_us) {
  adjusted_bps_ = pacing_bps_;
  if (queue_.empty() || pacing_bps_ <= 0) return;
  const int64_t left = std::max<int64_t>(1'000, queue_limit_us_ - queue_.average_wait_us(now_us));
  const double needed = 8e6 * static_cast<double>(queue_.bytes()) / static_cast<double>(left);
  adjusted_bps_ = std::max(adjusted_bps_, static_cast<int64_t>(needed));
}

bool Pacer::may_send_media() const {
  if (queue_.empty()) return false;
  // Audio does not wait, but what it takes is missing to the others.
  if (queue_.has(PacketKind::kAudio)) return true;
  return adjusted_bps_ > 0 && media_debt_ <= bytes_in_seconds(adjusted_bps_, kBurstSeconds);
}

void Pacer::account(size_t size) {
  media_debt_ = std::min(media_debt_ + static_cast<double>(size), bytes_in_seconds(adjusted_bps_, kMaxDebtSeconds));
  padding_debt_ = std::min(padding_debt_ + static_cast<double>(size), bytes_in_seconds(padding_bps_, kMaxDebtSeconds));
}

size_t Pacer::send_next(int probe_cluster_id) {
  PacketQueue::Queued queued = queue_.pop();
  const size_t size = queued.size;
  account(size);
  output_.send_paced(std::move(queued.packet), size, probe_cluster_id);
  return size;
}

bool Pacer::send_padding(size_t bytes, int64_t now_us) {
  std::vector<Packet> packets = output_.make_padding(bytes);
  if (packets.size() > kMaxPaddingPackets) packets.resize(kMaxPaddingPackets);
  for (Packet& padding : packets) {
    // Where one video pauses and the other shows a picture that stands, no other packet could begin a probe.
    probes_.on_packet_queued(padding.size);
    queue_.push(std::move(padding.packet), padding.size, now_us);
  }
  return !packets.empty();
}

void Pacer::send_probe(int64_t now_us) {
  const auto cluster = probes_.current(now_us);
  if (!cluster) return;
  const size_t wanted = std::max<size_t>(1, probes_.recommended_size());
  size_t sent = 0;
  if (probes_.is_at_start()) {
    // A small packet first: the time of sending of a large one says when it began, of arrival when it ended.
    for (Packet& padding : output_.make_padding(1)) {
      account(padding.size);
      sent += padding.size;
      output_.send_paced(std::move(padding.packet), padding.size, *cluster);
    }
  }
  while (sent < wanted) {
    if (queue_.empty() && (!seen_packet_ || !send_padding(wanted - sent, now_us))) break;
    sent += send_next(*cluster);
  }
  if (sent > 0) {
    probes_.on_sent(sent, now_us);
  } else {
    // There is nothing that could be sent, now or soon.
    probes_.clear();
  }
}

void Pacer::process(int64_t now_us) {
  if (paused_) {
    advance(now_us);
    return;
  }
  advance(now_us);
  adapt_rate(now_us);
  while (probes_.is_active() && probes_.next_us(now_us) <= now_us + kEarlyProbeUs) send_probe(now_us);
  // While a probe runs only what cannot wait leaves beside it.
  while (probes_.is_active() ? queue_.has(PacketKind::kAudio) : may_send_media()) send_next(kNotAProbe);
  if (queue_.empty() && !probes_.is_active() && seen_packet_ && padding_bps_ > 0 && media_debt_ <= 0 &&
      padding_debt_ <= 0) {
    const size_t bytes = std::max<size_t>(1, static_cast<size_t>(bytes_in(padding_bps_, kPaddingUs)));
    if (send_padding(bytes, now_us)) {
      while (!queue_.empty()) send_next(kNotAProbe);
    } else {
      // None could be made: try again when as much time has gone by.
      padding_debt_ = static_cast<double>(bytes);
    }
  }
}

int64_t Pacer::next_us(int64_t now_us) const {
  if (paused_) return kUnlimited;
  if (probes_.is_active()) {
    return queue_.has(PacketKind::kAudio) ? now_us : std::max(now_us, probes_.next_us(now_us));
  }
  if (!queue_.empty()) {
    if (queue_.has(PacketKind::kAudio)) return now_us;
    if (adjusted_bps_ <= 0) return kUnlimited;
    const double excess = media_debt_ - bytes_in_seconds(adjusted_bps_, kBurstSeconds);
    if (excess <= 0) return now_us;
    // Then there is room for a whole burst, not for a packet only.
    return last_us_ + static_cast<int64_t>(media_debt_ * 8e6 / static_cast<double>(adjusted_bps_)) + 1;
  }
  if (padding_bps_ > 0 && seen_packet_ && pacing_bps_ > 0) {
    const double wait = std::max(media_debt_ * 8e6 / static_cast<double>(adjusted_bps_),
                                 padding_debt_ * 8e6 / static_cast<double>(padding_bps_));
    return last_us_ + static_cast<int64_t>(wait) + 1;
  }
  return kUnlimited;
}

int64_t Pacer::expected_queue_us() const {
  if (queue_.empty() || adjusted_bps_ <= 0) return 0;
  return static_cast<int64_t>(8e6 * static_cast<double>(queue_.bytes()) / static_cast<double>(adjusted_bps_));
}

}  // namespace peerwire
