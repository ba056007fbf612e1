// VP8 payloads: https://www.rfc-editor.org/rfc/rfc7741#section-4
#pragma once

#include "media/packetization/packetizer.h"

namespace peerwire {

class Vp8Packetizer final : public Packetizer {
 public:
  explicit Vp8Packetizer(const PacketizerSettings& settings);
  std::vector<VideoPayload> packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) override;

 private:
  uint16_t next_picture_id_;
  uint8_t tl0_index_;
};

}  // namespace peerwire
