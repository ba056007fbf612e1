// Whatever a peer reports, and in whatever order: the target stays within its limits, what is in flight is never more
// than what was sent, and what the receiving side says fits into packets.
#include <algorithm>
#include <cstring>

#include "media/congestion_control/congestion_controller.h"
#include "media/congestion_control/receive_side_estimator.h"
#include "media/congestion_control/transport_feedback_generator.h"

namespace {

using namespace peerwire;
using namespace peerwire::congestion;

class Input {
 public:
  Input(const uint8_t* octets, size_t size) : at_(octets), left_(size) {}
  bool empty() const { return left_ == 0; }
  template <typename T>
  T take() {
    T value{};
    const size_t size = std::min(left_, sizeof(T));
    std::memcpy(&value, at_, size);
    at_ += size;
    left_ -= size;
    return value;
  }

 private:
  const uint8_t* at_;
  size_t left_;
};

void check(bool holds) {
  if (!holds) __builtin_trap();
}

rtcp::TransportFeedback feedback_of(Input& input) {
  rtcp::TransportFeedback feedback;
  feedback.reference_time = static_cast<int32_t>(input.take<uint32_t>() << 8) >> 8;
  feedback.feedback_count = input.take<uint8_t>();
  uint16_t number = input.take<uint16_t>();
  int64_t arrival = 0;
  for (int count = input.take<uint8_t>(); count > 0; --count) {
    rtcp::TransportFeedback::Packet packet;
    packet.sequence_number = number++;
    const auto delta = input.take<int16_t>();
    packet.received = (delta & 7) != 0;
    if (packet.received) packet.arrival_us = arrival += int64_t{delta} * 250;
    feedback.packets.push_back(packet);
  }
  return feedback;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  Input input(octets, size);
  int64_t now = 1'000'000;
  CongestionController controller(now);
  TransportFeedbackGenerator generator(1);
  ReceiveSideEstimator receiver(1);
  int64_t min_bps = kDefaultMinBps, max_bps = kUnlimited;
  uint16_t number = input.take<uint16_t>();
  int probe = kNotAProbe;
  while (!input.empty()) {
    const uint8_t what = input.take<uint8_t>();
    now += int64_t{input.take<uint16_t>()} << (what >> 6 << 2);
    switch (what % 10) {
      case 0:
        for (int count = what >> 4; count >= 0; --count) {
          controller.on_packet_sent(number++, input.take<uint8_t>() * 8u, probe, now);
          now += 500;
        }
        break;
      case 1:
        controller.on_transport_feedback(feedback_of(input), now);
        break;
      case 2:
        controller.on_remb(input.take<uint64_t>() >> (what >> 2), now);
        break;
      case 3: {
        rtcp::ReportBlock block;
        block.ssrc = input.take<uint8_t>();
        block.extended_highest_sequence_number = input.take<uint32_t>();
        block.cumulative_lost = static_cast<int32_t>(input.take<uint32_t>() << 8) >> 8;
        controller.on_report_blocks(std::span(&block, 1), input.take<int32_t>(), now);
        break;
      }
      case 4:
        min_bps = std::max<int64_t>(5'000, input.take<uint32_t>() >> 8);
        max_bps = std::max<int64_t>(min_bps, input.take<uint32_t>());
        controller.set_limits(min_bps, input.take<uint32_t>(), max_bps, now);
        break;
      case 5:
        controller.on_network_available(what & 64, now);
        break;
      case 6:
        controller.on_route_change(now);
        number = input.take<uint16_t>();
        break;
      case 7:
        controller.set_allocated(input.take<uint16_t>(), input.take<uint32_t>(), now);
        break;
      case 8: {
        const auto sequence_number = input.take<uint16_t>();
        generator.on_packet(sequence_number, 1, input.take<uint8_t>(), what & 64, now);
        for (const auto& feedback : generator.process(now)) {
          check(!feedback.packets.empty() && feedback.packets.back().received);
          int64_t last = 0;
          size_t bytes = 20 + (feedback.packets.size() + 6) / 7 * 2;
          for (const auto& packet : feedback.packets) {
            if (!packet.received) continue;
            const int64_t delta = (packet.arrival_us - last) / 250;
            check(packet.arrival_us % 250 == 0 && delta >= INT16_MIN && delta <= INT16_MAX);
            bytes += delta >= 0 && delta <= 255 ? 1 : 2;
            last = packet.arrival_us;
          }
          check(bytes <= 1'150);
        }
        break;
      }
      case 9:
        receiver.on_packet(input.take<uint32_t>() & 0xFFFFFF, what >> 4, input.take<uint16_t>(), now);
        if (const auto remb = receiver.process(now)) check(remb->bitrate_bps > 0 && !remb->ssrcs.empty());
        break;
    }
    if (const auto target = controller.process(now)) {
      check(target->target_bps == 0 || (target->target_bps >= min_bps && target->target_bps <= max_bps));
      check(target->stable_bps <= target->target_bps && target->padding_bps <= target->target_bps);
      check(target->estimate_bps >= target->target_bps && target->pacing_bps >= target->target_bps);
      check(target->loss >= 0 && target->loss <= 1 && target->rtt_us >= 0);
    }
    for (const auto& cluster : controller.take_probes()) {
      check(cluster.target_bps > 0 && cluster.min_bytes >= 0);
      probe = cluster.id;
    }
  }
  return 0;
}
