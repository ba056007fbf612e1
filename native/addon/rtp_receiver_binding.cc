#include "addon/encoded_frame.h"
#include "addon/rtp_parameters.h"
#include "addon/rtp_stream_binding.h"
#include "addon/source_binding.h"
#include "rtp/ntp_time.h"

namespace peerwire::addon {
namespace {

napi_value to_value(napi_env env, const RtpSource& source) {
  ObjectWriter writer(env);
  writer.number("source", source.source)
      .flag("isContributing", source.is_contributing)
      .number("timestamp", source.timestamp_ms)
      .number("rtpTimestamp", source.rtp_timestamp)
      .number("audioLevel", source.audio_level);
  if (const std::optional<AbsCaptureTime>& time = source.capture_time) {
    writer.number("captureTimestamp", ntp_ms(time->ntp_time));
    if (time->clock_offset) writer.number("senderCaptureTimeOffset", ntp_interval_ms(*time->clock_offset));
  }
  return writer.done();
}

}  // namespace

void RtpReceiverEndpoint::open(RtpTransportEndpoint& transport, MediaKind kind, std::shared_ptr<VideoSource> video,
                               std::shared_ptr<AudioSource> audio, std::shared_ptr<RtpSourceTable> sources) {
  if (!transport.transport()) return;
  stream_ = RtpReceiver::create(*transport.transport(), kind, handle_id_, std::move(video), std::move(audio),
                                std::move(sources), shared_from_this());
}

void RtpReceiverEndpoint::on_flow(bool flows) {
  flow_->flows = flows;
  // A peer can end its stream and begin it anew with every other packet: what has not been read yet says how it is
  // then.
  if (flow_->is_undelivered.exchange(true)) return;
  events_->push({handle_id_, EventKind::kRtpReceiverFlow, 0,
                 event_struct(flow_, [](napi_env env, const std::shared_ptr<Flow>& flow) -> napi_value {
                   napi_value value = nullptr;
                   return napi_get_boolean(env, flow->flows, &value) == napi_ok ? value : nullptr;
                 })});
}

void RtpReceiverEndpoint::on_delivered(const Event& event) {
  RtpStreamEndpoint::on_delivered(event);
  if (event.kind == EventKind::kRtpReceiverFlow) flow_->is_undelivered = false;
}

napi_value RtpReceiverHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new RtpReceiver()");
    const MediaKind kind = to_media_kind(reader, call.argument(1));
    if (reader.failed()) return nullptr;
    auto* transport = unwrap<RtpTransportHandle>(env, call.argument(0));
    if (!transport) return throw_error(env, "peerwire: new RtpReceiver(): transport is not a native RtpTransport");
    std::shared_ptr<VideoSource> video;
    std::shared_ptr<AudioSource> audio;
    if (kind == MediaKind::kVideo) video = VideoSourceHandle::source(env, call.argument(2));
    if (kind == MediaKind::kAudio) audio = AudioSourceHandle::source(env, call.argument(2));
    if (!video && !audio) {
      return throw_error(env, "peerwire: new RtpReceiver(): source is not a native source of the kind");
    }
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon->network();
    if (transport->closed() || !network) {
      return throw_error(env, "peerwire: new RtpReceiver(): transport has been closed");
    }
    auto made = std::make_unique<RtpReceiverHandle>(*addon, network, kind);
    RtpReceiverHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    if (!handle->set_parent(transport, call.argument(0))) {
      return throw_error(env, "peerwire: new RtpReceiver(): the parent could not be kept");
    }
    handle->endpoint_ = std::make_shared<RtpReceiverEndpoint>(addon->events(), handle->id());
    network->post([endpoint = handle->endpoint_, below = transport->endpoint(), kind, video = std::move(video),
                   audio = std::move(audio), sources = handle->sources_]() mutable {
      endpoint->open(*below, kind, std::move(video), std::move(audio), std::move(sources));
    });
    return call.self;
  });
}

napi_value RtpReceiverHandle::sources(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    auto* handle = unwrap<RtpReceiverHandle>(env, call.self);
    if (!handle) return throw_error(env, "peerwire: sources(): this is not a native RtpReceiver");
    return to_array(env, handle->sources_->sources(), to_value);
  });
}

void RtpReceiverHandle::configure(const Call& call) {
  Reader reader(call.env, "configure()");
  ReceiveParameters parameters = to_receive_parameters(reader, call.argument(0), kind_);
  if (reader.failed() || closed()) return;
  with_stream([parameters = std::move(parameters)](RtpReceiver& receiver) mutable {
    receiver.configure(std::move(parameters));
  });
}

void RtpReceiverHandle::set_jitter_buffer_target(const Call& call) {
  Reader reader(call.env, "setJitterBufferTarget()");
  const double target = reader.to_number(call.argument(0), "target");
  if (reader.failed() || closed()) return;
  with_stream([target](RtpReceiver& receiver) { receiver.set_jitter_buffer_target(target); });
}

void RtpReceiverHandle::request_keyframe(const Call&) {
  with_stream([](RtpReceiver& receiver) { receiver.request_keyframe(); });
}

void RtpReceiverHandle::set_tap(const Call& call) {
  Reader reader(call.env, "setFrameTap()");
  const bool active = reader.to_bool(call.argument(0), "active");
  if (reader.failed() || closed()) return;
  with_stream([active](RtpReceiver& receiver) { receiver.set_tap(active); });
}

bool RtpReceiverHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.push_back({"sources", nullptr, sources, nullptr, nullptr, nullptr, napi_default_method, nullptr});
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::configure>("configure"));
  properties.push_back(
      method_property<RtpReceiverHandle, &RtpReceiverHandle::set_jitter_buffer_target>("setJitterBufferTarget"));
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::request_keyframe>("requestKeyFrame"));
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::set_tap>("setFrameTap"));
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::write_frame>("writeFrame"));
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::set_packet_tap>("setPacketTap"));
  properties.push_back(method_property<RtpReceiverHandle, &RtpReceiverHandle::write_packet>("writePacket"));
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon
