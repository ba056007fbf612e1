// What negotiation and the application say of the streams of one media section: plain values, made whole anew for each
// change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/codec/audio_codec.h"
#include "media/codec/video_codec.h"
#include "media/codec_registry.h"
#include "media/congestion_control/congestion_types.h"
#include "media/send/bitrate_allocator.h"
#include "rtp/rtp_packet.h"

namespace peerwire {

constexpr uint32_t kVideoClockRate = 90'000;

/// RTCP feedback that was negotiated for a codec.
struct FeedbackParameters {
  bool nack = false;
  bool pli = false;
  bool fir = false;
  bool remb = false;
  bool transport_cc = false;
  bool operator==(const FeedbackParameters&) const = default;
};

/// A codec that an encoding is sent with.
struct SendCodecParameters {
  uint8_t payload_type = 0;
  uint32_t clock_rate = kVideoClockRate;
  int rtx_payload_type = -1;  // -1: nothing is sent again as RTX
  FeedbackParameters feedback;
  // Video.
  VideoCodec video = VideoCodec::kVp8;
  H264Profile h264_profile = H264Profile::kConstrainedBaseline;
  bool single_nal_units = false;  // packetization mode 0
  // Audio.
  AudioEncoderSettings audio;
  int red_payload_type = -1;
  int comfort_noise_payload_type = -1;  // with the codec's clock rate; -1: silence is coded as sound
};

/// One of [[SendEncodings]], with what was negotiated for it.
struct EncodingParameters {
  std::string rid;  // empty: none
  uint32_t ssrc = 0;
  uint32_t rtx_ssrc = 0;
  bool active = true;
  SendCodecParameters codec;
  uint32_t max_bitrate_bps = 0;  // 0: as much as is useful
  double max_framerate = -1;     // negative: as captured; 0: no frames
  double scale_down_by = 1;      // 1 or more
  int max_width = 0;             // scaleResolutionDownTo; 0: not used
  int max_height = 0;
  int max_macroblocks = 0;  // of 16 by 16 pixels, that the peer's decoder takes; 0: any number
  BitratePriority priority = BitratePriority::kLow;
  ScalabilityMode scalability;
};

enum class DegradationPreference { kBalanced, kMaintainFramerate, kMaintainResolution, kDisabled };

/// RFC 4733, for DTMF.
struct TelephoneEventParameters {
  int payload_type = -1;  // -1: not negotiated
  uint32_t clock_rate = 48000;
};

struct SendParameters {
  std::string mid;
  std::string cname;
  bool active = false;  // the direction sends
  bool reduced_size_rtcp = false;
  RtpExtensionMap extensions;
  uint32_t max_bitrate_bps = 0;  // of the section, as the peer wants it (b=TIAS); 0: not said
  congestion::EstimateWishes estimate_wishes;
  std::vector<EncodingParameters> encodings;
  DegradationPreference degradation = DegradationPreference::kBalanced;
  bool is_detail = false;  // contentHint "detail" or "text"
  TelephoneEventParameters telephone_event;
};

/// A payload type that may come in.
struct ReceiveCodecParameters {
  enum class Kind { kVideo, kAudio, kRtx, kRed, kComfortNoise, kTelephoneEvent };
  uint8_t payload_type = 0;
  Kind kind = Kind::kVideo;
  uint32_t clock_rate = kVideoClockRate;
  int channels = 1;
  int associated_payload_type = -1;  // kRtx: apt
  FeedbackParameters feedback;
  VideoCodec video = VideoCodec::kVp8;
  std::string parameter_sets;  // H.264 sprop-parameter-sets
  AudioCodec audio = AudioCodec::kOpus;
  bool operator==(const ReceiveCodecParameters&) const = default;
};

struct ReceiveParameters {
  std::string mid;
  bool active = false;  // the direction receives
  bool reduced_size_rtcp = false;
  RtpExtensionMap extensions;
  std::vector<ReceiveCodecParameters> codecs;
  std::vector<std::string> rids;
  struct Source {
    uint32_t ssrc = 0;
    std::string cname;
    bool operator==(const Source&) const = default;
  };
  std::vector<Source> sources;  // a=ssrc
  struct SourcePair {
    uint32_t ssrc = 0;
    uint32_t rtx_ssrc = 0;
    bool operator==(const SourcePair&) const = default;
  };
  std::vector<SourcePair> retransmission_groups;  // a=ssrc-group:FID
  /// What is to be played in sync with other sections of the same group (a=msid); empty: nothing.
  std::string sync_group;
  bool operator==(const ReceiveParameters&) const = default;
};

}  // namespace peerwire
