#include "media/codec/g722.h"

#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"

namespace peerwire {
namespace {

/// What libg722 and FFmpeg make of the same samples, bit for bit.
constexpr uint64_t kReferenceCodes = 0x9f80144604a687abull;
constexpr uint64_t kReferenceSamples = 0x6903eab715cf4c87ull;

TEST(G722, EncodesAndDecodesAsOtherImplementations) {
  const auto noise = test::make_reference_noise(16000);
  G722EncoderState encoder;
  G722DecoderState decoder;
  std::vector<uint8_t> codes;
  std::vector<int16_t> samples;
  for (size_t i = 0; i < noise.size(); i += 2) {
    codes.push_back(encoder.encode(noise[i], noise[i + 1]));
    int16_t first = 0, second = 0;
    decoder.decode(codes.back(), first, second);
    samples.insert(samples.end(), {first, second});
  }
  EXPECT_EQ(test::hash_of(codes), kReferenceCodes);
  EXPECT_EQ(test::hash_of(samples), kReferenceSamples);
}

class G722Tone : public testing::TestWithParam<std::pair<double, double>> {};

TEST_P(G722Tone, IsCarried) {
  const auto [hertz, least_snr_db] = GetParam();
  AudioEncoderSettings settings;
  settings.codec = AudioCodec::kG722;
  auto encoder = AudioEncoder::create(settings, nullptr);
  auto decoder = AudioDecoder::create(AudioCodec::kG722, 1);
  if (!encoder || !decoder) GTEST_SKIP() << "built without G.722";
  EXPECT_EQ(encoder->sample_rate(), 16000);
  EXPECT_EQ(encoder->rtp_clock_rate(), 8000);
  std::vector<int16_t> out;
  Bytes packet;
  for (size_t at = 0; at < 16000; at += 320) {
    const auto tone = test::make_tone(16000, hertz, 10000, 320, at);
    ASSERT_TRUE(encoder->encode(tone.data(), 320, packet));
    ASSERT_EQ(packet.size(), 160u);
    EXPECT_EQ(decoder->packet_frames(packet), 320);
    ASSERT_TRUE(decoder->decode(packet, out));
  }
  const auto fit = test::fit_tone(std::span(out).subspan(1600), 16000, hertz);
  EXPECT_GT(fit.snr_db, least_snr_db);
  EXPECT_NEAR(fit.amplitude, 10000, 500);
}

INSTANTIATE_TEST_SUITE_P(BothBands, G722Tone,
                         testing::Values(std::pair{440.0, 30.0}, std::pair{1000.0, 30.0}, std::pair{3000.0, 25.0},
                                         std::pair{5000.0, 12.0}, std::pair{6500.0, 12.0}));

TEST(G722, AnyOctetsDecode) {
  auto decoder = create_g722_decoder();
  std::vector<int16_t> out;
  Bytes packet(1000);
  uint32_t state = 1;
  for (int i = 0; i < 50; ++i) {
    for (auto& octet : packet) octet = static_cast<uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    out.clear();
    ASSERT_TRUE(decoder->decode(packet, out));
    ASSERT_EQ(out.size(), 2000u);
  }
  EXPECT_FALSE(decoder->decode({}, out));
}

}  // namespace
}  // namespace peerwire
