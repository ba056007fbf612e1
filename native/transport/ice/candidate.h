// Candidates as the agent keeps them, their priorities and foundations (RFC 8445 section 5.1).
#pragma once

#include <cstdint>
#include <string>

#include "net/socket_address.h"
#include "transport/ice_transport.h"

namespace peerwire::ice {

/// Which side of a TCP connection a base is; kNone: it is one of datagrams.
enum class TcpRole : uint8_t { kNone, kActive, kPassive };
/// What an active candidate has for a port, as its connections come from ports of their own (RFC 6544 section 4.5).
constexpr uint16_t kActivePort = 9;

struct Candidate {
  std::string id;  // of the statistics, stable
  IceCandidate candidate;
  SocketAddress address;
  int base = -1;  // local candidates: the base that sends for it
  uint32_t generation = 0;
  bool held = false;  // local: to be told once its gathering is asked for
};

/// RFC 8445 section 5.1.2.1 with component 1.
uint32_t candidate_priority(IceCandidateType type, uint16_t local_preference);
/// The priority of the peer-reflexive candidate that a check from a base with this preference may discover.
inline uint32_t prflx_priority(uint16_t local_preference) {
  return candidate_priority(IceCandidateType::kPeerReflexive, local_preference);
}
/// RFC 6544 section 4.2: below all UDP candidates that are no relay's, active before passive.
uint32_t tcp_priority(IceCandidateType type, TcpRole role, uint16_t local_preference);
/// How a relayed candidate's server is reached: "udp", "tcp" or "tls".
const char* relay_protocol(const IceServer& server);
/// Below all others; and where one server can be reached in several ways UDP comes first, TLS last.
uint32_t relay_priority(const IceServer& server, uint16_t local_preference);
/// RFC 8445 section 5.1.1.3: same for same type, base address, protocol and server.
std::string candidate_foundation(IceCandidateType type, const SocketAddress& base, const std::string& server);
/// RFC 8445 section 6.1.2.3.
uint64_t pair_priority(IceRole role, uint32_t local, uint32_t remote);

/// Ports that Fetch blocks, and to which a web page must not be able to send either
/// (https://fetch.spec.whatwg.org/#port-blocking), and 0.
bool is_bad_port(uint16_t port);

/// A ufrag of 4 to 256 ice-chars (RFC 8445 section 5.3).
bool valid_fragment(const std::string& fragment);

/// As valid_fragment(), of a peer: - = # _ are taken from it as well, for stacks that make credentials in base64url.
bool valid_remote_fragment(const std::string& fragment);
/// Whether ufrag and password are 4 to 256 and 22 to 256 (RFC 8445 section 5.3) such characters.
bool valid_remote_parameters(const IceParameters& parameters);

/// Of the how many-th address of ours: so far apart that those of one base fit in between (RFC 8445 section 5.1.2.1
/// wants no two of a component alike), and that those of TCP, which have three bits less, differ, too.
uint16_t local_preference_of(size_t index);

}  // namespace peerwire::ice
