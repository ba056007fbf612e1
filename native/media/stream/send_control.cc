#include "media/stream/send_control.h"

#include <algorithm>

namespace peerwire {
namespace {

/// What streams could use changes with the pictures they get: it is looked at again at least this often.
constexpr int64_t kAllocationIntervalUs = 500'000;
/// Where everything is lost and sent again, pictures would end.
constexpr double kMostBesideEncoders = 0.5;

}  // namespace

SendControl::SendControl(Output& output, int64_t now_us) : output_(output), controller_(now_us), pacer_(*this) {
  pacer_.set_paused(true);
}

void SendControl::on_network_available(bool available, int64_t now_us) {
  if (available_ == available) return;
  available_ = available;
  pacer_.set_paused(!available);
  controller_.on_network_available(available, now_us);
  update_rates(now_us);
  allocate(now_us);
}

void SendControl::on_route_change(int64_t now_us) {
  controller_.on_route_change(now_us);
  update_rates(now_us);
}

void SendControl::set_estimate_wishes(const congestion::EstimateWishes& wishes, int64_t now_us) {
  const int64_t start_bps = wishes.start_bps != wishes_.start_bps ? wishes.start_bps : 0;
  wishes_ = wishes;
  controller_.set_limits(wishes.min_bps > 0 ? wishes.min_bps : congestion::kDefaultMinBps, start_bps,
                         wishes.max_bps > 0 ? wishes.max_bps : congestion::kUnlimited, now_us);
  update_rates(now_us);
}

void SendControl::enqueue(std::unique_ptr<RtpPacketToSend> packet, int64_t now_us) {
  packet->enqueued_us = now_us;
  const size_t size = output_.size_of(*packet);
  pacer_.enqueue(std::move(packet), size, now_us);
}

void SendControl::on_transport_feedback(const rtcp::TransportFeedback& feedback, int64_t now_us) {
  controller_.on_transport_feedback(feedback, now_us);
  update_rates(now_us);
}

void SendControl::on_remb(uint64_t bitrate_bps, int64_t now_us) {
  controller_.on_remb(bitrate_bps, now_us);
  update_rates(now_us);
}

void SendControl::on_report_blocks(std::span<const rtcp::ReportBlock> blocks, std::optional<int64_t> rtt_us,
                                   int64_t now_us) {
  controller_.on_report_blocks(blocks, rtt_us, now_us);
  update_rates(now_us);
}

void SendControl::update_rates(int64_t now_us) {
  const std::optional<congestion::TargetRate> target = controller_.process(now_us);
  if (target) {
    const bool is_new_rate = target->target_bps != target_.target_bps;
    target_ = *target;
    pacer_.set_rates(target_.pacing_bps, target_.padding_bps, now_us);
    if (is_new_rate) allocate(now_us);
  }
  const std::vector<congestion::ProbeCluster> probes = controller_.take_probes();
  if (!probes.empty()) pacer_.add_probes(probes, now_us);
}

void SendControl::allocate(int64_t now_us) {
  next_allocation_us_ = now_us + kAllocationIntervalUs;
  std::vector<BitrateAllocator::Audio> audio;
  std::vector<BitrateAllocator::Video> video;
  output_.add_streams(audio, video);
  is_idle_ = audio.empty() && video.empty();
  allocator_.set_streams(std::move(audio), std::move(video));
  controller_.set_allocated(allocator_.min_total_bps(), allocator_.max_total_bps(), now_us);
  for (const BitrateAllocator::Share& share :
       allocator_.allocate(available_ ? for_encoders(target_.target_bps) : 0, for_encoders(target_.estimate_bps))) {
    output_.set_bitrates(share);
  }
  controller_.set_padding(allocator_.padding_bps());
}

int64_t SendControl::for_encoders(int64_t bps) const {
  // By share: measured before the rate fell, as bits per second it may be more than all there is now.
  const double all = static_cast<double>(std::max<int64_t>(1, sent_.bps()));
  const double share = std::min(static_cast<double>(beside_encoders_.bps()) / all, kMostBesideEncoders);
  return bps - static_cast<int64_t>(static_cast<double>(bps) * share);
}

int64_t SendControl::process(int64_t now_us) {
  now_us_ = now_us;
  if (now_us >= next_process_us_) {
    next_process_us_ = now_us + congestion::kProcessIntervalUs;
    update_rates(now_us);
  }
  if (now_us >= next_allocation_us_) allocate(now_us);
  pacer_.process(now_us);
  // Who only receives has nothing to control.
  if (!available_ || (is_idle_ && pacer_.queued_packets() == 0)) return INT64_MAX;
  return std::min({next_process_us_, next_allocation_us_, pacer_.next_us(now_us)});
}

void SendControl::send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t, int probe_cluster_id) {
  std::optional<uint16_t> number;
  if (output_.wants_transport_feedback(*packet)) number = ++transport_sequence_number_;
  const bool is_padding = packet->is_padding;
  const size_t encoded = packet->is_retransmission ? 0 : packet->payload.size();
  const size_t size = output_.send_now(std::move(packet), number, now_us_);
  // A packet that was not sent was lost: the feedback will say so.
  if (size == 0) return;
  controller_.on_packet_sent(number, size, probe_cluster_id, now_us_);
  if (is_padding) return;
  sent_.add(size, now_us_);
  beside_encoders_.add(size - std::min(size, encoded), now_us_);
}

std::vector<Pacer::Packet> SendControl::make_padding(size_t octets) {
  std::vector<Pacer::Packet> packets;
  const bool is_queue_empty = pacer_.queued_packets() == 0;
  size_t made = 0;
  while (made < octets && packets.size() < 16) {
    std::unique_ptr<RtpPacketToSend> packet = output_.make_padding(octets - made, is_queue_empty, now_us_);
    if (!packet) break;
    packet->enqueued_us = now_us_;
    const size_t size = output_.size_of(*packet);
    made += size;
    packets.push_back({std::move(packet), size});
  }
  return packets;
}

}  // namespace peerwire
