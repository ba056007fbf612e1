#include "media/track/media_track.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

#include "base/clock.h"
#include "media/track/collecting_sinks.h"
#include "media/track/picture_paint.h"

namespace peerwire {
namespace {

VideoFrame picture(int width, int height, int64_t time_us, YuvColour colour = kWhite) {
  const auto buffer = I420Buffer::allocate(width, height);
  fill(*buffer, {0, 0, width, height}, colour);
  VideoFrame frame;
  frame.buffer = buffer;
  frame.capture_time_us = time_us;
  return frame;
}

AudioBlockPtr block(int16_t value) {
  auto made = std::make_shared<AudioBlock>();
  made->samples.assign(480, value);
  return made;
}

struct CountingDemand final : SourceDemand {
  void on_demand(bool wanted) override { history.push_back(wanted); }
  std::vector<bool> history;
};

TEST(VideoTrack, PassesFramesOnUnchangedToAllSinks) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto first = std::make_shared<CollectingVideoSink>();
  const auto second = std::make_shared<CollectingVideoSink>();
  track->add_sink(first);
  track->add_sink(second);
  const VideoFrame frame = picture(64, 48, 1000);
  source->deliver(frame);
  ASSERT_EQ(first->frames.size(), 1u);
  ASSERT_EQ(second->frames.size(), 1u);
  EXPECT_EQ(first->frames[0].buffer, frame.buffer);
  EXPECT_EQ(first->frames[0].capture_time_us, 1000);
  track->remove_sink(first.get());
  source->deliver(picture(64, 48, 2000));
  EXPECT_EQ(first->frames.size(), 1u);
  EXPECT_EQ(second->frames.size(), 2u);
  track->end();
}

TEST(VideoTrack, IsASinkOfItsSourceOnlyWhileItHasSinks) {
  const auto source = std::make_shared<VideoSource>();
  const auto demand = std::make_shared<CountingDemand>();
  source->set_demand(demand);
  const auto one = std::make_shared<VideoTrack>(source);
  const auto other = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  EXPECT_FALSE(source->is_wanted());
  one->add_sink(sink);
  other->add_sink(sink);
  one->remove_sink(sink.get());
  EXPECT_TRUE(source->is_wanted());
  other->end();
  EXPECT_FALSE(source->is_wanted());
  other->add_sink(sink);
  EXPECT_FALSE(source->is_wanted()) << "an ended track wants nothing";
  EXPECT_EQ(demand->history, (std::vector<bool>{false, true, false}));
}

TEST(VideoTrack, IsFreedWithItsLastHolder) {
  const auto source = std::make_shared<VideoSource>();
  std::weak_ptr<VideoTrack> weak;
  {
    const auto track = std::make_shared<VideoTrack>(source);
    weak = track;
    const auto sink = std::make_shared<CollectingVideoSink>();
    track->add_sink(sink);
    track->remove_sink(sink.get());
  }
  EXPECT_TRUE(weak.expired());
}

TEST(VideoTrack, IsBlackWhileDisabled) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  track->add_sink(sink);
  track->set_enabled(false);
  source->deliver(picture(33, 17, 1000));
  track->set_enabled(true);
  source->deliver(picture(33, 17, 2000));
  ASSERT_EQ(sink->frames.size(), 2u);
  const auto mean = [](const VideoFrame& frame) {
    std::vector<uint8_t> octets(frame.buffer->packed_size());
    frame.buffer->copy_packed_to(octets.data());
    return std::accumulate(octets.begin(), octets.begin() + 33 * 17, 0) / (33 * 17);
  };
  EXPECT_EQ(sink->frames[0].width(), 33);
  EXPECT_EQ(sink->frames[0].height(), 17);
  EXPECT_EQ(sink->frames[0].capture_time_us, 1000);
  EXPECT_LE(mean(sink->frames[0]), 16);
  EXPECT_EQ(mean(sink->frames[1]), 235);
  track->end();
}

TEST(VideoTrack, CutsAndScalesToItsShape) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  track->add_sink(sink);
  // White in the middle, black at the sides: of 4:3, a square shows the middle alone.
  VideoFrame frame = picture(640, 480, 0, kBlack);
  const auto buffer = I420Buffer::allocate(640, 480);
  fill(*buffer, {0, 0, 640, 480}, kBlack);
  fill(*buffer, {80, 0, 480, 480}, kWhite);
  frame.buffer = buffer;
  track->set_shape({240, 240, 0});
  source->deliver(frame);
  ASSERT_EQ(sink->frames.size(), 1u);
  const I420Buffer& square = *sink->frames[0].buffer;
  EXPECT_EQ(square.width(), 240);
  EXPECT_EQ(square.height(), 240);
  EXPECT_NEAR(square.y()[2], 235, 4);
  EXPECT_NEAR(square.y()[237], 235, 4);

  track->set_shape({1280, 720, 0});
  source->deliver(frame);
  EXPECT_EQ(sink->frames[1].width(), 640) << "never scaled up";
  EXPECT_EQ(sink->frames[1].height(), 360) << "but of the ratio that was asked for";

  track->set_shape({320, 0, 0});
  source->deliver(frame);
  EXPECT_EQ(sink->frames[2].width(), 320);
  EXPECT_EQ(sink->frames[2].height(), 240);
  track->end();
}

