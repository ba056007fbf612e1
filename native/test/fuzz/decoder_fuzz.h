// Pictures for decoders, made of a fuzzer's octets: foreign ones, and good ones that were patched, cut, or left out,
// whole or by layers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/good_pictures.h"

namespace peerwire::test {

/// Of all modes, one mode behind the other.
inline std::vector<GoodPicture> pictures_of_all_modes(VideoCodec codec) {
  std::vector<GoodPicture> pictures;
  for (const std::string_view mode : modes_of(codec)) {
    for (GoodPicture& picture : good_pictures(codec, mode, 8, 5)) pictures.push_back(std::move(picture));
  }
  return pictures;
}

/// Without the layers that have a bit in `left_out`, unless those are all.
inline EncodedVideoFrame join_without(const GoodPicture& picture, uint8_t left_out) {
  GoodPicture layers;
  for (size_t i = 0; i < picture.size(); i++) {
    if ((left_out >> i & 1) == 0) layers.push_back(picture[i]);
  }
  return join_layers(layers.empty() ? picture : std::move(layers));
}

/// Reads commands of the input; each gives the decoder one picture: what is done to it in two bits, which of the good
/// ones in six, and an octet for the layers that are left out. No more than a dozen: inputs stay quick.
inline void fuzz_decoder(VideoCodec codec, const uint8_t* octets, size_t size) {
  static const std::vector<GoodPicture> good = pictures_of_all_modes(codec);
  const auto decoder = VideoDecoder::create(codec, 1);
  if (!decoder) return;
  size_t at = 0;
  const auto next = [&] { return at < size ? octets[at++] : uint8_t{0}; };
  for (int count = 0; count < 12 && at < size; count++) {
    const uint8_t command = next();
    EncodedVideoFrame frame;
    frame.codec = codec;
    if (command % 4 == 0 || good.empty()) {
      const size_t length = std::min<size_t>(next() | next() << 8, size - at);
      frame.data.assign(octets + at, octets + at + length);
      at += length;
    } else {
      const GoodPicture& picture = good[command / 4 % good.size()];
      frame = join_without(picture, picture.size() > 1 ? next() : 0);
      if (command % 4 == 2) {
        for (int patches = next() % 8; patches >= 0; patches--) {
          const size_t where = (next() | next() << 8) % frame.data.size();
          frame.data[where] ^= next();
        }
      } else if (command % 4 == 3) {
        frame.data.resize((next() | next() << 8) % (frame.data.size() + 1));
      }
    }
    std::optional<VideoFrame> out;
    if (decoder->decode(frame, out) && out) {
      // Every row can be read.
      std::vector<uint8_t> packed(out->buffer->packed_size());
      out->buffer->copy_packed_to(packed.data());
    }
  }
}

}  // namespace peerwire::test
