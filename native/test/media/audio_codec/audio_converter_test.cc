#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"
#include "media/codec/audio_codec.h"

namespace peerwire {
namespace {

AudioBlock block_of(int rate, int channels, std::vector<int16_t> samples) {
  AudioBlock block;
  block.sample_rate = rate;
  block.channels = channels;
  block.samples = std::move(samples);
  return block;
}

struct Case {
  int from;
  int to;
  double hertz;
  size_t chunk;
};

class Resampling : public testing::TestWithParam<Case> {};

TEST_P(Resampling, KeepsATone) {
  const Case& c = GetParam();
  auto converter = AudioConverter::create(c.to, 1);
  const auto tone = test::make_tone(c.from, c.hertz, 20000, static_cast<size_t>(c.from));
  std::vector<int16_t> out;
  for (size_t at = 0; at < tone.size(); at += c.chunk) {
    const size_t end = std::min(at + c.chunk, tone.size());
    converter->convert(
        block_of(c.from, 1, {tone.begin() + static_cast<ptrdiff_t>(at), tone.begin() + static_cast<ptrdiff_t>(end)}),
        out);
  }
  EXPECT_NEAR(static_cast<double>(out.size()), c.to, c.to * 0.008);
  const auto fit = test::fit_tone(std::span(out).subspan(1000), c.to, c.hertz);
  EXPECT_GT(fit.snr_db, 70);
  EXPECT_NEAR(fit.amplitude, 20000, 100);
}

INSTANTIATE_TEST_SUITE_P(Rates, Resampling,
                         testing::Values(Case{44100, 48000, 1000, 441}, Case{44100, 48000, 1000, 1},
                                         Case{44100, 48000, 15000, 997}, Case{48000, 8000, 1000, 480},
                                         Case{8000, 48000, 1000, 80}, Case{16000, 48000, 6000, 7},
                                         Case{192000, 48000, 1000, 1921}, Case{11025, 16000, 1000, 128},
                                         Case{48000, 48000, 1000, 333}, Case{48000, 16000, 3000, 100000}));

TEST(AudioConverter, DoesNotDriftNorShift) {
  // 20 s in odd chunks: what comes out is the input's time exactly, but for the filter's last samples.
  auto converter = AudioConverter::create(48000, 1);
  size_t pushed = 0;
  std::vector<int16_t> out;
  uint32_t random = 7;
  while (pushed < 44100 * 20) {
    random = random * 1664525u + 1013904223u;
    const size_t chunk = 1 + (random >> 16) % 1500;
    converter->convert(block_of(44100, 1, test::make_tone(44100, 100, 15000, chunk, pushed)), out);
    pushed += chunk;
  }
  const double wanted = static_cast<double>(pushed) * 48000 / 44100;
  EXPECT_LE(static_cast<double>(out.size()), wanted + 1);
  EXPECT_GT(static_cast<double>(out.size()), wanted - 200);
  const auto ideal = test::make_tone(48000, 100, 15000, out.size());
  int worst = 0;
  for (size_t i = 1000; i < out.size(); ++i) worst = std::max(worst, std::abs(out[i] - ideal[i]));
  EXPECT_LT(worst, 30);
}

TEST(AudioConverter, RejectsWhatTheNewRateCannotHold) {
  auto converter = AudioConverter::create(8000, 1);
  std::vector<int16_t> out;
  converter->convert(block_of(48000, 1, test::make_tone(48000, 6000, 20000, 48000)), out);
  int worst = 0;
  for (size_t i = 500; i < out.size(); ++i) worst = std::max(worst, std::abs(out[i]));
  EXPECT_LT(worst, 20);
}

std::vector<int16_t> remix(int from, int to, std::vector<int16_t> frame) {
  auto converter = AudioConverter::create(48000, to);
  std::vector<int16_t> out;
  converter->convert(block_of(48000, from, std::move(frame)), out);
  return out;
}

TEST(AudioConverter, Remixes) {
  EXPECT_EQ(remix(1, 2, {100, -7}), (std::vector<int16_t>{100, 100, -7, -7}));
  EXPECT_EQ(remix(2, 1, {100, 300, -32768, -32768}), (std::vector<int16_t>{200, -32768}));
  EXPECT_EQ(remix(2, 2, {1, 2, 3, 4}), (std::vector<int16_t>{1, 2, 3, 4}));
  // 5.1 (L R C LFE SL SR) as Web Audio mixes it down.
  EXPECT_EQ(remix(6, 2, {1000, 0, 0, 0, 0, 0}), (std::vector<int16_t>{1000, 0}));
  EXPECT_EQ(remix(6, 2, {0, 0, 1000, 0, 0, 0}), (std::vector<int16_t>{707, 707}));
  EXPECT_EQ(remix(6, 2, {0, 0, 0, 1000, 0, 0}), (std::vector<int16_t>{0, 0}));
  EXPECT_EQ(remix(6, 2, {0, 0, 0, 0, 1000, 0}), (std::vector<int16_t>{707, 0}));
  EXPECT_EQ(remix(6, 2, {30000, 0, 30000, 0, 0, 0}), (std::vector<int16_t>{32767, 21213}));
  EXPECT_EQ(remix(6, 1, {1000, 1000, 0, 0, 0, 0}), (std::vector<int16_t>{1000}));
  EXPECT_EQ(remix(8, 2, {0, 0, 0, 0, 0, 1000, 0, 1000}), (std::vector<int16_t>{0, 1414}));
  EXPECT_EQ(remix(2, 4, {5, 6}), (std::vector<int16_t>{5, 6, 0, 0}));
}

TEST(AudioConverter, StartsAnewWithAnotherFormat) {
  auto converter = AudioConverter::create(48000, 2);
  std::vector<int16_t> out;
  converter->convert(block_of(44100, 1, test::make_tone(44100, 500, 9000, 4410)), out);
  out.clear();
  converter->convert(block_of(48000, 2, {1, 2, 3, 4}), out);
  EXPECT_EQ(out, (std::vector<int16_t>{1, 2, 3, 4}));
  out.clear();
  converter->convert(block_of(0, 2, {1, 2}), out);
  converter->convert(block_of(48000, 9, std::vector<int16_t>(9)), out);
  converter->convert(block_of(48000, 2, {}), out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace peerwire
