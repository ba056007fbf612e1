#include "media/video_receive/simulated_call.h"

namespace peerwire {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

struct Case {
  const char* name;
  CallSettings settings;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  const std::pair<const char*, VideoCodec> codecs[] = {
      {"Vp8", VideoCodec::kVp8}, {"Vp9", VideoCodec::kVp9}, {"H264", VideoCodec::kH264}, {"Av1", VideoCodec::kAv1}};
  for (const auto& [name, codec] : codecs) {
    for (const uint32_t seed : {1u, 2u, 3u}) {
      CallSettings settings;
      settings.codec = codec;
      settings.seed = seed;
      settings.loss = 0.05;
      settings.feedback_loss = 0.05;
      out.push_back({name, settings});
      settings.jitter_us = 30'000;
      out.push_back({name, settings});
      settings.keeps_order = true;
      out.push_back({name, settings});
      if (codec != VideoCodec::kH264) {
        settings.temporal_layers = 2;
        out.push_back({name, settings});
        settings.temporal_layers = 3;
        out.push_back({name, settings});
      }
    }
  }
  return out;
}

class LossyNetwork : public ::testing::TestWithParam<Case> {};

TEST_P(LossyNetwork, NeverFreezesAndLosesNoFrameThatCanBeRepaired) {
  SimulatedCall call(GetParam().settings);
  call.run(60 * kSecondUs);
  ASSERT_FALSE(call.released.empty());
  EXPECT_LE(call.longest_gap_us(), 500'000);
  if (GetParam().settings.temporal_layers == 1) {
    // What was sent before the first packet that came cannot be asked for, and what is on its way is not lost.
    EXPECT_LE(*call.decoder.decoded().begin(), 15u);
    EXPECT_GE(call.decoder.decoded().size() + *call.decoder.decoded().begin() + 12, call.decoder.sent());
    EXPECT_EQ(call.later_keyframe_requests, 0u);
  } else {
    // A frame of an upper layer that is not repaired when it is due is passed over.
    EXPECT_GE(call.decoder.decoded().size(), call.decoder.sent() * 95 / 100);
  }
}
INSTANTIATE_TEST_SUITE_P(Codecs, LossyNetwork, ::testing::ValuesIn(cases()), [](const auto& info) {
  const CallSettings& settings = info.param.settings;
  return std::string(info.param.name) + "Seed" + std::to_string(settings.seed) + "Layers" +
         std::to_string(settings.temporal_layers) + (settings.jitter_us ? "Jitter" : "") +
         (settings.keeps_order ? "Queue" : "");
});

TEST(PerfectNetwork, AddsHardlyAnyDelay) {
  SimulatedCall call({});
  call.run(20 * kSecondUs);
  EXPECT_EQ(call.decoder.decoded().size() + 1, call.decoder.sent());
  EXPECT_EQ(call.nacked, 0u);
  EXPECT_EQ(call.keyframe_requests, 0u);
  const auto stats = call.buffer->stats();
  EXPECT_EQ(stats.frames_dropped, 0u);
  EXPECT_EQ(stats.render.freeze_count, 0u);
  EXPECT_LT(stats.jitter_buffer_delay_us / stats.jitter_buffer_emitted_count, 15'000);
}

TEST(JitteryNetwork, ShowsFramesEvenly) {
  for (const bool keeps_order : {false, true}) {
    CallSettings settings;
    settings.jitter_us = 100'000;
    settings.keeps_order = keeps_order;
    SimulatedCall call(settings);
    call.run(30 * kSecondUs);
    EXPECT_GE(call.decoder.decoded().size() + 12, call.decoder.sent());
    const int64_t from_us = 1'010'000'000;
    std::vector<int64_t> gaps;
    for (size_t i = 1; i < call.released.size(); ++i) {
      if (call.released[i].at_us > from_us) gaps.push_back(call.released[i].at_us - call.released[i - 1].at_us);
    }
    std::sort(gaps.begin(), gaps.end());
    ASSERT_GT(gaps.size(), 400u);
    // Nine in ten within a third of a frame's time.
    EXPECT_GT(gaps[gaps.size() / 20], 22'000);
    EXPECT_LT(gaps[gaps.size() * 19 / 20], 45'000);
    EXPECT_LT(call.longest_gap_us(from_us), 250'000);
  }
}

TEST(LossyNetworkWithoutNack, RecoversByKeyframes) {
  CallSettings settings;
  settings.loss = 0.01;
  settings.nack = false;
  settings.feedback_loss = 0.05;
  SimulatedCall call(settings);
  call.run(30 * kSecondUs);
  EXPECT_GT(call.keyframe_requests, 10u);
  EXPECT_LE(call.longest_gap_us(), 1'500'000);
  EXPECT_GT(call.decoder.decoded().size(), 300u);
}

TEST(VeryLossyNetwork, StillGoesOn) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    CallSettings settings;
    settings.seed = seed;
    settings.loss = 0.2;
    settings.feedback_loss = 0.2;
    settings.jitter_us = 50'000;
    SimulatedCall call(settings);
    call.run(30 * kSecondUs);
    EXPECT_LE(call.longest_gap_us(), 1'000'000);
    EXPECT_GT(call.decoder.decoded().size(), 800u);
  }
}

TEST(LossyNetworkWithTemporalLayers, NeedsNoKeyframeForAnUpperLayer) {
  CallSettings settings;
  settings.temporal_layers = 3;
  settings.nack = false;
  for (const VideoCodec codec : {VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kAv1}) {
    settings.codec = codec;
    SimulatedCall call(settings);
    // Every fifth frame of the topmost layer never comes.
    uint32_t last_timestamp = 0;
    uint32_t frames = 0;
    call.loses = [&](const RtpPacketToSend& packet) {
      if (packet.header.timestamp != last_timestamp) ++frames;
      last_timestamp = packet.header.timestamp;
      return frames % 20 == 4;
    };
    call.run(10 * kSecondUs);
    EXPECT_EQ(call.keyframe_requests, 0u) << static_cast<int>(codec);
    EXPECT_LE(call.longest_gap_us(), 100'000);
    EXPECT_GE(call.decoder.decoded().size(), 300u * 18 / 20);
  }
}

TEST(Outage, EndsWithAKeyframe) {
  SimulatedCall call({});
  call.run(2 * kSecondUs);
  call.settings().loss = 1;
  call.run(3 * kSecondUs);
  call.settings().loss = 0;
  const int64_t restored_us = call.now_us;
  call.run(2 * kSecondUs);
  EXPECT_GE(call.keyframe_requests, 1u);
  EXPECT_LE(call.keyframe_requests, 4u);
  const auto next = std::find_if(call.released.begin(), call.released.end(),
                                 [&](const auto& each) { return each.at_us > restored_us; });
  ASSERT_NE(next, call.released.end());
  EXPECT_LT(next->at_us - restored_us, 500'000);
}

TEST(Packets, ThatNeverComeLeadToAKeyframeWithinHalfASecond) {
  SimulatedCall call({});
  call.run(2 * kSecondUs);
  call.retransmits = false;
  bool is_lost = false;
  call.loses = [&](const RtpPacketToSend&) { return !std::exchange(is_lost, true); };
  call.run(3 * kSecondUs);
  EXPECT_EQ(call.keyframe_requests, 1u);
  EXPECT_GT(call.nacked, 3u);
  EXPECT_LE(call.longest_gap_us(), 500'000);
}

}  // namespace
}  // namespace peerwire
