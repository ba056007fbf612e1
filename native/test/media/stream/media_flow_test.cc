// Media from one transport to the other, and what repairs it.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "call.h"

namespace peerwire {
namespace {

TEST(MediaFlow, CarriesSoundAndPictures) {
  Call call;
  call.connect_sound_and_pictures();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 10 && call.ear->loud >= 20; }));
  EXPECT_EQ(call.eye->width, 160);
  EXPECT_EQ(call.seen_told->flow, 1);
  EXPECT_EQ(call.heard_told->flow, 1);
  // Reports go both ways: the sender knows the round trip, the receiver what was sent.
  ASSERT_TRUE(call.eventually([&] {
    return call.outbound().remote && call.outbound().remote->round_trip_time >= 0 &&
           call.inbound(*call.video_receiver).remote && call.left->rtp->stats().available_outgoing_bitrate > 0;
  }));
  call.run([&] {
    EXPECT_EQ(call.inbound(*call.video_receiver).packets_lost, 0);
    EXPECT_EQ(call.outbound().pli_count, 0u);
    EXPECT_EQ(call.right->rtp->stats().packets_discarded, 0u);
  });
}

TEST(MediaFlow, ReportsOfEachSenderInAPacketOfItsOwn) {
  // Receivers that pass a packet on by its first report would not learn of the others.
  Call call;
  std::set<uint32_t> first;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      // The first report's type and SSRC are the part of SRTCP that is not encrypted.
      if (packet.size() > 8 && packet[1] == 200) {
        first.insert(uint32_t{packet[4]} << 24 | uint32_t{packet[5]} << 16 | uint32_t{packet[6]} << 8 | packet[7]);
      }
      return true;
    };
  });
  call.connect_sound_and_pictures();
  EXPECT_TRUE(call.eventually([&] { return first.size() == 2; }));
  call.run([&] { call.left->link.filter = nullptr; });
}

TEST(MediaFlow, ForgetsWhatItKnewOfThePathWhenItChanges) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  const auto available = [&] { return call.left->rtp->stats().available_outgoing_bitrate; };
  constexpr double kBeyondStart = 500'000;
  ASSERT_TRUE(call.eventually([&] { return available() > kBeyondStart; }));
  call.run([&] {
    call.left->link.change_path();
    EXPECT_LE(available(), 300'000);
  });
  const int seen = call.eye->frames;
  EXPECT_TRUE(call.eventually([&] { return available() > kBeyondStart && call.eye->frames > seen; }));
}

TEST(MediaFlow, HoldsNothingBackUntilThereIsAPathAgain) {
  Call call;
  struct Left {
    TimePoint when;
    bool is_audio;
    uint16_t number;
  };
  std::vector<Left> left;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      const bool is_audio = is_rtp_of(packet, kOpusType);
      if (is_audio || is_rtp_of(packet, kVp8Type)) {
        left.push_back({Clock::now(), is_audio, static_cast<uint16_t>(packet[2] << 8 | packet[3])});
      }
      return true;
    };
  });
  call.connect_sound_and_pictures();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 10 && call.ear->loud >= 20; }));
  const auto last_number = [&](bool is_audio) {
    uint16_t number = 0;
    for (const Left& one : left) number = one.is_audio == is_audio ? one.number : number;
    return number;
  };
  const auto first_number = [&](bool is_audio) {
    for (const Left& one : left) {
      if (one.is_audio == is_audio) return one.number;
    }
    return uint16_t{0};
  };
  uint16_t audio = 0, video = 0;
  TimePoint held, resumed;
  call.run([&] {
    call.left->link.set_writable(false);
    held = Clock::now();
    audio = last_number(true);
    video = last_number(false);
    left.clear();
  });
  ASSERT_TRUE(call.eventually([&] { return Clock::now() > held + std::chrono::seconds(2); }));
  const int seen = call.eye->frames, heard = call.ear->loud;
  call.run([&] {
    EXPECT_TRUE(left.empty()) << "sent into the void";
    call.left->link.set_writable(true);
    resumed = Clock::now();
  });
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames > seen + 5 && call.ear->loud > heard + 20; }));
  call.run([&] {
    const auto burst = std::count_if(left.begin(), left.end(), [&](const Left& one) {
      return one.is_audio && one.when < resumed + std::chrono::milliseconds(50);
    });
    EXPECT_LE(burst, 10) << "a hundred waited";
    // What never left has used no numbers up: a receiver sees a pause, not a loss.
    EXPECT_EQ(first_number(true), static_cast<uint16_t>(audio + 1));
    EXPECT_EQ(first_number(false), static_cast<uint16_t>(video + 1));
    EXPECT_EQ(call.inbound(*call.video_receiver).packets_lost, 0);
    EXPECT_GE(call.video_counter("keyFramesDecoded"), 2);
    EXPECT_EQ(call.outbound().pli_count, 0u);
    call.left->link.filter = nullptr;
  });
}

