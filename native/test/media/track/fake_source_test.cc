#include "media/track/fake_source.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "media/track/collecting_sinks.h"
#include "media/track/frame_code.h"
#include "media/track/manual_place.h"
#include "media/track/test_picture.h"
#include "media/track/test_sound.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool flashes(const I420Buffer& picture) {
  const Rectangle area = TestPicture::flash_area(picture.width(), picture.height());
  return picture.y()[static_cast<size_t>(area.y + area.height / 2) * picture.stride_y() + area.x + area.width / 2] >
         128;
}

TEST(FakeVideoSource, NumbersItsFramesAndKeepsTheRateWithoutDrift) {
  ManualPlace here;
  const auto source = FakeVideoSource::create(0, {320, 240, 30}, here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  here.timers->advance(seconds(5));
  source->add_sink(sink);
  const int64_t begin_us = here.now_us();
  here.timers->advance(seconds(60));
  ASSERT_EQ(sink->frames.size(), 60u * 30 + 1);
  for (size_t index = 0; index < sink->frames.size(); ++index) {
    const VideoFrame& frame = sink->frames[index];
    EXPECT_EQ(read_frame_code(*frame.buffer), index);
    EXPECT_EQ(frame.capture_time_us, begin_us + std::llround(static_cast<double>(index) * 1e6 / 30));
  }
}

TEST(FakeVideoSource, RestsWhileNobodyWatches) {
  ManualPlace here;
  const auto source = FakeVideoSource::create(0, {64, 64, 30}, here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  EXPECT_EQ(here.timers->pending(), 0u);
  source->add_sink(sink);
  here.timers->advance(seconds(1));
  source->remove_sink(sink.get());
  EXPECT_EQ(here.timers->pending(), 0u);
  const size_t seen = sink->frames.size();
  here.timers->advance(seconds(1));
  EXPECT_EQ(sink->frames.size(), seen);
  source->add_sink(sink);
  here.timers->advance(milliseconds(40));
  ASSERT_GT(sink->frames.size(), seen);
  EXPECT_EQ(read_frame_code(*sink->frames.back().buffer), sink->frames.size() - 1);
}

TEST(FakeVideoSource, LeavesOutWhatItMissed) {
  ManualPlace here;
  const auto source = FakeVideoSource::create(0, {64, 64, 30}, here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(100));
  const size_t before = sink->frames.size();
  here.timers->sleep(seconds(10));
  here.timers->advance(milliseconds(100));
  EXPECT_LE(sink->frames.size(), before + 6);
  EXPECT_GE(sink->frames.back().capture_time_us, here.now_us() - 40'000);
}

TEST(FakeVideoSource, TakesAnotherShapeWhileItRuns) {
  ManualPlace here;
  const auto source = FakeVideoSource::create(0, {64, 48, 0.1}, here.place());
  const auto sink = std::make_shared<CollectingVideoSink>();
  source->add_sink(sink);
  here.timers->advance(milliseconds(1));
  ASSERT_EQ(sink->frames.size(), 1u) << "the first one of a slow camera comes at once";
  source->configure({100, 100, 10});
  here.timers->advance(seconds(1));
  EXPECT_EQ(sink->frames.size(), 11u);
  EXPECT_EQ(sink->frames.back().width(), 100);
  EXPECT_EQ(source->flow().width, 100);
}

TEST(FakeVideoSource, EndsWithItsLastHolder) {
  ManualPlace here;
  {
    const auto source = FakeVideoSource::create(0, {64, 64, 30}, here.place());
    source->add_sink(std::make_shared<CollectingVideoSink>());
  }
  EXPECT_EQ(here.timers->pending(), 0u);
}

TEST(FakeVideoSource, LooksDifferentForEachDeviceAndMoves) {
  TestPicture one(0), other(1);
  const auto first = one.draw(640, 480, {0, 500'000, 0});
  const auto second = other.draw(640, 480, {0, 500'000, 0});
  const auto later = one.draw(640, 480, {1, 533'333, 33});
  const auto differing = [](const I420Buffer& a, const I420Buffer& b) {
    size_t count = 0;
    for (int row = 0; row < a.height(); ++row) {
      for (int column = 0; column < a.width(); ++column) {
        const size_t at = static_cast<size_t>(row) * a.stride_y() + column;
        count += std::abs(a.y()[at] - b.y()[at]) > 8;
      }
    }
    return static_cast<double>(count) / (a.width() * a.height());
  };
  EXPECT_GT(differing(*first, *second), 0.1);
  EXPECT_GT(differing(*first, *later), 0.05);
}

TEST(FakeSources, FlashAndBeepTogetherEachSecond) {
  ManualPlace here;
  here.timers->advance(std::chrono::microseconds(123'456));
  const auto video = FakeVideoSource::create(0, {160, 120, 30}, here.place());
  const auto audio = FakeAudioSource::create(0, {48000, 2}, here.place());
  const auto pictures = std::make_shared<CollectingVideoSink>();
  const auto sound = std::make_shared<CollectingAudioSink>();
  video->add_sink(pictures);
  audio->add_sink(sound);
  here.timers->advance(seconds(5));

  std::vector<int64_t> flash_begins, beep_begins;
  bool was_bright = true;
  for (const VideoFrame& frame : pictures->frames) {
    const bool is_bright = flashes(*frame.buffer);
    if (is_bright && !was_bright) flash_begins.push_back(frame.capture_time_us);
    was_bright = is_bright;
  }
  bool was_loud = true;
  int quiet = 0;
  for (const auto& block : sound->blocks) {
    for (size_t frame = 0; frame < block->frames(); ++frame) {
      const bool is_loud = std::abs(block->samples[frame * 2]) > 3000;
      quiet = is_loud ? 0 : quiet + 1;
      if (is_loud && !was_loud)
        beep_begins.push_back(block->capture_time_us + static_cast<int64_t>(frame) * 1'000'000 / 48000);
      if (is_loud || quiet > 480) was_loud = is_loud;
    }
  }
  ASSERT_EQ(flash_begins.size(), 5u);
  ASSERT_EQ(beep_begins.size(), 5u);
  for (size_t index = 0; index < 5; ++index) {
    EXPECT_EQ(flash_begins[index] % 1'000'000, 0);
    EXPECT_NEAR(static_cast<double>(beep_begins[index] - flash_begins[index]), 0, 1000);
  }
}

TEST(FakeAudioSource, MakesAsManySamplesAsTheRateSays) {
  for (const int rate : {8000, 11025, 16000, 44100, 48000, 96000}) {
    ManualPlace here;
    const auto source = FakeAudioSource::create(1, {rate, 1}, here.place());
    const auto sink = std::make_shared<CollectingAudioSink>();
    source->add_sink(sink);
    here.timers->advance(seconds(10) + milliseconds(5));
    EXPECT_EQ(sink->samples().size(), static_cast<size_t>(rate) * 10);
    EXPECT_EQ(sink->blocks.size(), 1000u);
  }
}

/// Of one frequency in the samples, 0 to 32,767 (Goertzel's algorithm).
double amplitude(const std::vector<int16_t>& samples, double hertz, int rate) {
  double sine = 0, cosine = 0;
  for (size_t index = 0; index < samples.size(); ++index) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(index) / rate;
    sine += samples[index] * std::sin(angle);
    cosine += samples[index] * std::cos(angle);
  }
  return 2 * std::hypot(sine, cosine) / static_cast<double>(samples.size());
}

TEST(FakeAudioSource, HasToneOfTheDeviceInEachChannel) {
  for (const uint32_t device : {0u, 1u}) {
    TestSound sound(device);
    std::vector<int16_t> left, right;
    for (int64_t time = 200'000; time < 900'000; time += 10'000) {
      const auto block = sound.make(48000, 2, 480, time);
      for (size_t frame = 0; frame < 480; ++frame) {
        left.push_back(block->samples[frame * 2]);
        right.push_back(block->samples[frame * 2 + 1]);
      }
    }
    EXPECT_NEAR(amplitude(left, TestSound::tone_hertz(device, 0), 48000), TestSound::kToneAmplitude, 8);
    EXPECT_NEAR(amplitude(right, TestSound::tone_hertz(device, 1), 48000), TestSound::kToneAmplitude, 8);
    EXPECT_LT(amplitude(left, TestSound::tone_hertz(1 - device, 0), 48000), 40);
  }
}

}  // namespace
}  // namespace peerwire
