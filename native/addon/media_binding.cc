#include "addon/media_binding.h"

#include "addon/convert.h"
#include "media/codec_registry.h"

namespace peerwire::addon {
namespace {

napi_value to_value(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  return napi_create_string_utf8(env, text.data(), text.size(), &value) == napi_ok ? value : nullptr;
}

napi_value to_value(napi_env env, const RtpCodecCapability& codec);
napi_value to_value(napi_env env, const RtpHeaderExtensionCapability& extension);

napi_value to_value(napi_env env, const RtpCodecCapability& codec) {
  return ObjectWriter(env)
      .text("mimeType", codec.mime_type)
      .number("clockRate", codec.clock_rate)
      .number("channels", codec.channels)
      .text("sdpFmtpLine", codec.fmtp)
      .flag("canSend", codec.can_send)
      .flag("canReceive", codec.can_receive)
      .value("rtcpFeedback", to_array(env, codec.rtcp_feedback, to_value))
      .number("preferredPayloadType", codec.preferred_payload_type)
      .value("scalabilityModes", to_array(env, codec.scalability_modes, to_value))
      .done();
}

napi_value to_value(napi_env env, const RtpHeaderExtensionCapability& extension) {
  return ObjectWriter(env)
      .text("uri", extension.uri)
      .number("preferredId", extension.preferred_id)
      .flag("canSend", extension.can_send)
      .flag("canReceive", extension.can_receive)
      .flag("isOffered", extension.is_offered)
      .flag("isMandatory", extension.is_mandatory)
      .done();
}

napi_value to_value(napi_env env, const MediaCapabilities& capabilities) {
  return ObjectWriter(env)
      .value("codecs", to_array(env, capabilities.codecs, to_value))
      .value("headerExtensions", to_array(env, capabilities.header_extensions, to_value))
      .number("maxEncodings", capabilities.max_encodings)
      .done();
}

napi_value get_media_capabilities(napi_env env, napi_callback_info) {
  return guarded(env, [&]() -> napi_value {
    return ObjectWriter(env)
        .value("audio", to_value(env, media_capabilities(MediaKind::kAudio)))
        .value("video", to_value(env, media_capabilities(MediaKind::kVideo)))
        .done();
  });
}

}  // namespace

bool define_media(napi_env env, napi_value exports) {
  const napi_property_descriptor function = {
      "mediaCapabilities", nullptr, get_media_capabilities, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  return napi_define_properties(env, exports, 1, &function) == napi_ok;
}

}  // namespace peerwire::addon
