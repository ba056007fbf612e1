// What a receiver asks for, and what a sender does about it: packets sent again, keyframes.
#include <vector>

#include "call.h"

namespace peerwire {
namespace {

TEST(Feedback, RepairsALostPacketWithRtx) {
  Call call;
  int lost = 0, repairs = 0;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      if (is_rtp_of(packet, kRtxType)) ++repairs;
      const bool loses = lost == 0 && is_rtp_of(packet, kVp8Type) && call.eye->frames >= 5;
      lost += loses;
      return !loses;
    };
  });
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.video_counter("retransmittedPacketsReceived") >= 1; }));
  const int seen = call.eye->frames;
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= seen + 10; }));
  call.run([&] {
    EXPECT_EQ(lost, 1);
    EXPECT_GE(repairs, 1);
    EXPECT_GE(call.outbound().nack_count, 1u);
    EXPECT_GE(call.outbound().retransmitted_packets_sent, 1u);
    EXPECT_EQ(call.outbound().pli_count, 0u) << "a keyframe was asked for, too";
    call.left->link.filter = nullptr;
  });
}

TEST(Feedback, PacketsOfPaddingHaveRoomForAnOriginalSequenceNumber) {
  Call call;
  std::vector<size_t> sizes;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      constexpr size_t kSrtpTag = 16;
      const bool is_rtp = packet.size() > 16 && (packet[1] < 192 || packet[1] > 223);
      if (!is_rtp || !(packet[0] & 0x20)) return true;
      const size_t extensions = packet[0] & 0x10 ? 4 + 4 * (packet[14] << 8 | packet[15]) : 0;
      sizes.push_back(packet.size() - 12 - extensions - kSrtpTag);
      return true;
    };
  });
  call.receive_video(Call::receive_parameters(MediaKind::kVideo));
  call.send_video(call.video_parameters());
  call.connect();
  // A probe begins with as little as there can be.
  ASSERT_TRUE(call.eventually([&] { return !sizes.empty(); }));
  call.run([&] {
    EXPECT_EQ(sizes, std::vector<size_t>(sizes.size(), 224));
    call.left->link.filter = nullptr;
  });
}

TEST(Feedback, RepairsALostPacketWithoutRtx) {
  Call call;
  int lost = 0;
  uint16_t number = 0;
  std::vector<Bytes> repeated;
  // Before SRTP; what is padding has no payload.
  constexpr size_t kSrtpTag = 16;
  uint64_t packets = 0, octets = 0, payloads = 0, repeated_payloads = 0;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      if (!is_rtp_of(packet, kVp8Type)) return true;
      const bool is_padding = packet[0] & 0x20;
      const size_t payload = is_padding ? 0 : RtpPacketView::parse(packet)->payload().size() - kSrtpTag;
      ++packets;
      octets += packet.size() - kSrtpTag;
      payloads += payload;
      const auto current = static_cast<uint16_t>(packet[2] << 8 | packet[3]);
      if (lost > 0 && current == number) {
        repeated.emplace_back(packet.begin(), packet.end());
        repeated_payloads += payload;
      }
      const bool loses = lost == 0 && call.eye->frames >= 5;
      if (loses) number = current;
      lost += loses;
      return !loses;
    };
  });
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
  received.codecs.pop_back();
  call.receive_video(received);
  SendParameters parameters = call.video_parameters();
  parameters.encodings[0].codec.rtx_payload_type = -1;
  parameters.encodings[0].rtx_ssrc = 0;
  call.send_video(parameters);
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return !repeated.empty(); }));
  const int seen = call.eye->frames;
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= seen + 10; }));
  call.run([&] {
    const OutboundStats sent = call.outbound();
    EXPECT_EQ(sent.pli_count, 0u);
    EXPECT_EQ(sent.packets_sent, packets);
    EXPECT_EQ(sent.bytes_sent, payloads);
    EXPECT_EQ(sent.bytes_sent + sent.header_bytes_sent, octets);
    EXPECT_EQ(sent.retransmitted_packets_sent, repeated.size());
    EXPECT_EQ(sent.retransmitted_bytes_sent, repeated_payloads);
    call.left->link.filter = nullptr;
  });
}

struct Nobody final : RtpSendStreamObserver {
  void on_keyframe_wanted(uint32_t) override {}
  void on_packet_loss(uint32_t, double) override {}
};

RtpSendStream::Config without_rtx(const Call& call) {
  RtpSendStream::Config config;
  config.encoding = call.video_parameters().encodings[0];
  config.encoding.codec.rtx_payload_type = -1;
  return config;
}

