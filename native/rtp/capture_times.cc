#include "rtp/capture_times.h"

#include <cstdlib>

namespace peerwire {
namespace {

constexpr int64_t kMaxDistanceS = 5;

}  // namespace

void CaptureTimes::on_packet(const RtpPacketView& packet, const RtpExtensionMap& map) {
  const auto value = packet.extension(map, RtpExtension::kAbsCaptureTime);
  if (!value) return;
  if (const auto time = decode_abs_capture_time(*value)) last_ = Said{packet.header().timestamp, *time};
}

std::optional<AbsCaptureTime> CaptureTimes::at(uint32_t rtp_timestamp, uint32_t clock_rate) const {
  if (!last_ || clock_rate == 0) return std::nullopt;
  const int64_t distance = static_cast<int32_t>(rtp_timestamp - last_->rtp_timestamp);
  if (std::abs(distance) > kMaxDistanceS * clock_rate) return std::nullopt;
  AbsCaptureTime time = last_->time;
  // Of 32.32 seconds; unsigned, as NTP's seconds wrap.
  time.ntp_time += static_cast<uint64_t>(distance * (int64_t{1} << 32) / clock_rate);
  return time;
}

}  // namespace peerwire
