#include "addon/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace peerwire::addon {
namespace {

constexpr uint32_t kMaxElements = 100'000;

size_t element_size(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 0;
  }
}

Bytes copy_of(const void* data, size_t size) {
  const auto* octets = static_cast<const uint8_t*>(data);
  return data && size > 0 ? Bytes(octets, octets + size) : Bytes();
}

}  // namespace

void Reader::fail(const char* name, const char* wanted) {
  failed_ = true;
  throw_error(env_, std::string("peerwire: ") + call_ + ": " + name + " is not " + wanted);
}

std::string Reader::to_text(napi_value value, const char* name) {
  size_t size = 0;
  if (failed_) return {};
  if (!value || napi_get_value_string_utf8(env_, value, nullptr, 0, &size) != napi_ok) {
    fail(name, "a string");
    return {};
  }
  std::string text(size + 1, '\0');
  napi_get_value_string_utf8(env_, value, text.data(), text.size(), &size);
  text.resize(size);
  return text;
}

double Reader::to_number(napi_value value, const char* name) {
  double number = 0;
  if (!failed_ && (!value || napi_get_value_double(env_, value, &number) != napi_ok || !std::isfinite(number))) {
    fail(name, "a number");
    return 0;
  }
  return number;
}

int Reader::to_bounded(napi_value value, const char* name, double least, double most) {
  return static_cast<int>(std::clamp(to_number(value, name), least, most));
}

uint16_t Reader::to_uint16(napi_value value, const char* name) {
  const double number = to_number(value, name);
  if (failed_) return 0;
  if (number >= 0 && number <= 65535) return static_cast<uint16_t>(number);
  fail(name, "from 0 to 65535");
  return 0;
}

uint32_t Reader::to_uint32(napi_value value, const char* name) {
  const double number = to_number(value, name);
  if (failed_) return 0;
  if (number >= 0 && number <= 4294967295.0) return static_cast<uint32_t>(number);
  fail(name, "from 0 to 4294967295");
  return 0;
}

bool Reader::to_bool(napi_value value, const char* name) {
  bool flag = false;
  if (!failed_ && (!value || napi_get_value_bool(env_, value, &flag) != napi_ok)) fail(name, "a boolean");
  return flag;
}

Bytes Reader::to_octets(napi_value value, const char* name, bool& is_text) {
  is_text = false;
  if (failed_) return {};
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, value, &type);
  if (type == napi_string) {
    is_text = true;
    size_t size = 0;
    napi_get_value_string_utf8(env_, value, nullptr, 0, &size);
    Bytes octets(size + 1);
    napi_get_value_string_utf8(env_, value, reinterpret_cast<char*>(octets.data()), octets.size(), &size);
    octets.resize(size);
    return octets;
  }
  const std::span<uint8_t> room = find_room(value, name, "a string, an ArrayBuffer or a view");
  return copy_of(room.data(), room.size());
}

std::span<uint8_t> Reader::to_room(napi_value value, const char* name) {
  return find_room(value, name, "an ArrayBuffer or a view");
}

ByteView Reader::to_view(napi_value value, const char* name) {
  return to_room(value, name);
}

std::span<uint8_t> Reader::find_room(napi_value value, const char* name, const char* wanted) {
  void* data = nullptr;
  size_t size = 0;
  bool matches = false;
  if (failed_) return {};
  if (value && napi_is_typedarray(env_, value, &matches) == napi_ok && matches) {
    napi_typedarray_type kind = static_cast<napi_typedarray_type>(-1);
    if (napi_get_typedarray_info(env_, value, &kind, &size, &data, nullptr, nullptr) == napi_ok &&
        element_size(kind) > 0) {
      return {static_cast<uint8_t*>(data), data ? size * element_size(kind) : 0};
    }
    fail(name, "a view of a known type");
    return {};
  }
  if (value && napi_is_dataview(env_, value, &matches) == napi_ok && matches) {
    // Node-API throws for a view of a detached buffer; such a view has no octets.
    if (napi_get_dataview_info(env_, value, &size, &data, nullptr, nullptr) == napi_ok) {
      return {static_cast<uint8_t*>(data), data ? size : 0};
    }
    fail(name, "a usable view");
    return {};
  }
  if (value && napi_is_arraybuffer(env_, value, &matches) == napi_ok && matches &&
      napi_get_arraybuffer_info(env_, value, &data, &size) == napi_ok) {
    return {static_cast<uint8_t*>(data), data ? size : 0};
  }
  fail(name, wanted);
  return {};
}

