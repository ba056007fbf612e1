#include "rtp/header_extensions.h"

#include <algorithm>

#include "rtp/network_order.h"

namespace peerwire {
namespace {

constexpr uint32_t kAbsSendTimeMask = 0xFFFFFF;
constexpr int kAbsSendTimeFraction = 18;
constexpr int kPlayoutDelayStepMs = 10;
constexpr int kMaxPlayoutDelaySteps = 0xFFF;

}  // namespace

uint32_t to_abs_send_time(int64_t now_us) {
  const uint64_t within = static_cast<uint64_t>(now_us % kAbsSendTimeWrapUs + kAbsSendTimeWrapUs);
  return static_cast<uint32_t>(((within << kAbsSendTimeFraction) + 500'000) / 1'000'000) & kAbsSendTimeMask;
}

std::array<uint8_t, 3> encode_abs_send_time(int64_t now_us) {
  std::array<uint8_t, 3> value;
  write_u24(value.data(), to_abs_send_time(now_us));
  return value;
}

std::optional<uint32_t> decode_abs_send_time(ByteView value) {
  if (value.size() != 3) return std::nullopt;
  return read_u24(value.data());
}

int64_t abs_send_time_us(uint32_t abs_send_time) {
  const uint64_t scaled = static_cast<uint64_t>(abs_send_time & kAbsSendTimeMask) * 1'000'000;
  return static_cast<int64_t>((scaled + (1 << (kAbsSendTimeFraction - 1))) >> kAbsSendTimeFraction);
}

int64_t abs_send_time_difference_us(uint32_t later, uint32_t earlier) {
  const uint32_t forward = (later - earlier) & kAbsSendTimeMask;
  if (forward <= kAbsSendTimeMask / 2) return abs_send_time_us(forward);
  return -abs_send_time_us((earlier - later) & kAbsSendTimeMask);
}

bool stamp_abs_send_time(std::span<uint8_t> packet, const RtpExtensionMap& map, int64_t now_us) {
  return rewrite_extension(packet, map, RtpExtension::kAbsSendTime, encode_abs_send_time(now_us));
}

std::array<uint8_t, 2> encode_transport_sequence_number(uint16_t number) {
  std::array<uint8_t, 2> value;
  write_u16(value.data(), number);
  return value;
}

std::optional<uint16_t> decode_transport_sequence_number(ByteView value) {
  if (value.size() != 2 && value.size() != 4) return std::nullopt;
  return read_u16(value.data());
}

bool stamp_transport_sequence_number(std::span<uint8_t> packet, const RtpExtensionMap& map, uint16_t number) {
  return rewrite_extension(packet, map, RtpExtension::kTransportWideSequenceNumber,
                           encode_transport_sequence_number(number));
}

std::array<uint8_t, 1> encode_audio_level(AudioLevel level) {
  return {static_cast<uint8_t>((level.has_voice ? 0x80 : 0) | std::min(level.level, kSilentAudioLevel))};
}

std::optional<AudioLevel> decode_audio_level(ByteView value) {
  if (value.size() != 1) return std::nullopt;
  return AudioLevel{(value[0] & 0x80) != 0, static_cast<uint8_t>(value[0] & 0x7F)};
}

std::optional<CsrcAudioLevels> decode_csrc_audio_levels(ByteView value) {
  CsrcAudioLevels levels;
  if (value.empty() || value.size() > levels.levels.size()) return std::nullopt;
  for (const uint8_t octet : value) levels.levels[levels.count++] = octet & 0x7F;
  return levels;
}

std::array<uint8_t, 1> encode_video_orientation(VideoOrientation orientation) {
  return {static_cast<uint8_t>((orientation.is_back_camera ? 8 : 0) | (orientation.is_flipped ? 4 : 0) |
                               (orientation.rotation / 90 & 3))};
}

std::optional<VideoOrientation> decode_video_orientation(ByteView value) {
  if (value.size() != 1) return std::nullopt;
  return VideoOrientation{(value[0] & 3) * 90, (value[0] & 4) != 0, (value[0] & 8) != 0};
}

std::array<uint8_t, 3> encode_playout_delay(PlayoutDelay delay) {
  const auto steps = [](int ms) {
    return static_cast<uint32_t>(std::clamp(ms / kPlayoutDelayStepMs, 0, kMaxPlayoutDelaySteps));
  };
  std::array<uint8_t, 3> value;
  write_u24(value.data(), steps(delay.min_ms) << 12 | steps(delay.max_ms));
  return value;
}

std::optional<PlayoutDelay> decode_playout_delay(ByteView value) {
  if (value.size() != 3) return std::nullopt;
  const uint32_t both = read_u24(value.data());
  const PlayoutDelay delay{static_cast<int>(both >> 12) * kPlayoutDelayStepMs,
                           static_cast<int>(both & 0xFFF) * kPlayoutDelayStepMs};
  if (delay.min_ms > delay.max_ms) return std::nullopt;
  return delay;
}

std::array<uint8_t, kAbsCaptureTimeSize> encode_abs_capture_time(const AbsCaptureTime& time) {
  std::array<uint8_t, kAbsCaptureTimeSize> value;
  write_u64(value.data(), time.ntp_time);
  write_u64(value.data() + 8, static_cast<uint64_t>(time.clock_offset.value_or(0)));
  return value;
}

std::optional<AbsCaptureTime> decode_abs_capture_time(ByteView value) {
  if (value.size() != 8 && value.size() != kAbsCaptureTimeSize) return std::nullopt;
  AbsCaptureTime time;
  time.ntp_time = read_u64(value.data());
  if (value.size() == kAbsCaptureTimeSize) time.clock_offset = static_cast<int64_t>(read_u64(value.data() + 8));
  return time;
}

std::optional<std::string_view> decode_stream_text(ByteView value) {
  const auto end = std::find(value.begin(), value.end(), uint8_t{0});
  const auto size = static_cast<size_t>(end - value.begin());
  if (size == 0) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(value.data()), size);
}

}  // namespace peerwire
