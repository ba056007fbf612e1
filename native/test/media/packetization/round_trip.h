// A frame through a packetizer and back through a depacketizer.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "media/packetization/depacketizer.h"
#include "media/packetization/packetizer.h"

namespace peerwire {

inline Bytes random_octets(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes out(size);
  for (uint8_t& octet : out) octet = static_cast<uint8_t>(random());
  return out;
}

/// Octets that hold no start code.
inline Bytes octets_without_zeros(size_t size, uint32_t seed) {
  Bytes out = random_octets(size, seed);
  for (uint8_t& octet : out) octet |= 0x80;
  return out;
}

inline std::vector<PayloadDescription> describe(const Depacketizer& depacketizer,
                                                const std::vector<VideoPayload>& payloads) {
  std::vector<PayloadDescription> out;
  for (const VideoPayload& each : payloads) {
    auto description = depacketizer.parse(each.payload);
    EXPECT_TRUE(description.has_value());
    if (description) out.push_back(*description);
  }
  return out;
}

inline std::optional<EncodedVideoFrame> assemble(Depacketizer& depacketizer,
                                                 const std::vector<VideoPayload>& payloads) {
  std::vector<ByteView> media;
  for (const PayloadDescription& each : describe(depacketizer, payloads)) media.push_back(each.media);
  EncodedVideoFrame frame;
  if (!depacketizer.assemble(media, frame)) return std::nullopt;
  return frame;
}

/// Limits kept, first and last told right, sizes about equal.
inline void expect_fits(const std::vector<VideoPayload>& payloads, const PayloadLimits& limits) {
  ASSERT_FALSE(payloads.empty());
  for (size_t i = 0; i < payloads.size(); ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == payloads.size();
    EXPECT_EQ(payloads[i].is_first, first);
    EXPECT_EQ(payloads[i].is_last, last);
    const size_t reduction = first && last ? limits.single_packet_reduction
                             : first       ? limits.first_packet_reduction
                             : last        ? limits.last_packet_reduction
                                           : 0;
    EXPECT_LE(payloads[i].payload.size() + reduction, limits.max_payload_size) << i << " of " << payloads.size();
  }
}

}  // namespace peerwire
