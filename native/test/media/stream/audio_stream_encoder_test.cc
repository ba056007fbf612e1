// What the encoder of an audio sender makes of a change of its parameters.
#include "media/stream/audio_stream_encoder.h"

#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"
#include "media/stream/callers_thread.h"

namespace peerwire::test {
namespace {

struct AudioCall {
  AudioCall(AudioCodec codec, int red_payload_type) {
    parameters.ssrc = 1;
    parameters.codec.payload_type = 9;
    parameters.codec.clock_rate = codec == AudioCodec::kOpus ? 48'000 : 8'000;
    parameters.codec.audio.codec = codec;
    parameters.codec.red_payload_type = red_payload_type;
    encoder->configure(parameters, {});
    encoder->set_bitrate(64'000);
    encoder->set_sending(true);
  }

  void play(int duration_ms) {
    for (int time = 0; time < duration_ms; time += 10, at += 480) {
      auto block = std::make_shared<AudioBlock>();
      block->sample_rate = 48'000;
      block->channels = 1;
      block->capture_time_us = 5'000'000 + static_cast<int64_t>(at) * 1'000 / 48;
      block->samples = make_tone(48'000, 400, 8'000, 480, at);
      encoder->on_audio_block(block);
    }
  }

  EncodingParameters parameters;
  size_t at = 0;
  std::vector<Bytes> packets;
  const std::shared_ptr<AudioStreamEncoder> encoder = std::make_shared<AudioStreamEncoder>(
      std::make_shared<CallersThread>(),
      [this](EncodedAudioFrame frame) { packets.push_back(std::move(frame.payload)); });
};

class AudioStream : public testing::TestWithParam<AudioCodec> {
 protected:
  void SetUp() override {
    if (!AudioDecoder::create(GetParam(), 1)) GTEST_SKIP() << "built without the codec";
  }
};

/// What was coded before is what the peer's decoder, and redundancy, go by.
TEST_P(AudioStream, GoesOnOverAChangeThatIsNoneOfTheEncoders) {
  for (const int red : {-1, 63}) {
    SCOPED_TRACE(red);
    AudioCall undisturbed(GetParam(), red), changed(GetParam(), red);
    undisturbed.play(1'000);
    changed.play(490);
    changed.parameters.priority = BitratePriority::kHigh;
    changed.encoder->configure(changed.parameters, {});
    changed.play(510);
    ASSERT_GE(changed.packets.size(), 49u);
    EXPECT_EQ(changed.packets, undisturbed.packets);
  }
}

TEST_P(AudioStream, TakesAnotherEncoderForAnotherPacketTime) {
  AudioCall call(GetParam(), -1);
  call.play(500);
  const size_t before = call.packets.size();
  call.parameters.codec.audio.packet_time_ms = 10;
  call.encoder->configure(call.parameters, {});
  call.play(500);
  EXPECT_NEAR(static_cast<double>(call.packets.size() - before), 50, 2);
}

std::string name_of(const testing::TestParamInfo<AudioCodec>& info) {
  return info.param == AudioCodec::kOpus ? "Opus" : "G722";
}

INSTANTIATE_TEST_SUITE_P(Codecs, AudioStream, testing::Values(AudioCodec::kOpus, AudioCodec::kG722), name_of);

}  // namespace
}  // namespace peerwire::test
