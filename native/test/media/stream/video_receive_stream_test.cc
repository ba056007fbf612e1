// A received stream whose decoder falls behind.
#include "media/stream/video_receive_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "media/packetization/packetizer.h"
#include "media/video_codec/moving_picture.h"

namespace peerwire::test {
namespace {

constexpr uint8_t kPayloadType = 96;

/// Runs nothing until it is told to.
class HeldPool final : public WorkerPool {
 public:
  size_t threads() const override { return 1; }
  void run_all() {
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  void run(std::function<void()> task) override { tasks_.push_back(std::move(task)); }

  std::deque<std::function<void()>> tasks_;
};

struct Screen final : VideoSink {
  void on_video_frame(const VideoFrame& frame) override { shown.push_back(frame.rtp_timestamp.value() / 3000); }
  std::vector<uint32_t> shown;
};

class ReceiveStream : public testing::Test, public VideoReceiveStream::Observer {
 protected:
  ReceiveStream() {
    VideoEncoderSettings settings;
    settings.codec = VideoCodec::kVp8;
    settings.width = 160;
    settings.height = 120;
    settings.bitrate_bps = 300'000;
    std::string error;
    encoder_ = VideoEncoder::create(settings, &error);
    source_->add_sink(screen_);
    VideoReceiveSettings receive;
    receive.payload_types[kPayloadType] = {VideoCodec::kVp8, {}};
    network_->post_and_wait(
        [&] { stream_ = std::make_unique<VideoReceiveStream>(*network_, pool_, source_, 1, "", receive, *this); });
  }
  ~ReceiveStream() override {
    network_->post_and_wait([&] { stream_.reset(); });
  }

  void on_tapped_frame(TappedFrame, EncodedVideoFrame) override { ADD_FAILURE(); }

  /// One more picture comes, and is due.
  void receive(bool is_keyframe, bool is_damaged = false) {
    const uint32_t number = next_++;
    std::vector<EncodedVideoFrame> coded;
    ASSERT_TRUE(encoder_->encode(moving_picture(160, 120, static_cast<int>(number)), is_keyframe, coded));
    ASSERT_EQ(coded.size(), 1u);
    ASSERT_EQ(coded[0].is_keyframe, is_keyframe);
    // The first partition is as long as can be told: far longer than what there is.
    if (is_damaged) coded[0].data = {static_cast<uint8_t>(coded[0].data[0] | 0xe0), 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0};
    network_->post_and_wait([&] {
      const auto payloads = packetizer_->packetize(coded[0], {});
      for (const VideoPayload& payload : payloads) {
        RtpPacketToSend packet;
        packet.header = {payload.is_last, kPayloadType, sequence_++, number * 3000, 1, {}};
        packet.payload = payload.payload;
        const Bytes octets = packet.serialize({});
        stream_->on_packet(*RtpPacketView::parse(octets), false, now_us_);
      }
      now_us_ += 33'000;
      stream_->process(now_us_ + 1'000'000);
    });
  }
  void decode() {
    pool_->run_all();
    // What the decoder has told is known by then.
    network_->post_and_wait([] {});
  }
  bool wants_keyframe() {
    bool wanted = false;
    network_->post_and_wait([&] { wanted = stream_->buffer().take_keyframe_request(now_us_); });
    return wanted;
  }

  const std::shared_ptr<NetworkThread> network_ = NetworkThread::acquire();
  const std::shared_ptr<HeldPool> pool_ = std::make_shared<HeldPool>();
  const std::shared_ptr<VideoSource> source_ = std::make_shared<VideoSource>();
  const std::shared_ptr<Screen> screen_ = std::make_shared<Screen>();
  std::unique_ptr<VideoEncoder> encoder_;
  const std::unique_ptr<Packetizer> packetizer_ = Packetizer::create({.codec = VideoCodec::kVp8});
  std::unique_ptr<VideoReceiveStream> stream_;
  uint32_t next_ = 1;
  uint16_t sequence_ = 100;
  int64_t now_us_ = 1'000'000'000;
};

TEST_F(ReceiveStream, WantsAKeyframeWhenAFrameCannotBeDecoded) {
  receive(true);
  receive(false, true);
  decode();
  EXPECT_TRUE(wants_keyframe());
  receive(false);
  decode();
  EXPECT_EQ(screen_->shown, (std::vector<uint32_t>{1}));
}

TEST_F(ReceiveStream, ForgetsTheDelayOfLipSyncWhenItRests) {
  network_->post_and_wait([&] { stream_->buffer().set_sync_delay(400); });
  receive(true);
  const auto delay_us = [&] {
    int64_t delay = 0;
    network_->post_and_wait([&] { delay = stream_->buffer().target_delay_us(); });
    return delay;
  };
  EXPECT_EQ(delay_us(), 400'000);
  network_->post_and_wait([&] { stream_->reset(); });
  receive(true);
  EXPECT_LT(delay_us(), 100'000);
}

TEST_F(ReceiveStream, GoesOnFromAKeyframeThatWaitedBehindDamagedFrames) {
  receive(true);
  receive(false, true);
  receive(false, true);
  receive(true);
  receive(false);
  decode();
  EXPECT_FALSE(wants_keyframe());
  receive(false);
  decode();
  EXPECT_EQ(screen_->shown, (std::vector<uint32_t>{1, 4, 5, 6}));
}

}  // namespace
}  // namespace peerwire::test