TEST(MediaFlow, AsksWhoPushesFramesForAKeyframeWhenThereIsAPathAgain) {
  Call call;
  int sent = 0;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      sent += is_rtp_of(packet, kVp8Type);
      return true;
    };
    call.video_sender = RtpSender::create(*call.left->rtp, MediaKind::kVideo, 1, call.video_told);
    call.video_sender->configure(call.video_parameters());
    call.video_sender->set_pushed(true);
  });
  call.connect();
  int64_t pushed_us = 0;
  const auto push = [&](bool is_keyframe) {
    PushedFrame frame;
    frame.octets = Bytes(500, 1);
    frame.is_keyframe = is_keyframe;
    frame.timestamp_us = pushed_us += 33'000;
    call.video_sender->push_frame(std::move(frame));
  };
  ASSERT_TRUE(call.eventually([&] { return call.video_told->keyframes_wanted == 1; }));
  call.run([&] {
    push(true);
    push(false);
  });
  ASSERT_TRUE(call.eventually([&] { return sent == 2; }));
  call.run([&] { call.left->link.set_writable(false); });
  call.run([&] {
    for (int i = 0; i < 100; ++i) push(i == 50);
    call.left->link.set_writable(true);
  });
  ASSERT_TRUE(call.eventually([&] { return call.video_told->keyframes_wanted == 2; }));
  call.run([&] {
    push(false);
    push(true);
    push(false);
  });
  ASSERT_TRUE(call.eventually([&] { return sent == 4; }));
  call.run([&] { call.left->link.filter = nullptr; });
}

TEST(MediaFlow, MutesWithTheBye) {
  Call call;
  call.connect_sound_and_pictures();
  ASSERT_TRUE(call.eventually([&] { return call.seen_told->flow == 1 && call.heard_told->flow == 1; }));
  call.run([&] { call.video_sender.reset(); });
  ASSERT_TRUE(call.eventually([&] { return call.seen_told->flow == 0; }));
  EXPECT_EQ(call.heard_told->flow, 1);
  call.run([&] { call.audio_sender.reset(); });
  EXPECT_TRUE(call.eventually([&] { return call.heard_told->flow == 0; }));
}

TEST(MediaFlow, KeepsWhatComesBeforeTheKeys) {
  Call call;
  int sent = 0;
  call.run([&] {
    call.right->holds_state = true;
    call.left->link.filter = [&](ByteView packet) {
      if (is_rtp_of(packet, kVp8Type)) ++sent;
      return true;
    };
  });
  call.receive_video();
  call.send_video(call.video_parameters());
  call.connect();
  ASSERT_TRUE(
      call.eventually([&] { return sent >= 5 && call.right->dtls->state() == DtlsTransportState::kConnected; }));
  EXPECT_EQ(call.eye->frames, 0);
  call.run([&] {
    call.right->holds_state = false;
    call.right->rtp->on_dtls_state(DtlsTransportState::kConnected);
    EXPECT_GE(call.video_counter("packetsReceived"), 5);
  });
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5; }));
  call.run([&] {
    EXPECT_EQ(call.outbound().pli_count, 0u);
    call.left->link.filter = nullptr;
  });
}

