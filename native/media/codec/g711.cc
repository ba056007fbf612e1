#include "media/codec/g711.h"

#include <algorithm>
#include <array>
#include <bit>

namespace peerwire {
namespace {

constexpr int kMuBias = 0x84;      // 33 in the recommendation's 14 bits
constexpr int kMuLargest = 32635;  // what still fits the eighth segment with the bias

constexpr int16_t expand_mu(uint8_t code) {
  const int bits = ~code & 0xff;
  const int magnitude = ((((bits & 0x0f) << 3) + kMuBias) << ((bits >> 4) & 7)) - kMuBias;
  return static_cast<int16_t>(bits & 0x80 ? -magnitude : magnitude);
}

constexpr int16_t expand_a(uint8_t code) {
  const int bits = code ^ 0x55;  // even bits are inverted on the line
  const int segment = (bits >> 4) & 7;
  int magnitude = ((bits & 0x0f) << 4) + 8;
  if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
  return static_cast<int16_t>(bits & 0x80 ? magnitude : -magnitude);
}

constexpr std::array<int16_t, 256> make_table(int16_t (*expand)(uint8_t)) {
  std::array<int16_t, 256> table{};
  for (int code = 0; code < 256; ++code) table[static_cast<size_t>(code)] = expand(static_cast<uint8_t>(code));
  return table;
}

constexpr auto kMuTable = make_table(expand_mu);
constexpr auto kATable = make_table(expand_a);

uint8_t compress_mu(int linear) {
  const int sign = linear < 0 ? 0x80 : 0;
  const int biased = std::min(linear < 0 ? -linear : linear, kMuLargest) + kMuBias;
  const int segment = static_cast<int>(std::bit_width(static_cast<unsigned>(biased))) - 8;
  return static_cast<uint8_t>(~(sign | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)));
}

uint8_t compress_a(int linear) {
  const int sign = linear < 0 ? 0 : 0x80;
  // One's complement: the decision levels of the two halves mirror each other about -1/2.
  const int magnitude = linear < 0 ? ~linear : linear;
  const int segment = std::max(static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8, 0);
  const int interval = (magnitude >> (segment > 0 ? segment + 3 : 4)) & 0x0f;
  return static_cast<uint8_t>((sign | (segment << 4) | interval) ^ 0x55);
}

class G711Encoder final : public AudioEncoder {
 public:
  explicit G711Encoder(G711Law law, int packet_time_ms) : law_(law), packet_time_ms_(packet_time_ms) {}

  int sample_rate() const override { return 8000; }
  int rtp_clock_rate() const override { return 8000; }
  int channels() const override { return 1; }
  int packet_time_ms() const override { return packet_time_ms_; }
  bool encode(const int16_t* samples, size_t frames, Bytes& out) override {
    out.resize(frames);
    if (law_ == G711Law::kMu) {
      std::transform(samples, samples + frames, out.begin(), compress_mu);
    } else {
      std::transform(samples, samples + frames, out.begin(), compress_a);
    }
    return true;
  }
  void set_bitrate(uint32_t) override {}
  void set_packet_loss(double) override {}

 private:
  const G711Law law_;
  const int packet_time_ms_;
};

class G711Decoder final : public AudioDecoder {
 public:
  explicit G711Decoder(G711Law law) : table_(law == G711Law::kMu ? kMuTable : kATable) {}

  int sample_rate() const override { return 8000; }
  int channels() const override { return 1; }
  int rtp_clock_rate() const override { return 8000; }
  int packet_frames(ByteView packet) const override {
    return packet.empty() || packet.size() > kMaxPacket ? -1 : static_cast<int>(packet.size());
  }
  bool decode(ByteView packet, std::vector<int16_t>& out) override {
    if (packet_frames(packet) < 0) return false;
    const size_t at = out.size();
    out.resize(at + packet.size());
    std::transform(packet.begin(), packet.end(), out.begin() + static_cast<ptrdiff_t>(at),
                   [this](uint8_t code) { return table_[code]; });
    return true;
  }

 private:
  static constexpr size_t kMaxPacket = 8000 / 4;  // 250 ms; more is no datagram of ours
  const std::array<int16_t, 256>& table_;
};

}  // namespace

uint8_t g711_compress(G711Law law, int16_t linear) {
  return law == G711Law::kMu ? compress_mu(linear) : compress_a(linear);
}

int16_t g711_expand(G711Law law, uint8_t code) {
  return law == G711Law::kMu ? kMuTable[code] : kATable[code];
}

std::unique_ptr<AudioEncoder> create_g711_encoder(G711Law law, const AudioEncoderSettings& settings) {
  return std::make_unique<G711Encoder>(law, settings.packet_time_ms);
}

std::unique_ptr<AudioDecoder> create_g711_decoder(G711Law law) {
  return std::make_unique<G711Decoder>(law);
}

}  // namespace peerwire
