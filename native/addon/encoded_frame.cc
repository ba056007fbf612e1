#include "addon/encoded_frame.h"

#include "media/stream/frame_tap.h"

namespace peerwire::addon {
namespace {

template <typename Number>
napi_value to_numbers(napi_env env, const std::vector<Number>& numbers) {
  return to_array(env, numbers, [](napi_env to, const Number& number) -> napi_value {
    napi_value value = nullptr;
    return napi_create_double(to, static_cast<double>(number), &value) == napi_ok ? value : nullptr;
  });
}

napi_value to_value(napi_env env, const TappedFrame& frame) {
  ObjectWriter writer(env);
  if (frame.clock_offset_ms) writer.number("senderCaptureTimeOffset", *frame.clock_offset_ms);
  return writer.number("token", static_cast<double>(frame.token))
      .value("data", to_array_buffer(env, frame.octets))
      .flag("isKeyframe", frame.is_keyframe)
      .number("rtpTimestamp", frame.rtp_timestamp)
      .number("ssrc", frame.ssrc)
      .number("payloadType", frame.payload_type)
      .text("rid", frame.rid)
      .number("sequenceNumber", frame.sequence_number)
      .number("width", frame.width)
      .number("height", frame.height)
      .number("temporalIndex", frame.temporal_index)
      .number("spatialIndex", frame.spatial_index)
      .flag("endsPicture", frame.ends_picture)
      .flag("isIndependent", frame.is_independent)
      .number("frameId", static_cast<double>(frame.frame_id))
      .value("dependencies", to_numbers(env, frame.dependencies))
      .number("timestamp", static_cast<double>(frame.timestamp_us))
      .number("captureTime", frame.capture_time_ms)
      .number("receiveTime", frame.receive_time_ms)
      .value("csrcs", to_numbers(env, frame.csrcs))
      .number("audioLevel", frame.audio_level)
      .done();
}

}  // namespace

std::optional<PushedFrame> to_pushed_frame(const Call& call) {
  Reader reader(call.env, "pushFrame()");
  const napi_value object = call.argument(0);
  const auto number = [&](const char* name) { return reader.to_number(reader.member(object, name), name); };
  PushedFrame frame;
  bool is_text = false;
  frame.octets = reader.to_octets(reader.member(object, "data"), "data", is_text);
  frame.is_keyframe = reader.to_bool(reader.member(object, "isKeyframe"), "isKeyframe");
  frame.timestamp_us = static_cast<int64_t>(number("timestamp"));
  frame.width = static_cast<int>(number("width"));
  frame.height = static_cast<int>(number("height"));
  frame.rotation = static_cast<int>(number("rotation"));
  frame.temporal_index = static_cast<int>(number("temporalIndex"));
  frame.rid = reader.to_text(reader.member(object, "rid"), "rid");
  frame.capture_time_ms = number("captureTime");
  frame.audio_level = static_cast<int>(number("audioLevel"));
  if (reader.failed() || is_text) return std::nullopt;
  return frame;
}

std::optional<WrittenFrame> to_written_frame(const Call& call) {
  Reader reader(call.env, "writeFrame()");
  const double token = reader.to_number(call.argument(0), "token");
  bool is_text = false;
  WrittenFrame frame;
  frame.octets = reader.to_octets(call.argument(1), "data", is_text);
  const double rtp_timestamp = reader.to_number(call.argument(2), "rtpTimestamp");
  const double audio_level = reader.to_number(call.argument(3), "audioLevel");
  const double capture_time = reader.to_number(call.argument(4), "captureTime");
  if (reader.failed() || is_text || token < 0) return std::nullopt;
  frame.token = static_cast<uint64_t>(token);
  if (rtp_timestamp >= 0) frame.rtp_timestamp = static_cast<uint32_t>(rtp_timestamp);
  if (capture_time >= 0) frame.capture_time_ms = capture_time;
  if (audio_level >= 0) frame.audio_level = static_cast<uint8_t>(audio_level);
  return frame;
}

void EncodedFrameEvents::push(EventQueue& events, uint32_t handle_id, TappedFrame frame) {
  if (waiting_->load() >= FrameTap<TappedFrame>::kMaxFrames) return;
  waiting_->fetch_add(1);
  struct Waiting {
    TappedFrame frame;
    std::shared_ptr<void> place;
  };
  std::shared_ptr<void> place(nullptr, [waiting = waiting_](void*) { waiting->fetch_sub(1); });
  events.push({handle_id, EventKind::kEncodedFrame, 0,
               event_struct(Waiting{std::move(frame), std::move(place)},
                            [](napi_env env, const Waiting& moved) { return to_value(env, moved.frame); })});
}

}  // namespace peerwire::addon
