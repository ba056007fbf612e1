#include "media/codec/g722.h"

#include <algorithm>

namespace peerwire {
namespace {

/// Every other tap of the symmetric filter of 24, times 8192 (table 11); the taps between are these in reverse.
constexpr std::array<int, 12> kFilter = {3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};

/// Decision levels of the lower band's quantizer of 60 levels, without the first (Q6).
constexpr std::array<int, 29> kDecisions = {35,   72,   110,  150,  190,  233,  276,  323,  370,  422,
                                            473,  530,  587,  650,  714,  786,  858,  940,  1023, 1121,
                                            1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919};
constexpr int kHighDecision = 564;  // Q2

/// Output levels of the inverse quantizers with 6, 4 and 2 bits, by code word (QQ6, QQ4, QQ2).
constexpr std::array<int, 64> kLevels6 = {
    -136,  -136,  -136,  -136,  -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576,  -6000,  -5456,  -4944,  -4464,  -4008,  -3576,  -3168,  -2776,
    -2400, -2032, -1688, -1360, -1040,  -728,   24808,  21904,  19008,  16704,  14984,  13512,  12280,
    11192, 10232, 9360,  8576,  7856,   7192,   6576,   6000,   5456,   4944,   4464,   4008,   3576,
    3168,  2776,  2400,  2032,  1688,   1360,   1040,   728,    432,    136,    -432,   -136};
constexpr std::array<int, 16> kLevels4 = {0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
                                          20456, 12896,  8968,   6288,  4240,  2584,  1200,  0};
constexpr std::array<int, 4> kLevels2 = {-7408, -1616, 7408, 1616};

/// Steps of the logarithmic scale factors, by code word: WL and WH, looked up through RL4 and RH2.
constexpr std::array<int, 16> kLowSteps = {-60,  3042, 1198, 538, 334, 172, 58,  -30,
                                           3042, 1198, 538,  334, 172, 58,  -30, -60};
constexpr std::array<int, 4> kHighSteps = {798, -214, 798, -214};
constexpr int kLowLimit = 18432;
constexpr int kHighLimit = 22528;

/// 2^(n/32) times 2048 (ILB).
constexpr std::array<int, 32> kInverseLog = {2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
                                             2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
                                             3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};

constexpr int saturate(int value) {
  return std::clamp(value, -32768, 32767);
}

/// Block 1L with its code words: negative and positive numbers count down from 63 and 61.
int quantize_low(int difference, int scale) {
  const int magnitude = difference >= 0 ? difference : -(difference + 1);
  int level = 1;
  for (const int decision : kDecisions) {
    if (magnitude < ((decision * scale) >> 12)) break;
    ++level;
  }
  if (difference >= 0) return 62 - level;
  return level <= 2 ? 64 - level : 34 - level;
}

int quantize_high(int difference, int scale) {
  const int magnitude = difference >= 0 ? difference : -(difference + 1);
  const int level = magnitude >= ((kHighDecision * scale) >> 12) ? 2 : 1;
  return difference >= 0 ? 4 - level : 2 - level;
}

/// Both ends do this with what was sent.
void follow_low(G722Band& band, int code) {
  const auto coarse = static_cast<size_t>(code >> 2);
  const int difference = (band.scale() * kLevels4[coarse]) >> 15;
  band.adapt_scale(kLowSteps[coarse], kLowLimit, 8);
  band.predict(difference);
}

int follow_high(G722Band& band, int code) {
  const auto index = static_cast<size_t>(code);
  const int difference = (band.scale() * kLevels2[index]) >> 15;
  const int reconstructed = band.prediction() + difference;
  band.adapt_scale(kHighSteps[index], kHighLimit, 10);
  band.predict(difference);
  return reconstructed;
}

constexpr int limit_band(int value) {
  return std::clamp(value, -16384, 16383);
}

}  // namespace

void G722Band::adapt_scale(int step, int limit, int shift) {
  log_scale_ = std::clamp(((log_scale_ * 127) >> 7) + step, 0, limit);
  const int mantissa = kInverseLog[static_cast<size_t>((log_scale_ >> 6) & 31)];
  const int right = shift - (log_scale_ >> 11);
  scale_ = (right < 0 ? mantissa << -right : mantissa >> right) * 4;
}

void G722Band::predict(int difference) {
  // RECONS, PARREC
  differences_[0] = difference;
  reconstructed_[0] = saturate(prediction_ + difference);
  partial_[0] = saturate(zero_prediction_ + difference);
  const bool is_negative = partial_[0] < 0;
  const bool same_as_last = is_negative == (partial_[1] < 0);

  // UPPOL2
  int second = saturate(4 * poles_[1]);
  second = std::min(same_as_last ? -second : second, 32767) >> 7;
  second += is_negative == (partial_[2] < 0) ? 128 : -128;
  second += (poles_[2] * 32512) >> 15;
  second = std::clamp(second, -12288, 12288);
  // UPPOL1
  const int bound = saturate(15360 - second);
  const int first = saturate((same_as_last ? 192 : -192) + ((poles_[1] * 32640) >> 15));
  poles_[1] = std::clamp(first, -bound, bound);
  poles_[2] = second;

  // UPZERO, DELAYA
  const int gain = difference == 0 ? 0 : 128;
  for (size_t i = 6; i > 0; --i) {
    const int step = (differences_[i] < 0) == (difference < 0) ? gain : -gain;
    zeros_[i] = saturate(step + ((zeros_[i] * 32640) >> 15));
  }
  for (size_t i = 6; i > 0; --i) differences_[i] = differences_[i - 1];
  for (size_t i = 2; i > 0; --i) {
    reconstructed_[i] = reconstructed_[i - 1];
    partial_[i] = partial_[i - 1];
  }

  // FILTEP, FILTEZ, PREDIC
  const int pole_prediction = saturate(((poles_[1] * saturate(2 * reconstructed_[1])) >> 15) +
                                       ((poles_[2] * saturate(2 * reconstructed_[2])) >> 15));
  zero_prediction_ = 0;
  for (size_t i = 6; i > 0; --i) zero_prediction_ += (zeros_[i] * saturate(2 * differences_[i])) >> 15;
  zero_prediction_ = saturate(zero_prediction_);
  prediction_ = saturate(pole_prediction + zero_prediction_);
}

void G722FilterBank::push(int first, int second) {
  // Each value is written twice, so that the window is contiguous wherever it begins.
  values_[at_] = values_[at_ + kTaps] = first;
  values_[at_ + 1] = values_[at_ + 1 + kTaps] = second;
  at_ = (at_ + 2) % kTaps;
}

void G722FilterBank::filter(int& even, int& odd) const {
  even = 0;
  odd = 0;
  const int* window = values_.data() + at_;
  for (size_t i = 0; i < kFilter.size(); ++i) {
    even += window[2 * i] * kFilter[i];
    odd += window[2 * i + 1] * kFilter[kFilter.size() - 1 - i];
  }
}

uint8_t G722EncoderState::encode(int16_t first, int16_t second) {
  filters_.push(first, second);
  int even = 0;
  int odd = 0;
  filters_.filter(even, odd);
  const int low = limit_band((even + odd) >> 14);
  const int high = limit_band((odd - even) >> 14);

  const int low_code = quantize_low(saturate(low - low_.prediction()), low_.scale());
  follow_low(low_, low_code);
  const int high_code = quantize_high(saturate(high - high_.prediction()), high_.scale());
  follow_high(high_, high_code);
  return static_cast<uint8_t>((high_code << 6) | low_code);
}

void G722DecoderState::decode(uint8_t code, int16_t& first, int16_t& second) {
  const int low_code = code & 0x3f;
  const int fine = (low_.scale() * kLevels6[static_cast<size_t>(low_code)]) >> 15;
  const int low = limit_band(low_.prediction() + fine);
  follow_low(low_, low_code);
  const int high = limit_band(follow_high(high_, code >> 6));

  filters_.push(low + high, low - high);
  int even = 0;
  int odd = 0;
  filters_.filter(even, odd);
  first = static_cast<int16_t>(saturate(odd >> 11));
  second = static_cast<int16_t>(saturate(even >> 11));
}

namespace {

class G722Encoder final : public AudioEncoder {
 public:
  explicit G722Encoder(int packet_time_ms) : packet_time_ms_(packet_time_ms) {}

