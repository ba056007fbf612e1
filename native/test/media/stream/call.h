// Two RTP transports over a DTLS pair and a link in memory, on a network thread of their own, in real time; a camera
// and a microphone at one end, an eye and an ear at the other.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_source_table.h"
#include "media/stream/rtp_transport.h"
#include "net/network_thread.h"
#include "transport/certificate.h"
#include "transport/dtls_transport.h"

namespace peerwire {

constexpr uint8_t kVp8Type = 96, kRtxType = 97, kOpusType = 111;

/// One end of a link in memory. Network thread only.
class LinkEnd final : public PacketTransport {
 public:
  explicit LinkEnd(NetworkThread& network) : network_(network) {}
  ~LinkEnd() override { *alive_ = nullptr; }
  static void join(LinkEnd& a, LinkEnd& b) {
    a.peer_ = b.alive_;
    b.peer_ = a.alive_;
  }

  bool send_packet(ByteView packet) override {
    if (filter && !filter(packet)) return true;
    network_.post([peer = peer_, copy = Bytes(packet.begin(), packet.end())] {
      if (peer && *peer && (*peer)->receiver_) (*peer)->receiver_->on_packet(copy);
    });
    return true;
  }
  bool writable() const override { return writable_; }
  size_t max_packet_size() const override { return 1200; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }

  void change_path() { receiver_->on_path_changed(); }
  /// The path is gone, or there is one again.
  void set_writable(bool writable) {
    writable_ = writable;
    receiver_->on_writable_changed(writable);
  }

  std::function<bool(ByteView)> filter;  // false: lost

 private:
  NetworkThread& network_;
  bool writable_ = true;
  PacketReceiver* receiver_ = nullptr;
  std::shared_ptr<LinkEnd*> alive_ = std::make_shared<LinkEnd*>(this);
  std::shared_ptr<LinkEnd*> peer_;
};

inline bool is_rtp_of(ByteView packet, uint8_t payload_type) {
  return packet.size() > 12 && packet[0] >= 128 && packet[0] < 192 && (packet[1] & 0x7f) == payload_type;
}

/// The network thread as a transport sees it, and how often it asks to be woken.
class CountedThread final : public NetworkThread {
 public:
  explicit CountedThread(NetworkThread& network) : network_(network) {}
  void post(Task task) override { network_.post(std::move(task)); }
  bool run_or_post(Task task) override { return network_.run_or_post(std::move(task)); }
  void post_and_wait(Task task) override { network_.post_and_wait(std::move(task)); }
  bool is_current() const override { return network_.is_current(); }
  TimePoint now() const override { return network_.now(); }
  TimerId start_timer(TimePoint when, Task task) override {
    ++timers;
    return network_.start_timer(when, std::move(task));
  }
  void cancel_timer(TimerId timer) override { network_.cancel_timer(timer); }
  void defer(Task task) override { network_.defer(std::move(task)); }
  bool watch(int fd, FdObserver* observer) override { return network_.watch(fd, observer); }
  void want_writable(int fd, bool wanted) override { network_.want_writable(fd, wanted); }
  void unwatch(int fd) override { network_.unwatch(fd); }

  int timers = 0;

 private:
  NetworkThread& network_;
};

/// Everything of one side. Network thread only.
struct CallPeer final : DtlsTransportObserver {
  explicit CallPeer(NetworkThread& network, UnixClock clock)
      : thread(network),
        link(network),
        certificate(std::get<CertificatePtr>(Certificate::generate(CertificateOptions()))),
        dtls(DtlsTransport::create(network, link, certificate, {}, this)),
        rtp(std::make_unique<RtpTransport>(thread, *dtls, link, clock)) {}
  void on_dtls_state(DtlsTransportState state, const DtlsFailure&) override {
    if (rtp && !holds_state) rtp->on_dtls_state(state);
  }

  CountedThread thread;
  LinkEnd link;
  CertificatePtr certificate;
  std::unique_ptr<DtlsTransport> dtls;
  std::unique_ptr<RtpTransport> rtp;
  bool holds_state = false;
};

struct Eye final : VideoSink {
  void on_video_frame(const VideoFrame& frame) override {
    EXPECT_FALSE(busy.exchange(true)) << "two threads deliver at once";
    width = frame.width();
    ++frames;
    busy = false;
  }
  std::atomic<bool> busy{false};
  std::atomic<int> frames{0}, width{0};
};

struct Ear final : AudioSink {
  void on_audio_block(const AudioBlockPtr& block) override {
    EXPECT_FALSE(busy.exchange(true)) << "two threads deliver at once";
    int peak = 0;
    for (const int16_t sample : block->samples) peak = std::max(peak, std::abs(int{sample}));
    if (peak > 3000) ++loud;
    busy = false;
  }
  std::atomic<bool> busy{false};
  std::atomic<int> loud{0};
};

struct Told final : RtpSenderObserver, RtpReceiverObserver {
  void on_encoded_frame(TappedFrame frame) override {
    ++tapped;
    if (on_tapped) on_tapped(std::move(frame));
  }
  void on_keyframe_request(const std::string&) override {}
  void on_source_keyframe_wanted(const std::string&) override { ++keyframes_wanted; }
  void on_packet(ByteView, bool) override {}
  void on_flow(bool flows) override { flow = flows ? 1 : 0; }
  std::atomic<int> flow{-1}, tapped{0}, keyframes_wanted{0};
  std::function<void(TappedFrame)> on_tapped;
};

class Call {
 public:
  explicit Call(UnixClock clock = UnixClock()) : network(NetworkThread::acquire()) {
    run([this, clock] {
      left = std::make_unique<CallPeer>(*network, clock);
      right = std::make_unique<CallPeer>(*network, clock);
      LinkEnd::join(left->link, right->link);
    });
  }
  ~Call() { close(); }

