#include "media/track/program_audio_source.h"

#include <gtest/gtest.h>

#include <numeric>

#include "media/track/collecting_sinks.h"
#include "media/track/manual_place.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

struct ProgramAudio : testing::Test {
  ProgramAudio() { source->add_sink(sink); }

  AudioBlock piece(size_t frames, int rate = 24000, int channels = 1) {
    AudioBlock block;
    block.sample_rate = rate;
    block.channels = channels;
    block.samples.resize(frames * static_cast<size_t>(channels));
    std::iota(block.samples.begin(), block.samples.end(), next);
    next = static_cast<int16_t>(next + static_cast<int16_t>(block.samples.size()));
    return block;
  }
  std::vector<size_t> lengths() const {
    std::vector<size_t> all;
    for (const auto& block : sink->blocks) all.push_back(block->frames());
    return all;
  }
  /// Whether what came is 1, 2, 3 … without a gap, up to trailing silence.
  void expect_in_order(size_t count) const {
    const auto all = sink->samples();
    ASSERT_GE(all.size(), count);
    for (size_t index = 0; index < count; ++index) ASSERT_EQ(all[index], static_cast<int16_t>(index + 1));
    for (size_t index = count; index < all.size(); ++index) ASSERT_EQ(all[index], 0);
  }

  ManualPlace here;
  std::shared_ptr<ProgramAudioSource> source = ProgramAudioSource::create(here.place());
  std::shared_ptr<CollectingAudioSink> sink = std::make_shared<CollectingAudioSink>();
  int16_t next = 1;
};

TEST_F(ProgramAudio, SendsTenMillisecondsOnAtOnceAndAsTheyAre) {
  const AudioBlock first = piece(240);
  const AudioBlock second = piece(240);
  EXPECT_TRUE(source->push(first));
  EXPECT_TRUE(source->push(second));
  ASSERT_EQ(sink->blocks.size(), 2u);
  EXPECT_EQ(sink->blocks[0]->samples, first.samples);
  EXPECT_EQ(sink->blocks[1]->samples, second.samples);
  EXPECT_EQ(sink->blocks[0]->sample_rate, 24000);
  EXPECT_EQ(source->waiting_us(), 0);
}

