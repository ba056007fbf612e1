#include "transport/ice/candidate.h"

#include <algorithm>
#include <array>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

constexpr std::array<uint16_t, 83> kBadPorts = {
    0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,
    53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,
    123,  135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,
    532,  540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};

bool ice_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Those of base64url, and #, which browsers take from peers.
bool remote_ice_char(char c) {
  return ice_char(c) || c == '-' || c == '_' || c == '=' || c == '#';
}

bool consists_of(bool (*allowed)(char), const std::string& text, size_t least) {
  return text.size() >= least && text.size() <= 256 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

uint32_t candidate_priority(IceCandidateType type, uint16_t local_preference) {
  uint32_t type_preference = 0;
  switch (type) {
    case IceCandidateType::kHost:
      type_preference = 126;
      break;
    case IceCandidateType::kPeerReflexive:
      type_preference = 110;
      break;
    case IceCandidateType::kServerReflexive:
      type_preference = 100;
      break;
    case IceCandidateType::kRelay:
      type_preference = 2;
      break;
  }
  return type_preference << 24 | uint32_t{local_preference} << 8 | 255;
}

uint32_t tcp_priority(IceCandidateType type, TcpRole role, uint16_t local_preference) {
  const bool host = type == IceCandidateType::kHost;
  const uint32_t type_preference = host ? 90 : type == IceCandidateType::kPeerReflexive ? 80 : 70;
  const uint32_t direction = (role == TcpRole::kActive ? 4 : 2) + (host ? 2 : 0);
  return type_preference << 24 | (direction << 13 | local_preference >> 3) << 8 | 255;
}

uint16_t local_preference_of(size_t index) {
  constexpr size_t kApart = 64, kLast = 65535 / kApart / 2;
  return static_cast<uint16_t>(65535 - kApart * std::min(index, kLast));
}

const char* relay_protocol(const IceServer& server) {
  return server.over_tls() ? "tls" : server.over_stream() ? "tcp" : "udp";
}

uint32_t relay_priority(const IceServer& server, uint16_t local_preference) {
  const uint32_t type_preference = server.over_tls() ? 0 : server.over_stream() ? 1 : 2;
  return type_preference << 24 | uint32_t{local_preference} << 8 | 255;
}

std::string candidate_foundation(IceCandidateType type, const SocketAddress& base, const std::string& server) {
  const std::string key = std::to_string(static_cast<int>(type)) + base.ip_text() + ' ' + server;
  return std::to_string(crc32(as_bytes(key)));
}

uint64_t pair_priority(IceRole role, uint32_t local, uint32_t remote) {
  const uint64_t controlling = role == IceRole::kControlling ? local : remote;
  const uint64_t controlled = role == IceRole::kControlling ? remote : local;
  return (std::min(controlling, controlled) << 32) + 2 * std::max(controlling, controlled) +
         (controlling > controlled ? 1 : 0);
}

bool is_bad_port(uint16_t port) {
  return std::binary_search(kBadPorts.begin(), kBadPorts.end(), port);
}

bool valid_fragment(const std::string& fragment) {
  return consists_of(ice_char, fragment, 4);
}

bool valid_remote_fragment(const std::string& fragment) {
  return consists_of(remote_ice_char, fragment, 4);
}

bool valid_remote_parameters(const IceParameters& parameters) {
  return valid_remote_fragment(parameters.username_fragment) && consists_of(remote_ice_char, parameters.password, 22);
}

}  // namespace peerwire::ice
