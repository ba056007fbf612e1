// STUN messages and ChannelData on a stream (RFC 8489 section 6.2.2, RFC 8656 section 12.5).
#pragma once

#include "net/frame_reader.h"

namespace peerwire::ice {

/// Of a frame that begins a stream of a TURN server: its length with the padding of ChannelData.
FrameLength measure_turn_frame(ByteView head);
/// Octets to add to a message so that it fills up words of four octets, as streams demand of ChannelData.
inline size_t turn_padding(ByteView message) {
  return (4 - message.size() % 4) % 4;
}

}  // namespace peerwire::ice
