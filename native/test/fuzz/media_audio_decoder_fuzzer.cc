// Any octets are sound to a decoder or are refused: what a packet claims to last is what it decodes to.
#include <algorithm>

#include "media/codec/audio_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  if (size < 1) return 0;
  constexpr AudioCodec kCodecs[] = {AudioCodec::kOpus, AudioCodec::kPcmu, AudioCodec::kPcma, AudioCodec::kG722};
  const auto decoder = AudioDecoder::create(kCodecs[octets[0] & 3], octets[0] & 4 ? 2 : 1);
  if (!decoder) return 0;
  std::vector<int16_t> out;
  size_t at = 1;
  while (at < size) {
    // Packets of lengths that the input chooses; 255: a loss.
    const uint8_t length = octets[at++];
    out.clear();
    if (length == 255) {
      static_cast<void>(decoder->conceal(480, out));
      continue;
    }
    const ByteView packet(octets + at, std::min<size_t>(length, size - at));
    at += packet.size();
    const int frames = decoder->packet_frames(packet);
    if (frames > 5760 || frames == 0) __builtin_trap();
    static_cast<void>(decoder->is_dtx(packet));
    const size_t restorable = decoder->fec_frames(packet);
    if (restorable > 0 && decoder->decode_fec(packet, restorable, out) &&
        out.size() != restorable * static_cast<size_t>(decoder->channels())) {
      __builtin_trap();
    }
    out.clear();
    if (length & 1) decoder->prepare(packet);
    const bool is_decoded = decoder->decode(packet, out);
    if (is_decoded && out.size() != static_cast<size_t>(frames) * static_cast<size_t>(decoder->channels())) {
      __builtin_trap();
    }
    if (!is_decoded && !out.empty()) __builtin_trap();
  }
  return 0;
}
