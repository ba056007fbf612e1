// What this build can encode, decode and put into RTP: the one list that capabilities, offers and answers are made of.
// A codec that the build leaves out (CMake: PEERWIRE_WITHOUT_CODECS) is missing here, and therefore everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace peerwire {

enum class MediaKind { kAudio, kVideo };

/// One payload format, as RTCRtpCodec tells of it. RTX, RED, telephone-event and CN count, too.
struct RtpCodecCapability {
  std::string mime_type;  // "video/VP8"
  uint32_t clock_rate = 0;
  uint16_t channels = 0;  // 0: not told, for video
  std::string fmtp;       // of a=fmtp; empty: none
  bool can_send = true;
  bool can_receive = true;
  std::vector<std::string> rtcp_feedback;  // of a=rtcp-fb: "nack pli"
  /// Offered where it is free. That of a codec's RTX is the next one.
  uint8_t preferred_payload_type = 0;
  /// What the encoder can do of https://w3c.github.io/webrtc-svc/#scalabilitymodes*; the first one is its default.
  std::vector<std::string> scalability_modes;
};

struct RtpHeaderExtensionCapability {
  std::string uri;
  uint8_t preferred_id = 0;  // 1 to 14; the same in audio and video, as bundles want it
  bool can_send = true;
  bool can_receive = true;
  bool is_offered = true;     // unless the application asks for something else
  bool is_mandatory = false;  // and then it cannot
};

struct MediaCapabilities {
  std::vector<RtpCodecCapability> codecs;  // best first
  std::vector<RtpHeaderExtensionCapability> header_extensions;
  uint32_t max_encodings = 1;  // of one sender, at once
};

/// The same for the whole life of the process. Any thread may ask.
const MediaCapabilities& media_capabilities(MediaKind kind);

}  // namespace peerwire
