#include "media/receive/video_receive_buffer.h"

#include "media/video_receive/simulated_call.h"

namespace peerwire {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

size_t released_after(const SimulatedCall& call, int64_t from_us) {
  return static_cast<size_t>(std::count_if(call.released.begin(), call.released.end(),
                                           [&](const auto& each) { return each.at_us > from_us; }));
}

TEST(VideoReceiveBuffer, GivesFramesTheirTimesAndSizes) {
  SimulatedCall call({});
  call.buffer->on_sender_report((uint64_t{3'900'000'000} << 32), 0xfffff000);
  call.run(kSecondUs);
  ASSERT_GT(call.released.size(), 25u);
  for (size_t i = 0; i < call.released.size(); ++i) {
    const auto& [frame, at_us] = call.released[i];
    EXPECT_EQ(frame.rtp_timestamp, static_cast<uint32_t>(0xfffff000 + i * 33'333 * 9 / 100));
    EXPECT_EQ(frame.is_keyframe, i == 0);
    EXPECT_EQ(frame.width, i == 0 ? 640 : 0);
    EXPECT_EQ(frame.height, i == 0 ? 360 : 0);
    EXPECT_GE(frame.render_time_us, at_us);
    EXPECT_LE(frame.render_time_us, at_us + 20'000);
    EXPECT_LE(frame.first_packet_us, frame.last_packet_us);
    EXPECT_LE(frame.last_packet_us, at_us);
    EXPECT_NEAR(static_cast<double>(*frame.capture_ntp_ms), 3'900'000'000'000.0 + static_cast<double>(i) * 33.3, 2);
  }
  const auto synced = call.buffer->synced_stream();
  ASSERT_TRUE(synced);
  EXPECT_GT(synced->current_delay_us, 0);
}

TEST(VideoReceiveBuffer, CountsWhatItDoes) {
  SimulatedCall call({});
  call.run(2 * kSecondUs);
  call.is_sending = false;
  call.run(kSecondUs);
  const VideoReceiveStats stats = call.buffer->stats();
  EXPECT_EQ(stats.frames_received, call.released.size());
  EXPECT_EQ(stats.keyframes_received, 1u);
  EXPECT_EQ(stats.jitter_buffer_emitted_count, call.released.size());
  EXPECT_EQ(stats.frames_assembled_from_multiple_packets, call.released.size());
  EXPECT_GT(stats.total_assembly_time_us, 0);
  EXPECT_EQ(stats.render.frames, call.released.size());
  EXPECT_EQ(stats.packets_discarded + stats.packets_duplicated + stats.frames_dropped, 0u);
}

TEST(VideoReceiveBuffer, ReadsOrientationAndPlayoutDelay) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kVp8, {}};
  settings.extensions.set(RtpExtension::kVideoOrientation, 3);
  settings.extensions.set(RtpExtension::kPlayoutDelay, 4);
  VideoReceiveBuffer buffer(settings);
  RtpPacketToSend packet;
  packet.header = {true, 96, 1, 0, 1, {}};
  packet.payload = {0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0};
  const uint8_t orientation[] = {0x03};
  const uint8_t delay[] = {0x00, 0xa0, 0x14};  // 100 to 200 ms
  packet.set_extension(RtpExtension::kVideoOrientation, orientation);
  packet.set_extension(RtpExtension::kPlayoutDelay, delay);
  const Bytes octets = packet.serialize(settings.extensions);
  buffer.on_packet(*RtpPacketView::parse(octets), false, 1000);
  EXPECT_TRUE(buffer.take_due(1000).empty());
  EXPECT_EQ(buffer.next_timeout_us(1000), 101'000);
  EXPECT_EQ(buffer.target_delay_us(), 100'000);
  const auto frames = buffer.take_due(101'000);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].rotation, 270);
  EXPECT_EQ(frames[0].width, 64);
  EXPECT_EQ(buffer.next_timeout_us(101'000), VideoReceiveBuffer::kNever);
}

TEST(VideoReceiveBuffer, AKeyframeOnItsWayAnswersAWantButNoRequest) {
  for (const bool is_request : {false, true}) {
    VideoReceiveSettings settings;
    settings.payload_types[96] = {VideoCodec::kVp8, {}};
    VideoReceiveBuffer buffer(settings);
    if (is_request) {
      buffer.request_keyframe();
    } else {
      buffer.want_keyframe();
    }
    RtpPacketToSend packet;
    packet.header = {true, 96, 1, 0, 1, {}};
    packet.payload = {0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0};
    const Bytes octets = packet.serialize(settings.extensions);
    buffer.on_packet(*RtpPacketView::parse(octets), false, 1000);
    ASSERT_EQ(buffer.take_due(50'000).size(), 1u);
    EXPECT_EQ(buffer.take_keyframe_request(50'000), is_request);
    EXPECT_FALSE(buffer.take_keyframe_request(5'000'000));
  }
}

TEST(VideoReceiveBuffer, HoldsFramesForTheTargetDelay) {
  CallSettings settings;
  settings.frame_size = 40'000;  // more packets than the ring holds while they wait
  SimulatedCall call(settings);
  call.buffer->set_target_delay(3'000);
  call.run(5 * kSecondUs);
  EXPECT_EQ(call.keyframe_requests, 0u);
  ASSERT_GT(call.released.size(), 50u);
  EXPECT_NEAR(static_cast<double>(call.released[0].at_us - SimulatedCall::kStartUs), 3'025'000, 30'000);
  EXPECT_EQ(call.buffer->stats().frames_dropped, 0u);
}

TEST(VideoReceiveBuffer, AsksForAKeyframeWhenItJoinsLate) {
  SimulatedCall call({});
  call.loses = [&](const RtpPacketToSend&) { return call.now_us < SimulatedCall::kStartUs + kSecondUs; };
  call.run(2 * kSecondUs);
  EXPECT_EQ(call.keyframe_requests, 1u);
  ASSERT_GT(call.released.size(), 20u);
  EXPECT_LT(call.released[0].at_us, SimulatedCall::kStartUs + kSecondUs + 250'000);
}

TEST(VideoReceiveBuffer, GoesOnAskingWhileNoKeyframeComes) {
  SimulatedCall call({});
  call.run(kSecondUs);
  call.ignores_keyframe_requests = true;
  call.buffer->on_decode_failed();
  call.run(3 * kSecondUs);
  EXPECT_GE(call.keyframe_requests, 4u);
  EXPECT_LE(call.keyframe_requests, 8u);
  call.ignores_keyframe_requests = false;
  call.run(2 * kSecondUs);
  EXPECT_GT(released_after(call, call.now_us - kSecondUs), 25u);
}

TEST(VideoReceiveBuffer, DoesNotAskASilentSender) {
  SimulatedCall call({});
  call.run(kSecondUs);
  call.is_sending = false;
  call.buffer->on_decode_failed();
  call.run(60 * kSecondUs);
  EXPECT_LE(call.keyframe_requests, 6u);
}

TEST(VideoReceiveBuffer, SkipsToAKeyframeAfterTheDecoderFailed) {
  SimulatedCall call({});
  call.run(kSecondUs);
  const int64_t failed_us = call.now_us;
  call.buffer->on_decode_failed();
  call.run(kSecondUs);
  const auto next = std::find_if(call.released.begin(), call.released.end(),
                                 [&](const auto& each) { return each.at_us > failed_us; });
  ASSERT_NE(next, call.released.end());
  EXPECT_TRUE(next->frame.is_keyframe);
  EXPECT_LT(next->at_us - failed_us, 200'000);
  EXPECT_EQ(call.keyframe_requests, 1u);
}

class Restarts : public ::testing::TestWithParam<VideoCodec> {};

TEST_P(Restarts, AreSurvived) {
  CallSettings settings;
  settings.codec = GetParam();
  SimulatedCall call(settings);
  call.run(kSecondUs);
  const auto expect_flow = [&](const char* after) {
    const int64_t from_us = call.now_us;
    call.run(2 * kSecondUs);
    EXPECT_GT(released_after(call, from_us), 45u) << after;
    EXPECT_LE(call.longest_gap_us(from_us - kSecondUs / 2), 500'000) << after;
  };
  for (const uint16_t jump : {5'000, 40'000, 65'036, 65'530, 65'500, 300}) {
    call.jump_sequence(jump);
    expect_flow("a jump of sequence numbers");
  }
  call.jump_timestamp(90'000 * 3600);
  expect_flow("a jump of timestamps");
  call.jump_timestamp(static_cast<uint32_t>(-90'000 * 1800));
  expect_flow("a jump of timestamps back");
  call.restart_ssrc();
  expect_flow("another SSRC");
  call.encoder().width = 320;
  call.encoder().height = 180;
  call.force_keyframe();
  expect_flow("another size");
}
INSTANTIATE_TEST_SUITE_P(Codecs, Restarts,
                         ::testing::Values(VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1));

TEST(VideoReceiveBuffer, KnowsAnOutageAfterAPauseOfHours) {
  for (const int64_t hours : {1, 4, 8, 12, 14}) {
    SimulatedCall call({});
    call.run(kSecondUs);
    call.is_sending = false;
    call.settings().framerate = 1;
    call.run(hours * 3600 * kSecondUs);
    call.is_sending = true;
    call.settings().framerate = 30;
    call.run(2 * kSecondUs);
    EXPECT_GT(released_after(call, call.now_us - kSecondUs), 25u) << hours << " hours";
    call.settings().loss = 1;
    call.run(3 * kSecondUs);
    call.settings().loss = 0;
    call.run(2 * kSecondUs);
    EXPECT_EQ(call.nacked, 0u) << hours << " hours";
    EXPECT_GT(released_after(call, call.now_us - kSecondUs), 25u) << hours << " hours";
  }
}

TEST(VideoReceiveBuffer, FollowsAChangeOfCodec) {
  CallSettings settings;
  settings.codec = VideoCodec::kH264;
  SimulatedCall call(settings);
  call.run(kSecondUs);
  call.is_sending = false;
  call.run(kSecondUs / 10);
  call.is_sending = true;
  const int64_t changed_us = call.now_us;
  call.change_codec(VideoCodec::kVp8, SimulatedCall::kOtherPayloadType);
  call.run(kSecondUs);
  EXPECT_GT(released_after(call, changed_us), 25u);
  EXPECT_EQ(call.released.back().frame.codec, VideoCodec::kVp8);
  EXPECT_LE(call.longest_gap_us(), 250'000);
}

TEST(VideoReceiveBuffer, SkipsPaddingAndUnknownFormats) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kVp8, {}};
  VideoReceiveBuffer buffer(settings);
  size_t frames = 0;
  uint16_t sequence = 0;
  int64_t now_us = 1'000'000;
  const auto send = [&](uint8_t type, Bytes payload, uint32_t timestamp) {
    RtpPacketToSend packet;
    packet.header = {!payload.empty(), type, sequence++, timestamp, 1, {}};
    if (payload.empty()) packet.padding_size = 100;
    packet.payload = std::move(payload);
    const Bytes octets = packet.serialize({});
    buffer.on_packet(*RtpPacketView::parse(octets), false, now_us);
    frames += buffer.take_due(now_us).size();
  };
  for (uint32_t i = 0; i < 50; ++i) {
    now_us += 33'333;
    send(96, {0x10, static_cast<uint8_t>(i > 0), 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0}, i * 3000);
    send(96, {}, i * 3000);
    send(120, {1, 2, 3}, i * 3000);
  }
  frames += buffer.take_due(now_us + 100'000).size();
  EXPECT_EQ(frames, 50u);
  EXPECT_TRUE(buffer.take_nacks(now_us).empty());
  EXPECT_FALSE(buffer.take_keyframe_request(now_us));
}

TEST(VideoReceiveBuffer, CountsDuplicatesAndLatePackets) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kVp8, {}};
  VideoReceiveBuffer buffer(settings);
  RtpPacketToSend packet;
  packet.header = {false, 96, 7, 0, 1, {}};
  packet.payload = {0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0};
  const Bytes first = packet.serialize({});
  packet.header = {true, 96, 8, 0, 1, {}};
  packet.payload = {0x00, 0x55};
  const Bytes second = packet.serialize({});
  buffer.on_packet(*RtpPacketView::parse(first), false, 0);
  buffer.on_packet(*RtpPacketView::parse(first), false, 0);
  EXPECT_EQ(buffer.stats().packets_duplicated, 1u);
  buffer.on_packet(*RtpPacketView::parse(second), false, 0);
  EXPECT_EQ(buffer.take_due(100'000).size(), 1u);
  buffer.on_packet(*RtpPacketView::parse(second), false, 100'000);
  EXPECT_EQ(buffer.stats().packets_discarded, 1u);
  EXPECT_TRUE(buffer.take_due(200'000).empty());
}

TEST(VideoReceiveBuffer, BeginsWithAnIdrWhoseParameterSetsWereNegotiated) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kH264, "Z0LAHtoCgL/lwEQAAAMABAAAAwDwPFi6gA==,aM44gA=="};
  // Whole, in fragments; and not where only the second slice came.
  const std::vector<std::pair<std::vector<Bytes>, bool>> cases = {
      {{{0x65, 0xb8, 0x81, 0x82}}, true},
      {{{0x7c, 0x85, 0xb8, 0x81}, {0x7c, 0x45, 0x82, 0x83}}, true},
      {{{0x65, 0x5c, 0x81, 0x82}}, false},
      {{{0x7c, 0x45, 0x82, 0x83}}, false},
  };
  for (const auto& [payloads, is_whole] : cases) {
    VideoReceiveBuffer buffer(settings);
    for (size_t i = 0; i < payloads.size(); ++i) {
      RtpPacketToSend packet;
      packet.header = {i + 1 == payloads.size(), 96, static_cast<uint16_t>(i), 0, 1, {}};
      packet.payload = payloads[i];
      const Bytes octets = packet.serialize({});
      buffer.on_packet(*RtpPacketView::parse(octets), false, 0);
    }
    const auto frames = buffer.take_due(100'000);
    ASSERT_EQ(frames.size(), is_whole ? 1u : 0u);
    if (!is_whole) continue;
    EXPECT_TRUE(frames[0].is_keyframe);
    EXPECT_EQ(frames[0].width, 640);
  }
}

TEST(VideoReceiveBuffer, AsksForNoKeyframeOfWhichTheParameterSetsCame) {
  const Bytes sets = {0x78, 0x00, 0x19, 0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5,
                      0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0,
                      0x3c, 0x58, 0xba, 0x80, 0x00, 0x04, 0x68, 0xce, 0x38, 0x80};
  const Bytes keyframe = {0x65, 0xb8, 0x81, 0x82};
  const Bytes other = {0x61, 0xe0, 0x81, 0x82};
  for (const bool is_keyframe : {true, false}) {
    VideoReceiveSettings settings;
    settings.payload_types[96] = {VideoCodec::kH264, {}};
    VideoReceiveBuffer buffer(settings);
    uint16_t sequence = 0;
    const auto send = [&](const Bytes& payload, bool marker, int64_t now_us) {
      RtpPacketToSend packet;
      packet.header = {marker, 96, sequence++, 0, 1, {}};
      packet.payload = payload;
      const Bytes octets = packet.serialize({});
      buffer.on_packet(*RtpPacketView::parse(octets), false, now_us);
    };
    send(sets, false, 0);
    EXPECT_FALSE(buffer.take_keyframe_request(1'000));
    send(is_keyframe ? keyframe : other, true, 10'000);
    EXPECT_EQ(buffer.take_due(100'000).size(), is_keyframe ? 1u : 0u);
    EXPECT_EQ(buffer.take_keyframe_request(100'000), !is_keyframe);
  }
}

TEST(VideoReceiveBuffer, HoldsNoFrameForeverWhateverItsTimestamp) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kVp8, {}};
  VideoReceiveBuffer buffer(settings);
  size_t frames = 0;
  const int64_t now_us = 1'000'000;
  uint16_t sequence = 0;
  // An hour on, and back again before the first of them is due.
  for (const uint32_t timestamp : {0u, 90'000u * 3'600, 3'000u, 90'000u * 7'200, 6'000u}) {
    RtpPacketToSend packet;
    packet.header = {true, 96, sequence++, timestamp, 1, {}};
    packet.payload = {0x10, static_cast<uint8_t>(sequence > 1), 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0};
    const Bytes octets = packet.serialize({});
    buffer.on_packet(*RtpPacketView::parse(octets), false, now_us);
  }
  for (int64_t later_us = now_us; later_us < now_us + 200'000; later_us += 1'000) {
    frames += buffer.take_due(later_us).size();
  }
  EXPECT_EQ(frames, 5u);
}

TEST(VideoReceiveBuffer, IsBoundedWhenNothingEverFits) {
  VideoReceiveSettings settings;
  settings.payload_types[96] = {VideoCodec::kVp8, {}};
  VideoReceiveBuffer buffer(settings);
  RtpPacketToSend packet;
  packet.payload.assign(1'000, 0x01);
  packet.payload[0] = 0x00;  // never the beginning of anything
  int64_t now_us = 0;
  for (uint32_t i = 0; i < 50'000; ++i) {
    now_us += 100;
    packet.header = {false, 96, static_cast<uint16_t>(i * 2), i / 7 * 3000, 1, {}};
    const Bytes octets = packet.serialize({});
    buffer.on_packet(*RtpPacketView::parse(octets), false, now_us);
    EXPECT_TRUE(buffer.take_due(now_us).empty());
    EXPECT_LE(buffer.take_nacks(now_us).size(), NackGenerator::kMaxMissing);
    buffer.take_keyframe_request(now_us);
  }
  EXPECT_LE(buffer.stats().keyframe_requests, 30u);
}

}  // namespace
}  // namespace peerwire
