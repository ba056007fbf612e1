// H.264 payloads, packetization modes 0 and 1: https://www.rfc-editor.org/rfc/rfc6184#section-5
#pragma once

#include "media/packetization/packetizer.h"

namespace peerwire {

class H264Packetizer final : public Packetizer {
 public:
  explicit H264Packetizer(const PacketizerSettings& settings) : single_nal_units_(settings.single_nal_units) {}
  std::vector<VideoPayload> packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) override;

 private:
  const bool single_nal_units_;
};

}  // namespace peerwire