  void run(const std::function<void()>& task) { network->post_and_wait(task); }
  void connect() {
    run([this] {
      right->dtls->start(DtlsRole::kServer, {left->certificate->fingerprint("sha-256")});
      left->dtls->start(DtlsRole::kClient, {right->certificate->fingerprint("sha-256")});
    });
  }
  void connect_sound_and_pictures() {
    receive_video();
    receive_audio();
    send_video(video_parameters());
    send_audio();
    connect();
  }
  /// Whether `done`, which is asked on the network thread, comes true in time.
  bool eventually(const std::function<bool()>& done, Duration limit = std::chrono::seconds(60)) {
    std::promise<bool> answer;
    std::function<void()> ask = [&, end = Clock::now() + limit] {
      const bool is_done = done();
      if (is_done || Clock::now() > end) return answer.set_value(is_done);
      network->start_timer(Clock::now() + std::chrono::milliseconds(2), ask);
    };
    network->post(ask);
    return answer.get_future().get();
  }

  SendParameters video_parameters(uint32_t ssrc = 1000) const {
    SendParameters parameters = parameters_of("v");
    parameters.encodings.push_back(video_encoding(ssrc));
    return parameters;
  }
  /// Three layers, the smallest first.
  SendParameters simulcast_parameters() const {
    SendParameters parameters = parameters_of("v");
    for (const auto& [rid, ssrc, scale] :
         {std::tuple("q", 10u, 4.0), std::tuple("h", 20u, 2.0), std::tuple("f", 30u, 1.0)}) {
      EncodingParameters encoding = video_encoding(ssrc);
      encoding.rid = rid;
      encoding.scale_down_by = scale;
      parameters.encodings.push_back(encoding);
    }
    return parameters;
  }
  SendParameters audio_parameters(uint32_t ssrc = 500) const {
    SendParameters parameters = parameters_of("a");
    EncodingParameters encoding;
    encoding.ssrc = ssrc;
    encoding.codec.payload_type = kOpusType;
    encoding.codec.clock_rate = 48000;
    encoding.codec.feedback.transport_cc = true;
    parameters.encodings.push_back(encoding);
    return parameters;
  }
  static ReceiveParameters receive_parameters(MediaKind kind) {
    ReceiveParameters parameters;
    parameters.mid = kind == MediaKind::kVideo ? "v" : "a";
    parameters.active = true;
    parameters.reduced_size_rtcp = true;
    parameters.extensions = extensions();
    ReceiveCodecParameters codec;
    codec.feedback = {true, true, true, false, true};
    if (kind == MediaKind::kVideo) {
      codec.payload_type = kVp8Type;
      parameters.codecs.push_back(codec);
      codec.payload_type = kRtxType;
      codec.kind = ReceiveCodecParameters::Kind::kRtx;
      codec.associated_payload_type = kVp8Type;
    } else {
      codec.payload_type = kOpusType;
      codec.kind = ReceiveCodecParameters::Kind::kAudio;
      codec.clock_rate = 48000;
      codec.channels = 2;
    }
    parameters.codecs.push_back(codec);
    return parameters;
  }

  void send_video(SendParameters parameters) {
    run([&] {
      video_sender = RtpSender::create(*left->rtp, MediaKind::kVideo, 1, video_told);
      video_sender->configure(std::move(parameters));
      video_sender->set_track(std::make_shared<VideoTrack>(camera), nullptr);
      shoot(++frame_number_);
    });
  }
  void send_audio() {
    run([this] {
      audio_sender = RtpSender::create(*left->rtp, MediaKind::kAudio, 2, audio_told);
      audio_sender->configure(audio_parameters());
      audio_sender->set_track(nullptr, std::make_shared<AudioTrack>(microphone));
      speak();
    });
  }
  void receive_video(ReceiveParameters parameters = receive_parameters(MediaKind::kVideo)) {
    screen->add_sink(eye);
    run([&] {
      video_receiver = RtpReceiver::create(*right->rtp, MediaKind::kVideo, 3, screen, nullptr, seen_sources, seen_told);
      video_receiver->configure(std::move(parameters));
    });
  }
  void receive_audio() {
    speaker->add_sink(ear);
    run([this] {
      audio_receiver =
          RtpReceiver::create(*right->rtp, MediaKind::kAudio, 4, nullptr, speaker, heard_sources, heard_told);
      audio_receiver->configure(receive_parameters(MediaKind::kAudio));
    });
  }
  /// On the network thread, unless the call has been closed by then.
  void again(Duration after, std::function<void()> task) {
    network->start_timer(Clock::now() + after, [open = open_, task = std::move(task)] {
      if (*open) task();
    });
  }
  void close() {
    if (!network) return;
    run([this] {
      *open_ = false;
      video_sender.reset();
      audio_sender.reset();
      video_receiver.reset();
      audio_receiver.reset();
      for (auto* peer : {&left, &right}) {
        if (!*peer) continue;
        (*peer)->rtp.reset();
        (*peer)->dtls->close();
      }
    });
    run([this] {
      left.reset();
      right.reset();
    });
    network.reset();
  }

