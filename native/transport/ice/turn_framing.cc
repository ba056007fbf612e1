#include "transport/ice/turn_framing.h"

#include "transport/ice/stun_message.h"

namespace peerwire::ice {

FrameLength measure_turn_frame(ByteView head) {
  if (head.empty()) return FrameLength::unknown_yet();
  const bool channel = head[0] >= 0x40 && head[0] <= 0x4f;
  if (head[0] > 3 && !channel) return FrameLength::malformed();
  if (head.size() < 4) return FrameLength::unknown_yet();
  const size_t length = size_t{head[2]} << 8 | head[3];
  if (channel) return FrameLength::known((4 + length + 3) / 4 * 4);
  // A length that is no multiple of four, or another cookie: out of step, and never in step again.
  if (length % 4) return FrameLength::malformed();
  for (size_t i = 4; i < 8 && i < head.size(); ++i) {
    if (head[i] != static_cast<uint8_t>(kStunMagicCookie >> (8 * (7 - i)))) return FrameLength::malformed();
  }
  return FrameLength::known(kStunHeaderSize + length);
}

}  // namespace peerwire::ice
