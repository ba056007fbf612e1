#include "media/congestion_control/transport_feedback_generator.h"

#include <algorithm>
#include <limits>

namespace peerwire::congestion {
namespace {

constexpr int64_t kMinIntervalUs = 50'000;
constexpr int64_t kMaxIntervalUs = 250'000;
// 5 % of what comes is spent on feedback, each of which takes some 68 octets with IP, UDP, SRTCP and header.
constexpr double kShare = 0.05;
constexpr double kFeedbackBits = 68 * 8;
constexpr int64_t kRateWindowUs = 500'000;
// Packets that came lately are kept, in case one before them is late: it is then reported with them.
constexpr int64_t kBackWindowUs = 500'000;
constexpr int64_t kMaxGap = 1'000;
constexpr size_t kMaxPackets = 30'000;
constexpr int64_t kReferenceUnitUs = 64'000;
constexpr int64_t kDeltaUnitUs = 250;
// In sevenths of an octet: a two-bit status takes 2, a delta 7 or 14. Below a datagram of 1,200 octets.
constexpr size_t kMaxSevenths = size_t{1'100} * 7;

}  // namespace

bool TransportFeedbackGenerator::store(int64_t number, int64_t arrival_us) {
  if (arrivals_.empty() || number >= end() + kMaxGap || number < first_ - kMaxGap) {
    // The first one, or a sender that began anew: nothing is known of what lies between.
    arrivals_.assign(1, arrival_us);
    first_ = unreported_ = number;
    return true;
  }
  if (number < first_) {
    arrivals_.insert(arrivals_.begin(), static_cast<size_t>(first_ - number), kMissing);
    first_ = number;
  }
  if (number >= end()) arrivals_.resize(static_cast<size_t>(number - first_ + 1), kMissing);
  int64_t& arrival = arrivals_[static_cast<size_t>(number - first_)];
  if (arrival != kMissing) return false;  // a duplicate: the first time counts
  arrival = arrival_us;
  while (arrivals_.size() > kMaxPackets) {
    arrivals_.pop_front();
    ++first_;
  }
  unreported_ = std::max(unreported_, first_);
  return true;
}

void TransportFeedbackGenerator::on_packet(uint16_t sequence_number, uint32_t ssrc, size_t size, bool ends_frame,
                                           int64_t arrival_us) {
  const int64_t number = unwrapper_.unwrap(sequence_number);
  adapt_interval(size, arrival_us);
  if (!store(number, arrival_us)) return;
  media_ssrc_ = ssrc;
  unreported_ = std::min(unreported_, number);
  pending_ = true;
  frame_ended_ |= ends_frame;
  if (last_feedback_us_ == kNever) last_feedback_us_ = arrival_us;
}

void TransportFeedbackGenerator::adapt_interval(size_t size, int64_t arrival_us) {
  if (window_began_us_ == kNever || arrival_us < window_began_us_) {
    window_began_us_ = arrival_us;
    window_bytes_ = 0;
  }
  window_bytes_ += size;
  const int64_t elapsed = arrival_us - window_began_us_;
  if (elapsed < kRateWindowUs) return;
  const double bits_per_us = 8 * static_cast<double>(window_bytes_) / static_cast<double>(elapsed);
  const double interval = kFeedbackBits / (kShare * bits_per_us);
  interval_us_ = static_cast<int64_t>(
      std::clamp(interval, static_cast<double>(kMinIntervalUs), static_cast<double>(kMaxIntervalUs)));
  window_began_us_ = arrival_us;
  window_bytes_ = 0;
}

int64_t TransportFeedbackGenerator::next_us() const {
  if (!pending_) return kUnlimited;
  return last_feedback_us_ + (frame_ended_ ? kMinIntervalUs : interval_us_);
}

rtcp::TransportFeedback TransportFeedbackGenerator::build(int64_t& from) {
  rtcp::TransportFeedback feedback;
  feedback.sender_ssrc = sender_ssrc_;
  feedback.media_ssrc = media_ssrc_;
  feedback.feedback_count = feedback_count_++;
  bool has_reference = false;
  int64_t reference_us = 0, last_us = 0;
  size_t sevenths = 0, through = 0;
  for (; from < end() && sevenths <= kMaxSevenths; ++from) {
    rtcp::TransportFeedback::Packet packet;
    packet.sequence_number = static_cast<uint16_t>(from);
    const int64_t arrival_us = arrivals_[static_cast<size_t>(from - first_)];
    sevenths += 2;
    if (arrival_us != kMissing) {
      if (!has_reference) {
        has_reference = true;
        const int64_t unit = arrival_us >= 0 ? arrival_us / kReferenceUnitUs
                                             : -((-arrival_us + kReferenceUnitUs - 1) / kReferenceUnitUs);
        reference_us = last_us = unit * kReferenceUnitUs;
        // 24 bits, signed.
        const uint32_t bits = static_cast<uint32_t>(unit) & 0xFFFFFF;
        feedback.reference_time = static_cast<int32_t>(bits << 8) >> 8;
      }
      const int64_t ticks = (arrival_us - reference_us + kDeltaUnitUs / 2) / kDeltaUnitUs;
      packet.received = true;
      packet.arrival_us = ticks * kDeltaUnitUs;
      const int64_t delta = (reference_us + packet.arrival_us - last_us) / kDeltaUnitUs;
      // Further from the one before than a feedback can say: the next one begins here.
      if (delta < std::numeric_limits<int16_t>::min() || delta > std::numeric_limits<int16_t>::max()) break;
      sevenths += delta >= 0 && delta <= 255 ? 7 : 14;
      last_us = reference_us + packet.arrival_us;
      through = feedback.packets.size() + 1;
    }
    feedback.packets.push_back(packet);
  }
  // What is missing at the end is said by the next feedback, which has a packet behind it.
  from -= static_cast<int64_t>(feedback.packets.size() - through);
  feedback.packets.resize(through);
  return feedback;
}

std::vector<rtcp::TransportFeedback> TransportFeedbackGenerator::process(int64_t now_us) {
  std::vector<rtcp::TransportFeedback> feedbacks;
  if (now_us < next_us()) return feedbacks;
  int64_t from = unreported_;
  while (from < end()) {
    rtcp::TransportFeedback feedback = build(from);
    if (feedback.packets.empty()) {
      // Only missing ones, more than a feedback holds, before the next that came: skip them.
      while (from < end() && arrivals_[static_cast<size_t>(from - first_)] == kMissing) ++from;
      continue;
    }
    feedbacks.push_back(std::move(feedback));
  }
  unreported_ = end();
  pending_ = false;
  frame_ended_ = false;
  last_feedback_us_ = now_us;
  drop_reported(now_us);
  return feedbacks;
}

void TransportFeedbackGenerator::drop_reported(int64_t now_us) {
  // The last one stays: what is missing between it and the next to come must be reported.
  const auto last = arrivals_.end() - 1;
  const auto keep = std::find_if(arrivals_.begin(), last, [now_us](int64_t arrival_us) {
    return arrival_us != kMissing && now_us - arrival_us <= kBackWindowUs;
  });
  first_ += keep - arrivals_.begin();
  arrivals_.erase(arrivals_.begin(), keep);
}

}  // namespace peerwire::congestion
