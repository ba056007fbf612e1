// VP8 payloads: https://www.rfc-editor.org/rfc/rfc7741#section-4
#pragma once

#include "media/packetization/depacketizer.h"

namespace peerwire {

class Vp8Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadDescription> parse(ByteView payload) const override;
  bool assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) override;
};

}  // namespace peerwire
