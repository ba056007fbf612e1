#include "media/packetization/depacketizer.h"

#include "media/packetization/av1_depacketizer.h"
#include "media/packetization/h264_depacketizer.h"
#include "media/packetization/vp8_depacketizer.h"
#include "media/packetization/vp9_depacketizer.h"

namespace peerwire {

std::unique_ptr<Depacketizer> Depacketizer::create(VideoCodec codec, std::string_view sprop_parameter_sets) {
  switch (codec) {
    case VideoCodec::kVp8:
      return std::make_unique<Vp8Depacketizer>();
    case VideoCodec::kVp9:
      return std::make_unique<Vp9Depacketizer>();
    case VideoCodec::kH264:
      return std::make_unique<H264Depacketizer>(sprop_parameter_sets);
    case VideoCodec::kAv1:
      return std::make_unique<Av1Depacketizer>();
  }
  return nullptr;
}

}  // namespace peerwire
