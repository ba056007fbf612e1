// A coded frame that leaves the engine for a while: through a transform of the application, or into a sink of coded
// frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace peerwire {

struct TappedFrame {
  /// By which it is given back.
  uint64_t token = 0;
  Bytes octets;
  bool is_keyframe = false;
  uint32_t rtp_timestamp = 0;
  uint32_t ssrc = 0;
  int payload_type = 0;
  std::string rid;
  int sequence_number = -1;  // of received sound
  int width = 0, height = 0;
  int temporal_index = 0;
  int spatial_index = 0;
  bool ends_picture = true;
  bool is_independent = false;
  int64_t frame_id = -1;  // -1: not known
  std::vector<int64_t> dependencies;
  int64_t timestamp_us = -1;    // of the picture itself
  double capture_time_ms = -1;  // Unix epoch
  /// From the clock of who captured it to the sender's, where that was said.
  std::optional<double> clock_offset_ms;
  double receive_time_ms = -1;
  std::vector<uint32_t> csrcs;
  int audio_level = -1;  // -dBov
};

/// A frame that a program has coded, and a sender sends.
struct PushedFrame {
  Bytes octets;
  bool is_keyframe = false;
  int64_t timestamp_us = 0;  // the RTP timestamp follows it
  int width = 0, height = 0, rotation = 0;
  int temporal_index = -1;      // -1: there are no layers
  std::string rid;              // empty: of the first encoding
  double capture_time_ms = -1;  // Unix epoch; -1: now
  int audio_level = -1;         // -dBov
};

/// A frame on its way back; what is not said is as it was.
struct WrittenFrame {
  uint64_t token = 0;
  Bytes octets;
  std::optional<uint32_t> rtp_timestamp;
  std::optional<uint8_t> audio_level;
  std::optional<double> capture_time_ms = std::nullopt;  // Unix epoch
};

}  // namespace peerwire
