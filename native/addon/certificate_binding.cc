#include "addon/certificate_binding.h"

#include <optional>

#include "addon/addon_data.h"
#include "addon/convert.h"
#include "addon/object_handle.h"

namespace peerwire::addon {
namespace {

/// The address makes the tag: a certificate of another copy of the addon, with another OpenSSL in it, is not ours.
constinit char image_anchor = 0;

napi_type_tag certificate_tag() {
  return {0x7065657263657274u, reinterpret_cast<uintptr_t>(&image_anchor)};
}

napi_value to_value(napi_env env, CertificatePtr certificate) {
  AddonData* addon = AddonData::of(env);
  napi_value constructor = nullptr;
  napi_value object = nullptr;
  if (!addon || !addon->certificate_constructor ||
      napi_get_reference_value(env, addon->certificate_constructor, &constructor) != napi_ok) {
    return throw_error(env, "peerwire: the environment is ending");
  }
  addon->making_certificate = true;
  const napi_status made = napi_new_instance(env, constructor, 0, nullptr, &object);
  addon->making_certificate = false;
  if (made != napi_ok) return nullptr;
  auto holder = std::make_unique<CertificatePtr>(std::move(certificate));
  const napi_type_tag tag = certificate_tag();
  if (napi_wrap(
          env, object, holder.get(), [](napi_env, void* self, void*) { delete static_cast<CertificatePtr*>(self); },
          nullptr, nullptr) != napi_ok) {
    return nullptr;
  }
  holder.release();
  return napi_type_tag_object(env, object, &tag) == napi_ok ? object : nullptr;
}

napi_value construct(napi_env env, napi_callback_info info) {
  Call call;
  AddonData* addon = AddonData::of(env);
  if (!addon || !addon->making_certificate || !Call::read(env, info, call)) {
    return throw_error(env, "peerwire: a certificate is made by generateCertificate() or certificateFromPem()");
  }
  return call.self;
}

/// Runs `body` with the certificate behind `this`.
template <typename Body>
napi_value with_certificate(napi_env env, napi_callback_info info, Body body) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    const CertificatePtr certificate = to_certificate(env, call.self);
    if (!certificate) return throw_error(env, "peerwire: this is not a native Certificate");
    return body(call, *certificate);
  });
}

napi_value text_value(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  return napi_create_string_utf8(env, text.data(), text.size(), &value) == napi_ok ? value : nullptr;
}

napi_value get_expires(napi_env env, napi_callback_info info) {
  return with_certificate(env, info, [](const Call& call, const Certificate& certificate) -> napi_value {
    napi_value value = nullptr;
    const auto expires = static_cast<double>(certificate.expires_ms());
    return napi_create_double(call.env, expires, &value) == napi_ok ? value : nullptr;
  });
}

napi_value get_key_type(napi_env env, napi_callback_info info) {
  return with_certificate(env, info, [](const Call& call, const Certificate& certificate) {
    return text_value(call.env, word_of(certificate.key_type()));
  });
}

napi_value fingerprint(napi_env env, napi_callback_info info) {
  return with_certificate(env, info, [](const Call& call, const Certificate& certificate) -> napi_value {
    Reader reader(call.env, "fingerprint()");
    const std::string algorithm = reader.to_text(call.argument(0), "algorithm");
    return reader.failed() ? nullptr : addon::to_value(call.env, certificate.fingerprint(algorithm));
  });
}

napi_value certificate_pem(napi_env env, napi_callback_info info) {
  return with_certificate(env, info, [](const Call& call, const Certificate& certificate) {
    return text_value(call.env, certificate.certificate_pem());
  });
}

napi_value private_key_pem(napi_env env, napi_callback_info info) {
  return with_certificate(env, info, [](const Call& call, const Certificate& certificate) {
    return text_value(call.env, certificate.private_key_pem());
  });
}

/// One generateCertificate() under way, on a thread of libuv's pool.
struct Generation {
  CertificateOptions options;
  uint32_t request_id = 0;
  std::optional<CertificateResult> result;
  napi_async_work work = nullptr;
};

void run_generation(napi_env, void* data) {
  auto* generation = static_cast<Generation*>(data);
  try {
    generation->result = Certificate::generate(generation->options);
  } catch (const std::exception& error) {
    generation->result = std::string(error.what());
  }
}