TEST(VideoTrack, UnderstandsItsShapeUpright) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  track->add_sink(sink);
  track->set_shape({240, 320, 0});
  VideoFrame frame = picture(640, 480, 0);
  frame.rotation = 90;
  source->deliver(frame);
  EXPECT_EQ(sink->frames[0].width(), 320);
  EXPECT_EQ(sink->frames[0].height(), 240);
  EXPECT_EQ(sink->frames[0].rotation, 90);
  EXPECT_EQ(source->flow().width, 480);
  EXPECT_EQ(source->flow().height, 640);
  track->end();
}

TEST(VideoTrack, LeavesFramesOutEvenly) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  track->add_sink(sink);
  const auto run = [&](double wanted) {
    sink->frames.clear();
    track->set_shape({0, 0, wanted});
    // Thirty frames a second for ten seconds, each up to 2 ms early or late.
    for (int index = 0; index < 300; ++index) {
      source->deliver(picture(16, 16, 1'000'000 + index * 33'333 + (index * 7919) % 4000 - 2000));
    }
    return sink->frames.size();
  };
  EXPECT_EQ(run(30), 300u);
  EXPECT_EQ(run(60), 300u);
  EXPECT_NEAR(static_cast<double>(run(15)), 150, 1);
  EXPECT_NEAR(static_cast<double>(run(10)), 100, 1);
  EXPECT_NEAR(static_cast<double>(run(24)), 240, 3);
  EXPECT_NEAR(static_cast<double>(run(0.5)), 5, 1);
  track->end();
}

TEST(VideoTrack, GoesOnWhenTimesJumpBack) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<CollectingVideoSink>();
  track->add_sink(sink);
  track->set_shape({0, 0, 10});
  source->deliver(picture(16, 16, 50'000'000));
  source->deliver(picture(16, 16, 1'000'000));
  EXPECT_EQ(sink->frames.size(), 2u);
  track->end();
}

TEST(VideoSource, TellsWhatFlows) {
  VideoSource source;
  EXPECT_EQ(source.flow().width, 0);
  for (int index = 0; index < 100; ++index) source.deliver(picture(320, 240, index * 40'000));
  EXPECT_EQ(source.flow().width, 320);
  EXPECT_EQ(source.flow().height, 240);
  EXPECT_NEAR(source.flow().framerate, 25, 0.1);
  // In pairs, as a busy program hands them over.
  for (int pair = 50; pair < 100; ++pair) {
    source.deliver(picture(320, 240, pair * 80'000));
    source.deliver(picture(320, 240, pair * 80'000 + 1'000));
  }
  EXPECT_NEAR(source.flow().framerate, 25, 2);
}

TEST(VideoTrack, LetsSinksComeAndGoWhileFramesFlow) {
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  std::atomic<bool> stop{false};
  std::thread sending([&] {
    for (int index = 0; !stop; ++index) source->deliver(picture(16, 16, index * 1000));
  });
  for (int index = 0; index < 500; ++index) {
    const auto sink = std::make_shared<CollectingVideoSink>();
    track->add_sink(sink);
    track->set_shape({8, 8, 0});
    track->set_enabled(index % 2 == 0);
    track->remove_sink(sink.get());
  }
  stop = true;
  sending.join();
  EXPECT_FALSE(source->is_wanted());
}

TEST(VideoTrack, IsBlackInTheSizeOfEachPictureThoughTwoDecodersDeliverAtOnce) {
  // The stream that is shown gives way to one of another size: each has a decoder, on a thread of the pool.
  struct SizeSink final : VideoSink {
    void on_video_frame(const VideoFrame& frame) override {
      if (frame.width() != frame.capture_time_us) ++misfits;
    }
    std::atomic<int> misfits{0};
  };
  const auto source = std::make_shared<VideoSource>();
  const auto track = std::make_shared<VideoTrack>(source);
  const auto sink = std::make_shared<SizeSink>();
  track->set_enabled(false);
  track->add_sink(sink);
  const TimePoint end = Clock::now() + std::chrono::milliseconds(300);
  const auto deliver = [&](int width) {
    const VideoFrame frame = picture(width, 16, width);
    while (Clock::now() < end) source->deliver(frame);
  };
  std::thread leaving(deliver, 16);
  deliver(32);
  leaving.join();
  EXPECT_EQ(sink->misfits, 0);
  track->end();
}

TEST(AudioTrack, IsSilentWhileDisabled) {
  const auto source = std::make_shared<AudioSource>();
  const auto track = std::make_shared<AudioTrack>(source);
  const auto sink = std::make_shared<CollectingAudioSink>();
  track->add_sink(sink);
  const AudioBlockPtr loud = block(7);
  source->deliver(loud);
  track->set_enabled(false);
  source->deliver(block(7));
  track->end();
  source->deliver(block(7));
  ASSERT_EQ(sink->blocks.size(), 2u);
  EXPECT_EQ(sink->blocks[0], loud);
  EXPECT_EQ(sink->blocks[1]->samples, std::vector<int16_t>(480, 0));
  EXPECT_EQ(source->flow().sample_rate, 48000);
}

}  // namespace
}  // namespace peerwire
