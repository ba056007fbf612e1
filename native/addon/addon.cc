// The module: what lib/binding/native/addon.ts calls NativeAddon.
#include <node_api.h>
#include <openssl/crypto.h>

#include "addon/addon_data.h"
#include "addon/certificate_binding.h"
#include "addon/convert.h"
#include "addon/dtls_binding.h"
#include "addon/frame_binding.h"
#include "addon/ice_binding.h"
#include "addon/ice_port_binding.h"
#include "addon/media_binding.h"
#include "addon/rtp_stream_binding.h"
#include "addon/sctp_binding.h"
#include "addon/sink_binding.h"
#include "addon/source_binding.h"
#include "addon/track_binding.h"
#include "net/tls/openssl_handles.h"

namespace peerwire::addon {
namespace {

/// Raised with every change of native-addon.ts that an older lib/ could not live with.
constexpr int kContractVersion = 9;

napi_value set_dispatcher(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    napi_valuetype type = napi_undefined;
    AddonData* addon = AddonData::of(env);
    if (!addon || !Call::read(env, info, call)) return nullptr;
    if (napi_typeof(env, call.argument(0), &type) != napi_ok || type != napi_function) {
      return throw_error(env, "peerwire: setDispatcher(): dispatch is not a function");
    }
    addon->events()->set_dispatcher(call.argument(0));
    return nullptr;
  });
}

napi_value set_clock(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    AddonData* addon = AddonData::of(env);
    if (!addon || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "setClock()");
    const double now_ms = reader.to_number(call.argument(0), "now");
    if (!reader.failed()) addon->set_clock(UnixClock(now_ms));
    return nullptr;
  });
}

napi_value set_keep_alive(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    AddonData* addon = AddonData::of(env);
    if (!addon || !Call::read(env, info, call)) return nullptr;
    Reader reader(env, "setKeepAlive()");
    const bool active = reader.to_bool(call.argument(0), "active");
    if (!reader.failed()) addon->events()->set_keep_alive(active);
    return nullptr;
  });
}

napi_value start_network(napi_env env, napi_callback_info) {
  return guarded(env, [&]() -> napi_value {
    AddonData* addon = AddonData::of(env);
    if (!addon || !addon->network()) return throw_error(env, "peerwire: the network thread could not be started");
    return nullptr;
  });
}

napi_value live_handles(napi_env env, napi_callback_info) {
  const AddonData* addon = AddonData::of(env);
  napi_value value = nullptr;
  const auto count = static_cast<uint32_t>(addon ? addon->live_handles() : 0);
  return napi_create_uint32(env, count, &value) == napi_ok ? value : nullptr;
}

bool define_functions(napi_env env, napi_value exports) {
  const auto function = [](const char* name, napi_callback body) {
    return napi_property_descriptor{name, nullptr, body, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  };
  const napi_property_descriptor functions[] = {
      function("setDispatcher", set_dispatcher), function("setClock", set_clock),
      function("setKeepAlive", set_keep_alive),  function("startNetwork", start_network),
      function("liveHandles", live_handles),
  };
  return napi_define_properties(env, exports, std::size(functions), functions) == napi_ok;
}

}  // namespace

napi_value init(napi_env env, napi_value exports) {
  return guarded(env, [&]() -> napi_value {
    // Before anything else calls the library: whatever does first (random numbers of ICE) decides whether it cleans up
    // when the process exits, under threads that still use it.
    prepare_openssl();
    if (!AddonData::attach(env)) return throw_error(env, "peerwire: the environment takes no addon any more");
    napi_value versions = ObjectWriter(env)
                              .text("openssl", OpenSSL_version(OPENSSL_VERSION_STRING))
                              .text("usrsctp", PEERWIRE_USRSCTP_VERSION)
                              .done();
    napi_value contract = nullptr;
    if (!versions || napi_create_int32(env, kContractVersion, &contract) != napi_ok ||
        napi_set_named_property(env, exports, "contractVersion", contract) != napi_ok ||
        napi_set_named_property(env, exports, "versions", versions) != napi_ok || !define_functions(env, exports) ||
        !define_certificate(env, exports) || !define_media(env, exports) || !define_frames(env, exports) ||
        !IceHandle::define(env, exports) || !IcePortHandle::define(env, exports) || !DtlsHandle::define(env, exports) ||
        !SctpHandle::define(env, exports) || !VideoSourceHandle::define(env, exports) ||
        !AudioSourceHandle::define(env, exports) || !MediaTrackHandle::define(env, exports) ||
        !VideoSinkHandle::define(env, exports) || !AudioSinkHandle::define(env, exports) ||
        !RtpTransportHandle::define(env, exports) || !RtpSenderHandle::define(env, exports) ||
        !RtpReceiverHandle::define(env, exports)) {
      return throw_error(env, "peerwire: the addon could not be set up");
    }
    return exports;
  });
}

}  // namespace peerwire::addon

NAPI_MODULE_INIT() {
  return peerwire::addon::init(env, exports);
}