TEST(MediaFlow, GoesOnUnderAnotherSsrc) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters(1000));
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5; }));
  call.run([&] { call.video_sender->configure(call.video_parameters(2000)); });
  ASSERT_TRUE(call.eventually([&] {
    for (const InboundStats& stream : call.video_receiver->stats(call.left->rtp->now_us()).streams) {
      if (stream.ssrc == 2000 && Call::counter(stream, "framesDecoded") >= 5) return true;
    }
    return false;
  }));
}

TEST(MediaFlow, HearsAnotherSsrcWithinAFewPackets) {
  Call call;
  call.receive_audio();
  call.send_audio();
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.ear->loud >= 20; }));
  int sent = 0;
  call.run([&] {
    SendParameters parameters = call.audio_parameters(501);
    call.left->link.filter = [&](ByteView packet) {
      if (!is_rtp_of(packet, kOpusType)) return false;  // no BYE tells of it
      sent += packet[11] == (501 & 0xff);
      return true;
    };
    call.audio_sender->configure(std::move(parameters));
  });
  ASSERT_TRUE(call.eventually([&] { return sent >= 30; }));
  call.run([&] {
    const InboundStats stream = call.inbound(*call.audio_receiver);
    EXPECT_EQ(stream.ssrc, 501u);
    EXPECT_GE(Call::counter(stream, "packetsReceived"), sent - 8);
    call.left->link.filter = nullptr;
  });
}

TEST(MediaFlow, TellsOnHoldOfTheLastFrameWhoeverCodedIt) {
  Call call;
  SendParameters parameters = call.video_parameters();
  call.send_video(parameters);
  call.run([&] { call.video_sender->set_pushed(true); });
  call.connect();
  ASSERT_TRUE(call.eventually([&] {
    PushedFrame frame;
    frame.is_keyframe = true;
    frame.octets = Bytes(100);
    frame.width = 1280;
    frame.height = 720;
    call.video_sender->push_frame(std::move(frame));
    return call.outbound().frame_width == 1280;
  }));
  call.run([&] { call.video_sender->set_pushed(false); });
  ASSERT_TRUE(call.eventually([&] { return call.outbound().frames_encoded > 5; }));
  call.run([&] {
    const int coded_width = call.outbound().frame_width;
    EXPECT_LT(coded_width, 1280);
    parameters.active = false;
    call.video_sender->configure(parameters);
    EXPECT_EQ(call.outbound().frame_width, coded_width);
  });
}

