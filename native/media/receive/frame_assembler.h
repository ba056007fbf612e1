// Frames from packets: which packets make a frame, and whether all of them are there.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/receive/packet_buffer.h"

namespace peerwire {

/// A whole frame, and what tells if it can be decoded.
struct AssembledFrame {
  EncodedVideoFrame frame;
  int64_t first_sequence = 0;
  int64_t last_sequence = 0;
  int64_t timestamp = 0;  // unwrapped
  uint8_t payload_type = 0;
  size_t packets = 0;
  bool has_repaired_packets = false;
  /// Its packets do not make a picture.
  bool is_damaged = false;
  /// As which later frames refer to it, and what it refers to, where the packets tell (dependency descriptor, VP9 in
  /// flexible mode); unwrapped. One a spatial layer.
  std::vector<int64_t> numbers;
  std::vector<int64_t> references;
  bool has_references = false;
  std::optional<uint8_t> tl0_index;
  std::optional<uint32_t> playout_delay;
  /// When it is due, once that was reckoned.
  std::optional<int64_t> render_time_us;
};

class FrameAssembler {
 public:
  /// The depacketizer of a payload type; null: none any more.
  using FindDepacketizer = std::function<Depacketizer*(uint8_t payload_type, VideoCodec& codec)>;
  FrameAssembler(PacketBuffer& packets, FindDepacketizer find) : packets_(packets), find_(std::move(find)) {}

  /// After the packet with this number was inserted: the frames that are whole because of it, at most three.
  void on_inserted(int64_t sequence, std::vector<AssembledFrame>& out);
  /// Another stream begins.
  void reset();

 private:
  struct NumberUnwrapper {
    int bits = 0;
    int64_t last = 0;
    int64_t unwrap(uint16_t value, int value_bits);
  };

  void try_frame_with(int64_t sequence, std::vector<AssembledFrame>& out);
  AssembledFrame build(int64_t first, int64_t last);
  void add_dependencies(const BufferedPacket& packet, AssembledFrame& frame);

  PacketBuffer& packets_;
  const FindDepacketizer find_;
  NumberUnwrapper numbers_;
  std::vector<ByteView> media_;
};

}  // namespace peerwire
