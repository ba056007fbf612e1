// What an authenticated but hostile peer sends: RTP and RTCP of any shape and in any order go through SRTP into a
// transport that receives sound and pictures (with RTX, RED, layers), and sends pictures. The seam is DtlsTransport:
// one that is always connected, with keys that both ends know.
#include <deque>
#include <mutex>

#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_source_table.h"
#include "media/stream/rtp_transport.h"
#include "net/timer_queue.h"

namespace {

using namespace peerwire;

/// The fuzzer's own thread: nothing runs but inside run(). Coders post from others.
class Loop final : public NetworkThread {
 public:
  void post(Task task) override {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  bool run_or_post(Task task) override {
    post(std::move(task));
    return false;
  }
  void post_and_wait(Task task) override { task(); }
  bool is_current() const override { return true; }
  TimePoint now() const override { return Clock::now(); }
  TimerId start_timer(TimePoint when, Task task) override { return timers_.start(when, std::move(task)); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void defer(Task task) override { post(std::move(task)); }
  bool watch(int, FdObserver*) override { return true; }
  void want_writable(int, bool) override {}
  void unwatch(int) override {}

  void run() {
    const uint64_t limit = timers_.sequence();
    while (const Task task = timers_.take_due(now(), limit)) task();
    for (size_t count = 0; count < 256; ++count) {
      Task task;
      {
        std::lock_guard lock(mutex_);
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

 private:
  std::mutex mutex_;
  std::deque<Task> tasks_;
  TimerQueue timers_;
};

struct Sink final : PacketTransport {
  bool send_packet(ByteView packet) override {
    if (packet.size() > max_packet_size()) __builtin_trap();
    return true;
  }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return 1200; }
  void set_packet_receiver(PacketReceiver*) override {}
};

struct Connected final : DtlsTransport {
  bool send_packet(ByteView) override { return true; }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return 1100; }
  void set_packet_receiver(PacketReceiver*) override {}
  void start(DtlsRole, std::vector<Fingerprint>) override {}
  DtlsTransportState state() const override { return DtlsTransportState::kConnected; }
  DtlsRole role() const override { return DtlsRole::kClient; }
  DtlsTransportInfo info() const override {
    DtlsTransportInfo info;
    info.srtp_cipher = "SRTP_AES128_CM_SHA1_80";
    return info;
  }
  void set_rtp_receiver(PacketReceiver* to) override { receiver = to; }
  ByteView srtp_keying_material() const override { return keys; }
  void close() override {}

  const Bytes keys = Bytes(2 * (16 + 14), 7);
  PacketReceiver* receiver = nullptr;
};

struct Told final : RtpSenderObserver, RtpReceiverObserver {
  void on_encoded_frame(TappedFrame frame) override {
    last_token = frame.token;
    octets = std::move(frame.octets);
  }
  void on_keyframe_request(const std::string&) override {}
  void on_source_keyframe_wanted(const std::string&) override {}
  void on_flow(bool) override {}
  void on_packet(ByteView shown, bool is_rtcp) override {
    packet.assign(shown.begin(), shown.end());
    packet_is_rtcp = is_rtcp;
  }
  uint64_t last_token = 0;
  Bytes octets;
  Bytes packet;
  bool packet_is_rtcp = false;
};

RtpExtensionMap extensions() {
  RtpExtensionMap map;
  for (size_t index = 0; index < static_cast<size_t>(RtpExtension::kCount); ++index) {
    map.set(static_cast<RtpExtension>(index), static_cast<int>(index) + 1);
  }
  return map;
}

ReceiveParameters pictures(uint8_t choice) {
  ReceiveParameters parameters;
  parameters.mid = "v";
  parameters.active = choice % 16 != 15;
  parameters.reduced_size_rtcp = choice & 1;
  parameters.extensions = extensions();
  uint8_t payload_type = 96;
  for (const VideoCodec codec : {VideoCodec::kVp8, VideoCodec::kVp9, VideoCodec::kH264, VideoCodec::kAv1}) {
    ReceiveCodecParameters media;
    media.payload_type = payload_type++;
    media.video = codec;
    media.feedback = {(choice & 2) == 0, (choice & 4) == 0, true, (choice & 8) != 0, (choice & 8) == 0};
    parameters.codecs.push_back(media);
    ReceiveCodecParameters rtx;
    rtx.payload_type = payload_type++;
    rtx.kind = ReceiveCodecParameters::Kind::kRtx;
    rtx.associated_payload_type = media.payload_type;
    parameters.codecs.push_back(rtx);
  }
  if (choice & 16) parameters.rids = {"a", "b", "c"};
  if (choice & 32) {
    parameters.sources = {{1, "x"}, {2, "x"}};
    parameters.retransmission_groups = {{1, 2}};
  }
  if (choice & 64) parameters.sync_group = "s";
  return parameters;
}

ReceiveParameters sounds(uint8_t choice) {
  ReceiveParameters parameters;
  parameters.mid = "a";
  parameters.active = choice % 16 != 15;
  parameters.extensions = extensions();
  const auto add = [&](uint8_t type, ReceiveCodecParameters::Kind kind, AudioCodec codec, uint32_t clock_rate) {
    ReceiveCodecParameters each;
    each.payload_type = type;
    each.kind = kind;
    each.audio = codec;
    each.clock_rate = clock_rate;
    each.channels = codec == AudioCodec::kOpus ? 2 : 1;
    parameters.codecs.push_back(each);
  };
  using Kind = ReceiveCodecParameters::Kind;
  add(111, Kind::kAudio, AudioCodec::kOpus, 48000);
  add(9, Kind::kAudio, AudioCodec::kG722, 8000);
  add(0, Kind::kAudio, AudioCodec::kPcmu, 8000);
  add(63, Kind::kRed, AudioCodec::kOpus, 48000);
  add(13, Kind::kComfortNoise, AudioCodec::kComfortNoise, 8000);
  add(110, Kind::kTelephoneEvent, AudioCodec::kTelephoneEvent, 48000);
  if (choice & 64) parameters.sync_group = "s";
  return parameters;
}

SendParameters sent(uint8_t choice) {
  SendParameters parameters;
  parameters.mid = "s";
  parameters.cname = "c";
  parameters.active = choice % 16 != 15;
  parameters.extensions = extensions();
  for (uint32_t index = 0; index < 1u + choice % 3; ++index) {
    EncodingParameters encoding;
    encoding.ssrc = 10 + index;
    encoding.rtx_ssrc = choice & 4 ? 0 : 20 + index;
    encoding.codec.payload_type = 120;
    encoding.codec.rtx_payload_type = choice & 4 ? -1 : 121;
    encoding.codec.feedback = {true, true, true, (choice & 8) != 0, (choice & 8) == 0};
    encoding.scale_down_by = 1 << index;
    if (choice % 3 != 0) encoding.rid = std::string(1, static_cast<char>('a' + index));
    parameters.encodings.push_back(encoding);
  }
  return parameters;
}

VideoFrame picture(int64_t time_us) {
  VideoFrame frame;
  auto buffer = I420Buffer::allocate(32, 32);
  const Bytes grey(buffer->packed_size(), static_cast<uint8_t>(time_us / 1000));
  buffer->copy_packed_from(grey.data());
  frame.buffer = std::move(buffer);
  frame.capture_time_us = time_us;
  return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  // Kept, so that its threads are not started for each input.
  static const std::shared_ptr<WorkerPool> pool = WorkerPool::acquire();
  static Loop& loop = *new Loop;
  static constexpr uint8_t kTypes[] = {96, 97, 98, 99, 100, 101, 102, 103, 111, 9, 0, 63, 13, 110, 120, 121};

  Sink lower;
  Connected dtls;
  const auto peer = SrtpSession::create("SRTP_AES128_CM_SHA1_80", dtls.keys, DtlsRole::kServer);
  RtpTransport transport(loop, dtls, lower);
  transport.on_dtls_state(DtlsTransportState::kConnected);
  const auto camera = std::make_shared<VideoSource>();
  const auto told = std::make_shared<Told>();
  auto video = RtpReceiver::create(transport, MediaKind::kVideo, 1, std::make_shared<VideoSource>(), nullptr,
                                   std::make_shared<RtpSourceTable>(), told);
  auto audio = RtpReceiver::create(transport, MediaKind::kAudio, 2, nullptr, std::make_shared<AudioSource>(),
                                   std::make_shared<RtpSourceTable>(), told);
  auto sender = RtpSender::create(transport, MediaKind::kVideo, 3, told);
  sender->set_track(std::make_shared<VideoTrack>(camera), nullptr);
  video->configure(pictures(0));
  audio->configure(sounds(0));
  sender->configure(sent(0));

  uint16_t number = 0;
  Bytes buffer(2048);
  ByteView rest{octets, size};
  while (rest.size() >= 3) {
    const uint8_t what = rest[0], choice = rest[1];
    const ByteView body = rest.subspan(3, std::min<size_t>(rest[2], rest.size() - 3));
    rest = rest.subspan(3 + body.size());
    size_t protected_size = 0;
    switch (what % 14) {
      case 0:
        video->configure(pictures(choice));
        break;
      case 1:
        audio->configure(sounds(choice));
        break;
      case 2:
        sender->configure(sent(choice));
        break;
      case 3:
        video->set_tap(choice & 1);
        audio->set_tap(choice & 1);
        sender->set_tap((choice & 2) != 0, (choice & 4) != 0);
        break;
      case 4: {
        Bytes frame = choice & 1 ? std::move(told->octets) : Bytes(body.begin(), body.end());
        RtpReceiver& to = choice & 2 ? *audio : *video;
        if (choice & 4) {
          sender->write_frame({told->last_token, std::move(frame), {}, {}});
        } else {
          to.write_frame({told->last_token, std::move(frame), {}, {}});
        }
        break;
      }
      case 5:
        camera->deliver(picture(transport.now_us()));
        break;
      case 6:
        transport.stats();
        break;
      case 7:
      case 8:
        std::copy(body.begin(), body.end(), buffer.begin());
        protected_size = peer->protect_rtcp(buffer, body.size());
        break;
      case 9:
        std::copy(body.begin(), body.end(), buffer.begin());
        protected_size = peer->protect_rtp(buffer, body.size());
        break;
      case 10:
        video->set_packet_tap(choice & 1);
        audio->set_packet_tap(choice & 2);
        sender->set_packet_tap(choice & 4);
        break;
      case 11: {  // a packet that was shown comes back, changed or not, or another
        Bytes packet = choice & 1 ? told->packet : Bytes(body.begin(), body.end());
        if (choice & 1 && !packet.empty() && !body.empty()) packet[body[0] % packet.size()] ^= choice;
        const bool is_rtcp = choice & 1 ? told->packet_is_rtcp : (choice & 8) != 0;
        if (choice & 4) {
          sender->write_packet(std::move(packet), is_rtcp);
        } else {
          (choice & 2 ? *audio : *video).write_packet(std::move(packet), is_rtcp);
        }
        break;
      }
      default: {
        // A sound header in front, so that most of it gets somewhere.
        number = static_cast<uint16_t>(number + (what & 0x80 ? choice : 1));
        const uint8_t head[] = {static_cast<uint8_t>(0x80 | (choice & 0x30)),
                                static_cast<uint8_t>(kTypes[choice % 16] | (what & 0x40 ? 0x80 : 0)),
                                static_cast<uint8_t>(number >> 8),
                                static_cast<uint8_t>(number),
                                0,
                                static_cast<uint8_t>(number >> 6),
                                static_cast<uint8_t>(number << 2),
                                0,
                                0,
                                0,
                                0,
                                static_cast<uint8_t>(choice >> 6 | (what & 0x10))};
        std::copy(std::begin(head), std::end(head), buffer.begin());
        std::copy(body.begin(), body.end(), buffer.begin() + sizeof head);
        protected_size = peer->protect_rtp(buffer, sizeof head + body.size());
        break;
      }
    }
    if (protected_size > 0 && dtls.receiver) dtls.receiver->on_packet(ByteView(buffer.data(), protected_size));
    loop.run();
  }
  sender.reset();
  video.reset();
  audio.reset();
  loop.run();
  return 0;
}
