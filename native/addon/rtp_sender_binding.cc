#include "addon/encoded_frame.h"
#include "addon/rtp_parameters.h"
#include "addon/rtp_stream_binding.h"
#include "addon/track_binding.h"

namespace peerwire::addon {

void RtpSenderEndpoint::open(RtpTransportEndpoint& transport, MediaKind kind) {
  if (transport.transport()) {
    stream_ = RtpSender::create(*transport.transport(), kind, handle_id_, shared_from_this());
  }
}

void RtpSenderEndpoint::ask_for_keyframe(const std::string& rid, double of_source) {
  {
    // One compound packet holds 170 requests, and may come again and again: what has not been read yet says it already.
    std::lock_guard lock(requests_mutex_);
    if (!undelivered_requests_.emplace(of_source, rid).second) return;
  }
  const ByteView octets = as_bytes(rid);
  events_->push({handle_id_, EventKind::kKeyFrameRequest, of_source, Bytes(octets.begin(), octets.end())});
}

void RtpSenderEndpoint::on_delivered(const Event& event) {
  RtpStreamEndpoint::on_delivered(event);
  if (event.kind != EventKind::kKeyFrameRequest) return;
  const Bytes& rid = std::get<Bytes>(event.value);
  std::lock_guard lock(requests_mutex_);
  undelivered_requests_.erase({event.number, std::string(rid.begin(), rid.end())});
}

napi_value RtpSenderHandle::construct(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!is_construction(env, info, kName) || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "new RtpSender()");
    const MediaKind kind = to_media_kind(reader, call.argument(1));
    if (reader.failed()) return nullptr;
    auto* transport = unwrap<RtpTransportHandle>(env, call.argument(0));
    if (!transport) return throw_error(env, "peerwire: new RtpSender(): transport is not a native RtpTransport");
    AddonData* addon = AddonData::of(env);
    std::shared_ptr<NetworkThread> network = addon->network();
    if (transport->closed() || !network) {
      return throw_error(env, "peerwire: new RtpSender(): transport has been closed");
    }
    auto made = std::make_unique<RtpSenderHandle>(*addon, network, kind);
    RtpSenderHandle* handle = made.get();
    if (!adopt(call, kType, std::move(made))) return nullptr;
    if (!handle->set_parent(transport, call.argument(0))) {
      return throw_error(env, "peerwire: new RtpSender(): the parent could not be kept");
    }
    handle->endpoint_ = std::make_shared<RtpSenderEndpoint>(addon->events(), handle->id());
    network->post(
        [endpoint = handle->endpoint_, below = transport->endpoint(), kind] { endpoint->open(*below, kind); });
    return call.self;
  });
}

void RtpSenderHandle::configure(const Call& call) {
  Reader reader(call.env, "configure()");
  SendParameters parameters = to_send_parameters(reader, call.argument(0), kind_);
  if (reader.failed() || closed()) return;
  with_stream(
      [parameters = std::move(parameters)](RtpSender& sender) mutable { sender.configure(std::move(parameters)); });
}

void RtpSenderHandle::set_track(const Call& call) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(call.env, call.argument(0), &type) != napi_ok) return;
  std::shared_ptr<VideoTrack> video;
  std::shared_ptr<AudioTrack> audio;
  if (type != napi_null) {
    if (kind_ == MediaKind::kVideo) video = MediaTrackHandle::video(call.env, call.argument(0));
    if (kind_ == MediaKind::kAudio) audio = MediaTrackHandle::audio(call.env, call.argument(0));
    if (!video && !audio) {
      throw_error(call.env, "peerwire: setTrack(): track is not a native MediaTrack of the kind");
      return;
    }
  }
  with_stream([video = std::move(video), audio = std::move(audio)](RtpSender& sender) mutable {
    sender.set_track(std::move(video), std::move(audio));
  });
}

void RtpSenderHandle::set_pushed(const Call& call) {
  Reader reader(call.env, "setPushed()");
  const bool pushed = reader.to_bool(call.argument(0), "pushed");
  if (reader.failed() || closed()) return;
  with_stream([pushed](RtpSender& sender) { sender.set_pushed(pushed); });
}

void RtpSenderHandle::push_frame(const Call& call) {
  std::optional<PushedFrame> frame = to_pushed_frame(call);
  if (!frame || closed()) return;
  with_stream([frame = std::move(*frame)](RtpSender& sender) mutable { sender.push_frame(std::move(frame)); });
}

void RtpSenderHandle::play_tone(const Call& call) {
  Reader reader(call.env, "playTone()");
  const std::string tone = reader.to_text(call.argument(0), "tone");
  const uint32_t duration = reader.to_uint32(call.argument(1), "duration");
  if (reader.failed() || closed() || tone.size() != 1) return;
  with_stream([tone = tone[0], duration](RtpSender& sender) { sender.play_tone(tone, static_cast<int>(duration)); });
}

void RtpSenderHandle::request_keyframe(const Call& call) {
  Reader reader(call.env, "requestKeyFrame()");
  std::vector<std::string> rids;
  for (napi_value each : reader.elements(call.argument(0), "rids")) rids.push_back(reader.to_text(each, "rid"));
  if (reader.failed() || closed()) return;
  with_stream([rids = std::move(rids)](RtpSender& sender) { sender.request_keyframe(rids); });
}

void RtpSenderHandle::set_tap(const Call& call) {
  Reader reader(call.env, "setFrameTap()");
  const bool active = reader.to_bool(call.argument(0), "active");
  const bool takes_requests = reader.to_bool(call.argument(1), "takesKeyFrameRequests");
  if (reader.failed() || closed()) return;
  with_stream([active, takes_requests](RtpSender& sender) { sender.set_tap(active, takes_requests); });
}

bool RtpSenderHandle::define(napi_env env, napi_value exports) {
  auto properties = handle_properties<kType>();
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::configure>("configure"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::set_track>("setTrack"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::set_pushed>("setPushed"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::push_frame>("pushFrame"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::play_tone>("playTone"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::request_keyframe>("requestKeyFrame"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::set_tap>("setFrameTap"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::write_frame>("writeFrame"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::set_packet_tap>("setPacketTap"));
  properties.push_back(method_property<RtpSenderHandle, &RtpSenderHandle::write_packet>("writePacket"));
  return define_class(env, exports, kName, construct, properties);
}

}  // namespace peerwire::addon
