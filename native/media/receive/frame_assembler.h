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

/// What a layer of a picture refers to, where the packets tell (dependency descriptor, VP9 in flexible mode);
/// unwrapped.
struct FrameDependencies {
  int64_t number = -1;  // as which later frames refer to it; -1: not known
  std::vector<int64_t> references;
};

/// A spatial layer above the lowest one of its picture.
struct UpperLayer {
  EncodedVideoFrame frame;
  std::optional<FrameDependencies> dependencies;
};

/// A whole picture, and what tells if it can be decoded.
struct AssembledFrame {
  /// Its lowest layer that came, and what concerns the picture as a whole.
  EncodedVideoFrame frame;
  std::vector<UpperLayer> upper;
  int64_t first_sequence = 0;
  int64_t last_sequence = 0;
  int64_t timestamp = 0;  // unwrapped
  uint8_t payload_type = 0;
  size_t packets = 0;
  bool has_repaired_packets = false;
  /// Its packets do not make a picture.
  bool is_damaged = false;
  /// Layers above are not whole, and will not be waited for.
  bool is_partial = false;
  /// The rest of a picture that was released without it.
  bool is_remainder = false;
  std::optional<FrameDependencies> dependencies;  // of the lowest layer
  std::optional<uint8_t> tl0_index;
  std::optional<uint32_t> playout_delay;
  /// When it is due, once that was reckoned.
  std::optional<int64_t> render_time_us;

  size_t octets() const;
};

class FrameAssembler {
 public:
  /// The depacketizer of a payload type; null: none any more.
  using FindDepacketizer = std::function<Depacketizer*(uint8_t payload_type, VideoCodec& codec)>;
  FrameAssembler(PacketBuffer& packets, FindDepacketizer find) : packets_(packets), find_(std::move(find)) {}

  /// After the packet with this number was inserted: the frames that are whole because of it, at most three.
  void on_inserted(int64_t sequence, std::vector<AssembledFrame>& out);
  /// Of the picture that begins with this packet, the layers from the lowest on that are whole, as a copy. Nothing if
  /// there are none, or if it is not known to begin there.
  std::optional<AssembledFrame> lower_layers(int64_t first);
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
  /// One layer, out of all its packets. False: they make no frame.
  bool build_layer(int64_t first, int64_t last, EncodedVideoFrame& frame);
  std::optional<FrameDependencies> dependencies_of(const BufferedPacket& packet);
  int64_t end_of_layer(int64_t first, int64_t last) const;

  PacketBuffer& packets_;
  const FindDepacketizer find_;
  NumberUnwrapper numbers_;
  std::vector<ByteView> media_;
};

}  // namespace peerwire
