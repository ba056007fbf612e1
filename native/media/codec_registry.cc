#include "media/codec_registry.h"

#include "media/codec/scalability_mode.h"

namespace peerwire {
namespace {

// The build options, and nowhere else.
#ifdef PEERWIRE_WITHOUT_OPUS
constexpr bool kHasOpus = false;
#else
constexpr bool kHasOpus = true;
#endif
#ifdef PEERWIRE_WITHOUT_G722
constexpr bool kHasG722 = false;
#else
constexpr bool kHasG722 = true;
#endif
#ifdef PEERWIRE_WITHOUT_G711
constexpr bool kHasG711 = false;
#else
constexpr bool kHasG711 = true;
#endif
#ifdef PEERWIRE_WITHOUT_VP8
constexpr bool kHasVp8 = false;
#else
constexpr bool kHasVp8 = true;
#endif
#ifdef PEERWIRE_WITHOUT_VP9
constexpr bool kHasVp9 = false;
#else
constexpr bool kHasVp9 = true;
#endif
#ifdef PEERWIRE_WITHOUT_H264
constexpr bool kHasH264 = false;
#else
constexpr bool kHasH264 = true;
#endif
#ifdef PEERWIRE_WITHOUT_AV1
constexpr bool kHasAv1 = false;
#else
constexpr bool kHasAv1 = true;
#endif

RtpCodecCapability audio(const char* name, uint32_t clock_rate, uint16_t channels, uint8_t payload_type) {
  RtpCodecCapability codec;
  codec.mime_type = std::string("audio/") + name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.preferred_payload_type = payload_type;
  return codec;
}

RtpCodecCapability video(const char* name, uint8_t payload_type, const char* fmtp = "") {
  RtpCodecCapability codec;
  codec.mime_type = std::string("video/") + name;
  codec.clock_rate = 90000;
  codec.fmtp = fmtp;
  codec.rtcp_feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"};
  codec.preferred_payload_type = payload_type;
  codec.scalability_modes = scalability_mode_names(false);
  return codec;
}

RtpCodecCapability rtx(uint8_t payload_type) {
  RtpCodecCapability codec;
  codec.mime_type = "video/rtx";
  codec.clock_rate = 90000;
  codec.preferred_payload_type = payload_type;
  return codec;
}

std::vector<RtpCodecCapability> audio_codecs() {
  std::vector<RtpCodecCapability> codecs;
  if (kHasOpus) {
    codecs.push_back(audio("opus", 48000, 2, 111));
    codecs.back().fmtp = "minptime=10;useinbandfec=1";
    codecs.back().rtcp_feedback = {"transport-cc"};
    codecs.push_back(audio("red", 48000, 2, 63));
  }
  if (kHasG722) codecs.push_back(audio("G722", 8000, 1, 9));
  if (kHasG711) {
    codecs.push_back(audio("PCMU", 8000, 1, 0));
    codecs.push_back(audio("PCMA", 8000, 1, 8));
  }
  if (kHasG722 || kHasG711) codecs.push_back(audio("CN", 8000, 1, 13));
  if (kHasOpus) codecs.push_back(audio("telephone-event", 48000, 1, 110));
  if (kHasG722 || kHasG711) codecs.push_back(audio("telephone-event", 8000, 1, 126));
  return codecs;
}

std::vector<RtpCodecCapability> video_codecs() {
  std::vector<RtpCodecCapability> codecs;
  if (kHasVp8) codecs.push_back(video("VP8", 96));
  if (kHasVp8 || kHasVp9 || kHasH264 || kHasAv1) codecs.push_back(rtx(97));
  if (kHasVp9) {
    codecs.push_back(video("VP9", 98, "profile-id=0"));
    codecs.back().scalability_modes = scalability_mode_names(true);
  }
  if (kHasH264) {
    // Constrained baseline (RFC 7742 wants it), baseline, main, constrained high, high, each at level 3.1 or more. What
    // the encoder makes is in the constrained subset of either.
    codecs.push_back(video("H264", 106, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"));
    codecs.push_back(video("H264", 108, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"));
    codecs.push_back(video("H264", 102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"));
    codecs.push_back(video("H264", 104, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f"));
    codecs.push_back(video("H264", 120, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"));
    codecs.push_back(video("H264", 122, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f"));
    codecs.push_back(video("H264", 112, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"));
    codecs.push_back(video("H264", 114, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=640c1f"));
    codecs.push_back(video("H264", 116, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"));
    codecs.push_back(video("H264", 118, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=64001f"));
  }
  if (kHasAv1) {
    codecs.push_back(video("AV1", 45, "level-idx=5;profile=0;tier=0"));
    codecs.back().scalability_modes = scalability_mode_names(true);
  }
  return codecs;
}

RtpHeaderExtensionCapability extension(const char* uri, uint8_t id) {
  RtpHeaderExtensionCapability capability;
  capability.uri = uri;
  capability.preferred_id = id;
  return capability;
}

/// Those of both kinds. RFC 8843 section 9.1: mid is to be used in bundles.
void add_common_extensions(std::vector<RtpHeaderExtensionCapability>& extensions) {
  extensions.push_back(extension("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", 2));
  extensions.push_back(extension("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", 3));
  extensions.push_back(extension("urn:ietf:params:rtp-hdrext:sdes:mid", 4));
  extensions.back().is_mandatory = true;
  extensions.push_back(extension("http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", 7));
  extensions.back().is_offered = false;
}

std::vector<RtpHeaderExtensionCapability> audio_extensions() {
  std::vector<RtpHeaderExtensionCapability> extensions;
  extensions.push_back(extension("urn:ietf:params:rtp-hdrext:ssrc-audio-level", 1));
  add_common_extensions(extensions);
  // From mixers only; we are none.
  extensions.push_back(extension("urn:ietf:params:rtp-hdrext:csrc-audio-level", 6));
  extensions.back().can_send = false;
  return extensions;
}

std::vector<RtpHeaderExtensionCapability> video_extensions() {
  std::vector<RtpHeaderExtensionCapability> extensions;
  extensions.push_back(extension("urn:3gpp:video-orientation", 13));
  add_common_extensions(extensions);
  extensions.push_back(extension("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", 5));
  extensions.push_back(extension("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", 10));
  extensions.push_back(extension("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", 11));
  if (kHasAv1) {
    extensions.push_back(
        extension("https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", 12));
  }
  return extensions;
}

}  // namespace

const MediaCapabilities& media_capabilities(MediaKind kind) {
  static const MediaCapabilities audio_capabilities{audio_codecs(), audio_extensions(), 1};
  static const MediaCapabilities video_capabilities{video_codecs(), video_extensions(), 3};
  return kind == MediaKind::kAudio ? audio_capabilities : video_capabilities;
}

}  // namespace peerwire
