// AV1 payloads to temporal units: https://aomediacodec.github.io/av1-rtp-spec/#44-av1-aggregation-header
#pragma once

#include "media/packetization/depacketizer.h"

namespace peerwire {

class Av1Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadDescription> parse(ByteView payload) const override;
  /// Gives every OBU a size field and leaves temporal delimiters out.
  bool assemble(std::span<const ByteView> media, EncodedVideoFrame& frame) override;
};

}  // namespace peerwire