napi_value Reader::member(napi_value object, const char* name) {
  napi_valuetype type = napi_undefined;
  napi_value value = nullptr;
  if (failed_) return nullptr;
  if (!object || napi_typeof(env_, object, &type) != napi_ok || type != napi_object) {
    fail(name, "a member of an object");
    return nullptr;
  }
  // A getter may have thrown: its own exception stays the pending one.
  if (napi_get_named_property(env_, object, name, &value) != napi_ok) fail(name, "readable");
  return value;
}

std::vector<napi_value> Reader::elements(napi_value array, const char* name) {
  bool is_array = false;
  uint32_t length = 0;
  if (failed_) return {};
  if (!array || napi_is_array(env_, array, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env_, array, &length) != napi_ok || length > kMaxElements) {
    fail(name, "an array");
    return {};
  }
  std::vector<napi_value> values(length);
  for (uint32_t i = 0; i < length; ++i) {
    if (napi_get_element(env_, array, i, &values[i]) != napi_ok) {
      fail(name, "readable");
      return {};
    }
  }
  return values;
}

IceParameters Reader::to_ice_parameters(napi_value value) {
  IceParameters parameters;
  parameters.username_fragment = to_text(member(value, "usernameFragment"), "usernameFragment");
  parameters.password = to_text(member(value, "password"), "password");
  parameters.ice_lite = to_bool(member(value, "iceLite"), "iceLite");
  return parameters;
}

IceCandidate Reader::to_ice_candidate(napi_value value) {
  IceCandidate candidate;
  candidate.foundation = to_text(member(value, "foundation"), "foundation");
  candidate.priority = to_uint32(member(value, "priority"), "priority");
  candidate.protocol = to_enum<IceProtocol>(member(value, "protocol"), "protocol",
                                            {{"udp", IceProtocol::kUdp}, {"tcp", IceProtocol::kTcp}});
  candidate.address = to_text(member(value, "address"), "address");
  candidate.port = to_uint16(member(value, "port"), "port");
  candidate.type = to_enum<IceCandidateType>(member(value, "type"), "type",
                                             {{"host", IceCandidateType::kHost},
                                              {"srflx", IceCandidateType::kServerReflexive},
                                              {"prflx", IceCandidateType::kPeerReflexive},
                                              {"relay", IceCandidateType::kRelay}});
  candidate.tcp_type = to_text(member(value, "tcpType"), "tcpType");
  candidate.related_address = to_text(member(value, "relatedAddress"), "relatedAddress");
  candidate.related_port = to_uint16(member(value, "relatedPort"), "relatedPort");
  candidate.username_fragment = to_text(member(value, "usernameFragment"), "usernameFragment");
  candidate.relay_protocol = to_text(member(value, "relayProtocol"), "relayProtocol");
  candidate.url = to_text(member(value, "url"), "url");
  return candidate;
}

