// Frames on a stream: cut out of whatever pieces TCP delivers, and the framing of RFC 4571.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.h"

namespace peerwire {

/// How long the frame is that begins with `head`, its own header included.
struct FrameLength {
  enum class Kind { kKnown, kUnknownYet, kMalformed } kind = Kind::kUnknownYet;
  size_t size = 0;
  static FrameLength known(size_t size) { return {Kind::kKnown, size}; }
  static FrameLength unknown_yet() { return {}; }
  static FrameLength malformed() { return {Kind::kMalformed, 0}; }
};

/// Cuts a stream into frames. Keeps less than one frame, so that its memory is bounded by the largest there can be.
class FrameReader {
 public:
  using Measure = FrameLength (*)(ByteView head);
  explicit FrameReader(Measure measure) : measure_(measure) {}

  /// Calls `on_frame` with each frame that is whole now, until it returns false. False when the stream is not in this
  /// framing, and for ever after; what was whole before has been told.
  bool read(ByteView octets, const std::function<bool(ByteView frame)>& on_frame);
  /// Octets of a frame that is not whole yet.
  size_t pending() const { return kept_.size(); }

 private:
  Measure measure_;
  Bytes kept_;
  bool malformed_ = false;
};

/// RFC 4571 section 2: two octets of length before each packet.
constexpr size_t kPacketFrameHeader = 2;
constexpr size_t kMaxFramedPacket = 65535;
FrameLength measure_packet_frame(ByteView head);
/// The frame of a packet; empty when the packet is longer than 65,535 octets.
Bytes packet_frame(ByteView packet);

}  // namespace peerwire
