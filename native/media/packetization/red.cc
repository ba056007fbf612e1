#include "media/packetization/red.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr uint8_t kFollowed = 0x80;
constexpr size_t kRedundantHeaderSize = 4;
constexpr size_t kMaxRedundantSize = 0x3ff;
constexpr uint32_t kMaxTimestampOffset = 0x3fff;
/// A packet of many empty blocks is nobody's.
constexpr size_t kMaxBlocks = 32;
constexpr size_t kMaxRedundancy = 8;

}  // namespace

std::optional<std::vector<RedBlock>> split_red(ByteView payload, uint32_t timestamp) {
  std::vector<RedBlock> blocks;
  std::vector<size_t> sizes;
  size_t at = 0;
  // Headers: all but the last are four octets long.
  while (true) {
    if (at >= payload.size() || blocks.size() == kMaxBlocks) return std::nullopt;
    RedBlock block;
    block.payload_type = payload[at] & 0x7f;
    if (!(payload[at] & kFollowed)) {
      ++at;
      block.timestamp = timestamp;
      block.is_primary = true;
      blocks.push_back(block);
      break;
    }
    if (payload.size() - at < kRedundantHeaderSize) return std::nullopt;
    block.timestamp = timestamp - static_cast<uint32_t>(payload[at + 1] << 6 | payload[at + 2] >> 2);
    sizes.push_back(static_cast<size_t>((payload[at + 2] & 3) << 8 | payload[at + 3]));
    blocks.push_back(block);
    at += kRedundantHeaderSize;
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] > payload.size() - at) return std::nullopt;
    blocks[i].payload = payload.subspan(at, sizes[i]);
    at += sizes[i];
  }
  blocks.back().payload = payload.subspan(at);
  std::erase_if(blocks, [](const RedBlock& block) { return !block.is_primary && block.payload.empty(); });
  return blocks;
}

RedJoiner::RedJoiner(uint8_t payload_type, size_t redundancy)
    : payload_type_(payload_type & 0x7f), redundancy_(std::min(redundancy, kMaxRedundancy)) {}

void RedJoiner::set_redundancy(size_t redundancy) {
  redundancy_ = std::min(redundancy, kMaxRedundancy);
}

Bytes RedJoiner::join(ByteView frame, uint32_t timestamp, size_t max_size) {
  while (sent_.size() > redundancy_) sent_.pop_front();
  size_t size = 1 + frame.size();
  // The newest ones help most: they are taken first, and written behind the older ones.
  size_t first = sent_.size();
  while (first > 0) {
    const Sent& each = sent_[first - 1];
    const uint32_t offset = timestamp - each.timestamp;
    if (each.payload.size() > kMaxRedundantSize || offset == 0 || offset > kMaxTimestampOffset ||
        size + kRedundantHeaderSize + each.payload.size() > max_size) {
      break;
    }
    size += kRedundantHeaderSize + each.payload.size();
    --first;
  }
  Bytes out;
  out.reserve(size);
  for (size_t i = first; i < sent_.size(); ++i) {
    const uint32_t offset = timestamp - sent_[i].timestamp;
    const size_t length = sent_[i].payload.size();
    out.push_back(kFollowed | payload_type_);
    out.push_back(static_cast<uint8_t>(offset >> 6));
    out.push_back(static_cast<uint8_t>((offset & 0x3f) << 2 | length >> 8));
    out.push_back(static_cast<uint8_t>(length));
  }
  out.push_back(payload_type_);
  for (size_t i = first; i < sent_.size(); ++i) {
    out.insert(out.end(), sent_[i].payload.begin(), sent_[i].payload.end());
  }
  out.insert(out.end(), frame.begin(), frame.end());
  if (redundancy_ > 0) sent_.push_back({timestamp, Bytes(frame.begin(), frame.end())});
  return out;
}

}  // namespace peerwire
