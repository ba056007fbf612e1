#include "addon/encoded_frame.h"

namespace peerwire::addon {
namespace {

template <typename Number>
napi_value to_numbers(napi_env env, const std::vector<Number>& numbers) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, numbers.size(), &array) != napi_ok) return nullptr;
  uint32_t index = 0;
  for (const Number number : numbers) {
    napi_value value = nullptr;
    if (napi_create_double(env, static_cast<double>(number), &value) != napi_ok ||
        napi_set_element(env, array, index++, value) != napi_ok) {
      return nullptr;
    }
  }
  return array;
}

napi_value to_value(napi_env env, const TappedFrame& frame) {
  return ObjectWriter(env)
      .number("token", static_cast<double>(frame.token))
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
      .number("frameId", static_cast<double>(frame.frame_id))
      .value("dependencies", to_numbers(env, frame.dependencies))
      .number("captureTime", frame.capture_time_ms)
      .number("receiveTime", frame.receive_time_ms)
      .value("csrcs", to_numbers(env, frame.csrcs))
      .number("audioLevel", frame.audio_level)
      .done();
}

}  // namespace

std::unique_ptr<EventStruct> to_event(TappedFrame frame) {
  return event_struct(std::move(frame), [](napi_env env, const TappedFrame& moved) { return to_value(env, moved); });
}

}  // namespace peerwire::addon
