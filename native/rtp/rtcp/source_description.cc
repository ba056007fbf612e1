// SDES and BYE, https://datatracker.ietf.org/doc/html/rfc3550#section-6.5 and #section-6.6
#include <algorithm>

#include "rtp/rtcp/packet_writer.h"

namespace peerwire::rtcp {
namespace {

constexpr uint8_t kEndOfItems = 0;
constexpr uint8_t kCname = 1;
constexpr size_t kMaxTextLength = 255;

std::string text_of(ByteView octets) {
  return {octets.begin(), octets.end()};
}

std::string_view cut(const std::string& text) {
  return std::string_view(text).substr(0, kMaxTextLength);
}

/// Takes a chunk with its items and the octets that fill its last word off `rest`.
bool take_chunk(ByteView& rest, SourceDescription::Chunk& chunk) {
  if (rest.size() < 4) return false;
  chunk.ssrc = read_u32(rest.data());
  size_t at = 4;
  while (at < rest.size() && rest[at] != kEndOfItems) {
    if (rest.size() - at < 2 || rest.size() - at - 2 < rest[at + 1]) return false;
    const ByteView text = rest.subspan(at + 2, rest[at + 1]);
    if (rest[at] == kCname) chunk.cname = text_of(text);
    at += 2 + text.size();
  }
  // At least one zero octet, as many as the word needs.
  const size_t size = at / 4 * 4 + 4;
  if (size > rest.size()) return false;
  rest = rest.subspan(size);
  return true;
}

}  // namespace

std::optional<SourceDescription> parse_source_description(const Block& block) {
  SourceDescription description;
  ByteView rest = block.body;
  for (size_t i = 0; i < block.count; ++i) {
    if (!take_chunk(rest, description.chunks.emplace_back())) return std::nullopt;
  }
  return description;
}

void write(const SourceDescription& description, Bytes& out) {
  PacketWriter writer(out, kSourceDescription);
  const size_t count = std::min(description.chunks.size(), kMaxCount);
  writer.set_count(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view cname = cut(description.chunks[i].cname);
    writer.add_u32(description.chunks[i].ssrc);
    writer.add_u8(kCname);
    writer.add_u8(static_cast<uint8_t>(cname.size()));
    writer.add_text(cname);
    do {
      writer.add_u8(kEndOfItems);
    } while (writer.size() % 4 != 0);
  }
}

std::optional<Bye> parse_bye(const Block& block) {
  const size_t ssrcs_size = 4 * static_cast<size_t>(block.count);
  if (block.body.size() < ssrcs_size) return std::nullopt;
  Bye bye;
  for (size_t i = 0; i < block.count; ++i) bye.ssrcs.push_back(read_u32(&block.body[4 * i]));
  const ByteView rest = block.body.subspan(ssrcs_size);
  if (!rest.empty()) {
    if (rest.size() - 1 < rest[0]) return std::nullopt;
    bye.reason = text_of(rest.subspan(1, rest[0]));
  }
  return bye;
}

void write(const Bye& bye, Bytes& out) {
  PacketWriter writer(out, kBye);
  const size_t count = std::min(bye.ssrcs.size(), kMaxCount);
  writer.set_count(count);
  for (size_t i = 0; i < count; ++i) writer.add_u32(bye.ssrcs[i]);
  if (bye.reason.empty()) return;
  const std::string_view reason = cut(bye.reason);
  writer.add_u8(static_cast<uint8_t>(reason.size()));
  writer.add_text(reason);
}

}  // namespace peerwire::rtcp
