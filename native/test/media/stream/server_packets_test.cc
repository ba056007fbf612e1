// What media servers send that peers do not: padding among sound, requests passed on for others, and a great many
// streams.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "rtp/rtcp/rtcp_packet.h"

namespace peerwire {
namespace {

Bytes rtp_packet(const RtpHeader& header, ByteView payload, size_t padding = 0) {
  RtpPacketToSend packet;
  packet.header = header;
  packet.payload.assign(payload.begin(), payload.end());
  packet.padding_size = padding;
  return packet.serialize(RtpExtensionMap());
}

TEST(ServerPackets, PaddingAmongSoundIsNotLost) {
  Call call;
  call.receive_audio();
  call.connect();
  constexpr uint8_t kSilence[] = {0xf8, 0xff, 0xfe};  // of Opus
  constexpr int kSounds = 20;
  RtpHeader header{false, kOpusType, 100, 960, 500, {}};
  const auto send = [&](ByteView payload, size_t padding) {
    call.left->rtp->send_packet(rtp_packet(header, payload, padding), false);
    ++header.sequence_number;
  };
  ASSERT_TRUE(call.eventually([&] {
    header.timestamp += 960;
    send(kSilence, 0);
    return Call::counter(call.inbound(*call.audio_receiver), "packetsReceived") > 0;
  }));
  call.run([&] {
    for (int i = 0; i < kSounds; ++i) {
      header.timestamp += 960;
      send(kSilence, 0);
      send({}, 200);
      send({}, 200);
    }
  });
  ASSERT_TRUE(
      call.eventually([&] { return Call::counter(call.inbound(*call.audio_receiver), "packetsReceived") > kSounds; }));
  call.run([&] { EXPECT_EQ(call.inbound(*call.audio_receiver).packets_lost, 0); });
}

TEST(ServerPackets, SoundStaysWhereItsPacketsSayOverARenegotiationOfOtherSections) {
  Call call;
  RtpExtensionMap extensions;
  extensions.set(RtpExtension::kMid, 1);
  std::map<std::string, std::unique_ptr<RtpReceiver>> receivers;
  std::map<std::string, ReceiveParameters> parameters;
  call.run([&] {
    for (const std::string mid : {"a", "b"}) {
      parameters[mid] = Call::receive_parameters(MediaKind::kAudio);
      parameters[mid].mid = mid;
      receivers[mid] = RtpReceiver::create(*call.right->rtp, MediaKind::kAudio, mid == "a" ? 10 : 11, nullptr,
                                           call.speaker, call.heard_sources, call.heard_told);
    }
    parameters["a"].sources = {{500, "someone"}};
    for (const auto& [mid, receiver] : receivers) receiver->configure(parameters[mid]);
  });
  call.connect();
  RtpPacketToSend packet;
  packet.header = {false, kOpusType, 100, 960, 500, {}};
  packet.payload = {0xf8, 0xff, 0xfe};
  const auto send = [&] {
    ++packet.header.sequence_number;
    packet.header.timestamp += 960;
    call.left->rtp->send_packet(packet.serialize(extensions), false);
  };
  const auto received = [&](const std::string& mid) {
    return Call::counter(call.inbound(*receivers[mid]), "packetsReceived");
  };
  packet.set_mid("b");
  ASSERT_TRUE(call.eventually([&] {
    send();
    return received("b") > 0;
  }));
  double before = 0;
  call.run([&] {
    for (const auto& [mid, receiver] : receivers) receiver->configure(parameters[mid]);
    before = received("b");
    packet.remove_extension(RtpExtension::kMid);
    for (int i = 0; i < 10; ++i) send();
  });
  ASSERT_TRUE(call.eventually([&] { return received("a") + received("b") >= before + 10; }));
  call.run([&] {
    EXPECT_EQ(received("a"), 0);
    receivers.clear();
  });
}

TEST(ServerPackets, RequestsOfDifferentReceiversAreDifferentOnes) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.video_counter("framesDecoded") > 0; }));
  const auto ask = [&](uint32_t requester, uint8_t number) {
    const rtcp::Packet request = rtcp::FullIntraRequest{requester, {{1000, number}}};
    call.right->rtp->send_packet(rtcp::serialize(std::array{request}), true);
  };
  call.run([&] {
    ask(7, 0);
    ask(8, 0);
    ask(8, 0);  // again, as the first may have been lost
    ask(7, 1);
  });
  ASSERT_TRUE(call.eventually([&] { return call.outbound().fir_count == 3; }, std::chrono::seconds(5)))
      << call.outbound().fir_count;
  // However many there are.
  call.run([&] {
    for (uint32_t requester = 100; requester < 400; ++requester) ask(requester, 0);
  });
  ASSERT_TRUE(call.eventually([&] { return call.outbound().fir_count == 303; }, std::chrono::seconds(5)));
}

TEST(ServerPackets, EachOfManyStreamsIsReportedOfOnceASecond) {
  constexpr size_t kStreams = 100;
  Call call;
  const auto told = std::make_shared<Told>();
  std::vector<std::unique_ptr<RtpSender>> senders;
  std::vector<std::unique_ptr<RtpReceiver>> receivers;
  call.run([&] {
    for (size_t i = 0; i < kStreams; ++i) {
      SendParameters sent = call.audio_parameters(static_cast<uint32_t>(10'000 + i));
      sent.mid = std::to_string(i);
      senders.push_back(RtpSender::create(*call.left->rtp, MediaKind::kAudio, static_cast<uint32_t>(i), told));
      senders.back()->configure(sent);
      senders.back()->set_pushed(true);
      ReceiveParameters received = Call::receive_parameters(MediaKind::kAudio);
      received.mid = sent.mid;
      receivers.push_back(RtpReceiver::create(*call.right->rtp, MediaKind::kAudio, static_cast<uint32_t>(1000 + i),
                                              nullptr, std::make_shared<AudioSource>(),
                                              std::make_shared<RtpSourceTable>(), told));
      receivers.back()->configure(received);
    }
  });
  call.connect();
  int64_t pushed_us = 0;
  double last_ms = 0;
  const auto push = [&] {
    const int64_t now = call.left->rtp->now_us();
    if (now - pushed_us < 100'000) return;
    pushed_us = now;
    for (const auto& sender : senders) {
      PushedFrame frame;
      frame.octets = {0xf8, 0xff, 0xfe};
      frame.timestamp_us = now;
      sender->push_frame(std::move(frame));
    }
  };
  /// The time of the oldest of the latest reports; 0: of some there was none.
  const auto oldest_report_ms = [&] {
    double oldest = 1e300;
    for (const auto& sender : senders) {
      const auto remote = sender->stats().streams.at(0).remote;
      oldest = std::min(oldest, remote ? remote->timestamp_ms : 0);
    }
    return oldest;
  };
  ASSERT_TRUE(call.eventually([&] {
    push();
    return oldest_report_ms() > 0;
  }));
  // Between two reports are half a second to one and a half.
  const int64_t begun_us = call.left->rtp->now_us();
  for (int round = 0; round < 2; ++round) {
    call.run([&] { last_ms = call.left->rtp->unix_ms(); });
    ASSERT_TRUE(call.eventually([&] {
      push();
      return oldest_report_ms() > last_ms;
    }));
  }
  EXPECT_LT(call.left->rtp->now_us() - begun_us, 4'500'000);
  call.run([&] {
    senders.clear();
    receivers.clear();
  });
}

}  // namespace
}  // namespace peerwire
