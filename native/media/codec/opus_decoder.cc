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
      : decoder_(std::move(decoder)), channels_(channels) {}

  int sample_rate() const override { return kSampleRate; }
  int channels() const override { return channels_; }
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
    const auto channels = static_cast<size_t>(channels_);
    const size_t at = out.size();
    out.resize(at + frames * channels);
    const int made =
        opus_decode(decoder_.get(), packet.empty() ? nullptr : packet.data(), static_cast<opus_int32>(packet.size()),
                    out.data() + at, static_cast<int>(frames), fec ? 1 : 0);
    out.resize(at + static_cast<size_t>(std::max(made, 0)) * channels);
    return made > 0;
  }

  const std::unique_ptr<OpusDecoder, Destroy> decoder_;
  const int channels_;
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
