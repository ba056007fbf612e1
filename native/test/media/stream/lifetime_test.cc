// Ends at any moment, from any side, while coders are at work: nothing is touched that is gone. Of use above all under
// the sanitizers.
#include "call.h"

namespace peerwire {
namespace {

/// What is under way in a call, for as long as `milliseconds`.
void let_it_run(Call& call, int milliseconds) {
  const TimePoint end = Clock::now() + std::chrono::milliseconds(milliseconds);
  ASSERT_TRUE(call.eventually([end] { return Clock::now() >= end; }));
}

std::unique_ptr<Call> busy_call() {
  auto call = std::make_unique<Call>();
  call->receive_video();
  call->receive_audio();
  call->send_video(call->simulcast_parameters());
  call->send_audio();
  call->connect();
  return call;
}

TEST(Lifetime, ACallEndsAtAnyMomentAndTheNetworkThreadWithIt) {
  for (int milliseconds = 0; milliseconds < 60; milliseconds += 4) {
    auto call = busy_call();
    let_it_run(*call, milliseconds);
    call.reset();
  }
  for (int round = 0; round < 8; ++round) {
    auto call = busy_call();
    ASSERT_TRUE(call->eventually([&] { return call->eye->frames > round; }));
    call.reset();
  }
}

TEST(Lifetime, SendersAndReceiversComeAndGo) {
  auto call = busy_call();
  ASSERT_TRUE(call->eventually([&] { return call->eye->frames > 0; }));
  for (int round = 0; round < 10; ++round) {
    call->run([&] {
      call->video_receiver.reset();
      call->audio_receiver.reset();
      if (round % 2 == 0) {
        call->video_sender.reset();
        call->audio_sender.reset();
      }
    });
    let_it_run(*call, round);
    call->receive_video();
    call->receive_audio();
    call->run([&] {
      if (round % 2 != 0) return;
      call->video_sender = RtpSender::create(*call->left->rtp, MediaKind::kVideo, 1, call->video_told);
      call->video_sender->configure(call->video_parameters(3000 + static_cast<uint32_t>(round)));
      call->video_sender->set_track(std::make_shared<VideoTrack>(call->camera), nullptr);
      call->audio_sender = RtpSender::create(*call->left->rtp, MediaKind::kAudio, 2, call->audio_told);
      // A new stream has an SSRC of its own: SRTP does not begin one anew.
      call->audio_sender->configure(call->audio_parameters(600 + static_cast<uint32_t>(round)));
      call->audio_sender->set_track(nullptr, std::make_shared<AudioTrack>(call->microphone));
    });
  }
  const int frames = call->eye->frames, loud = call->ear->loud;
  EXPECT_TRUE(call->eventually([&] { return call->eye->frames > frames + 5 && call->ear->loud > loud + 5; }));
}

TEST(Lifetime, ParametersChangeInTheMidstOfIt) {
  auto call = busy_call();
  for (int round = 0; round < 30; ++round) {
    let_it_run(*call, round % 5);
    call->run([&] {
      SendParameters parameters = round % 3 == 0 ? call->video_parameters() : call->simulcast_parameters();
      parameters.active = round % 4 != 3;
      parameters.encodings[0].active = round % 5 != 4;
      parameters.encodings[0].scale_down_by = 1 + round % 7;
      parameters.encodings[0].max_framerate = round % 6 == 5 ? 1e-300 : -1;
      parameters.encodings[0].scalability.temporal_layers = 1 + round % 3;
      call->video_sender->configure(std::move(parameters));
      ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
      received.active = round % 6 != 2;
      if (round % 3 != 0) received.rids = {"q", "h", "f"};
      call->video_receiver->configure(std::move(received));
      ReceiveParameters heard = Call::receive_parameters(MediaKind::kAudio);
      heard.active = round % 4 != 1;
      call->audio_receiver->configure(std::move(heard));
    });
  }
  call->run([&] {
    call->video_sender->configure(call->video_parameters());
    call->video_receiver->configure(Call::receive_parameters(MediaKind::kVideo));
    call->audio_receiver->configure(Call::receive_parameters(MediaKind::kAudio));
  });
  const int frames = call->eye->frames, loud = call->ear->loud;
  EXPECT_TRUE(call->eventually([&] { return call->eye->frames > frames + 5 && call->ear->loud > loud + 5; }));
}

TEST(Lifetime, TheTransportBelowEndsFirst) {
  auto call = busy_call();
  ASSERT_TRUE(call->eventually([&] { return call->eye->frames > 0; }));
  call->run([&] {
    call->left->dtls->close();
    call->left->rtp->on_dtls_state(DtlsTransportState::kClosed);
    call->right->rtp->on_dtls_state(DtlsTransportState::kClosed);
    EXPECT_FALSE(call->left->rtp->can_send());
  });
  let_it_run(*call, 50);
  call->run([&] {
    call->video_sender->request_keyframe({});
    call->video_sender->set_track(nullptr, nullptr);
    call->audio_sender->play_tone('5', 100);
    call->video_receiver->request_keyframe();
  });
}

TEST(Lifetime, TheLastTransportClosesWhileACoderIsAtWork) {
  struct Nobody final : DtlsTransportObserver {
    void on_dtls_state(DtlsTransportState, const DtlsFailure&) override {}
  } nobody;
  const auto certificate = std::get<CertificatePtr>(Certificate::generate(CertificateOptions()));
  auto network = NetworkThread::acquire();
  std::unique_ptr<LinkEnd> link;
  std::unique_ptr<DtlsTransport> dtls;
  std::unique_ptr<RtpTransport> rtp;
  network->post_and_wait([&] {
    link = std::make_unique<LinkEnd>(*network);
    dtls = DtlsTransport::create(*network, *link, certificate, {}, &nobody);
    rtp = std::make_unique<RtpTransport>(*network, *dtls, *link, UnixClock());
  });
  std::promise<void> begun, go, closed;
  auto coder = std::make_unique<SerialQueue>(WorkerPool::acquire());
  coder->post([&] {
    begun.set_value();
    go.get_future().wait();
  });
  begun.get_future().wait();
  coder.reset();
  network->post([&] {
    rtp.reset();
    dtls.reset();
    link.reset();
    closed.set_value();
  });
  EXPECT_EQ(closed.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready)
      << "the network thread waits for the coder";
  go.set_value();
  network.reset();
}

}  // namespace
}  // namespace peerwire
