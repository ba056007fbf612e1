// The jitter buffer behind its queue, in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "media/codec/audio_codec.h"
#include "media/stream/audio_rtp_receiver.h"

namespace peerwire {
namespace {

constexpr uint8_t kG722Type = 9;
constexpr int kBlocks = 100;

class Recorder final : public AudioSink {
 public:
  void on_audio_block(const AudioBlockPtr& block) override {
    std::lock_guard lock(mutex_);
    samples_.insert(samples_.end(), block->samples.begin(), block->samples.end());
    ++blocks_;
    changed_.notify_all();
  }
  std::vector<int16_t> wait_for(int blocks) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return blocks_ >= blocks; });
    return samples_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int blocks_ = 0;
  std::vector<int16_t> samples_;
};

/// What is heard of a tone. @param configures again, with the same parameters, in the middle
std::vector<int16_t> play(bool configures) {
  ReceiveParameters parameters;
  ReceiveCodecParameters codec;
  codec.payload_type = kG722Type;
  codec.kind = ReceiveCodecParameters::Kind::kAudio;
  codec.audio = AudioCodec::kG722;
  codec.clock_rate = 8000;
  parameters.codecs.push_back(codec);
  const auto source = std::make_shared<AudioSource>();
  const auto recorder = std::make_shared<Recorder>();
  source->add_sink(recorder);
  const auto playout = std::make_shared<AudioPlayout>(WorkerPool::acquire(), source);
  playout->configure(parameters);
  AudioEncoderSettings settings;
  settings.codec = AudioCodec::kG722;
  settings.packet_time_ms = 20;
  const auto encoder = AudioEncoder::create(settings, nullptr);
  for (int block = 0; block < kBlocks; ++block) {
    const int64_t now_us = int64_t{block} * 10'000;
    if (block % 2 == 0) {
      std::vector<int16_t> tone(320);
      for (size_t i = 0; i < tone.size(); ++i) {
        tone[i] = static_cast<int16_t>(10'000 * std::sin(0.1 * static_cast<double>(i + tone.size() * block / 2)));
      }
      AudioPlayout::Packet packet;
      packet.header.ssrc = 1;
      packet.header.payload_type = kG722Type;
      packet.header.timestamp = static_cast<uint32_t>(block / 2 * 160);
      packet.arrival_us = now_us;
      encoder->encode(tone.data(), tone.size(), packet.payload);
      playout->insert(std::move(packet));
    }
    if (configures && block == kBlocks / 2) playout->configure(parameters);
    playout->play(now_us);
    recorder->wait_for(block + 1);
  }
  playout->stop();
  return recorder->wait_for(kBlocks);
}

TEST(AudioPlayout, GoesOnWithItsDecoderWhenItIsConfiguredTheSame) {
  const std::vector<int16_t> undisturbed = play(false);
  EXPECT_GT(*std::max_element(undisturbed.begin(), undisturbed.end()), 5'000);
  EXPECT_EQ(play(true), undisturbed);
}

}  // namespace
}  // namespace peerwire
