// What is counted of RTP streams belongs to their SSRCs: it goes on over whatever does not change these
// (https://w3c.github.io/webrtc-stats/#the-rtp-statistics-hierarchy).
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "call.h"

namespace peerwire {
namespace {

class StreamCounters : public testing::Test {
 protected:
  StreamCounters() { call.connect_sound_and_pictures(); }
  bool has_begun() {
    return call.eventually([&] {
      return video("framesDecoded") >= 10 && audio("totalSamplesReceived") > 10'000 &&
             call.inbound(*call.video_receiver).remote && call.inbound(*call.audio_receiver).remote &&
             call.outbound().remote;
    });
  }
  /// They go on from there.
  bool grow(const std::map<std::string, double>& before) {
    return call.eventually([&] {
      for (const auto& [name, value] : counted()) EXPECT_GE(value, before.at(name)) << name;
      return video("framesDecoded") > before.at("framesDecoded") + 5 &&
             audio("totalSamplesReceived") > before.at("totalSamplesReceived") + 5'000;
    });
  }
  double video(const std::string& name) const { return Call::counter(call.inbound(*call.video_receiver), name); }
  double audio(const std::string& name) const { return Call::counter(call.inbound(*call.audio_receiver), name); }
  std::map<std::string, double> counted() const {
    return {{"framesDecoded", video("framesDecoded")},
            {"keyFramesDecoded", video("keyFramesDecoded")},
            {"pliCount", video("pliCount")},
            {"packetsReceived", audio("packetsReceived")},
            {"totalSamplesReceived", audio("totalSamplesReceived")}};
  }
  void set_receiving(bool active) {
    for (const MediaKind kind : {MediaKind::kVideo, MediaKind::kAudio}) {
      ReceiveParameters parameters = Call::receive_parameters(kind);
      parameters.active = active;
      (kind == MediaKind::kVideo ? call.video_receiver : call.audio_receiver)->configure(parameters);
    }
  }

  Call call;
};

TEST_F(StreamCounters, GoOnAfterAHold) {
  ASSERT_TRUE(has_begun());
  constexpr int kLater = 10;
  std::map<std::string, double> before;
  double freezes = 0;
  int sent = 0;
  call.run([&] {
    set_receiving(false);
    EXPECT_TRUE(call.inbound(*call.video_receiver).remote);
    EXPECT_TRUE(call.inbound(*call.audio_receiver).remote);
    freezes = video("freezeCount");
    call.left->link.filter = [&](ByteView packet) {
      sent += is_rtp_of(packet, kVp8Type);
      // What was being decoded is counted by then.
      if (sent == kLater && before.empty()) before = counted();
      return true;
    };
  });
  // Long enough that it would be a freeze if pictures were to be shown.
  ASSERT_TRUE(call.eventually([&] { return sent > kLater + 10; }));
  ASSERT_GE(before["framesDecoded"], 10);
  call.run([&] {
    EXPECT_EQ(counted(), before) << "while nothing was received";
    EXPECT_EQ(audio("audioLevel"), 0);
    call.left->link.filter = nullptr;
    set_receiving(true);
  });
  // With the first picture: after a keyframe the encoder leaves some out, which may be a freeze of its own.
  double freezes_then = -1;
  ASSERT_TRUE(call.eventually([&] {
    if (video("framesDecoded") < before["framesDecoded"] + 1) return false;
    freezes_then = video("freezeCount");
    return true;
  }));
  EXPECT_EQ(freezes_then, freezes);
  ASSERT_TRUE(grow(before));
  call.run([&] {
    EXPECT_GT(video("keyFramesDecoded"), before["keyFramesDecoded"]) << "with a decoder that knows nothing";
    EXPECT_EQ(call.inbound(*call.video_receiver).packets_lost, 0) << "what was not received was not wanted";
    EXPECT_EQ(call.inbound(*call.audio_receiver).packets_lost, 0);
  });
}

TEST_F(StreamCounters, GoOnAfterABye) {
  ASSERT_TRUE(has_begun());
  std::map<std::string, double> before;
  call.run([&] {
    call.left->rtp->send_bye(1000, true);
    call.left->rtp->send_bye(500, true);
    before = counted();
  });
  ASSERT_TRUE(grow(before));
  call.run([&] {
    EXPECT_EQ(call.video_receiver->stats(call.left->rtp->now_us()).streams.size(), 1u);
    EXPECT_EQ(call.audio_receiver->stats(call.left->rtp->now_us()).streams.size(), 1u);
  });
}

TEST_F(StreamCounters, AToneIsNotWhatTheStreamIsCodedWith) {
  constexpr uint8_t kEventType = 126;
  constexpr double kNtpEpochMs = 2'208'988'800'000;
  call.run([&] {
    SendParameters sent = call.audio_parameters();
    sent.telephone_event = {kEventType, 8000};
    call.audio_sender->configure(sent);
    ReceiveParameters received = Call::receive_parameters(MediaKind::kAudio);
    ReceiveCodecParameters event;
    event.payload_type = kEventType;
    event.kind = ReceiveCodecParameters::Kind::kTelephoneEvent;
    event.clock_rate = 8000;
    received.codecs.push_back(event);
    call.audio_receiver->configure(received);
  });
  ASSERT_TRUE(has_begun());
  int events = 0;
  uint64_t reports = 0;
  const auto reports_now = [&] { return call.inbound(*call.audio_receiver).remote->reports_sent; };
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      events += is_rtp_of(packet, kEventType);
      return true;
    };
    call.audio_sender->play_tone('5', 4000);
  });
  ASSERT_TRUE(call.eventually([&] { return events > 0; }));
  call.run([&] { reports = reports_now(); });
  // Reports in the midst of it, and what is played by the clock that they tell.
  ASSERT_TRUE(call.eventually([&] {
    EXPECT_EQ(call.inbound(*call.audio_receiver).payload_type, kOpusType);
    const double wall_ms = call.left->rtp->unix_ms() + kNtpEpochMs;
    EXPECT_NEAR(audio("estimatedPlayoutTimestamp"), wall_ms, 500);
    return reports_now() >= reports + 3 || testing::Test::HasFailure();
  }));
  call.run([&] { call.left->link.filter = nullptr; });
}

