#include "media/packetization/keyframe.h"

#include <algorithm>

namespace peerwire {
namespace {

/// https://www.rfc-editor.org/rfc/rfc6386#section-9.1
bool is_vp8_keyframe(ByteView frame) {
  return frame.size() >= 10 && (frame[0] & 1) == 0 && frame[3] == 0x9d && frame[4] == 0x01 && frame[5] == 0x2a;
}

/// VP9 bitstream specification, section 6.2: frame_marker, profile, show_existing_frame, frame_type.
bool is_vp9_keyframe(ByteView frame) {
  if (frame.empty() || frame[0] >> 6 != 2) return false;
  // Profile 3 has a reserved bit behind it.
  const int shift = (frame[0] & 0x30) == 0x30 ? 2 : 3;
  const bool shows_existing = (frame[0] >> shift & 1) != 0;
  const bool is_inter = (frame[0] >> (shift - 1) & 1) != 0;
  return !shows_existing && !is_inter;
}

/// ITU-T H.264, annex B and table 7-1: a slice of an IDR picture.
bool is_h264_keyframe(ByteView frame) {
  for (size_t at = 0; at + 3 < frame.size(); ++at) {
    if (frame[at] == 0 && frame[at + 1] == 0 && frame[at + 2] == 1 && (frame[at + 3] & 0x1f) == 5) return true;
  }
  return false;
}

/// AV1 specification, section 5.3: a temporal unit with a sequence header.
bool is_av1_keyframe(ByteView frame) {
  size_t at = 0;
  while (at < frame.size()) {
    const uint8_t header = frame[at];
    if ((header >> 3 & 0xf) == 1) return true;
    at += (header & 4) == 0 ? 1 : 2;
    // Without a size it is the last one.
    if ((header & 2) == 0) return false;
    uint64_t size = 0;
    bool is_whole = false;
    for (int i = 0; i < 8 && at < frame.size() && !is_whole; ++i) {
      const uint8_t octet = frame[at++];
      size |= static_cast<uint64_t>(octet & 0x7f) << (7 * i);
      is_whole = (octet & 0x80) == 0;
    }
    if (!is_whole || size > frame.size() - at) return false;
    at += static_cast<size_t>(size);
  }
  return false;
}

}  // namespace

bool is_keyframe(VideoCodec codec, ByteView frame) {
  switch (codec) {
    case VideoCodec::kVp8:
      return is_vp8_keyframe(frame);
    case VideoCodec::kVp9:
      return is_vp9_keyframe(frame);
    case VideoCodec::kH264:
      return is_h264_keyframe(frame);
    case VideoCodec::kAv1:
      return is_av1_keyframe(frame);
  }
  return false;
}

}  // namespace peerwire