void finish_generation(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Generation> generation(static_cast<Generation*>(data));
  napi_delete_async_work(env, generation->work);
  AddonData* found = AddonData::of(env);
  if (!found || found->ended()) return;
  const std::shared_ptr<AddonData> addon = found->shared_from_this();
  if (status == napi_ok && generation->result) {
    Event event;
    event.kind = EventKind::kCertificateGenerated;
    event.number = generation->request_id;
    event.value = event_struct(std::move(*generation->result), [](napi_env to, CertificateResult& result) {
      if (const auto* reason = std::get_if<std::string>(&result)) return text_value(to, *reason);
      return to_value(to, std::get<CertificatePtr>(result));
    });
    // Not through the queue: that holds no process open, and this work no longer does.
    addon->events()->deliver(std::move(event));
  }
  addon->answered();
}

napi_value generate_certificate(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    Reader reader(env, "generateCertificate()");
    auto generation = std::make_unique<Generation>();
    generation->options = reader.to_certificate_options(call.argument(0));
    generation->request_id = reader.to_uint32(call.argument(1), "requestId");
    if (reader.failed()) return nullptr;
    napi_value name = text_value(env, "peerwire certificate");
    if (!name || napi_create_async_work(env, nullptr, name, run_generation, finish_generation, generation.get(),
                                        &generation->work) != napi_ok) {
      return throw_error(env, "peerwire: the certificate's work could not be made");
    }
    if (napi_queue_async_work(env, generation->work) != napi_ok) {
      napi_delete_async_work(env, generation->work);
      return throw_error(env, "peerwire: the certificate's work could not be queued");
    }
    generation.release();
    AddonData::of(env)->expect_answer();
    return nullptr;
  });
}

napi_value certificate_from_pem(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    Call call;
    if (!Call::read(env, info, call)) return nullptr;
    Reader reader(env, "certificateFromPem()");
    const std::string certificate = reader.to_text(call.argument(0), "certificatePem");
    const std::string key = reader.to_text(call.argument(1), "privateKeyPem");
    if (reader.failed()) return nullptr;
    const CertificateResult result = Certificate::from_pem(certificate, key);
    if (const auto* reason = std::get_if<std::string>(&result)) return throw_error(env, *reason);
    return to_value(env, std::get<CertificatePtr>(result));
  });
}

}  // namespace

bool define_certificate(napi_env env, napi_value exports) {
  const auto method_of = [](const char* name, napi_callback body) {
    return napi_property_descriptor{name, nullptr, body, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  };
  const auto getter_of = [](const char* name, napi_callback body) {
    return napi_property_descriptor{name, nullptr, nullptr, body, nullptr, nullptr, napi_enumerable, nullptr};
  };
  const napi_property_descriptor members[] = {
      getter_of("expires", get_expires),           getter_of("keyType", get_key_type),
      method_of("fingerprint", fingerprint),       method_of("certificatePem", certificate_pem),
      method_of("privateKeyPem", private_key_pem),
  };
  napi_value constructor = nullptr;
  AddonData* addon = AddonData::of(env);
  if (!addon ||
      napi_define_class(env, "Certificate", NAPI_AUTO_LENGTH, construct, nullptr, std::size(members), members,
                        &constructor) != napi_ok ||
      napi_create_reference(env, constructor, 1, &addon->certificate_constructor) != napi_ok) {
    return false;
  }
  const napi_property_descriptor functions[] = {
      method_of("generateCertificate", generate_certificate),
      method_of("certificateFromPem", certificate_from_pem),
  };
  return napi_define_properties(env, exports, std::size(functions), functions) == napi_ok;
}

CertificatePtr to_certificate(napi_env env, napi_value value) {
  napi_valuetype kind = napi_undefined;
  const napi_type_tag tag = certificate_tag();
  bool matches = false;
  void* holder = nullptr;
  if (!value || napi_typeof(env, value, &kind) != napi_ok || kind != napi_object ||
      napi_check_object_type_tag(env, value, &tag, &matches) != napi_ok || !matches ||
      napi_unwrap(env, value, &holder) != napi_ok) {
    return nullptr;
  }
  return *static_cast<CertificatePtr*>(holder);
}

}  // namespace peerwire::addon
