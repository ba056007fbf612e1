// Streams of TURN servers and of ICE peers: whatever comes, in whatever pieces, frames are the same as in one piece.
#include <cstdint>
#include <vector>

#include "net/frame_reader.h"
#include "transport/ice/turn_framing.h"

using namespace peerwire;

namespace {

struct Result {
  std::vector<Bytes> frames;
  bool framed = true;
  bool operator==(const Result&) const = default;
};

Result read(FrameReader::Measure measure, ByteView stream, size_t piece) {
  Result result;
  FrameReader reader(measure);
  while (!stream.empty() && result.framed) {
    const ByteView octets = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(octets.size());
    result.framed = reader.read(octets, [&](ByteView frame) {
      if (measure(frame).kind != FrameLength::Kind::kKnown || measure(frame).size != frame.size()) __builtin_trap();
      result.frames.emplace_back(frame.begin(), frame.end());
      return true;
    });
    if (reader.pending() > kMaxFramedPacket + 32) __builtin_trap();
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  if (size < 2) return 0;
  const auto measure = octets[0] % 2 ? measure_packet_frame : ice::measure_turn_frame;
  const ByteView stream(octets + 2, size - 2);
  if (read(measure, stream, size_t{1} + octets[1]) != read(measure, stream, size)) __builtin_trap();
  return 0;
}
