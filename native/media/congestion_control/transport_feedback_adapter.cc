#include "media/congestion_control/transport_feedback_adapter.h"

#include <algorithm>
#include <cstdlib>

namespace peerwire::congestion {
namespace {

constexpr int64_t kHistoryUs = 60'000'000;
// Half the range of sequence numbers, less what may be on its way: beyond that a number would be ambiguous.
constexpr size_t kMaxHistory = 30'000;
constexpr int64_t kMaxGap = 1'000;
constexpr int64_t kReferenceUnitUs = 64'000;
// A peer's clock does not drift a day away; a reference that does is hostile or broken, and begins anew.
constexpr int64_t kMaxClockDistanceUs = int64_t{24} * 3600 * 1'000'000;

}  // namespace

void TransportFeedbackAdapter::add_packet(uint16_t sequence_number, size_t size, int probe_cluster_id, int64_t now_us) {
  const int64_t number = unwrapper_.unwrap(sequence_number);
  if (history_.empty() || number < end() || number - end() > kMaxGap) {
    history_.clear();
    in_flight_ = 0;
    first_ = unacknowledged_ = number;
  }
  while (end() < number) history_.emplace_back();
  history_.push_back({now_us, static_cast<uint32_t>(size), probe_cluster_id, State::kSent});
  in_flight_ += size;
  while (history_.size() > kMaxHistory || now_us - history_.front().send_time_us > kHistoryUs) drop_front();
}

void TransportFeedbackAdapter::drop_front() {
  acknowledge_through(first_);
  history_.pop_front();
  ++first_;
}

void TransportFeedbackAdapter::acknowledge_through(int64_t sequence_number) {
  for (; unacknowledged_ <= sequence_number && unacknowledged_ < end(); ++unacknowledged_) {
    const Entry& entry = history_[static_cast<size_t>(unacknowledged_ - first_)];
    in_flight_ -= entry.size;
  }
}

int64_t TransportFeedbackAdapter::arrival_base(int32_t reference_time, int64_t now_us) {
  if (!has_reference_) {
    has_reference_ = true;
    base_us_ = now_us;
  } else {
    // 24 bits, which wrap every 12 days.
    uint32_t moved = static_cast<uint32_t>(reference_time) - static_cast<uint32_t>(last_reference_);
    moved &= 0xFFFFFF;
    const int64_t delta = moved & 0x800000 ? static_cast<int64_t>(moved) - 0x1000000 : static_cast<int64_t>(moved);
    base_us_ += delta * kReferenceUnitUs;
    if (std::abs(base_us_ - now_us) > kMaxClockDistanceUs) base_us_ = now_us;
  }
  last_reference_ = reference_time;
  return base_us_;
}

std::span<const PacketResult> TransportFeedbackAdapter::process(const rtcp::TransportFeedback& feedback,
                                                                int64_t now_us) {
  results_.clear();
  const int64_t base = arrival_base(feedback.reference_time, now_us);
  int64_t newest = kNever;
  for (const auto& packet : feedback.packets) {
    const int64_t number = unwrapper_.peek(packet.sequence_number);
    if (number < first_ || number >= end()) continue;
    Entry& entry = history_[static_cast<size_t>(number - first_)];
    if (entry.state == State::kGap || entry.state == State::kReceived) continue;
    newest = std::max(newest, number);
    if (entry.state == State::kLost && !packet.received) continue;
    PacketResult& result = results_.emplace_back();
    result.sent = {number, entry.send_time_us, entry.size, entry.probe_cluster_id};
    result.was_reported_lost = entry.state == State::kLost;
    if (packet.received) result.receive_time_us = base + packet.arrival_us;
    entry.state = packet.received ? State::kReceived : State::kLost;
  }
  if (newest != kNever) acknowledge_through(newest);
  return results_;
}

void TransportFeedbackAdapter::clear() {
  history_.clear();
  in_flight_ = 0;
  has_reference_ = false;
}

}  // namespace peerwire::congestion
