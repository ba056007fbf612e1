// Values of RTP header extensions. Decoders answer nullopt for octets that the extension's specification does not
// allow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

// abs-send-time: seconds as 6.18 fixed point, which wraps every 64 s.
// https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-send-time

constexpr int64_t kAbsSendTimeWrapUs = 64'000'000;
uint32_t to_abs_send_time(int64_t now_us);
std::array<uint8_t, 3> encode_abs_send_time(int64_t now_us);
std::optional<uint32_t> decode_abs_send_time(ByteView value);
/// Within its 64 s.
int64_t abs_send_time_us(uint32_t abs_send_time);
/// What lies between two of them, less than 32 s in either direction.
int64_t abs_send_time_difference_us(uint32_t later, uint32_t earlier);
/// In a packet that was serialized with the extension in it. False: it has none.
bool stamp_abs_send_time(std::span<uint8_t> packet, const RtpExtensionMap& map, int64_t now_us);

// Transport-wide sequence number, draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2. Of the second version
// (four octets) the number is read and the request for feedback is not.

std::array<uint8_t, 2> encode_transport_sequence_number(uint16_t number);
std::optional<uint16_t> decode_transport_sequence_number(ByteView value);
bool stamp_transport_sequence_number(std::span<uint8_t> packet, const RtpExtensionMap& map, uint16_t number);

// Audio levels, https://datatracker.ietf.org/doc/html/rfc6464#section-3 and
// https://datatracker.ietf.org/doc/html/rfc6465#section-3

constexpr uint8_t kSilentAudioLevel = 127;
struct AudioLevel {
  bool has_voice = false;
  uint8_t level = kSilentAudioLevel;  // -dBov: 0 is the loudest, 127 silence
  bool operator==(const AudioLevel&) const = default;
};
std::array<uint8_t, 1> encode_audio_level(AudioLevel level);
std::optional<AudioLevel> decode_audio_level(ByteView value);
/// One for each CSRC of the packet, in its order.
struct CsrcAudioLevels {
  std::array<uint8_t, 15> levels{};  // -dBov
  size_t count = 0;
};
std::optional<CsrcAudioLevels> decode_csrc_audio_levels(ByteView value);

// Coordination of video orientation, 3GPP TS 26.114 section 7.4.5.

struct VideoOrientation {
  int rotation = 0;  // 0, 90, 180 or 270: degrees clockwise by which the receiver turns the picture
  bool is_flipped = false;
  bool is_back_camera = false;
  bool operator==(const VideoOrientation&) const = default;
};
std::array<uint8_t, 1> encode_video_orientation(VideoOrientation orientation);
std::optional<VideoOrientation> decode_video_orientation(ByteView value);

// Playout delay, in steps of 10 ms up to 40,950 ms.
// https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/playout-delay

struct PlayoutDelay {
  int min_ms = 0;
  int max_ms = 0;
  bool operator==(const PlayoutDelay&) const = default;
};
std::array<uint8_t, 3> encode_playout_delay(PlayoutDelay delay);
std::optional<PlayoutDelay> decode_playout_delay(ByteView value);

// Absolute capture time.
// https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-capture-time

struct AbsCaptureTime {
  uint64_t ntp_time = 0;  // 32.32 s since 1900, by the clock of who captured it
  /// From that clock to the sender's, in 32.32 s; nullopt: the sender does not know.
  std::optional<int64_t> clock_offset;
  bool operator==(const AbsCaptureTime&) const = default;
};
constexpr size_t kAbsCaptureTimeSize = 16;
/// With the offset, be it 0.
std::array<uint8_t, kAbsCaptureTimeSize> encode_abs_capture_time(const AbsCaptureTime& time);
std::optional<AbsCaptureTime> decode_abs_capture_time(ByteView value);

/// The text of mid, rid and repaired-rid (RFC 8843 section 15, RFC 8852). Zero octets end it, as browsers allow; an
/// empty text is none.
std::optional<std::string_view> decode_stream_text(ByteView value);

}  // namespace peerwire
