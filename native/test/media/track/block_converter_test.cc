#include "media/track/block_converter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace peerwire {
namespace {

constexpr int64_t kBeginUs = 5'000'000;

/// A tone of 400 Hz, in blocks of 10 ms; each channel has it at another loudness.
struct Tone {
  int sample_rate = 48'000;
  int channels = 1;
  int64_t blocks = 0;

  AudioBlockPtr next() {
    auto block = std::make_shared<AudioBlock>();
    block->sample_rate = sample_rate;
    block->channels = channels;
    block->capture_time_us = kBeginUs + blocks * 10'000;
    const int frames = sample_rate / 100;
    for (int64_t frame = blocks * frames; frame < (blocks + 1) * frames; ++frame) {
      for (int channel = 0; channel < channels; ++channel) {
        block->samples.push_back(static_cast<int16_t>(loudness(channel) * sine(frame, sample_rate)));
      }
    }
    ++blocks;
    return block;
  }
  static double loudness(int channel) { return 8'000.0 / (channel + 1); }
  static double sine(int64_t frame, int rate) { return std::sin(2 * M_PI * 400 * static_cast<double>(frame) / rate); }
};

std::vector<AudioBlockPtr> convert(BlockConverter& converter, Tone& tone, int blocks) {
  std::vector<AudioBlockPtr> all;
  for (int count = 0; count < blocks; ++count) {
    for (AudioBlockPtr& part : converter.convert(tone.next())) all.push_back(std::move(part));
  }
  return all;
}

/// Of a channel, and of the tone at that loudness, after what a filter takes to begin.
int furthest_from(const std::vector<AudioBlockPtr>& blocks, int channel, double loudness) {
  int furthest = 0;
  int64_t frame = 0;
  for (const AudioBlockPtr& block : blocks) {
    for (size_t at = 0; at < block->frames(); ++at, ++frame) {
      if (frame < 200) continue;
      const int16_t sample = block->samples[at * static_cast<size_t>(block->channels) + static_cast<size_t>(channel)];
      const double wanted = loudness * Tone::sine(frame, block->sample_rate);
      furthest = std::max(furthest, std::abs(sample - static_cast<int>(wanted)));
    }
  }
  return furthest;
}

/// Of 10 ms each.
void expect_format(const std::vector<AudioBlockPtr>& blocks, int sample_rate, int channels) {
  for (const AudioBlockPtr& block : blocks) {
    EXPECT_EQ(block->sample_rate, sample_rate);
    EXPECT_EQ(block->channels, channels);
    EXPECT_EQ(block->frames(), static_cast<size_t>(sample_rate) / 100);
  }
}

TEST(BlockConverter, GivesBackWhatIsToStayAsItIs) {
  BlockConverter converter(0, 0);
  Tone tone;
  const AudioBlockPtr block = tone.next();
  const auto blocks = converter.convert(block);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks.front(), block);
}

TEST(BlockConverter, MakesBlocksOfTenMillisecondsOfAnotherRate) {
  BlockConverter converter(16'000, 0);
  Tone tone{.channels = 2};
  const auto blocks = convert(converter, tone, 50);
  // What the filter looks ahead is still in it.
  ASSERT_GE(blocks.size(), 49u);
  expect_format(blocks, 16'000, 2);
  EXPECT_LT(furthest_from(blocks, 0, Tone::loudness(0)), 200);
  EXPECT_LT(furthest_from(blocks, 1, Tone::loudness(1)), 200);
}

TEST(BlockConverter, MixesChannelsAndLeavesTheRate) {
  BlockConverter converter(0, 1);
  Tone tone{.channels = 2};
  const auto blocks = convert(converter, tone, 10);
  ASSERT_EQ(blocks.size(), 10u);
  EXPECT_EQ(blocks.front()->sample_rate, 48'000);
  EXPECT_EQ(blocks.front()->channels, 1);
  EXPECT_LT(furthest_from(blocks, 0, (Tone::loudness(0) + Tone::loudness(1)) / 2), 3);
}

TEST(BlockConverter, TellsWhenEachBlockWasCaptured) {
  BlockConverter converter(16'000, 1);
  Tone tone;
  const auto blocks = convert(converter, tone, 50);
  for (size_t index = 0; index < blocks.size(); ++index) {
    EXPECT_NEAR(static_cast<double>(blocks[index]->capture_time_us - kBeginUs), static_cast<double>(index) * 10'000, 1)
        << index;
  }
}

TEST(BlockConverter, GoesOnWhenWhatComesChanges) {
  BlockConverter converter(16'000, 1);
  Tone mono;
  ASSERT_GE(convert(converter, mono, 10).size(), 9u);
  Tone stereo{.sample_rate = 44'100, .channels = 2};
  const auto blocks = convert(converter, stereo, 50);
  ASSERT_GE(blocks.size(), 49u);
  expect_format(blocks, 16'000, 1);
}

TEST(BlockConverter, CutsLongBlocks) {
  BlockConverter converter(0, 1);
  auto block = std::make_shared<AudioBlock>();
  block->sample_rate = 8'000;
  block->channels = 1;
  block->capture_time_us = kBeginUs;
  block->samples.resize(8'000 / 40);  // 25 ms
  EXPECT_EQ(converter.convert(block).size(), 2u);
  auto after = std::make_shared<AudioBlock>(*block);
  after->capture_time_us += 25'000;
  const auto blocks = converter.convert(after);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks.front()->capture_time_us, kBeginUs + 20'000);
  EXPECT_EQ(blocks.back()->capture_time_us, kBeginUs + 40'000);
}

}  // namespace
}  // namespace peerwire
