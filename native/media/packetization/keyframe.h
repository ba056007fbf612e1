// Whether a coded frame is a keyframe, by its first octets.
#pragma once

#include "media/codec/video_codec.h"

namespace peerwire {

/// False as well for what is no frame of the codec.
bool is_keyframe(VideoCodec codec, ByteView frame);

}  // namespace peerwire
