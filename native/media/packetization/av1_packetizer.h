// AV1 payloads: https://aomediacodec.github.io/av1-rtp-spec/#44-av1-aggregation-header
#pragma once

#include "media/packetization/av1_bitstream.h"
#include "media/packetization/dependency_descriptor_writer.h"
#include "media/packetization/packetizer.h"

namespace peerwire {

class Av1Packetizer final : public Packetizer {
 public:
  explicit Av1Packetizer(const PacketizerSettings& settings) : descriptors_(settings.first_picture_id) {}
  std::vector<VideoPayload> packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) override;

 private:
  DependencyDescriptorWriter descriptors_;
};

}  // namespace peerwire
