#include "media/codec/opus_decoder.h"

#ifndef PEERWIRE_WITHOUT_OPUS

#include <opus.h>

#include <algorithm>

namespace peerwire {
namespace {

constexpr int kSampleRate = 48000;
constexpr size_t kMaxFrames = 5760;   // 120 ms
constexpr size_t kGranularity = 120;  // concealment comes in multiples of 2.5 ms

struct Destroy {
  void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

class OpusStreamDecoder final : public AudioDecoder {
 public:
  OpusStreamDecoder(std::unique_ptr<OpusDecoder, Destroy> decoder, int channels)
      : decoder_(std::move(decoder)), decoded_channels_(channels) {}

  int sample_rate() const override { return kSampleRate; }
  int channels() const override { return is_stereo_ ? 2 : 1; }
  void prepare(ByteView packet) override {
    if (decoded_channels_ == 2 && !packet.empty() && opus_packet_get_nb_channels(packet.data()) == 2) is_stereo_ = true;
  }
  int rtp_clock_rate() const override { return kSampleRate; }

  int packet_frames(ByteView packet) const override {
    if (packet.empty()) return -1;
    const int frames = opus_packet_get_nb_samples(packet.data(), static_cast<opus_int32>(packet.size()), kSampleRate);
    return frames > 0 ? frames : -1;
  }

  bool decode(ByteView packet, std::vector<int16_t>& out) override {
    return !packet.empty() && run(packet, kMaxFrames, false, out);
  }

  bool decode_fec(ByteView packet, size_t frames, std::vector<int16_t>& out) override {
    return fec_frames(packet) != 0 && is_whole(frames) && run(packet, frames, true, out);
  }

  size_t fec_frames(ByteView packet) const override {
    if (packet.empty() || opus_packet_has_lbrr(packet.data(), static_cast<opus_int32>(packet.size())) != 1) return 0;
    const int frames = packet_frames(packet);
    return frames > 0 ? static_cast<size_t>(frames) : 0;
  }

  bool conceal(size_t frames, std::vector<int16_t>& out) override {
    return is_whole(frames) && run({}, frames, false, out);
  }

  bool is_dtx(ByteView packet) const override { return packet.size() <= 2; }

 private:
  static bool is_whole(size_t frames) { return frames > 0 && frames <= kMaxFrames && frames % kGranularity == 0; }

  bool run(ByteView packet, size_t frames, bool fec, std::vector<int16_t>& out) {
    const auto decoded_channels = static_cast<size_t>(decoded_channels_);
    const size_t at = out.size();
    out.resize(at + frames * decoded_channels);
    const int result =
        opus_decode(decoder_.get(), packet.empty() ? nullptr : packet.data(), static_cast<opus_int32>(packet.size()),
                    out.data() + at, static_cast<int>(frames), fec ? 1 : 0);
    const auto made = static_cast<size_t>(std::max(result, 0));
    if (decoded_channels == 2 && !is_stereo_) {
      for (size_t i = 0; i < made; ++i) out[at + i] = out[at + 2 * i];
    }
    out.resize(at + made * static_cast<size_t>(channels()));
    return made > 0;
  }

  const std::unique_ptr<OpusDecoder, Destroy> decoder_;
  const int decoded_channels_;
  /// A packet with two channels has come. The decoder has two from the start, alike until then: nothing breaks off.
  bool is_stereo_ = false;
};

}  // namespace

std::unique_ptr<AudioDecoder> create_opus_decoder(int channels) {
  int code = OPUS_OK;
  std::unique_ptr<OpusDecoder, Destroy> decoder(opus_decoder_create(kSampleRate, channels, &code));
  if (!decoder || code != OPUS_OK) return nullptr;
  return std::make_unique<OpusStreamDecoder>(std::move(decoder), channels);
}

}  // namespace peerwire

#endif
