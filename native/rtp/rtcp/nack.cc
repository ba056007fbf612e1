// Generic NACK, https://datatracker.ietf.org/doc/html/rfc4585#section-6.2.1
#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr size_t kSsrcsSize = 8;
constexpr size_t kEntrySize = 4;
constexpr int kMaskBits = 16;

}  // namespace

std::optional<Nack> parse_nack(const Block& block) {
  const size_t entries_size = block.body.size() < kSsrcsSize ? 0 : block.body.size() - kSsrcsSize;
  if (entries_size == 0 || entries_size % kEntrySize != 0) return std::nullopt;
  Nack nack;
  nack.sender_ssrc = read_u32(block.body.data());
  nack.media_ssrc = read_u32(block.body.data() + 4);
  for (size_t at = kSsrcsSize; at < block.body.size(); at += kEntrySize) {
    const uint16_t first = read_u16(&block.body[at]);
    const uint16_t mask = read_u16(&block.body[at + 2]);
    nack.sequence_numbers.push_back(first);
    for (int bit = 0; bit < kMaskBits; ++bit) {
      if (mask >> bit & 1) nack.sequence_numbers.push_back(static_cast<uint16_t>(first + bit + 1));
    }
  }
  return nack;
}

void write(const Nack& nack, Bytes& out) {
  if (nack.sequence_numbers.empty()) return;  // there is no such packet
  PacketWriter writer(out, kTransportLayerFeedback);
  writer.set_count(kGenericNack);
  writer.add_u32(nack.sender_ssrc);
  writer.add_u32(nack.media_ssrc);
  const auto& numbers = nack.sequence_numbers;
  for (size_t i = 0; i < numbers.size() && writer.room() >= kEntrySize;) {
    const uint16_t first = numbers[i++];
    uint16_t mask = 0;
    for (; i < numbers.size(); ++i) {
      const auto distance = static_cast<uint16_t>(numbers[i] - first);
      if (distance > kMaskBits) break;
      if (distance > 0) mask = static_cast<uint16_t>(mask | 1 << (distance - 1));
    }
    writer.add_u16(first);
    writer.add_u16(mask);
  }
}

}  // namespace peerwire::rtcp