  // Of statistics; network thread.
  OutboundStats outbound(size_t index = 0) const { return video_sender->stats().streams.at(index); }
  InboundStats inbound(RtpReceiver& receiver, size_t index = 0) const {
    const auto streams = receiver.stats(left->rtp->now_us()).streams;
    return index < streams.size() ? streams[index] : InboundStats();
  }
  static double counter(const InboundStats& stats, const std::string& name) {
    for (const NamedCounter& each : stats.counters) {
      if (each.name == name) return each.value;
    }
    return 0;
  }
  double video_counter(const std::string& name) const { return counter(inbound(*video_receiver), name); }

  std::shared_ptr<NetworkThread> network;
  std::unique_ptr<CallPeer> left, right;
  std::unique_ptr<RtpSender> video_sender, audio_sender;
  std::unique_ptr<RtpReceiver> video_receiver, audio_receiver;
  const std::shared_ptr<VideoSource> camera = std::make_shared<VideoSource>(), screen = std::make_shared<VideoSource>();
  const std::shared_ptr<AudioSource> microphone = std::make_shared<AudioSource>(),
                                     speaker = std::make_shared<AudioSource>();
  const std::shared_ptr<Eye> eye = std::make_shared<Eye>();
  const std::shared_ptr<Ear> ear = std::make_shared<Ear>();
  const std::shared_ptr<Told> video_told = std::make_shared<Told>(), audio_told = std::make_shared<Told>(),
                              seen_told = std::make_shared<Told>(), heard_told = std::make_shared<Told>();
  const std::shared_ptr<RtpSourceTable> seen_sources = std::make_shared<RtpSourceTable>(),
                                        heard_sources = std::make_shared<RtpSourceTable>();

 private:
  static RtpExtensionMap extensions() {
    RtpExtensionMap map;
    map.set(RtpExtension::kMid, 1);
    map.set(RtpExtension::kTransportWideSequenceNumber, 2);
    map.set(RtpExtension::kRid, 3);
    map.set(RtpExtension::kRepairedRid, 4);
    map.set(RtpExtension::kAbsSendTime, 5);
    return map;
  }
  static SendParameters parameters_of(const char* mid) {
    SendParameters parameters;
    parameters.mid = mid;
    parameters.cname = "someone";
    parameters.active = true;
    parameters.reduced_size_rtcp = true;
    parameters.extensions = extensions();
    return parameters;
  }
  static EncodingParameters video_encoding(uint32_t ssrc) {
    EncodingParameters encoding;
    encoding.ssrc = ssrc;
    encoding.rtx_ssrc = ssrc + 1;
    encoding.codec.payload_type = kVp8Type;
    encoding.codec.rtx_payload_type = kRtxType;
    encoding.codec.feedback = {true, true, true, false, true};
    return encoding;
  }
  void shoot(uint32_t number) {
    auto buffer = I420Buffer::allocate(160, 120);
    for (int y = 0; y < 120; ++y) {
      for (int x = 0; x < 160; ++x) {
        buffer->y()[y * buffer->stride_y() + x] = static_cast<uint8_t>(x * y + number * 8 + (x * 7919 * y) % 31);
      }
    }
    for (int y = 0; y < buffer->chroma_height(); ++y) {
      std::fill_n(buffer->u() + y * buffer->stride_uv(), buffer->chroma_width(), uint8_t{90});
      std::fill_n(buffer->v() + y * buffer->stride_uv(), buffer->chroma_width(), uint8_t{160});
    }
    VideoFrame frame;
    frame.buffer = std::move(buffer);
    frame.capture_time_us = left->rtp->now_us();
    camera->deliver(frame);
    again(std::chrono::milliseconds(33), [this] { shoot(++frame_number_); });
  }
  void speak() {
    auto block = std::make_shared<AudioBlock>();
    block->capture_time_us = left->rtp->now_us();
    for (int index = 0; index < 480; ++index) {
      block->samples.push_back(static_cast<int16_t>(12'000 * std::sin(0.06 * ++phase_)));
    }
    microphone->deliver(block);
    again(std::chrono::milliseconds(10), [this] { speak(); });
  }

  const std::shared_ptr<bool> open_ = std::make_shared<bool>(true);
  uint32_t frame_number_ = 0;
  int phase_ = 0;
};

}  // namespace peerwire
