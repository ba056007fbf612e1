#include "media/codec/comfort_noise.h"

#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"
#include "media/codec/audio_level.h"
#include "media/codec/voice_activity.h"

namespace peerwire {
namespace {

TEST(ComfortNoise, ReadsTheRfcsFormat) {
  EXPECT_FALSE(parse_comfort_noise({}));
  const Bytes payload = {0x80 | 60, 127, 0, 254, 255};
  const auto noise = parse_comfort_noise(payload);
  ASSERT_TRUE(noise);
  EXPECT_EQ(noise->level, 60);
  EXPECT_EQ(noise->order, 4u);
  // RFC 3389 section 3.2: 258 (N - 127) / 32768.
  EXPECT_FLOAT_EQ(noise->reflection[0], 0);
  EXPECT_FLOAT_EQ(noise->reflection[1], -258.0f * 127 / 32768);
  EXPECT_FLOAT_EQ(noise->reflection[2], 258.0f * 127 / 32768);
  EXPECT_LT(noise->reflection[3], 1);
  // More than we use: the rest is left out.
  EXPECT_EQ(parse_comfort_noise(Bytes(100, 130))->order, kMaxNoiseOrder);
}

TEST(ComfortNoise, SurvivesTheRoundTrip) {
  NoiseDescription noise;
  noise.level = 47;
  noise.order = 3;
  noise.reflection = {-0.9f, 0.5f, 0.01f};
  Bytes payload;
  serialize_comfort_noise(noise, payload);
  ASSERT_EQ(payload.size(), 4u);
  const auto back = parse_comfort_noise(payload);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->level, 47);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(back->reflection[i], noise.reflection[i], 0.004);
}

TEST(ComfortNoise, SoundsAsTheNoiseThatWasDescribed) {
  // Low-passed noise: neighbours are much alike.
  std::vector<int16_t> background(4000);
  uint32_t state = 99;
  double low = 0;
  for (auto& sample : background) {
    state = state * 1664525u + 1013904223u;
    low += 0.15 * ((static_cast<int>(state >> 16) - 32768) / 40.0 - low);
    sample = static_cast<int16_t>(std::lround(low));
  }
  const auto described = describe_noise(background.data(), background.size(), 8);
  Bytes payload;
  serialize_comfort_noise(described, payload);
  NoiseGenerator generator;
  generator.set(*parse_comfort_noise(payload));
  generator.settle();
  std::vector<int16_t> made;
  for (int i = 0; i < 100; ++i) generator.generate(80, 1, made);
  const double level = 10 * std::log10(audio_energy(background.data(), background.size()));
  EXPECT_NEAR(10 * std::log10(audio_energy(made.data(), made.size())), level, 1.5);
  const auto likeness = [](const std::vector<int16_t>& samples) {
    double sum = 0, power = 0;
    for (size_t i = 1; i < samples.size(); ++i) {
      sum += static_cast<double>(samples[i]) * samples[i - 1];
      power += static_cast<double>(samples[i]) * samples[i];
    }
    return sum / power;
  };
  EXPECT_NEAR(likeness(made), likeness(background), 0.05);
}

TEST(ComfortNoise, IsStableForAnyCoefficients) {
  Bytes payload(13);
  uint32_t state = 5;
  NoiseGenerator generator;
  for (int i = 0; i < 300; ++i) {
    for (auto& octet : payload) octet = static_cast<uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    payload[0] = 20;
    generator.set(*parse_comfort_noise(payload));
    std::vector<int16_t> made;
    generator.generate(160, 2, made);
    ASSERT_EQ(made.size(), 320u);
    ASSERT_EQ(made[0], made[1]);
  }
  // Level 127 is silence at last.
  payload[0] = 127;
  generator.set(*parse_comfort_noise(payload));
  std::vector<int16_t> made;
  for (int i = 0; i < 100; ++i) generator.generate(160, 1, made);
  EXPECT_EQ(made.back(), 0);
}

TEST(ComfortNoise, IsDescribedOnceAPauseAndWhenItChanges) {
  const auto quiet = test::make_tone(8000, 200, 30, 160), louder = test::make_tone(8000, 200, 90, 160);
  NoiseAnalyzer analyzer;
  std::vector<bool> due;
  for (int i = 0; i < 11; ++i) due.push_back(analyzer.update(quiet.data(), quiet.size(), 20));
  EXPECT_EQ(due, (std::vector<bool>{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
  EXPECT_NEAR(analyzer.description().level, 64, 2);
  bool told = false;
  for (int i = 0; i < 4; ++i) told = analyzer.update(louder.data(), louder.size(), 20) || told;
  EXPECT_TRUE(told);
  analyzer.reset();
  EXPECT_TRUE(analyzer.update(quiet.data(), quiet.size(), 20));
}

TEST(VoiceActivity, HearsSpeechOverNoise) {
  VoiceActivityDetector detector;
  const double noise = 1e-5, speech = 1e-3;  // -50 and -30 dB
  for (int i = 0; i < 1500; ++i) detector.update(noise, 10);
  EXPECT_FALSE(detector.is_active());
  EXPECT_TRUE(detector.update(speech, 10));
  // Bridges a stop of 100 ms, not a pause of 300.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(detector.update(noise, 10));
  for (int i = 0; i < 20; ++i) detector.update(noise, 10);
  EXPECT_FALSE(detector.is_active());
  // Digital silence never is speech; what is loud always is.
  EXPECT_FALSE(detector.update(0, 10));
  for (int i = 0; i < 6000; ++i) ASSERT_TRUE(detector.update(0.01, 10));
}

TEST(AudioLevel, CountsDecibelsBelowOverload) {
  EXPECT_EQ(minus_dbov(0), 127);
  EXPECT_EQ(minus_dbov(1), 0);
  const std::vector<int16_t> square = {32767, -32767, 32767, -32767};
  EXPECT_EQ(minus_dbov(audio_energy(square.data(), square.size())), 0);
  const auto sine = test::make_tone(48000, 1000, 32767, 4800);
  EXPECT_EQ(minus_dbov(audio_energy(sine.data(), sine.size())), 3);
  const auto quiet = test::make_tone(48000, 1000, 327.67, 4800);
  EXPECT_EQ(minus_dbov(audio_energy(quiet.data(), quiet.size())), 43);
  EXPECT_EQ(audio_energy(nullptr, 0), 0);
}

}  // namespace
}  // namespace peerwire