TEST(MediaFlow, LongPacketsAreNotTakenForAStreamThatHasEnded) {
  Call call;
  call.receive_audio();
  call.run([&] {
    auto& section = dynamic_cast<ReceivingSection&>(*call.audio_receiver);
    uint16_t numbers[2] = {};
    const auto receive = [&](uint32_t ssrc, int64_t now_ms) {
      RtpPacketToSend packet;
      packet.header = {false, kOpusType, ++numbers[ssrc - 1], static_cast<uint32_t>(now_ms * 48), ssrc, {}};
      packet.payload = {0xf8, 0xff, 0xfe};
      Bytes octets = packet.serialize({});
      section.on_rtp_packet(*RtpPacketView::parse(octets), octets, {}, now_ms * 1'000);
      return call.inbound(*call.audio_receiver).ssrc;
    };
    // Packets of 60 ms, then those of another stream.
    for (int64_t now_ms = 1'000; now_ms <= 1'600; now_ms += 60) EXPECT_EQ(receive(1, now_ms), 1u);
    for (int64_t now_ms = 1'620; now_ms <= 1'760; now_ms += 20) EXPECT_EQ(receive(2, now_ms), 1u) << now_ms;
    // Three of them have not come.
    EXPECT_EQ(receive(2, 1'780), 2u);

    // A pause of DTX is no packet of its length.
    EXPECT_EQ(receive(2, 1'800), 2u);
    EXPECT_EQ(receive(2, 2'200), 2u);
    EXPECT_EQ(receive(1, 2'260), 2u);
    EXPECT_EQ(receive(1, 2'280), 1u);
  });
}

TEST(MediaFlow, ReceivesThreeLayersAndDecodesOne) {
  Call call;
  ReceiveParameters parameters = Call::receive_parameters(MediaKind::kVideo);
  parameters.rids = {"q", "h", "f"};
  call.receive_video(parameters);
  call.send_video(call.simulcast_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] {
    std::set<std::string> rids;
    for (const InboundStats& stream : call.video_receiver->stats(call.left->rtp->now_us()).streams) {
      if (Call::counter(stream, "framesReceived") >= 5) rids.insert(stream.rid);
    }
    return rids == std::set<std::string>{"q", "h", "f"} && call.eye->frames >= 5;
  }));
  call.run([&] {
    int decoded = 0;
    for (const InboundStats& stream : call.video_receiver->stats(call.left->rtp->now_us()).streams) {
      if (Call::counter(stream, "framesDecoded") > 0) ++decoded;
    }
    EXPECT_EQ(decoded, 1);
    for (size_t index = 0; index < 3; ++index) EXPECT_GT(call.outbound(index).frames_encoded, 0u);
  });
}

TEST(MediaFlow, DoesNotSpinForLayersThatNobodyAsksFor) {
  Call call;
  ReceiveParameters parameters = Call::receive_parameters(MediaKind::kVideo);
  parameters.rids = {"q", "h", "f"};
  call.receive_video(parameters);
  // Of the middle layer the first packet never arrives: it cannot be decoded, and nobody looks at it.
  int packets = 0;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      const auto is_of = [&](uint8_t ssrc) { return packet.size() > 12 && packet[10] == 0 && packet[11] == ssrc; };
      if (is_rtp_of(packet, kRtxType) && is_of(21)) return false;
      return !is_rtp_of(packet, kVp8Type) || !is_of(20) || ++packets > 1;
    };
  });
  call.send_video(call.simulcast_parameters());
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5 && packets > 20; }));
  int before = 0;
  TimePoint end;
  call.run([&] {
    before = call.right->thread.timers;
    end = Clock::now() + std::chrono::milliseconds(500);
  });
  ASSERT_TRUE(call.eventually([&] { return Clock::now() >= end; }));
  call.run([&] {
    EXPECT_LT(call.right->thread.timers - before, 2'000);
    call.left->link.filter = nullptr;
  });
}

TEST(MediaFlow, SaysWhichLayersBandwidthHasSwitchedOff) {
  Call call;
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
  received.rids = {"q", "h", "f"};
  call.receive_video(received);
  SendParameters parameters = call.simulcast_parameters();
  parameters.encodings[1].active = false;
  call.send_video(parameters);
  call.connect();
  ASSERT_TRUE(
      call.eventually([&] { return call.outbound(0).frames_encoded > 0 && call.outbound(2).frames_encoded > 0; }));
  call.run([&] {
    // As when the estimate falls.
    dynamic_cast<SendingSection&>(*call.video_sender).set_bitrates({1, {50'000, 0, 0}, {50'000, 0, 0}});
    EXPECT_STREQ(call.outbound(0).quality_limitation_reason, "none");
    EXPECT_STREQ(call.outbound(1).quality_limitation_reason, "none");
    EXPECT_STREQ(call.outbound(2).quality_limitation_reason, "bandwidth");
    EXPECT_GT(call.outbound(2).quality_limitation_durations[0], 0);
    EXPECT_EQ(call.outbound(1).quality_limitation_durations[0], 0);
  });
}

TEST(MediaFlow, SendsNothingOfTheCodecBeforeAsAnother) {
  constexpr uint8_t kVp9Type = 98, kVp9RtxType = 99;
  Call call;
  std::vector<TappedFrame> tapped;
  std::optional<uint16_t> vp8_number;
  std::optional<uint32_t> first_vp9_timestamp;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.run([&] {
    call.video_told->on_tapped = [&](TappedFrame frame) { tapped.push_back(std::move(frame)); };
    call.video_sender->set_tap(true, false);
    call.left->link.filter = [&](ByteView packet) {
      const auto view = RtpPacketView::parse(packet);
      if (view && is_rtp_of(packet, kVp8Type)) vp8_number = view->header().sequence_number;
      if (view && is_rtp_of(packet, kVp9Type) && !first_vp9_timestamp) first_vp9_timestamp = view->header().timestamp;
      return true;
    };
  });
  const auto write = [&](const TappedFrame& frame) {
    call.video_sender->write_frame({frame.token, frame.octets, {}, {}});
  };
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return tapped.size() >= 2; }));
  call.run([&] { write(tapped[0]); });
  ASSERT_TRUE(call.eventually([&] { return vp8_number.has_value(); }));
  call.run([&] {
    SendParameters parameters = call.video_parameters();
    parameters.encodings[0].codec.video = VideoCodec::kVp9;
    parameters.encodings[0].codec.payload_type = kVp9Type;
    parameters.encodings[0].codec.rtx_payload_type = kVp9RtxType;
    call.video_sender->configure(parameters);
    write(tapped[1]);
    tapped.clear();
    call.right->rtp->send_feedback(rtcp::Nack{1, 1000, {*vp8_number}}, true);
  });
  std::optional<TappedFrame> vp9;
  ASSERT_TRUE(call.eventually([&] {
    for (const TappedFrame& frame : tapped) {
      if (frame.is_keyframe) vp9 = frame;
    }
    if (vp9) write(*vp9);
    return vp9.has_value();
  }));
  ASSERT_TRUE(call.eventually([&] { return first_vp9_timestamp && call.outbound().nack_count == 1; }));
  call.run([&] {
    EXPECT_EQ(*first_vp9_timestamp, vp9->rtp_timestamp);
    EXPECT_EQ(call.outbound().retransmitted_packets_sent, 0u) << "a packet of VP8 as RTX of VP9";
    call.left->link.filter = nullptr;
    call.video_told->on_tapped = nullptr;
  });
}

TEST(MediaFlow, PadsNoStreamThatDoesNotSend) {
  Call call;
  std::map<uint32_t, int> sent;
  TimePoint last_sent;
  call.receive_video();
  call.send_video(call.video_parameters());
  std::unique_ptr<RtpSender> other;
  call.run([&] {
    SendParameters parameters = call.video_parameters(3000);
    parameters.mid = "w";
    other = RtpSender::create(*call.left->rtp, MediaKind::kVideo, 5, std::make_shared<Told>());
    other->configure(parameters);
    other->set_track(std::make_shared<VideoTrack>(call.camera), nullptr);
  });
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 5 && call.outbound().target_bitrate > 0; }));
  call.run([&] {
    SendParameters parameters = call.video_parameters();
    parameters.active = false;
    call.video_sender->configure(parameters);
    EXPECT_EQ(call.outbound().target_bitrate, 0);
    call.left->link.filter = [&](ByteView packet) {
      const auto view = RtpPacketView::parse(packet);
      if (view && packet[0] >= 128 && (is_rtp_of(packet, kVp8Type) || is_rtp_of(packet, kRtxType))) {
        ++sent[view->header().ssrc];
        if (view->header().ssrc < 3000) last_sent = Clock::now();
      }
      return true;
    };
    last_sent = Clock::now();
  });
  // A picture may have been in the encoder, or in the pacer.
  ASSERT_TRUE(call.eventually([&] { return Clock::now() - last_sent > std::chrono::milliseconds(200); }));
  call.run([&] {
    sent.clear();
    call.left->link.change_path();  // which is probed anew
  });
  EXPECT_TRUE(call.eventually([&] { return sent[3001] >= 5; }, std::chrono::seconds(10)));
  call.run([&] {
    EXPECT_EQ(sent[1000] + sent[1001], 0);
    call.left->link.filter = nullptr;
    other.reset();
  });
}

