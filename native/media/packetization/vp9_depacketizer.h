// VP9 payloads, flexible mode or not, any number of layers: https://www.rfc-editor.org/rfc/rfc9628#section-4
#pragma once

#include "media/packetization/depacketizer.h"

namespace peerwire {

class Vp9Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadDescription> parse(ByteView payload) const override;
  bool assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) override;
};

}  // namespace peerwire
