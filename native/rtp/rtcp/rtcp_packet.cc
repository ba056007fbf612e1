#include "rtp/rtcp/rtcp_packet.h"

#include <algorithm>
#include <utility>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

// Of all transport feedback in one datagram: one message can tell of no more sequence numbers than there are.
constexpr size_t kMaxFeedbackPackets = 65'535;

/// Takes the first packet off `rest`; nullopt when there is none, or it is malformed (RFC 3550 appendix A.2). Padding
/// belongs to the last packet alone; browsers pad transport feedback wherever it stands, so it is taken off anywhere.
std::optional<Block> take_block(ByteView& rest) {
  if (rest.size() < kHeaderSize || rest[0] >> 6 != 2) return std::nullopt;
  const size_t size = 4 * (static_cast<size_t>(read_u16(&rest[2])) + 1);
  if (rest.size() < size) return std::nullopt;
  Block block{rest[1], static_cast<uint8_t>(rest[0] & 0x1F), rest.subspan(kHeaderSize, size - kHeaderSize)};
  if (rest[0] & 0x20) {
    if (block.body.empty() || block.body.back() == 0 || block.body.back() > block.body.size()) return std::nullopt;
    block.body = block.body.first(block.body.size() - block.body.back());
  }
  rest = rest.subspan(size);
  return block;
}

class Parser {
 public:
  explicit Parser(size_t& feedback_budget) : feedback_budget_(feedback_budget) {}
  std::vector<Packet> run(ByteView rest) {
    while (auto block = take_block(rest)) {
      if (!take(*block)) break;
    }
    return std::move(packets_);
  }

 private:
  /// False for a malformed packet.
  bool take(const Block& block) {
    switch (block.type) {
      case kSenderReport:
        return add(parse_sender_report(block));
      case kReceiverReport:
        return add(parse_receiver_report(block));
      case kSourceDescription:
        return add(parse_source_description(block));
      case kBye:
        return add(parse_bye(block));
      case kTransportLayerFeedback:
        return take_transport_layer_feedback(block);
      case kPayloadSpecificFeedback:
        return take_payload_specific_feedback(block);
      case kExtendedReport:
        return add(parse_extended_report(block));
      default:
        return true;
    }
  }

  bool take_transport_layer_feedback(const Block& block) {
    if (block.count == kGenericNack) return add(parse_nack(block));
    if (block.count != kTransportWideFeedback) return true;
    const size_t budget = feedback_budget_;
    feedback_budget_ -= std::min(budget, claimed_packets(block));
    return add(parse_transport_feedback(block, budget));
  }

  bool take_payload_specific_feedback(const Block& block) {
    if (block.count == kPictureLoss) return add(parse_picture_loss_indication(block));
    if (block.count == kFullIntra) return add(parse_full_intra_request(block));
    if (block.count == kApplicationLayer && is_remb(block)) return add(parse_remb(block));
    return true;
  }

  template <typename T>
  bool add(std::optional<T> packet) {
    if (packet) packets_.emplace_back(std::move(*packet));
    return packet.has_value();
  }

  std::vector<Packet> packets_;
  size_t& feedback_budget_;
};

}  // namespace

std::vector<Packet> parse(ByteView data) {
  size_t feedback_budget = kMaxFeedbackPackets;
  return parse(data, feedback_budget);
}

std::vector<Packet> parse(ByteView data, size_t& feedback_budget) {
  return Parser(feedback_budget).run(data);
}

Bytes serialize(std::span<const Packet> packets) {
  Bytes out;
  out.reserve(256);
  for (const Packet& packet : packets) {
    std::visit([&](const auto& known) { write(known, out); }, packet);
  }
  return out;
}

bool looks_like_rtcp(ByteView packet) {
  return packet.size() >= kHeaderSize && packet[0] >> 6 == 2 && packet[1] >= 192 && packet[1] <= 223;
}

}  // namespace peerwire::rtcp
