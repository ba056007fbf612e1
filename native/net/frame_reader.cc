#include "net/frame_reader.h"

#include <algorithm>

namespace peerwire {

bool FrameReader::read(ByteView octets, const std::function<bool(ByteView frame)>& on_frame) {
  const auto fail = [this] {
    malformed_ = true;
    kept_.clear();
    return false;
  };
  if (malformed_) return false;
  while (!octets.empty()) {
    // Whole frames are told where they lie; only what is left at the end of a piece is copied.
    const bool begun = !kept_.empty();
    FrameLength length = measure_(begun ? ByteView(kept_) : octets);
    if (length.kind == FrameLength::Kind::kMalformed) return fail();
    const bool known = length.kind == FrameLength::Kind::kKnown;
    if (!begun) {
      if (!known || length.size > octets.size()) {
        kept_.assign(octets.begin(), octets.end());
        return true;
      }
      if (!on_frame(octets.first(length.size))) return true;
      octets = octets.subspan(length.size);
      continue;
    }
    const size_t taken = std::min(known ? length.size - kept_.size() : size_t{1}, octets.size());
    kept_.insert(kept_.end(), octets.begin(), octets.begin() + static_cast<long>(taken));
    octets = octets.subspan(taken);
    length = measure_(kept_);
    if (length.kind == FrameLength::Kind::kMalformed) return fail();
    if (length.kind == FrameLength::Kind::kUnknownYet || length.size > kept_.size()) continue;
    Bytes frame;
    frame.swap(kept_);
    if (!on_frame(frame)) return true;
  }
  return true;
}

FrameLength measure_packet_frame(ByteView head) {
  if (head.size() < kPacketFrameHeader) return FrameLength::unknown_yet();
  return FrameLength::known(kPacketFrameHeader + (size_t{head[0]} << 8 | head[1]));
}

Bytes packet_frame(ByteView packet) {
  Bytes frame;
  if (packet.size() > kMaxFramedPacket) return frame;
  frame.reserve(kPacketFrameHeader + packet.size());
  frame.push_back(static_cast<uint8_t>(packet.size() >> 8));
  frame.push_back(static_cast<uint8_t>(packet.size()));
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

}  // namespace peerwire
