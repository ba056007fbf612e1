#include "media/congestion_control/receive_side_estimator.h"

#include <algorithm>

namespace peerwire::congestion {
namespace {

constexpr int64_t kStreamTimeoutUs = 2'000'000;
constexpr size_t kMaxStreams = 64;
constexpr int64_t kRateWindowUs = 1'000'000;
constexpr int64_t kMinRateWindowUs = 200'000;
constexpr size_t kMaxIncoming = 20'000;
constexpr int64_t kUpdateIntervalUs = 500'000;
constexpr int64_t kSendIntervalUs = 1'000'000;
// A fall by 3 % is told at once.
constexpr double kFall = 0.97;
// A probe: packets of at least this size, sent closer together than this, at least so many.
constexpr size_t kMinProbeSize = 200;
constexpr int64_t kMaxProbeGapUs = 5'000;
constexpr size_t kMinProbePackets = 5;
constexpr size_t kMaxProbePackets = 15;
constexpr int64_t kMaxProbeRaise = 2;
constexpr double kTicksPerSecond = 262'144;  // 18 bits of fraction
constexpr int64_t kMaxTickJump = 0x800000;

}  // namespace

void ReceiveSideEstimator::remember(uint32_t ssrc, int64_t now_us) {
  for (Stream& stream : streams_) {
    if (stream.ssrc == ssrc) {
      stream.last_us = now_us;
      return;
    }
  }
  if (streams_.size() < kMaxStreams) streams_.push_back({ssrc, now_us});
}

void ReceiveSideEstimator::count(size_t size, int64_t now_us) {
  incoming_.emplace_back(now_us, size);
  incoming_bytes_ += size;
  while (incoming_.size() > kMaxIncoming || now_us - incoming_.front().first > kRateWindowUs) {
    incoming_bytes_ -= incoming_.front().second;
    incoming_.pop_front();
  }
}

std::optional<int64_t> ReceiveSideEstimator::incoming_bps() const {
  if (incoming_.size() < 2) return std::nullopt;
  const int64_t span = incoming_.back().first - incoming_.front().first;
  if (span < kMinRateWindowUs) return std::nullopt;
  // The first one's octets came before the span began.
  const double bits = 8 * static_cast<double>(incoming_bytes_ - incoming_.front().second);
  return static_cast<int64_t>(bits * 1e6 / static_cast<double>(span));
}

void ReceiveSideEstimator::on_packet(uint32_t abs_send_time, uint32_t ssrc, size_t size, int64_t arrival_us) {
  remember(ssrc, arrival_us);
  count(size, arrival_us);
  if (!has_send_time_) {
    has_send_time_ = true;
    send_ticks_ = 0;
  } else {
    // 24 bits, which wrap every 64 s.
    int64_t moved = (abs_send_time - last_send_time_) & 0xFFFFFF;
    if (moved >= kMaxTickJump) moved -= 2 * kMaxTickJump;
    send_ticks_ += moved;
  }
  last_send_time_ = abs_send_time;
  send_us_ = static_cast<int64_t>(static_cast<double>(send_ticks_) * 1e6 / kTicksPerSecond);

  const BandwidthUsage before = trendline_.state();
  if (const auto deltas = inter_arrival_.add(send_us_, arrival_us, arrival_us)) {
    trendline_.update(static_cast<double>(deltas->arrival_us) / 1000, static_cast<double>(deltas->send_us) / 1000,
                      static_cast<double>(arrival_us) / 1000);
  }
  look_for_probe({send_us_, arrival_us, size}, arrival_us);
  // What has become too much cannot wait for the next update.
  const bool overusing = trendline_.state() == BandwidthUsage::kOverusing;
  const auto incoming = incoming_bps();
  if (overusing &&
      (before != BandwidthUsage::kOverusing || (incoming && rate_control_.may_reduce_further(arrival_us, *incoming)))) {
    update(arrival_us);
  }
}

void ReceiveSideEstimator::look_for_probe(const ProbePacket& packet, int64_t now_us) {
  if (packet.size < kMinProbeSize) return;
  if (!burst_.empty()) {
    const int64_t gap = packet.send_us - burst_.back().send_us;
    if (gap < 0 || gap > kMaxProbeGapUs || burst_.size() >= kMaxProbePackets) burst_.clear();
  }
  burst_.push_back(packet);
  const auto rate = burst_rate();
  if (!rate || trendline_.state() == BandwidthUsage::kOverusing) return;
  const auto incoming = incoming_bps();
  if (!incoming) return;
  // Such a rate may raise the estimate at once, though not far beyond what has come so far; it never lowers it.
  const int64_t raised = std::min(*rate, kMaxProbeRaise * *incoming);
  const auto known = estimate_bps();
  if (!known || raised > *known) rate_control_.set_estimate(raised, now_us, true);
}

std::optional<int64_t> ReceiveSideEstimator::burst_rate() const {
  if (burst_.size() < kMinProbePackets) return std::nullopt;
  size_t bytes = 0;
  for (const ProbePacket& packet : burst_) bytes += packet.size;
  const int64_t sending = burst_.back().send_us - burst_.front().send_us;
  const int64_t receiving = burst_.back().arrival_us - burst_.front().arrival_us;
  if (sending <= 0 || receiving <= 0) return std::nullopt;
  const double send_bps = 8e6 * static_cast<double>(bytes - burst_.back().size) / static_cast<double>(sending);
  const double receive_bps = 8e6 * static_cast<double>(bytes - burst_.front().size) / static_cast<double>(receiving);
  // Came much faster than sent: it waited somewhere, which tells nothing.
  if (receive_bps > 2 * send_bps) return std::nullopt;
  return static_cast<int64_t>(receive_bps < 0.9 * send_bps ? 0.95 * receive_bps : std::min(send_bps, receive_bps));
}

void ReceiveSideEstimator::update(int64_t now_us) {
  rate_control_.update(trendline_.state(), incoming_bps(), now_us);
  last_update_us_ = now_us;
}

std::optional<int64_t> ReceiveSideEstimator::estimate_bps() const {
  if (!rate_control_.has_estimate()) return std::nullopt;
  return rate_control_.estimate_bps();
}

std::optional<rtcp::ReceiverEstimatedMaximumBitrate> ReceiveSideEstimator::process(int64_t now_us) {
  std::erase_if(streams_, [now_us](const Stream& stream) { return now_us - stream.last_us > kStreamTimeoutUs; });
  if (streams_.empty()) {
    // Whatever comes next may come by another path.
    inter_arrival_.reset();
    trendline_ = TrendlineEstimator();
    burst_.clear();
    has_send_time_ = false;
    return std::nullopt;
  }
  if (last_update_us_ == kNever || now_us - last_update_us_ >= kUpdateIntervalUs) update(now_us);
  const auto estimate = estimate_bps();
  if (!estimate || *estimate <= 0) return std::nullopt;
  const bool fell = static_cast<double>(*estimate) < kFall * static_cast<double>(last_sent_bps_);
  if (last_sent_us_ != kNever && now_us - last_sent_us_ < kSendIntervalUs && !fell) return std::nullopt;
  last_sent_us_ = now_us;
  last_sent_bps_ = *estimate;
  rtcp::ReceiverEstimatedMaximumBitrate remb;
  remb.sender_ssrc = sender_ssrc_;
  remb.bitrate_bps = static_cast<uint64_t>(*estimate);
  for (const Stream& stream : streams_) remb.ssrcs.push_back(stream.ssrc);
  return remb;
}

}  // namespace peerwire::congestion
