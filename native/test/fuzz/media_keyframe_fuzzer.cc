#include <cstddef>
#include <cstdint>

#include "media/packetization/keyframe.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using peerwire::VideoCodec;
  for (const VideoCodec codec : {VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1}) {
    peerwire::is_keyframe(codec, peerwire::ByteView(octets, size));
  }
  return 0;
}
