// What the fuzzers of all depacketizers do: payloads of up to 255 octets, each behind its length.
#pragma once

#include <string_view>

#include "media/packetization/depacketizer.h"
#include "media/packetization/packetizer.h"

namespace peerwire {

inline void fuzz_depacketizer(VideoCodec codec, ByteView input) {
  const auto depacketizer = Depacketizer::create(
      codec, {reinterpret_cast<const char*>(input.data()), input.size() < 32 ? input.size() : size_t{32}});
  std::vector<ByteView> media;
  while (!input.empty()) {
    const size_t length = input[0] < input.size() - 1 ? input[0] : input.size() - 1;
    const auto description = depacketizer->parse(input.subspan(1, length));
    if (description) media.push_back(description->media);
    input = input.subspan(1 + length);
  }
  EncodedVideoFrame frame;
  frame.codec = codec;
  if (!depacketizer->assemble(media, frame)) return;
  const auto packetizer = Packetizer::create({.codec = codec});
  size_t limit = 100;
  for (const VideoPayload& each : packetizer->packetize(frame, {.max_payload_size = limit})) {
    if (each.payload.size() > limit || !depacketizer->parse(each.payload)) {
      // A unit of a type that RTP has taken for itself cannot be sent.
      if (codec != VideoCodec::kH264 || each.payload.size() > limit) __builtin_trap();
    }
  }
}

}  // namespace peerwire