TEST(Feedback, RepeatsWithoutRtxAfterThreeQuartersOfARoundTrip) {
  Call call;
  call.run([&] {
    Nobody nobody;
    RtpSendStream stream(*call.left->rtp, without_rtx(call), &nobody);
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = stream.ssrc();
    packet->header.sequence_number = 7;
    const Bytes octets(100);
    stream.on_sent(std::move(packet), octets, 80, 20, 1'000'000);
    constexpr uint16_t kNumbers[] = {7};
    const auto repeated_at = [&](int64_t now_us) {
      stream.on_nack(kNumbers, now_us, 200'000);
      return stream.stats().retransmitted_packets_sent;
    };
    EXPECT_EQ(repeated_at(1'200'000), 1u);
    EXPECT_EQ(repeated_at(1'340'000), 1u);
    EXPECT_EQ(repeated_at(1'355'000), 2u);
  });
}

TEST(Feedback, RepeatsWithoutRtxNoMoreOftenThanReceiversAsk) {
  Call call;
  call.run([&] {
    Nobody nobody;
    RtpSendStream stream(*call.left->rtp, without_rtx(call), &nobody);
    std::vector<uint16_t> numbers;
    for (uint16_t number = 0; number < 500; ++number) {
      auto packet = std::make_unique<RtpPacketToSend>();
      packet->header.ssrc = stream.ssrc();
      packet->header.sequence_number = number;
      stream.on_sent(std::move(packet), Bytes(1200), 1100, 100, 1'000'000);
      numbers.push_back(number);
    }
    for (int64_t ms = 0; ms < 1000; ms += 5) stream.on_nack(numbers, 1'010'000 + ms * 1000, 0);
    EXPECT_EQ(stream.stats().retransmitted_packets_sent, 5'000u);
  });
}

TEST(Feedback, SendsNothingAgainOfALayerThatWentOffForWantOfRoom) {
  constexpr uint32_t kLarge = 30, kLargeRtx = 31;
  Call call;
  SendParameters parameters = call.simulcast_parameters();
  const auto large = [&] { return call.outbound(2); };
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      const bool is_media = is_rtp_of(packet, kVp8Type) || is_rtp_of(packet, kRtxType);
      const auto view = is_media ? RtpPacketView::parse(packet) : std::nullopt;
      if (!view) return true;
      // Three pictures of ten do not arrive, nor does what is sent again of them.
      return view->header().ssrc != kLargeRtx && (view->header().ssrc != kLarge || call.eye->frames % 10 < 7);
    };
  });
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
  received.rids = {"q", "h", "f"};
  call.receive_video(received);
  call.send_video(parameters);
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return large().retransmitted_packets_sent > 5; }));
  call.run([&] {
    parameters.estimate_wishes = {.start_bps = 40'000, .max_bps = 40'000};
    call.video_sender->configure(parameters);
  });
  OutboundStats off;
  ASSERT_TRUE(call.eventually([&] {
    off = large();
    return off.target_bitrate == 0;
  }));
  EXPECT_TRUE(call.eventually([&] { return large().nack_count > off.nack_count + 3; }));
  call.run([&] {
    EXPECT_EQ(large().retransmitted_packets_sent, off.retransmitted_packets_sent);
    EXPECT_GT(call.outbound(0).target_bitrate, 0u);
    call.left->link.filter = nullptr;
  });
}

TEST(Feedback, IsNotReadOfMorePacketsThanThereMayBe) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5; }));
  call.run([&] {
    // 36 octets that tell of 65,528 packets as lost.
    Bytes one = {0x8F, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xFF, 0xF8, 0, 0, 0, 0};
    for (int i = 0; i < 8; ++i) one.insert(one.end(), {0x1F, 0xFF});
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 20'000; ++i) call.left->rtp->take_packet(one, true);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
  });
  // What the receiver tells is heeded again.
  const int seen = call.eye->frames;
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= seen + 10; }));
}

TEST(Feedback, GivesAKeyframeWhenAsked) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5; }));
  call.run([&] {
    EXPECT_EQ(call.video_counter("keyFramesDecoded"), 1);
    call.video_receiver->request_keyframe();
  });
  ASSERT_TRUE(call.eventually([&] { return call.video_counter("keyFramesDecoded") >= 2; }));
  call.run([&] {
    EXPECT_EQ(call.outbound().pli_count, 1u);
    EXPECT_EQ(call.video_counter("pliCount"), 1);
    EXPECT_EQ(call.video_counter("firCount"), 0);
  });
}

TEST(Feedback, AsksWithFirWhereThereIsNoPli) {
  Call call;
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
  for (ReceiveCodecParameters& codec : received.codecs) {
    codec.feedback.pli = false;
    codec.feedback.fir = true;
  }
  call.receive_video(received);
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5; }));
  call.run([&] { call.video_receiver->request_keyframe(); });
  ASSERT_TRUE(call.eventually([&] { return call.video_counter("keyFramesDecoded") >= 2; }));
  call.run([&] {
    EXPECT_EQ(call.outbound().fir_count, 1u);
    EXPECT_EQ(call.video_counter("firCount"), 1);
    EXPECT_EQ(call.video_counter("pliCount"), 0);
  });
}

}  // namespace
}  // namespace peerwire