TEST(MediaFlow, RepeatsTheCaptureTimeThatATransformTold) {
  constexpr double kToldMs = 1'000'000'000'000;
  constexpr int kCaptureTimeId = 6;
  Call call;
  std::set<Bytes> told;
  int lost = 0, repairs = 0;
  call.receive_video();
  SendParameters parameters = call.video_parameters();
  parameters.extensions.set(RtpExtension::kAbsCaptureTime, kCaptureTimeId);
  call.send_video(parameters);
  call.run([&] {
    call.video_told->on_tapped = [&](TappedFrame frame) {
      call.video_sender->write_frame({frame.token, std::move(frame.octets), {}, {}, kToldMs});
    };
    call.video_sender->set_tap(true, false);
    call.left->link.filter = [&](ByteView packet) {
      const bool is_media = is_rtp_of(packet, kVp8Type), is_repair = is_rtp_of(packet, kRtxType) && lost > 0;
      if (!is_media && !is_repair) return true;
      if (const auto time = RtpPacketView::parse(packet)->extension(kCaptureTimeId)) {
        told.insert(Bytes(time->begin(), time->end()));
        repairs += is_repair;
      }
      const bool loses = lost == 0 && is_media && call.eye->frames >= 5;
      lost += loses;
      return !loses;
    };
  });
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return repairs > 0 && call.outbound().retransmitted_packets_sent > 0; }));
  call.run([&] {
    EXPECT_EQ(told.size(), 1u);
    call.left->link.filter = nullptr;
    call.video_told->on_tapped = nullptr;
  });
}

