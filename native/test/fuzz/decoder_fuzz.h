// Frames for decoders, made of a fuzzer's octets: foreign ones, and good ones that were patched, cut, or left out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/video_codec/moving_picture.h"

namespace peerwire::test {

/// A few small frames as our encoder makes them, so that a fuzzer without a corpus gets beyond the first header.
inline std::vector<EncodedVideoFrame> good_frames(VideoCodec codec) {
  VideoEncoderSettings settings;
  settings.codec = codec;
  settings.width = 64;
  settings.height = 48;
  settings.bitrate_bps = 200'000;
  settings.h264_profile = H264Profile::kConstrainedHigh;
  settings.scalability.temporal_layers = 2;
  const auto encoder = VideoEncoder::create(settings, nullptr);
  std::vector<EncodedVideoFrame> frames;
  for (int i = 0; encoder && i < 8; i++) {
    std::vector<EncodedVideoFrame> out;
    if (encoder->encode(moving_picture(64, 48, i), i == 5, out) && !out.empty())
      frames.push_back(std::move(out.front()));
  }
  return frames;
}

/// Reads commands of the input; each gives the decoder one frame. No more than a dozen: inputs stay quick.
inline void fuzz_decoder(VideoCodec codec, const uint8_t* octets, size_t size) {
  static const std::vector<EncodedVideoFrame> good = good_frames(codec);
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
      frame = good[command / 4 % good.size()];
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
