// VP9 payloads, up to three spatial layers, each a frame of its own, non-flexible mode:
// https://www.rfc-editor.org/rfc/rfc9628#section-4
#pragma once

#include "media/packetization/packetizer.h"

namespace peerwire {

class Vp9Packetizer final : public Packetizer {
 public:
  explicit Vp9Packetizer(const PacketizerSettings& settings);
  std::vector<VideoPayload> packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) override;

 private:
  uint16_t picture_id_;  // of the picture that was begun last
  uint8_t tl0_index_;
};

}  // namespace peerwire