IceServer Reader::to_ice_server(napi_value value) {
  IceServer server;
  using Scheme = IceServer::Scheme;
  server.url = to_text(member(value, "url"), "url");
  server.scheme = to_enum<Scheme>(
      member(value, "scheme"), "scheme",
      {{"stun", Scheme::kStun}, {"stuns", Scheme::kStuns}, {"turn", Scheme::kTurn}, {"turns", Scheme::kTurns}});
  server.host = to_text(member(value, "host"), "host");
  server.port = to_uint16(member(value, "port"), "port");
  server.transport = to_enum<IceProtocol>(member(value, "transport"), "transport",
                                          {{"udp", IceProtocol::kUdp}, {"tcp", IceProtocol::kTcp}});
  server.username = to_text(member(value, "username"), "username");
  server.password = to_text(member(value, "password"), "password");
  return server;
}

std::vector<std::string> Reader::to_texts(napi_value array, const char* name) {
  std::vector<std::string> texts;
  for (const napi_value element : elements(array, name)) {
    texts.push_back(to_text(element, name));
    if (failed_) break;
  }
  return texts;
}

IceOptions Reader::to_ice_options(napi_value value) {
  IceOptions options;
  for (const napi_value server : elements(member(value, "servers"), "servers")) {
    options.servers.push_back(to_ice_server(server));
    if (failed_) break;
  }
  options.relay_only = to_bool(member(value, "relayOnly"), "relayOnly");
  options.port_range_begin = to_uint16(member(value, "portRangeBegin"), "portRangeBegin");
  options.port_range_end = to_uint16(member(value, "portRangeEnd"), "portRangeEnd");
  options.bind_address = to_text(member(value, "bindAddress"), "bindAddress");
  options.udp_mux = to_bool(member(value, "udpMux"), "udpMux");
  options.include_loopback = to_bool(member(value, "includeLoopback"), "includeLoopback");
  options.tcp = to_enum<IceTcp>(member(value, "tcp"), "tcp",
                                {{"off", IceTcp::kOff}, {"active", IceTcp::kActive}, {"listen", IceTcp::kListen}});
  options.extra_authorities = to_text(member(value, "extraAuthorities"), "extraAuthorities");
  options.interfaces.allowed = to_texts(member(value, "allowedInterfaces"), "allowedInterfaces");
  options.interfaces.excluded = to_texts(member(value, "excludedInterfaces"), "excludedInterfaces");
  for (const napi_value address : elements(member(value, "natAddresses"), "natAddresses")) {
    options.nat_addresses.push_back(
        {to_text(member(address, "external"), "external"), to_text(member(address, "local"), "local")});
    if (failed_) break;
  }
  options.lite = to_bool(member(value, "lite"), "lite");
  options.mdns_candidates = to_bool(member(value, "mdnsCandidates"), "mdnsCandidates");
  options.nat_candidate_type =
      to_enum<IceCandidateType>(member(value, "natCandidateType"), "natCandidateType",
                                {{"host", IceCandidateType::kHost}, {"srflx", IceCandidateType::kServerReflexive}});
  return options;
}

std::vector<Fingerprint> Reader::to_fingerprints(napi_value value) {
  std::vector<Fingerprint> fingerprints;
  for (const napi_value element : elements(value, "fingerprints")) {
    Fingerprint fingerprint;
    fingerprint.algorithm = to_text(member(element, "algorithm"), "algorithm");
    fingerprint.value = to_text(member(element, "value"), "value");
    if (failed_) break;
    fingerprints.push_back(std::move(fingerprint));
  }
  return fingerprints;
}

SctpOptions Reader::to_sctp_options(napi_value value) {
  SctpOptions options;
  options.local_port = to_uint16(member(value, "localPort"), "localPort");
  options.remote_port = to_uint16(member(value, "remotePort"), "remotePort");
  options.max_receive_message_size = to_uint32(member(value, "maxReceiveMessageSize"), "maxReceiveMessageSize");
  return options;
}

