// The RtpSender and RtpReceiver classes of the addon.
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "addon/encoded_frame.h"
#include "addon/rtp_transport_binding.h"
#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_source_table.h"

namespace peerwire::addon {

/// The network thread's half of a handle: what a sender and a receiver tell alike.
template <typename Stream, typename StreamObserver>
class RtpStreamEndpoint : public StreamObserver {
 public:
  RtpStreamEndpoint(std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : events_(std::move(events)), handle_id_(handle_id) {}
  /// Null before it is open, where its transport was gone by then, and once it is closed.
  Stream* stream() const { return stream_.get(); }
  void close() { stream_.reset(); }

  void on_encoded_frame(TappedFrame frame) final { frames_.push(*events_, handle_id_, std::move(frame)); }
  void on_packet(ByteView packet, bool is_rtcp) final {
    const size_t cost = undelivered_cost_of(packet.size());
    if (undelivered_octets_.fetch_add(cost) + cost > kUndeliveredLimit) {
      undelivered_octets_.fetch_sub(cost);
      return;
    }
    events_->push({handle_id_, EventKind::kRtpPacket, is_rtcp ? 1.0 : 0.0, Bytes(packet.begin(), packet.end())});
  }
  /// The environment's thread: JavaScript takes delivery of the event.
  void on_delivered(const Event& event) {
    if (event.kind == EventKind::kRtpPacket)
      undelivered_octets_.fetch_sub(undelivered_cost_of(std::get<Bytes>(event.value).size()));
  }

 protected:
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  EncodedFrameEvents frames_;
  std::atomic<size_t> undelivered_octets_{0};
  std::unique_ptr<Stream> stream_;
};

class RtpSenderEndpoint final : public RtpStreamEndpoint<RtpSender, RtpSenderObserver>,
                                public std::enable_shared_from_this<RtpSenderEndpoint> {
 public:
  using RtpStreamEndpoint::RtpStreamEndpoint;
  void open(RtpTransportEndpoint& transport, MediaKind kind);

  void on_keyframe_request(const std::string& rid) override { ask_for_keyframe(rid, 0); }
  void on_source_keyframe_wanted(const std::string& rid) override { ask_for_keyframe(rid, 1); }
  void on_delivered(const Event& event);

 private:
  /// `of_source`: 1 when it is the source that is to make one, 0 when the transform is asked.
  void ask_for_keyframe(const std::string& rid, double of_source);

  std::mutex requests_mutex_;
  std::set<std::pair<double, std::string>> undelivered_requests_;
};

class RtpReceiverEndpoint final : public RtpStreamEndpoint<RtpReceiver, RtpReceiverObserver>,
                                  public std::enable_shared_from_this<RtpReceiverEndpoint> {
 public:
  using RtpStreamEndpoint::RtpStreamEndpoint;
  void open(RtpTransportEndpoint& transport, MediaKind kind, std::shared_ptr<VideoSource> video,
            std::shared_ptr<AudioSource> audio, std::shared_ptr<RtpSourceTable> sources);

  void on_flow(bool flows) override;
  void on_delivered(const Event& event);

 private:
  /// A struct, as it is read when JavaScript comes to it.
  struct Flow {
    std::atomic<bool> flows{false}, is_undelivered{false};
  };
  const std::shared_ptr<Flow> flow_ = std::make_shared<Flow>();
};

/// The handle of a sender or receiver: the way to its stream, and the methods of its taps. Statistics are the
/// transport's.
template <typename Endpoint>
class RtpStreamHandle : public NetworkHandle<Endpoint> {
 public:
  RtpStreamHandle(AddonData& addon, std::shared_ptr<NetworkThread> network, MediaKind kind)
      : NetworkHandle<Endpoint>(addon, std::move(network)), kind_(kind) {}
  void on_delivery(const Event& event) final { this->endpoint_->on_delivered(event); }

 protected:
  /// Calls `act` with the stream, on the network thread, where there is one by then.
  template <typename Act>
  void with_stream(Act act) {
    this->network_->post([endpoint = this->endpoint_, act = std::move(act)]() mutable {
      if (auto* stream = endpoint->stream()) act(*stream);
    });
  }

  void write_frame(const Call& call) {
    std::optional<WrittenFrame> frame = to_written_frame(call);
    if (!frame || this->closed()) return;
    with_stream([frame = std::move(*frame)](auto& stream) mutable { stream.write_frame(std::move(frame)); });
  }
  void set_packet_tap(const Call& call) {
    Reader reader(call.env, "setPacketTap()");
    const bool active = reader.to_bool(call.argument(0), "active");
    if (reader.failed() || this->closed()) return;
    with_stream([active](auto& stream) { stream.set_packet_tap(active); });
  }
  void write_packet(const Call& call) {
    Reader reader(call.env, "writePacket()");
    bool is_text = false;
    Bytes packet = reader.to_octets(call.argument(0), "packet", is_text);
    const bool is_rtcp = reader.to_bool(call.argument(1), "isRtcp");
    if (reader.failed() || this->closed() || is_text) return;
    with_stream([packet = std::move(packet), is_rtcp](auto& stream) mutable {
      stream.write_packet(std::move(packet), is_rtcp);
    });
  }

  const MediaKind kind_;
};

class RtpSenderHandle final : public RtpStreamHandle<RtpSenderEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kRtpSender;
  static constexpr const char* kName = "RtpSender";
  static bool define(napi_env env, napi_value exports);

  using RtpStreamHandle::RtpStreamHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  void configure(const Call& call);
  void set_track(const Call& call);
  void set_pushed(const Call& call);
  void push_frame(const Call& call);
  void play_tone(const Call& call);
  void request_keyframe(const Call& call);
  void set_tap(const Call& call);
};

class RtpReceiverHandle final : public RtpStreamHandle<RtpReceiverEndpoint> {
 public:
  static constexpr HandleType kType = HandleType::kRtpReceiver;
  static constexpr const char* kName = "RtpReceiver";
  static bool define(napi_env env, napi_value exports);

  using RtpStreamHandle::RtpStreamHandle;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value sources(napi_env env, napi_callback_info info);
  void configure(const Call& call);
  void set_jitter_buffer_target(const Call& call);
  void request_keyframe(const Call& call);
  void set_tap(const Call& call);

  const std::shared_ptr<RtpSourceTable> sources_ = std::make_shared<RtpSourceTable>();
};

}  // namespace peerwire::addon
