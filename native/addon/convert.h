// Structs to values and back. TypeScript has validated what comes in; a wrong shape throws a plain Error here.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "addon/error.h"
#include "addon/event_queue.h"
#include "transport/certificate.h"
#include "transport/dtls_transport.h"
#include "transport/ice_transport.h"
#include "transport/sctp_association.h"

namespace peerwire::addon {

/// Reads the arguments of one call. The first wrong one leaves an Error pending; what is read after it is empty.
class Reader {
 public:
  Reader(napi_env env, const char* call) : env_(env), call_(call) {}

  bool failed() const { return failed_; }
  napi_env env() const { return env_; }

  std::string to_text(napi_value value, const char* name);
  double to_number(napi_value value, const char* name);
  /// What is beyond the bounds becomes the nearest of them.
  int to_bounded(napi_value value, const char* name, double least, double most);
  uint16_t to_uint16(napi_value value, const char* name);
  uint32_t to_uint32(napi_value value, const char* name);
  bool to_bool(napi_value value, const char* name);
  /// Text as UTF-8 (a lone surrogate becomes U+FFFD), or a copy of the octets of an ArrayBuffer or a view of any
  /// buffer.
  Bytes to_octets(napi_value value, const char* name, bool& is_text);
  /// The octets of an ArrayBuffer or a view of any buffer, where they are: valid until JavaScript runs again.
  ByteView to_view(napi_value value, const char* name);
  /// The same, to be written to.
  std::span<uint8_t> to_room(napi_value value, const char* name);
  /// The index of the word in `words`.
  template <typename Enum>
  Enum to_enum(napi_value value, const char* name, std::initializer_list<std::pair<const char*, Enum>> words) {
    const std::string text = to_text(value, name);
    for (const auto& [word, result] : words) {
      if (text == word) return result;
    }
    fail(name, "one of the known words");
    return words.begin()->second;
  }
  napi_value member(napi_value object, const char* name);
  /// The elements of an array; a length that cannot be meant is refused.
  std::vector<napi_value> elements(napi_value array, const char* name);

  IceParameters to_ice_parameters(napi_value value);
  IceCandidate to_ice_candidate(napi_value value);
  IceOptions to_ice_options(napi_value value);
  std::vector<std::string> to_texts(napi_value array, const char* name);
  std::vector<Fingerprint> to_fingerprints(napi_value value);
  SctpOptions to_sctp_options(napi_value value);
  CertificateOptions to_certificate_options(napi_value value);

 private:
  void fail(const char* name, const char* wanted);
  std::span<uint8_t> find_room(napi_value value, const char* name, const char* wanted);
  IceServer to_ice_server(napi_value value);

  const napi_env env_;
  const char* const call_;
  bool failed_ = false;
};

/// Builds one plain object.
class ObjectWriter {
 public:
  explicit ObjectWriter(napi_env env) : env_(env) { ok_ = napi_create_object(env, &object_) == napi_ok; }
  ObjectWriter& text(const char* name, const std::string& value);
  ObjectWriter& number(const char* name, double value);
  ObjectWriter& flag(const char* name, bool value);
  ObjectWriter& value(const char* name, napi_value value);
  napi_value done() const { return ok_ ? object_ : nullptr; }

 private:
  const napi_env env_;
  napi_value object_ = nullptr;
  bool ok_ = false;
};

/// An array of what `convert` makes of each.
template <typename Element>
napi_value to_array(napi_env env, const std::vector<Element>& elements,
                    std::type_identity_t<napi_value (*)(napi_env, const Element&)> convert) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, elements.size(), &array) != napi_ok) return nullptr;
  uint32_t index = 0;
  for (const Element& element : elements) {
    napi_value value = convert(env, element);
    if (!value || napi_set_element(env, array, index++, value) != napi_ok) return nullptr;
  }
  return array;
}

napi_value to_array_buffer(napi_env env, ByteView bytes);
napi_value to_value(napi_env env, const Fingerprint& fingerprint);
napi_value to_value(napi_env env, const IceCandidate& candidate);
napi_value to_value(napi_env env, const DtlsTransportInfo& info);
napi_value to_value(napi_env env, const IceTransportStats& stats);
napi_value to_value(napi_env env, const SctpStats& stats);

const char* word_of(IceTransportState state);
const char* word_of(IceGatheringState state);
const char* word_of(IceRole role);
const char* word_of(DtlsTransportState state);
const char* word_of(SctpState state);
const char* word_of(KeyType type);

/// A struct on its way to JavaScript: `build` makes the value from the moved `content`.
template <typename Content, typename Build>
std::unique_ptr<EventStruct> event_struct(Content content, Build build) {
  class Carrier : public EventStruct {
   public:
    Carrier(Content moved, Build make) : content_(std::move(moved)), build_(std::move(make)) {}
    napi_value to_value(napi_env env) override { return build_(env, content_); }

   private:
    Content content_;
    Build build_;
  };
  return std::make_unique<Carrier>(std::move(content), std::move(build));
}

/// The same for what to_value() knows.
template <typename Content>
std::unique_ptr<EventStruct> event_struct(Content content) {
  return event_struct(std::move(content), [](napi_env env, const Content& moved) { return to_value(env, moved); });
}

}  // namespace peerwire::addon
