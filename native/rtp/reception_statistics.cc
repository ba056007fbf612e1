#include "rtp/reception_statistics.h"

#include <algorithm>
#include <cstdlib>

#include "rtp/ntp_time.h"

namespace peerwire {
namespace {

// RFC 3550 appendix A.1. Half the numbers of a second of video may be lost at once without a new start.
constexpr int64_t kMaxDropout = 3000;
constexpr int64_t kMaxMisorder = 100;
// So many old packets, and none that follows what was received: they are not sent again, the sender is a little behind
// itself.
constexpr int kMaxStale = 64;
// A step of the clock, or a source that was silent for long, is no jitter; browsers draw the line at the same place.
constexpr int64_t kMaxTransitChangeS = 5;
constexpr int64_t kMaxElapsedUs = 1'000'000'000;
constexpr int64_t kReportedForUs = 8'000'000;
constexpr int64_t kMaxCumulativeLost = 0x7FFFFF;

}  // namespace

void SsrcReception::on_packet(const RtpPacketView& packet, uint32_t clock_rate, int64_t now_us) {
  count(packet, now_us);
  const RtpHeader& header = packet.header();
  const Order order = place(header.sequence_number, header.timestamp);
  if (order == Order::kOutOfPlace) return;
  ++received_;
  if (order != Order::kNew) return;
  newest_timestamp_ = header.timestamp;
  update_jitter(header.timestamp, clock_rate, now_us);
}

void SsrcReception::on_retransmission(const RtpPacketView& rtx_packet, int64_t now_us) {
  count(rtx_packet, now_us);
  ++counters_.retransmitted_packets_received;
  counters_.retransmitted_bytes_received += rtx_packet.payload().size();
}

void SsrcReception::on_sender_report(const rtcp::SenderReport& report, int64_t now_us) {
  if (!remote_sender_) remote_sender_.emplace();
  remote_sender_->ntp_time = report.ntp_time;
  remote_sender_->rtp_timestamp = report.rtp_timestamp;
  remote_sender_->packets_sent = report.packet_count;
  remote_sender_->bytes_sent = report.octet_count;
  remote_sender_->arrival_us = now_us;
  ++remote_sender_->reports_received;
}

void SsrcReception::count(const RtpPacketView& packet, int64_t now_us) {
  ++counters_.packets_received;
  counters_.bytes_received += packet.payload().size();
  counters_.header_bytes_received += packet.header_size() + packet.padding_size();
  counters_.last_packet_received_us = now_us;
}

// https://datatracker.ietf.org/doc/html/rfc3550#appendix-A.1, without its probation: what comes here has been
// authenticated.
SsrcReception::Order SsrcReception::place(uint16_t sequence_number, uint32_t timestamp) {
  if (!is_started_ || is_interrupted_) {
    restart(sequence_number);
    return Order::kNew;
  }
  const auto step = static_cast<int16_t>(static_cast<uint16_t>(sequence_number - static_cast<uint16_t>(highest_)));
  if (step > 0 && step < kMaxDropout) {
    highest_ += step;
    next_of_restart_.reset();
    stale_ = 0;
    return Order::kNew;
  }
  if (step <= 0 && step > -kMaxMisorder) return Order::kOld;
  // Without RTX what is sent again comes in the stream itself, neighbours together, and has its old timestamp.
  const bool is_older = static_cast<int32_t>(timestamp - newest_timestamp_) <= 0;
  if (step <= 0 && step > -kMaxDropout && is_older && ++stale_ <= kMaxStale) return Order::kOld;
  // Two in a row from far away: the sender has begun anew without telling.
  if (next_of_restart_ == sequence_number) {
    restart(sequence_number);
    return Order::kNew;
  }
  next_of_restart_ = static_cast<uint16_t>(sequence_number + 1);
  return Order::kOutOfPlace;
}

void SsrcReception::restart(uint16_t sequence_number) {
  if (is_started_) lost_before_restart_ = lost();
  is_started_ = true;
  is_interrupted_ = false;
  base_ = highest_ = sequence_number;
  received_ = 0;
  expected_reported_ = received_reported_ = 0;
  next_of_restart_.reset();
  stale_ = 0;
  has_transit_ = false;
}

// https://datatracker.ietf.org/doc/html/rfc3550#appendix-A.8. Of the packets of one frame only the first counts, as in
// browsers: how long a sender takes to send the others is its pace, not jitter.
void SsrcReception::update_jitter(uint32_t timestamp, uint32_t clock_rate, int64_t now_us) {
  if (clock_rate == 0) return;
  if (clock_rate != clock_rate_) {
    // RFC 7160 section 4.1: what was measured in ticks of another clock is converted.
    if (clock_rate_ != 0) jitter_q4_ = jitter_q4_ * clock_rate / clock_rate_;
    clock_rate_ = clock_rate;
    has_transit_ = false;
  }
  if (has_transit_ && timestamp == last_timestamp_) return;
  if (has_transit_) {
    const int64_t rate = clock_rate;
    const int64_t elapsed_us = std::clamp<int64_t>(now_us - last_arrival_us_, 0, kMaxElapsedUs);
    const int64_t elapsed = (elapsed_us * rate + 500'000) / 1'000'000;
    const int64_t change = std::abs(elapsed - static_cast<int32_t>(timestamp - last_timestamp_));
    if (change < kMaxTransitChangeS * rate) jitter_q4_ += (change * 16 - jitter_q4_ + 8) >> 4;
  }
  has_transit_ = true;
  last_timestamp_ = timestamp;
  last_arrival_us_ = now_us;
}

std::optional<rtcp::ReportBlock> SsrcReception::make_report_block(uint32_t ssrc, int64_t now_us) {
  if (!is_started_) return std::nullopt;
  rtcp::ReportBlock block;
  block.ssrc = ssrc;
  // https://datatracker.ietf.org/doc/html/rfc3550#appendix-A.3
  const int64_t expected_in_interval = expected() - expected_reported_;
  const int64_t lost_in_interval = expected_in_interval - (received_ - received_reported_);
  expected_reported_ = expected();
  received_reported_ = received_;
  if (expected_in_interval > 0 && lost_in_interval > 0) {
    block.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_in_interval * 256 / expected_in_interval, 255));
  }
  block.cumulative_lost = static_cast<int32_t>(std::clamp(lost(), -kMaxCumulativeLost - 1, kMaxCumulativeLost));
  block.extended_highest_sequence_number = static_cast<uint32_t>(highest_);
  block.jitter = static_cast<uint32_t>(jitter_q4_ >> 4);
  if (remote_sender_) {
    block.last_sender_report = to_compact_ntp(remote_sender_->ntp_time);
    block.delay_since_last_sender_report = to_compact_ntp_interval(now_us - remote_sender_->arrival_us);
  }
  return block;
}

