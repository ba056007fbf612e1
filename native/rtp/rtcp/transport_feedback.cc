// Transport-wide congestion control feedback,
// https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3.1
#include <algorithm>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr size_t kFixedSize = 16;  // SSRCs, base sequence number, status count, reference time, feedback count
constexpr size_t kChunkSize = 2;
constexpr int64_t kDeltaUs = 250;
constexpr size_t kMaxStatuses = UINT16_MAX;
constexpr size_t kMaxRunLength = 0x1FFF;
constexpr size_t kOneBitSymbols = 14;
constexpr size_t kTwoBitSymbols = 7;

enum Symbol : uint8_t { kNotReceived = 0, kSmallDelta = 1, kLargeDelta = 2, kReserved = 3 };

size_t delta_size(Symbol symbol) {
  return symbol;
}

/// Appends the symbols of one chunk, at most `left` of them.
void read_chunk(uint16_t chunk, size_t left, std::vector<Symbol>& into) {
  if ((chunk & 0x8000) == 0) {
    const size_t run = std::min<size_t>(chunk & kMaxRunLength, left);
    into.insert(into.end(), run, static_cast<Symbol>(chunk >> 13 & 3));
  } else if ((chunk & 0x4000) == 0) {
    for (size_t i = 0; i < std::min(kOneBitSymbols, left); ++i) {
      into.push_back(static_cast<Symbol>(chunk >> (kOneBitSymbols - 1 - i) & 1));
    }
  } else {
    for (size_t i = 0; i < std::min(kTwoBitSymbols, left); ++i) {
      into.push_back(static_cast<Symbol>(chunk >> (2 * (kTwoBitSymbols - 1 - i)) & 3));
    }
  }
}

int32_t sign_extend_24(uint32_t value) {
  return static_cast<int32_t>(value << 8) >> 8;
}

/// The leading packets that can be told in one message, as symbols and deltas.
struct Encodable {
  std::vector<Symbol> symbols;
  std::vector<int16_t> deltas;
};

Encodable encodable(const std::vector<TransportFeedback::Packet>& packets) {
  Encodable result;
  result.symbols.reserve(packets.size());
  result.deltas.reserve(packets.size());
  int64_t last = 0;
  for (size_t i = 0; i < std::min(packets.size(), kMaxStatuses); ++i) {
    const auto& packet = packets[i];
    if (packet.sequence_number != static_cast<uint16_t>(packets[0].sequence_number + i)) break;
    if (!packet.received) {
      result.symbols.push_back(kNotReceived);
      continue;
    }
    // Steps are counted from the start, so that what each delta is rounded by does not add up.
    const int64_t step = (packet.arrival_us + (packet.arrival_us < 0 ? -kDeltaUs : kDeltaUs) / 2) / kDeltaUs;
    const int64_t delta = step - last;
    if (delta < INT16_MIN || delta > INT16_MAX) break;
    result.symbols.push_back(delta >= 0 && delta <= UINT8_MAX ? kSmallDelta : kLargeDelta);
    result.deltas.push_back(static_cast<int16_t>(delta));
    last = step;
  }
  return result;
}

/// The next chunk from `at` on, and how many symbols it takes.
struct Chunk {
  uint16_t word = 0;
  size_t count = 0;
};

Chunk next_chunk(const std::vector<Symbol>& symbols, size_t at) {
  const size_t left = symbols.size() - at;
  const Symbol first = symbols[at];
  size_t run = 1;
  while (run < std::min(left, kMaxRunLength) && symbols[at + run] == first) ++run;
  const size_t vector_size = std::min(left, kOneBitSymbols);
  const bool one_bit = std::none_of(symbols.begin() + static_cast<std::ptrdiff_t>(at),
                                    symbols.begin() + static_cast<std::ptrdiff_t>(at + vector_size),
                                    [](Symbol symbol) { return symbol == kLargeDelta; });
  // A run is worth it as soon as it covers what a vector would.
  if (run >= std::min(left, one_bit ? kOneBitSymbols : kTwoBitSymbols)) {
    return {static_cast<uint16_t>(first << 13 | run), run};
  }
  Chunk chunk{static_cast<uint16_t>(one_bit ? 0x8000 : 0xC000),
              std::min(left, one_bit ? kOneBitSymbols : kTwoBitSymbols)};
  for (size_t i = 0; i < chunk.count; ++i) {
    const size_t shift = one_bit ? kOneBitSymbols - 1 - i : 2 * (kTwoBitSymbols - 1 - i);
    chunk.word = static_cast<uint16_t>(chunk.word | symbols[at + i] << shift);
  }
  return chunk;
}