TEST_F(ProgramAudio, CutsOddPiecesIntoBlocksInRealTime) {
  // 1,385 samples at 24 kHz: the 2,770 octets of @roamhq/wrtc's issue 19.
  EXPECT_TRUE(source->push(piece(1385)));
  EXPECT_EQ(sink->blocks.size(), 1u);
  EXPECT_NEAR(static_cast<double>(source->waiting_us()), 1385e6 / 24000 - 10'000, 2);
  here.timers->advance(milliseconds(25));
  EXPECT_EQ(sink->blocks.size(), 3u);
  here.timers->advance(milliseconds(1000));
  EXPECT_EQ(lengths(), std::vector<size_t>(6, 240));
  expect_in_order(1385);
  EXPECT_EQ(source->waiting_us(), 0);
  EXPECT_EQ(here.timers->pending(), 0u);
}

TEST_F(ProgramAudio, JoinsPiecesThatFollowOneAnother) {
  for (int index = 0; index < 100; ++index) {
    EXPECT_TRUE(source->push(piece(100)));
    here.timers->advance(Duration(std::chrono::microseconds(100 * 1'000'000 / 24000)));
  }
  here.timers->advance(milliseconds(200));
  EXPECT_EQ(lengths(), std::vector<size_t>(42, 240));
  expect_in_order(10'000);
}

TEST_F(ProgramAudio, CatchesUpAfterADelay) {
  EXPECT_TRUE(source->push(piece(480)));
  here.timers->advance(milliseconds(20));
  EXPECT_EQ(sink->blocks.size(), 2u);
  // The program was busy for 80 ms, and brings everything at once.
  here.timers->advance(milliseconds(80));
  EXPECT_TRUE(source->push(piece(480 * 4)));
  EXPECT_EQ(sink->blocks.size(), 10u) << "no latency stays";
}

TEST_F(ProgramAudio, BeginsAnewAfterAPause) {
  EXPECT_TRUE(source->push(piece(480)));
  here.timers->advance(std::chrono::seconds(10));
  EXPECT_TRUE(source->push(piece(4800)));
  EXPECT_EQ(sink->blocks.size(), 3u);
  here.timers->advance(milliseconds(190));
  EXPECT_EQ(sink->blocks.size(), 22u);
}

TEST_F(ProgramAudio, TakesNoMoreThanItsLimit) {
  EXPECT_TRUE(source->push(piece(24000 * 60)));
  EXPECT_TRUE(source->push(piece(24000 * 59)));
  EXPECT_FALSE(source->push(piece(24000 * 2)));
  here.timers->advance(std::chrono::seconds(2));
  EXPECT_TRUE(source->push(piece(24000 * 2)));
}

TEST_F(ProgramAudio, DropsWhatWaits) {
  EXPECT_TRUE(source->push(piece(24000 * 100)));
  source->clear();
  EXPECT_EQ(source->waiting_us(), 0);
  EXPECT_EQ(here.timers->pending(), 0u);
  const AudioBlock answer = piece(24000 * 100);
  EXPECT_TRUE(source->push(answer));
  here.timers->advance(milliseconds(20));
  ASSERT_EQ(sink->blocks.size(), 3u);
  EXPECT_EQ(sink->blocks[1]->samples.front(), answer.samples.front());
  here.timers->advance(std::chrono::seconds(101));
  EXPECT_EQ(sink->blocks.size(), 10'001u);
  EXPECT_EQ(source->waiting_us(), 0);
}

TEST_F(ProgramAudio, IsAsFastAsItsSoundWhereARateHasNoWholeBlocks) {
  EXPECT_TRUE(source->push(piece(22050 * 60, 22050)));
  here.timers->advance(std::chrono::seconds(60) - milliseconds(5));
  EXPECT_EQ(sink->blocks.size(), 22050u * 60 / 220 + 1);
}

TEST_F(ProgramAudio, KeepsSoundOfAnotherFormatWaitingForWhatWaits) {
  EXPECT_TRUE(source->push(piece(24000)));
  EXPECT_TRUE(source->push(piece(16000, 16000)));
  EXPECT_TRUE(source->push(piece(160, 16000)));
  EXPECT_TRUE(source->push(piece(24100)));
  EXPECT_EQ(sink->blocks.size(), 1u);
  EXPECT_NEAR(static_cast<double>(source->waiting_us()), 3.004e6, 200);
  here.timers->advance(milliseconds(1005));
  ASSERT_EQ(sink->blocks.size(), 101u);
  EXPECT_EQ(sink->blocks[99]->sample_rate, 24000);
  EXPECT_EQ(sink->blocks[100]->sample_rate, 16000);
  here.timers->advance(milliseconds(1005));
  ASSERT_EQ(sink->blocks.size(), 202u);
  EXPECT_EQ(sink->blocks[200]->sample_rate, 16000);
  EXPECT_EQ(sink->blocks[201]->sample_rate, 24000);
  here.timers->advance(milliseconds(1100));
  EXPECT_EQ(sink->blocks.size(), 302u);
  EXPECT_EQ(source->waiting_us(), 0);
  EXPECT_EQ(here.timers->pending(), 0u);
}

TEST_F(ProgramAudio, ChangesItsFormatWithoutLosingAnything) {
  EXPECT_TRUE(source->push(piece(300)));
  EXPECT_TRUE(source->push(piece(441, 44100)));
  EXPECT_TRUE(source->push(piece(480, 48000, 2)));
  ASSERT_EQ(sink->blocks.size(), 4u);
  EXPECT_EQ(sink->blocks[1]->sample_rate, 24000) << "the rest of the first one, filled up";
  EXPECT_EQ(sink->blocks[2]->sample_rate, 44100);
  EXPECT_EQ(sink->blocks[3]->channels, 2);
}

}  // namespace
}  // namespace peerwire