ReceptionCounters SsrcReception::counters() const {
  ReceptionCounters counters = counters_;
  if (is_started_) counters.packets_lost = lost();
  if (clock_rate_ != 0) counters.jitter_s = static_cast<double>(jitter_q4_) / 16 / clock_rate_;
  return counters;
}

SsrcReception& ReceptionStatistics::stream(uint32_t ssrc) {
  const auto [found, is_new] = streams_.try_emplace(ssrc);
  if (is_new) order_.push_back(ssrc);
  return found->second;
}

const SsrcReception* ReceptionStatistics::find(uint32_t ssrc) const {
  const auto found = streams_.find(ssrc);
  return found == streams_.end() ? nullptr : &found->second;
}

void ReceptionStatistics::remove(uint32_t ssrc) {
  if (streams_.erase(ssrc) == 0) return;
  const auto at = std::find(order_.begin(), order_.end(), ssrc);
  if (static_cast<size_t>(at - order_.begin()) < next_reported_) --next_reported_;
  order_.erase(at);
}

void ReceptionStatistics::on_sender_report(const rtcp::SenderReport& report, int64_t now_us) {
  const auto found = streams_.find(report.sender_ssrc);
  if (found != streams_.end()) found->second.on_sender_report(report, now_us);
}

std::vector<rtcp::ReportBlock> ReceptionStatistics::make_report_blocks(int64_t now_us, size_t max) {
  std::vector<rtcp::ReportBlock> blocks;
  for (size_t seen = 0; seen < order_.size() && blocks.size() < max; ++seen) {
    if (next_reported_ >= order_.size()) next_reported_ = 0;
    const uint32_t ssrc = order_[next_reported_++];
    SsrcReception& stream = streams_.at(ssrc);
    if (now_us - stream.counters().last_packet_received_us >= kReportedForUs) continue;
    if (auto block = stream.make_report_block(ssrc, now_us)) blocks.push_back(*block);
  }
  return blocks;
}

}  // namespace peerwire
