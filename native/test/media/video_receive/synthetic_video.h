// Frames that look like those of a codec to everything between encoder and decoder, and a decoder that knows what each
// of them needs.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "media/codec/video_codec.h"
#include "media/packetization/av1_bitstream.h"

namespace peerwire {

/// Numbers its frames; the number can be read from their octets.
class SyntheticEncoder {
 public:
  SyntheticEncoder(VideoCodec codec, int temporal_layers, uint32_t seed)
      : codec_(codec), layers_(temporal_layers), random_(seed) {}

  struct Frame {
    EncodedVideoFrame encoded;
    uint32_t number = 0;
    std::vector<uint32_t> references;
  };

  Frame encode(bool force_keyframe, uint32_t rtp_timestamp, size_t size) {
    static const int kPatterns[3][4] = {{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 2, 1, 2}};
    Frame out;
    out.number = next_number_++;
    EncodedVideoFrame& frame = out.encoded;
    frame.codec = codec_;
    frame.is_keyframe = force_keyframe || out.number == 0;
    if (frame.is_keyframe) position_ = 0;
    frame.temporal_layers = layers_;
    frame.temporal_index = kPatterns[layers_ - 1][position_++ % 4];
    const int layer = frame.temporal_index;
    frame.is_layer_sync = layer == layers_ - 1 ? last_[1] <= last_[0] || layer == 1 : layer > 0;
    if (!frame.is_keyframe) {
      // The nearest frame of a lower layer; the base layer its own.
      uint32_t reference = last_[0];
      if (layer == 2 && last_[1] > reference) reference = last_[1];
      out.references.push_back(reference);
    }
    if (frame.is_keyframe) {
      last_[0] = last_[1] = last_[2] = out.number;
    } else {
      last_[layer] = out.number;
    }
    frame.width = width;
    frame.height = height;
    frame.rtp_timestamp = rtp_timestamp;
    frame.data = make_data(out, std::max<size_t>(size, 64));
    return out;
  }

  int width = 640;
  int height = 360;

 private:
  Bytes body(uint32_t number, size_t size) {
    Bytes out(size);
    for (uint8_t& octet : out) octet = static_cast<uint8_t>(random_() | 0x80);
    for (int i = 0; i < 4; ++i) out[static_cast<size_t>(i)] = static_cast<uint8_t>(number >> (7 * i) | 0x80);
    return out;
  }
  Bytes make_data(const Frame& frame, size_t size) {
    const Bytes content = body(frame.number, size);
    const bool is_keyframe = frame.encoded.is_keyframe;
    Bytes out;
    const auto append = [&](const Bytes& octets) { out.insert(out.end(), octets.begin(), octets.end()); };
    switch (codec_) {
      case VideoCodec::kVp8:
        if (is_keyframe) {
          append({0x10, 0, 0, 0x9d, 1, 0x2a, static_cast<uint8_t>(width), static_cast<uint8_t>(width >> 8),
                  static_cast<uint8_t>(height), static_cast<uint8_t>(height >> 8)});
        } else {
          append({0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        }
        break;
      case VideoCodec::kVp9:
        append({static_cast<uint8_t>(is_keyframe ? 0x82 : 0x86), 0, 0, 0, 0, 0, 0, 0, 0, 0});
        break;
      case VideoCodec::kH264:
        if (is_keyframe) {
          append({0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0xc0,
                  0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80, 0,    0,    0,    1,    0x65, 0xb8});
        } else {
          append({0, 0, 0, 1, 0x41, 0xb8});
        }
        break;
      case VideoCodec::kAv1:
        if (is_keyframe) append({av1::kSequenceHeader << 3 | 2, 10, 0, 0, 0, 2, 0xa7, 0xfb, 0x3c, 0xf4, 4, 0x34});
        out.push_back(av1::kFrame << 3 | 2);
        av1::write_leb128(out, content.size() + 1);
        out.push_back(is_keyframe ? 0x10 : 0x30);
        break;
    }
    append(content);
    return out;
  }

  VideoCodec codec_;
  int layers_;
  std::mt19937 random_;
  uint32_t next_number_ = 0;
  uint32_t position_ = 0;
  uint32_t last_[3] = {0, 0, 0};
};

/// Knows what was sent, and checks what is received against it.
class SyntheticDecoder {
 public:
  void on_sent(const SyntheticEncoder::Frame& frame) { sent_[frame.encoded.data] = frame; }

  enum class Outcome { kGood, kUnknownContent, kOutOfOrder, kMissingReference };
  Outcome decode(const EncodedVideoFrame& frame) {
    const auto found = sent_.find(frame.data);
    if (found == sent_.end()) return Outcome::kUnknownContent;
    const SyntheticEncoder::Frame& sent = found->second;
    if (!decoded_.empty() && sent.number <= *decoded_.rbegin()) return Outcome::kOutOfOrder;
    for (const uint32_t reference : sent.references) {
      if (!decoded_.count(reference)) return Outcome::kMissingReference;
    }
    decoded_.insert(sent.number);
    return Outcome::kGood;
  }
  const std::set<uint32_t>& decoded() const { return decoded_; }
  size_t sent() const { return sent_.size(); }

 private:
  std::map<Bytes, SyntheticEncoder::Frame> sent_;
  std::set<uint32_t> decoded_;
};

}  // namespace peerwire
