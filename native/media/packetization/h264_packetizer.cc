#include "media/packetization/h264_packetizer.h"

#include <algorithm>

#include "media/packetization/h264_bitstream.h"

namespace peerwire {
namespace {

constexpr size_t kNalHeaderSize = 1;
constexpr size_t kLengthSize = 2;
constexpr size_t kFuHeaderSize = 2;
constexpr size_t kMaxAggregatedNal = 0xffff;

/// What a packet may hold that is the `first` and the `last` one of its frame or not.
size_t room(const PayloadLimits& limits, bool first, bool last) {
  const size_t reduction = first && last ? limits.single_packet_reduction
                           : first       ? limits.first_packet_reduction
                           : last        ? limits.last_packet_reduction
                                         : 0;
  return limits.max_payload_size > reduction ? limits.max_payload_size - reduction : 0;
}

void append(Bytes& out, ByteView octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

/// https://www.rfc-editor.org/rfc/rfc6184#section-5.8
bool fragment(ByteView nal, const PayloadLimits& limits, bool first, bool last, std::vector<VideoPayload>& out) {
  PayloadLimits parts_limits;
  if (limits.max_payload_size <= kFuHeaderSize || nal.size() < kNalHeaderSize + 2) return false;
  parts_limits.max_payload_size = limits.max_payload_size - kFuHeaderSize;
  parts_limits.first_packet_reduction = first ? limits.first_packet_reduction : 0;
  parts_limits.last_packet_reduction = last ? limits.last_packet_reduction : 0;
  // One fragment alone is forbidden: even what would fit is cut.
  parts_limits.single_packet_reduction = parts_limits.max_payload_size;
  const ByteView body = nal.subspan(kNalHeaderSize);
  const std::vector<size_t> parts = split_evenly(body.size(), parts_limits);
  if (parts.size() < 2) return false;
  size_t offset = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    Bytes payload;
    payload.reserve(kFuHeaderSize + parts[i]);
    payload.push_back(static_cast<uint8_t>((nal[0] & 0xe0) | h264::kFuA));
    payload.push_back(
        static_cast<uint8_t>((i == 0 ? 0x80 : 0) | (i + 1 == parts.size() ? 0x40 : 0) | h264::nal_type(nal[0])));
    append(payload, body.subspan(offset, parts[i]));
    offset += parts[i];
    out.push_back({std::move(payload), false, false, {}});
  }
  return true;
}

/// https://www.rfc-editor.org/rfc/rfc6184#section-5.7.1
Bytes aggregate(std::span<const ByteView> units, size_t size) {
  Bytes payload;
  payload.reserve(size);
  // F and NRI: the highest of all.
  uint8_t reference = 0;
  uint8_t forbidden = 0;
  for (const ByteView unit : units) {
    reference = std::max<uint8_t>(reference, unit[0] & 0x60);
    forbidden |= unit[0] & 0x80;
  }
  payload.push_back(static_cast<uint8_t>(forbidden | reference | h264::kStapA));
  for (const ByteView unit : units) {
    payload.push_back(static_cast<uint8_t>(unit.size() >> 8));
    payload.push_back(static_cast<uint8_t>(unit.size()));
    append(payload, unit);
  }
  return payload;
}

}  // namespace

std::vector<VideoPayload> H264Packetizer::packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) {
  const std::vector<ByteView> units = h264::split_annex_b(frame.data);
  std::vector<VideoPayload> payloads;
  for (size_t i = 0; i < units.size();) {
    const bool first = i == 0;
    const bool is_last_unit = i + 1 == units.size();
    if (units[i].size() > room(limits, first, is_last_unit)) {
      if (single_nal_units_ || !fragment(units[i], limits, first, is_last_unit, payloads)) return {};
      ++i;
      continue;
    }
    size_t end = i + 1;
    size_t size = kNalHeaderSize + kLengthSize + units[i].size();
    if (!single_nal_units_) {
      while (end < units.size() && units[end].size() <= kMaxAggregatedNal &&
             size + kLengthSize + units[end].size() <= room(limits, first, end + 1 == units.size())) {
        size += kLengthSize + units[end].size();
        ++end;
      }
    }
    if (end - i > 1) {
      payloads.push_back({aggregate(std::span(units).subspan(i, end - i), size), false, false, {}});
    } else {
      payloads.push_back({Bytes(units[i].begin(), units[i].end()), false, false, {}});
    }
    i = end;
  }
  if (payloads.empty()) return {};
  payloads.front().is_first = true;
  payloads.back().is_last = true;
  return payloads;
}

}  // namespace peerwire