  int sample_rate() const override { return 16000; }
  int rtp_clock_rate() const override { return 8000; }
  int channels() const override { return 1; }
  int packet_time_ms() const override { return packet_time_ms_; }
  bool encode(const int16_t* samples, size_t frames, Bytes& out) override {
    out.resize(frames / 2);
    for (size_t i = 0; i < out.size(); ++i) out[i] = state_.encode(samples[2 * i], samples[2 * i + 1]);
    return true;
  }
  void set_bitrate(uint32_t) override {}
  void set_packet_loss(double) override {}

 private:
  const int packet_time_ms_;
  G722EncoderState state_;
};

class G722Decoder final : public AudioDecoder {
 public:
  int sample_rate() const override { return 16000; }
  int channels() const override { return 1; }
  int rtp_clock_rate() const override { return 8000; }
  int packet_frames(ByteView packet) const override {
    return packet.empty() || packet.size() > kMaxPacket ? -1 : 2 * static_cast<int>(packet.size());
  }
  bool decode(ByteView packet, std::vector<int16_t>& out) override {
    if (packet_frames(packet) < 0) return false;
    size_t at = out.size();
    out.resize(at + 2 * packet.size());
    for (const uint8_t code : packet) {
      state_.decode(code, out[at], out[at + 1]);
      at += 2;
    }
    return true;
  }

 private:
  static constexpr size_t kMaxPacket = 8000 / 4;  // 250 ms; more is no datagram of ours
  G722DecoderState state_;
};

}  // namespace

std::unique_ptr<AudioEncoder> create_g722_encoder(const AudioEncoderSettings& settings) {
  return std::make_unique<G722Encoder>(settings.packet_time_ms);
}

std::unique_ptr<AudioDecoder> create_g722_decoder() {
  return std::make_unique<G722Decoder>();
}

}  // namespace peerwire
