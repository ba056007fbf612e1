#include "media/packetization/packetizer.h"

#include <algorithm>

#include "media/packetization/av1_packetizer.h"
#include "media/packetization/h264_packetizer.h"
#include "media/packetization/vp8_packetizer.h"
#include "media/packetization/vp9_packetizer.h"

namespace peerwire {

std::unique_ptr<Packetizer> Packetizer::create(const PacketizerSettings& settings) {
  switch (settings.codec) {
    case VideoCodec::kVp8:
      return std::make_unique<Vp8Packetizer>(settings);
    case VideoCodec::kVp9:
      return std::make_unique<Vp9Packetizer>(settings);
    case VideoCodec::kH264:
      return std::make_unique<H264Packetizer>(settings);
    case VideoCodec::kAv1:
      return std::make_unique<Av1Packetizer>(settings);
  }
  return nullptr;
}

std::vector<size_t> split_evenly(size_t size, const PayloadLimits& limits) {
  const size_t max = limits.max_payload_size;
  if (size == 0) return {};
  if (size + limits.single_packet_reduction <= max) return {size};
  if (max <= limits.first_packet_reduction || max <= limits.last_packet_reduction) return {};
  // Reductions are shared out as if they were payload: what the first packet cannot carry, all others carry more of.
  const size_t total = size + limits.first_packet_reduction + limits.last_packet_reduction;
  const size_t count = std::max<size_t>(2, (total + max - 1) / max);
  if (size < count) return {};
  std::vector<size_t> parts(count, total / count);
  for (size_t i = 0; i < total % count; ++i) ++parts[count - 1 - i];
  const auto take_off = [&](size_t index, size_t reduction) {
    // At least one octet stays; what cannot be taken off here, the neighbours' share is smaller by.
    const size_t taken = std::min(reduction, parts[index] - 1);
    parts[index] -= taken;
    for (size_t owed = reduction - taken; owed > 0; --owed) {
      *std::max_element(parts.begin(), parts.end()) -= 1;
    }
  };
  take_off(0, limits.first_packet_reduction);
  take_off(count - 1, limits.last_packet_reduction);
  return parts;
}

}  // namespace peerwire
