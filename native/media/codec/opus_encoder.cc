#include "media/codec/opus_encoder.h"

#ifndef PEERWIRE_WITHOUT_OPUS

#include <opus.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace peerwire {
namespace {

constexpr int kSampleRate = 48000;
/// Largest packet: 120 ms in six frames of 1275 octets, and their lengths (RFC 6716 section 3.4).
constexpr size_t kMaxPacket = 6 * 1275 + 64;
/// Of ten: the value at which libwebrtc runs on desktops.
constexpr int kComplexity = 9;

struct Destroy {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};

/// Defaults of RFC 7587 section 3.1.1, mono, within its recommended ranges.
uint32_t default_bitrate(const AudioEncoderSettings& settings) {
  const uint32_t one = settings.max_playback_rate <= 8000 ? 12000 : settings.max_playback_rate <= 16000 ? 20000 : 32000;
  return one * static_cast<uint32_t>(settings.channels);
}

opus_int32 bandwidth_for(uint32_t playback_rate) {
  if (playback_rate <= 8000) return OPUS_BANDWIDTH_NARROWBAND;
  if (playback_rate <= 12000) return OPUS_BANDWIDTH_MEDIUMBAND;
  if (playback_rate <= 16000) return OPUS_BANDWIDTH_WIDEBAND;
  if (playback_rate <= 24000) return OPUS_BANDWIDTH_SUPERWIDEBAND;
  return OPUS_BANDWIDTH_FULLBAND;
}

int supported_packet_time(int wanted_ms) {
  constexpr std::array<int, 7> kTimes = {10, 20, 40, 60, 80, 100, 120};
  return *(std::upper_bound(kTimes.begin(), kTimes.end(), std::max(wanted_ms, 10)) - 1);
}

class OpusStreamEncoder final : public AudioEncoder {
 public:
  OpusStreamEncoder(std::unique_ptr<OpusEncoder, Destroy> encoder, const AudioEncoderSettings& settings)
      : encoder_(std::move(encoder)),
        channels_(settings.channels),
        packet_time_ms_(supported_packet_time(settings.packet_time_ms)),
        default_bps_(default_bitrate(settings)),
        dtx_(settings.dtx) {}

  int sample_rate() const override { return kSampleRate; }
  int rtp_clock_rate() const override { return kSampleRate; }
  int channels() const override { return channels_; }
  int packet_time_ms() const override { return packet_time_ms_; }

  bool encode(const int16_t* samples, size_t frames, Bytes& out) override {
    std::array<uint8_t, kMaxPacket> packet;
    const opus_int32 size = opus_encode(encoder_.get(), samples, static_cast<int>(frames), packet.data(),
                                        static_cast<opus_int32>(packet.size()));
    out.clear();
    if (size < 0) return false;
    // A packet of nothing but its head need not be sent. The first one is, to tell the receiver that what follows is
    // silence and no loss.
    const bool is_silent = dtx_ && size <= 2;
    if (!is_silent || !was_silent_) out.assign(packet.begin(), packet.begin() + size);
    was_silent_ = is_silent;
    return true;
  }

  bool is_pausing() const override {
    opus_int32 is_in_dtx = 0;
    return dtx_ && opus_encoder_ctl(encoder_.get(), OPUS_GET_IN_DTX(&is_in_dtx)) == OPUS_OK && is_in_dtx != 0;
  }

  void set_bitrate(uint32_t bitrate_bps) override {
    // RFC 7587 section 6.1: 6,000 to 510,000.
    const uint32_t bps = std::clamp(bitrate_bps > 0 ? bitrate_bps : default_bps_, 6000u, 510000u);
    opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(static_cast<opus_int32>(bps)));
  }

  void set_packet_loss(double fraction) override {
    const auto percent = static_cast<opus_int32>(std::lround(std::clamp(fraction, 0.0, 1.0) * 100));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(percent));
  }

 private:
  const std::unique_ptr<OpusEncoder, Destroy> encoder_;
  const int channels_;
  const int packet_time_ms_;
  const uint32_t default_bps_;
  const bool dtx_;
  bool was_silent_ = false;
};

}  // namespace

std::unique_ptr<AudioEncoder> create_opus_encoder(const AudioEncoderSettings& settings, std::string* error) {
  AudioEncoderSettings used = settings;
  used.channels = settings.channels >= 2 ? 2 : 1;
  const bool for_fidelity = used.is_music || used.channels == 2;
  int code = OPUS_OK;
  std::unique_ptr<OpusEncoder, Destroy> encoder(opus_encoder_create(
      kSampleRate, used.channels, for_fidelity ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP, &code));
  if (!encoder || code != OPUS_OK) {
    if (error) *error = opus_strerror(code);
    return nullptr;
  }
  const auto set = [&](auto... request) {
    if (code == OPUS_OK) code = opus_encoder_ctl(encoder.get(), request...);
  };
  set(OPUS_SET_COMPLEXITY(kComplexity));
  set(OPUS_SET_MAX_BANDWIDTH(bandwidth_for(used.max_playback_rate)));
  set(OPUS_SET_VBR(used.constant_bitrate ? 0 : 1));
  set(OPUS_SET_INBAND_FEC(used.in_band_fec ? 1 : 0));
  set(OPUS_SET_DTX(used.dtx ? 1 : 0));
  if (code != OPUS_OK) {
    if (error) *error = opus_strerror(code);
    return nullptr;
  }
  auto made = std::make_unique<OpusStreamEncoder>(std::move(encoder), used);
  made->set_bitrate(used.bitrate_bps);
  return made;
}

}  // namespace peerwire

#endif