CertificateOptions Reader::to_certificate_options(napi_value value) {
  CertificateOptions options;
  options.key_type = to_enum<KeyType>(member(value, "keyType"), "keyType",
                                      {{"ecdsa-p256", KeyType::kEcdsaP256}, {"rsa", KeyType::kRsa}});
  options.rsa_modulus_bits = static_cast<int>(to_uint16(member(value, "rsaModulusBits"), "rsaModulusBits"));
  options.rsa_public_exponent = to_uint32(member(value, "rsaPublicExponent"), "rsaPublicExponent");
  const double expires = to_number(member(value, "expiresInMs"), "expiresInMs");
  // 9e15: what a double holds exactly.
  if (!failed_ && (expires < 0 || expires > 9e15)) fail("expiresInMs", "a time span");
  if (!failed_) options.expires_in_ms = static_cast<int64_t>(expires);
  return options;
}

ObjectWriter& ObjectWriter::text(const char* name, const std::string& text) {
  napi_value made = nullptr;
  ok_ = ok_ && napi_create_string_utf8(env_, text.data(), text.size(), &made) == napi_ok;
  return value(name, made);
}

ObjectWriter& ObjectWriter::number(const char* name, double number) {
  napi_value made = nullptr;
  ok_ = ok_ && napi_create_double(env_, number, &made) == napi_ok;
  return value(name, made);
}

ObjectWriter& ObjectWriter::flag(const char* name, bool flag) {
  napi_value made = nullptr;
  ok_ = ok_ && napi_get_boolean(env_, flag, &made) == napi_ok;
  return value(name, made);
}

ObjectWriter& ObjectWriter::value(const char* name, napi_value made) {
  ok_ = ok_ && made && napi_set_named_property(env_, object_, name, made) == napi_ok;
  return *this;
}

napi_value to_array_buffer(napi_env env, ByteView bytes) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, &buffer) != napi_ok) return nullptr;
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return buffer;
}

napi_value to_value(napi_env env, const Fingerprint& fingerprint) {
  return ObjectWriter(env).text("algorithm", fingerprint.algorithm).text("value", fingerprint.value).done();
}

napi_value to_value(napi_env env, const DtlsTransportInfo& info) {
  const napi_value certificates =
      to_array(env, info.peer_certificates, [](napi_env to, const Bytes& der) { return to_array_buffer(to, der); });
  return ObjectWriter(env)
      .text("version", info.version)
      .text("cipher", info.cipher)
      .text("srtpCipher", info.srtp_cipher)
      .text("group", info.group)
      .value("peerCertificates", certificates)
      .done();
}

const char* word_of(IceTransportState state) {
  switch (state) {
    case IceTransportState::kNew:
      return "new";
    case IceTransportState::kChecking:
      return "checking";
    case IceTransportState::kConnected:
      return "connected";
    case IceTransportState::kCompleted:
      return "completed";
    case IceTransportState::kDisconnected:
      return "disconnected";
    case IceTransportState::kFailed:
      return "failed";
    case IceTransportState::kClosed:
      break;
  }
  return "closed";
}

const char* word_of(IceGatheringState state) {
  if (state == IceGatheringState::kNew) return "new";
  return state == IceGatheringState::kGathering ? "gathering" : "complete";
}

const char* word_of(IceRole role) {
  return role == IceRole::kControlling ? "controlling" : "controlled";
}

const char* word_of(DtlsTransportState state) {
  switch (state) {
    case DtlsTransportState::kNew:
      return "new";
    case DtlsTransportState::kConnecting:
      return "connecting";
    case DtlsTransportState::kConnected:
      return "connected";
    case DtlsTransportState::kFailed:
      return "failed";
    case DtlsTransportState::kClosed:
      break;
  }
  return "closed";
}

const char* word_of(SctpState state) {
  switch (state) {
    case SctpState::kNew:
      return "new";
    case SctpState::kConnecting:
      return "connecting";
    case SctpState::kConnected:
      return "connected";
    case SctpState::kClosed:
      break;
  }
  return "closed";
}

const char* word_of(KeyType type) {
  return type == KeyType::kRsa ? "rsa" : "ecdsa-p256";
}

}  // namespace peerwire::addon
