// The RtpSender and RtpReceiver classes of the addon.
#pragma once

#include "addon/rtp_transport_binding.h"
#include "media/stream/rtp_receiver.h"
#include "media/stream/rtp_sender.h"
#include "media/stream/rtp_source_table.h"

namespace peerwire::addon {

/// The network thread's half of a sender's handle.
class RtpSenderEndpoint final : public RtpSenderObserver, public std::enable_shared_from_this<RtpSenderEndpoint> {
 public:
  RtpSenderEndpoint(std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : events_(std::move(events)), handle_id_(handle_id) {}
  void open(RtpTransportEndpoint& transport, MediaKind kind);
  RtpSender* sender() const { return sender_.get(); }
  void close() { sender_.reset(); }

  void on_encoded_frame(TappedFrame frame) override;
  void on_keyframe_request(const std::string& rid) override;
  void on_source_keyframe_wanted(const std::string& rid) override;

 private:
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  std::unique_ptr<RtpSender> sender_;
};

class RtpSenderHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kRtpSender;
  static constexpr const char* kName = "RtpSender";
  static bool define(napi_env env, napi_value exports);

  RtpSenderHandle(AddonData& addon, std::shared_ptr<NetworkThread> network, MediaKind kind)
      : ObjectHandle(addon), network_(std::move(network)), kind_(kind) {}
  /// Statistics are the transport's.
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  void configure(const Call& call);
  void set_track(const Call& call);
  void set_pushed(const Call& call);
  void push_frame(const Call& call);
  void play_tone(const Call& call);
  void request_keyframe(const Call& call);
  void set_tap(const Call& call);
  void write_frame(const Call& call);
  void close_transport() override;

  std::shared_ptr<NetworkThread> network_;
  const MediaKind kind_;
  std::shared_ptr<RtpSenderEndpoint> endpoint_;
};

/// The network thread's half of a receiver's handle.
class RtpReceiverEndpoint final : public RtpReceiverObserver, public std::enable_shared_from_this<RtpReceiverEndpoint> {
 public:
  RtpReceiverEndpoint(std::shared_ptr<EventQueue> events, uint32_t handle_id)
      : events_(std::move(events)), handle_id_(handle_id) {}
  void open(RtpTransportEndpoint& transport, MediaKind kind, std::shared_ptr<VideoSource> video,
            std::shared_ptr<AudioSource> audio, std::shared_ptr<RtpSourceTable> sources);
  RtpReceiver* receiver() const { return receiver_.get(); }
  void close() { receiver_.reset(); }

  void on_flow(bool flows) override;
  void on_encoded_frame(TappedFrame frame) override;

 private:
  const std::shared_ptr<EventQueue> events_;
  const uint32_t handle_id_;
  std::unique_ptr<RtpReceiver> receiver_;
};

class RtpReceiverHandle final : public ObjectHandle {
 public:
  static constexpr HandleType kType = HandleType::kRtpReceiver;
  static constexpr const char* kName = "RtpReceiver";
  static bool define(napi_env env, napi_value exports);

  RtpReceiverHandle(AddonData& addon, std::shared_ptr<NetworkThread> network, MediaKind kind)
      : ObjectHandle(addon), network_(std::move(network)), kind_(kind), sources_(std::make_shared<RtpSourceTable>()) {}
  /// Statistics are the transport's.
  void request_stats(uint32_t request_id) override;

 private:
  static napi_value construct(napi_env env, napi_callback_info info);
  static napi_value sources(napi_env env, napi_callback_info info);
  void configure(const Call& call);
  void set_jitter_buffer_target(const Call& call);
  void request_keyframe(const Call& call);
  void set_tap(const Call& call);
  void write_frame(const Call& call);
  void close_transport() override;

  std::shared_ptr<NetworkThread> network_;
  const MediaKind kind_;
  const std::shared_ptr<RtpSourceTable> sources_;
  std::shared_ptr<RtpReceiverEndpoint> endpoint_;
};

}  // namespace peerwire::addon
