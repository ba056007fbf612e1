// From an encoded frame to the payloads of its RTP packets. One object a stream: it counts pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "media/codec/video_codec.h"

namespace peerwire {

/// How large a payload may be. Reductions are for header extensions that only some packets carry.
struct PayloadLimits {
  size_t max_payload_size = 1200;
  size_t first_packet_reduction = 0;
  size_t last_packet_reduction = 0;
  /// Of a frame that fits one packet, which is first and last at once.
  size_t single_packet_reduction = 0;
};

struct PacketizerSettings {
  VideoCodec codec = VideoCodec::kVp8;
  /// H.264 packetization-mode=0.
  bool single_nal_units = false;
  /// Where the picture identifiers, the TL0PICIDX and the frame numbers of the dependency descriptor begin: at random,
  /// and a stream that follows another on its SSRC goes on from where that one was.
  uint16_t first_picture_id = 0;
  uint8_t first_tl0_index = 0;
};

/// What goes into one packet.
struct VideoPayload {
  Bytes payload;
  bool is_first = false;
  bool is_last = false;  // the marker bit
  /// AV1: the value of the header extension. `PayloadLimits` have to leave room for kMinDependencyDescriptorSize octets
  /// of it in every packet; the packetizer takes off what more there is.
  Bytes dependency_descriptor;
};

inline constexpr size_t kMinDependencyDescriptorSize = 3;

class Packetizer {
 public:
  virtual ~Packetizer() = default;
  static std::unique_ptr<Packetizer> create(const PacketizerSettings& settings);

  /// In order of sending; empty when the frame cannot be sent: it holds nothing, or, H.264 in mode 0, a NAL unit that
  /// is larger than a packet.
  virtual std::vector<VideoPayload> packetize(const EncodedVideoFrame& frame, const PayloadLimits& limits) = 0;
};

/// `size` octets in as few parts as the limits allow, of about equal size. Empty when they cannot be split: no room.
std::vector<size_t> split_evenly(size_t size, const PayloadLimits& limits);

}  // namespace peerwire
