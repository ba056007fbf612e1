#include "media/file/file_source.h"

#include <gtest/gtest.h>

#include "media/track/collecting_sinks.h"
#include "media/track/manual_place.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Pictures at given times.
class MemoryVideo final : public VideoFile {
 public:
  explicit MemoryVideo(std::vector<int64_t> times, ReadResult end = ReadResult::kEnd)
      : times_(std::move(times)), end_(end) {}
  Format format() const override { return {16, 16, 25}; }
  ReadResult read(Picture& picture) override {
    if (next_ == times_.size()) return end_;
    picture.frame = VideoFrame();
    picture.frame.buffer = I420Buffer::allocate(16, 16);
    picture.time_us = times_[next_++];
    return ReadResult::kRead;
  }
  bool rewind() override {
    next_ = 0;
    return true;
  }

 private:
  const std::vector<int64_t> times_;
  const ReadResult end_;
  size_t next_ = 0;
};

/// 1, 2, 3 …
class MemoryAudio final : public AudioFile {
 public:
  MemoryAudio(int rate, size_t frames) : rate_(rate), frames_(frames) {}
  Format format() const override { return {rate_, 1}; }
  ReadResult read(size_t frames, std::vector<int16_t>& samples) override {
    if (next_ == frames_) return ReadResult::kEnd;
    for (; frames > 0 && next_ < frames_; --frames) samples.push_back(static_cast<int16_t>(++next_));
    return ReadResult::kRead;
  }
  bool rewind() override {
    next_ = 0;
    return true;
  }

 private:
  const int rate_;
  const size_t frames_;
  size_t next_ = 0;
};

struct FileSourceTest : testing::Test {
  FilePlayback playback(bool loop) {
    return {loop, [this](const std::string& error) { ends.push_back(error); }};
  }
  std::vector<int64_t> times_of(const CollectingVideoSink& sink) const {
    std::vector<int64_t> times;
    for (const VideoFrame& frame : sink.frames) times.push_back(frame.capture_time_us - begin_us);
    return times;
  }

  ManualPlace here;
  std::vector<std::string> ends;
  int64_t begin_us = here.now_us();
};

TEST_F(FileSourceTest, ShowsPicturesAtTheirTimesAndEnds) {
  const auto source = create_file_source(std::make_unique<MemoryVideo>(std::vector<int64_t>{0, 40'000, 120'000}),
                                         playback(false), here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  here.timers->advance(seconds(5));
  begin_us = here.now_us();
  source->add_sink(sink);
  here.timers->advance(milliseconds(199));
  EXPECT_EQ(times_of(*sink), (std::vector<int64_t>{0, 40'000, 120'000}));
  EXPECT_TRUE(ends.empty()) << "the last picture has its time, too";
  here.timers->advance(milliseconds(2));
  EXPECT_EQ(ends, std::vector<std::string>{""});
  source->remove_sink(sink.get());
  source->add_sink(sink);
  here.timers->advance(seconds(1));
  EXPECT_EQ(sink->frames.size(), 3u);
  EXPECT_EQ(ends.size(), 1u);
}

TEST_F(FileSourceTest, PlaysOverAndOverWithoutAGap) {
  const auto source = create_file_source(std::make_unique<MemoryVideo>(std::vector<int64_t>{0, 40'000, 80'000}),
                                         playback(true), here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(390));
  std::vector<int64_t> expected;
  for (int64_t index = 0; index < 10; ++index) expected.push_back(index * 40'000);
  EXPECT_EQ(times_of(*sink), expected);
  EXPECT_TRUE(ends.empty());
}

TEST_F(FileSourceTest, RestsWhileNobodyWatches) {
  const auto source = create_file_source(
      std::make_unique<MemoryVideo>(std::vector<int64_t>{0, 40'000, 80'000, 120'000}), playback(false), here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(50));
  EXPECT_EQ(sink->frames.size(), 2u);
  source->remove_sink(sink.get());
  EXPECT_EQ(here.timers->pending(), 0u);
  here.timers->advance(seconds(10));
  source->add_sink(sink);
  here.timers->advance(milliseconds(1));
  EXPECT_EQ(sink->frames.size(), 3u) << "it goes on where it was";
  here.timers->advance(milliseconds(40));
  EXPECT_EQ(sink->frames.size(), 4u);
}

TEST_F(FileSourceTest, KeepsToItsPaceWhenTimesAreDamaged) {
  const auto source = create_file_source(
      std::make_unique<MemoryVideo>(std::vector<int64_t>{0, 40'000, 10'000, 900'000'000'000, 900'000'040'000}),
      playback(false), here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  source->add_sink(sink);
  here.timers->advance(seconds(1));
  EXPECT_EQ(sink->frames.size(), 5u);
}

TEST_F(FileSourceTest, TellsOfDamage) {
  const auto damaged = create_file_source(std::make_unique<MemoryVideo>(std::vector<int64_t>{0}, ReadResult::kDamaged),
                                          playback(true), here.place());
  const auto empty =
      create_file_source(std::make_unique<MemoryVideo>(std::vector<int64_t>{}), playback(true), here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  damaged->add_sink(sink);
  empty->add_sink(sink);
  here.timers->advance(seconds(1));
  EXPECT_EQ(ends, (std::vector<std::string>{"the file is damaged", "there is no picture in the file"}));
}

TEST_F(FileSourceTest, PlaysSoundInBlocksOfTenMilliseconds) {
  const auto source = create_file_source(std::make_unique<MemoryAudio>(11025, 11025), playback(false), here.place());
  const auto sink = std::make_shared<CollectingAudioSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(505));
  EXPECT_EQ(sink->blocks.size(), 51u);
  here.timers->advance(seconds(1));
  const auto samples = sink->samples();
  ASSERT_EQ(samples.size(), 11025u);
  for (size_t index = 0; index < samples.size(); ++index) ASSERT_EQ(samples[index], static_cast<int16_t>(index + 1));
  EXPECT_EQ(ends, std::vector<std::string>{""});
}

TEST_F(FileSourceTest, JoinsTheEndOfSoundWithItsBegin) {
  const auto source = create_file_source(std::make_unique<MemoryAudio>(8000, 100), playback(true), here.place());
  const auto sink = std::make_shared<CollectingAudioSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(45));
  const auto samples = sink->samples();
  ASSERT_EQ(samples.size(), 400u);
  for (size_t index = 0; index < samples.size(); ++index)
    ASSERT_EQ(samples[index], static_cast<int16_t>(index % 100 + 1));
  const auto nothing = create_file_source(std::make_unique<MemoryAudio>(8000, 0), playback(true), here.place());
  nothing->add_sink(sink);
  here.timers->advance(milliseconds(10));
  EXPECT_EQ(ends.size(), 1u);
}

}  // namespace
}  // namespace peerwire