TEST_F(StreamCounters, WhatIsOnItsWayHasNotBeenReceived) {
  ASSERT_TRUE(has_begun());
  double received = 0, reported_at = 0;
  uint64_t sent = 0;
  call.run([&] {
    call.left->link.filter = [](ByteView packet) {
      return !is_rtp_of(packet, kVp8Type) && !is_rtp_of(packet, kRtxType);
    };
  });
  // What left before has come.
  call.run([&] {
    received = video("packetsReceived");
    sent = call.outbound().packets_sent;
    reported_at = call.outbound().remote->timestamp_ms;
  });
  ASSERT_TRUE(call.eventually([&] {
    return call.outbound().packets_sent > sent + 20 && call.outbound().remote->timestamp_ms > reported_at + 1'500;
  }));
  call.run([&] {
    const auto told = static_cast<double>(call.outbound().remote->packets_received);
    EXPECT_EQ(video("packetsReceived"), received);
    EXPECT_LE(told, received);
    EXPECT_GT(told, received / 2);
    call.left->link.filter = nullptr;
  });
}

TEST_F(StreamCounters, BeginAnewWithAnotherSsrc) {
  ASSERT_TRUE(has_begun());
  ASSERT_TRUE(call.eventually([&] { return audio("totalSamplesReceived") > 48'000; }));
  // What is on its way comes while nothing is received: it would be the first that is.
  call.run([&] {
    set_receiving(false);
    call.left->link.filter = [](ByteView) { return false; };
  });
  call.run([&] {
    call.video_sender->configure(call.video_parameters(2000));
    call.audio_sender->configure(call.audio_parameters(501));
    call.left->link.filter = nullptr;
    set_receiving(true);
  });
  const auto is_new = [&] {
    return call.inbound(*call.video_receiver).ssrc == 2000 && call.inbound(*call.audio_receiver).ssrc == 501;
  };
  double most = 0;
  ASSERT_TRUE(call.eventually([&] {
    // From the first packet on, before it has been played, too.
    if (call.inbound(*call.audio_receiver).ssrc == 501) most = std::max(most, audio("totalSamplesReceived"));
    return is_new() && audio("totalSamplesReceived") > 0;
  }));
  call.run([&] {
    EXPECT_EQ(call.video_receiver->stats(call.left->rtp->now_us()).streams.size(), 1u);
    EXPECT_LT(video("framesDecoded"), 10);
  });
  EXPECT_LT(most, 24'000) << "some of them were the other's";
}

}  // namespace
}  // namespace peerwire