TEST(MediaFlow, TellsTimesByTheClockThatItWasGiven) {
  // The system's is an hour ahead: it was set since.
  const UnixClock clock(UnixClock().now_ms() - 3'600'000);
  Call call(clock);
  double received_ms = 0, captured_ms = 0;
  call.seen_told->on_tapped = [&](TappedFrame frame) {
    received_ms = frame.receive_time_ms;
    call.video_receiver->write_frame({frame.token, std::move(frame.octets), {}, {}});
  };
  call.video_told->on_tapped = [&](TappedFrame frame) {
    captured_ms = frame.capture_time_ms;
    call.video_sender->write_frame({frame.token, std::move(frame.octets), {}, {}});
  };
  call.connect_sound_and_pictures();
  call.run([&] {
    call.video_receiver->set_tap(true);
    call.video_sender->set_tap(true, false);
  });
  ASSERT_TRUE(call.eventually([&] {
    return call.inbound(*call.video_receiver).remote && call.inbound(*call.audio_receiver).remote &&
           call.outbound().remote && received_ms > 0 && captured_ms > 0;
  }));
  call.run([&] {
    std::vector<double> told = {received_ms, captured_ms, call.outbound().remote->timestamp_ms};
    for (RtpReceiver* receiver : {call.video_receiver.get(), call.audio_receiver.get()}) {
      const InboundStats stats = call.inbound(*receiver);
      told.insert(told.end(), {Call::counter(stats, "lastPacketReceivedTimestamp"), stats.remote->timestamp_ms});
    }
    for (const auto& table : {call.seen_sources, call.heard_sources}) {
      for (const RtpSource& source : table->sources()) told.push_back(source.timestamp_ms);
    }
    EXPECT_EQ(told.size(), 9u);
    for (const double each : told) EXPECT_NEAR(each, clock.now_ms(), 10'000);
  });
}

TEST(MediaFlow, GivesTappedFramesBack) {
  Call call;
  call.receive_video();
  call.send_video(call.video_parameters());
  call.run([&] {
    call.video_told->on_tapped = [&](TappedFrame frame) {
      call.video_sender->write_frame({frame.token, std::move(frame.octets), {}, {}});
      call.video_sender->write_frame({frame.token, Bytes{1, 2, 3}, {}, {}});  // once is all
    };
    call.seen_told->on_tapped = [&](TappedFrame frame) {
      call.video_receiver->write_frame({frame.token + 1'000'000, Bytes{1}, {}, {}});
      call.video_receiver->write_frame({frame.token, std::move(frame.octets), {}, {}});
    };
    call.video_sender->set_tap(true, true);
    call.video_receiver->set_tap(true);
  });
  call.connect();
  ASSERT_TRUE(call.eventually([&] { return call.eye->frames >= 10; }));
  EXPECT_GE(call.video_told->tapped, 10);
  EXPECT_GE(call.seen_told->tapped, 10);
}

}  // namespace
}  // namespace peerwire
