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

}  // namespace
}  // namespace peerwire