/// How many of the leading symbols go into `room` octets, chunks and deltas together.
size_t fitting(const std::vector<Symbol>& symbols, size_t room) {
  size_t used = 0;
  size_t at = 0;
  while (at < symbols.size() && used + kChunkSize <= room) {
    const Chunk chunk = next_chunk(symbols, at);
    used += kChunkSize;
    for (size_t i = 0; i < chunk.count; ++i, ++at) {
      used += delta_size(symbols[at]);
      if (used > room) return at;
    }
  }
  return at;
}

}  // namespace

size_t claimed_packets(const Block& block) {
  return block.body.size() < kFixedSize ? 0 : read_u16(block.body.data() + 10);
}

std::optional<TransportFeedback> parse_transport_feedback(const Block& block, size_t max_packets) {
  if (block.body.size() < kFixedSize) return std::nullopt;
  const uint8_t* from = block.body.data();
  TransportFeedback feedback;
  feedback.sender_ssrc = read_u32(from);
  feedback.media_ssrc = read_u32(from + 4);
  const uint16_t base = read_u16(from + 8);
  const size_t count = read_u16(from + 10);
  feedback.reference_time = sign_extend_24(read_u24(from + 12));
  feedback.feedback_count = from[15];
  if (count == 0 || count > max_packets) return std::nullopt;

  std::vector<Symbol> symbols;
  size_t at = kFixedSize;
  while (symbols.size() < count) {
    if (block.body.size() - at < kChunkSize) return std::nullopt;
    read_chunk(read_u16(from + at), count - symbols.size(), symbols);
    at += kChunkSize;
  }

  feedback.packets.resize(count);
  int64_t arrival = 0;
  for (size_t i = 0; i < count; ++i) {
    auto& packet = feedback.packets[i];
    packet.sequence_number = static_cast<uint16_t>(base + i);
    if (symbols[i] == kNotReceived) continue;
    const size_t size = delta_size(symbols[i]);
    if (symbols[i] == kReserved || block.body.size() - at < size) return std::nullopt;
    arrival += symbols[i] == kSmallDelta ? from[at] : static_cast<int16_t>(read_u16(from + at));
    packet.received = true;
    packet.arrival_us = arrival * kDeltaUs;
    at += size;
  }
  return feedback;
}

size_t transport_feedback_fit(const TransportFeedback& feedback, size_t max_size) {
  constexpr size_t kOverhead = kHeaderSize + kFixedSize;
  const size_t room = std::min(max_size, kMaxPacketSize) / 4 * 4;
  if (room <= kOverhead) return 0;
  return fitting(encodable(feedback.packets).symbols, room - kOverhead);
}

void write(const TransportFeedback& feedback, Bytes& out) {
  Encodable content = encodable(feedback.packets);
  content.symbols.resize(fitting(content.symbols, kMaxPacketSize - kHeaderSize - kFixedSize));
  if (content.symbols.empty()) return;
  PacketWriter writer(out, kTransportLayerFeedback);
  writer.set_count(kTransportWideFeedback);
  writer.add_u32(feedback.sender_ssrc);
  writer.add_u32(feedback.media_ssrc);
  writer.add_u16(feedback.packets[0].sequence_number);
  writer.add_u16(static_cast<uint16_t>(content.symbols.size()));
  writer.add_u24(static_cast<uint32_t>(feedback.reference_time) & 0xFFFFFF);
  writer.add_u8(feedback.feedback_count);
  for (size_t at = 0; at < content.symbols.size();) {
    const Chunk chunk = next_chunk(content.symbols, at);
    writer.add_u16(chunk.word);
    at += chunk.count;
  }
  size_t next_delta = 0;
  for (const Symbol symbol : content.symbols) {
    if (symbol == kNotReceived) continue;
    const int16_t delta = content.deltas[next_delta++];
    if (symbol == kSmallDelta) {
      writer.add_u8(static_cast<uint8_t>(delta));
    } else {
      writer.add_u16(static_cast<uint16_t>(delta));
    }
  }
}

}  // namespace peerwire::rtcp
