// ICE as the layers above see it (RFC 8445, RFC 8838, RFC 7675). One component, rtcp-mux only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/interface_filter.h"
#include "net/network_thread.h"
#include "transport/packet_transport.h"

namespace peerwire {

enum class IceRole { kControlling, kControlled };
/// RTCIceTransportState. `closed` follows close() alone.
enum class IceTransportState { kNew, kChecking, kConnected, kCompleted, kDisconnected, kFailed, kClosed };
enum class IceGatheringState { kNew, kGathering, kComplete };
enum class IceCandidateType { kHost, kServerReflexive, kPeerReflexive, kRelay };
enum class IceProtocol { kUdp, kTcp };

struct IceParameters {
  std::string username_fragment;
  std::string password;
  bool ice_lite = false;
};

/// One candidate with every field of RTCIceCandidate and of the statistics; addresses as text ("192.0.2.1", "::1",
/// or for a remote candidate a host name such as "x.local").
struct IceCandidate {
  std::string foundation;
  uint32_t priority = 0;
  IceProtocol protocol = IceProtocol::kUdp;
  std::string address;
  uint16_t port = 0;
  IceCandidateType type = IceCandidateType::kHost;
  std::string tcp_type;         // "active", "passive", "so", or empty
  std::string related_address;  // empty when there is none
  uint16_t related_port = 0;
  std::string username_fragment;
  std::string relay_protocol;  // local relay candidates: "udp", "tcp", "tls"
  std::string url;             // local srflx and relay candidates: the server it came from
};

struct IceServer {
  /// One URL as RFC 7064/7065 write it, already split and checked by the caller.
  enum class Scheme { kStun, kStuns, kTurn, kTurns };
  std::string url;  // as given, for events
  Scheme scheme = Scheme::kStun;
  std::string host;  // name or address, IPv6 without brackets
  uint16_t port = 3478;
  IceProtocol transport = IceProtocol::kUdp;
  std::string username;  // at most 508 octets (RFC 8489); longer is refused by the caller
  std::string password;

  bool over_tls() const { return scheme == Scheme::kStuns || scheme == Scheme::kTurns; }
  /// Over a connection of its own, TCP or TLS; not from the agent's UDP sockets.
  bool over_stream() const { return transport == IceProtocol::kTcp; }
};

/// One address of a 1:1 NAT in front of this machine.
struct IceNatAddress {
  std::string external;
  std::string local;  // empty: for every local address of the same family
};

/// What is done over TCP between the peers (RFC 6544).
enum class IceTcp {
  kOff,
  kActive,  // connections to a peer's passive candidates; nothing of it is signalled, nor has to be
  kListen,  // passive candidates of ours, too, and active ones that are told
};

struct IceOptions {
  std::vector<IceServer> servers;
  bool relay_only = false;        // iceTransportPolicy "relay": no packet ever leaves another socket
  uint16_t port_range_begin = 0;  // 0, 0: any port
  uint16_t port_range_end = 0;
  std::string bind_address;       // empty: every usable interface
  bool udp_mux = false;           // all transports with this flag share one socket on port_range_begin
  IceTcp tcp = IceTcp::kActive;   // with `udp_mux` passive candidates share one port, too
  bool include_loopback = false;  // host candidates on loopback too; always used where nothing else exists
  std::string extra_authorities;  // PEM file: for TLS servers, besides the system's authorities
  InterfaceFilter interfaces;     // without `bind_address`
  std::vector<IceNatAddress> nat_addresses;
  /// An ice-lite agent (RFC 8445 section 2.5): host candidates alone, answers checks and sends none, always controlled.
  /// For servers that their peers reach directly; the peer is a full agent.
  bool lite = false;
  bool mdns_candidates = false;  // host candidates have names of multicast DNS in place of addresses
  /// kHost: host candidates have the external address in place of their own. kServerReflexive: beside it.
  IceCandidateType nat_candidate_type = IceCandidateType::kHost;
  /// Largest UDP payload in octets. 1,352 makes IP packets of at most 1,400 octets, which common tunnels carry whole
  /// (WireGuard 1,420, PPPoE 1,492) and a 1,200-octet message fits with SCTP's and DTLS's overhead.
  size_t mtu = 1352;
};

struct IceCandidatePairStats {
  std::string id;  // stable for the life of the pair
  std::string local_candidate_id;
  std::string remote_candidate_id;
  std::string state;  // RTCStatsIceCandidatePairState
  bool nominated = false;
  uint64_t packets_sent = 0, packets_received = 0, bytes_sent = 0, bytes_received = 0;
  double last_packet_sent_ms = 0, last_packet_received_ms = 0;         // Unix epoch; 0: never
  double total_round_trip_time_s = 0, current_round_trip_time_s = -1;  // -1: not measured yet
  uint64_t requests_received = 0, requests_sent = 0, responses_received = 0, responses_sent = 0;
  uint64_t consent_requests_sent = 0;
  uint64_t packets_discarded_on_send = 0, bytes_discarded_on_send = 0;
};

struct IceCandidateStats {
  std::string id;
  IceCandidate candidate;
  bool remote = false;
};

struct IceTransportStats {
  std::vector<IceCandidatePairStats> pairs;
  std::vector<IceCandidateStats> candidates;
  std::string selected_pair_id;  // empty: none
  uint32_t selected_pair_changes = 0;
  uint64_t packets_sent = 0, packets_received = 0, bytes_sent = 0, bytes_received = 0;
};

/// Told what happens, on the network thread. May call back into the transport, but not destroy it.
class IceTransportObserver {
 public:
  virtual ~IceTransportObserver() = default;
  virtual void on_ice_state(IceTransportState state) = 0;
  virtual void on_ice_gathering_state(IceGatheringState state) = 0;
  virtual void on_local_candidate(const IceCandidate& candidate) = 0;
  /// RTCPeerConnectionIceErrorEvent: `code` is STUN's, or 701 when the server could not be reached.
  virtual void on_candidate_error(const std::string& address, uint16_t port, const std::string& url, int code,
                                  const std::string& reason) = 0;
  virtual void on_selected_pair(const IceCandidate& local, const IceCandidate& remote) = 0;
  /// The role was switched by a role conflict (RFC 8445 section 7.3.1.1).
  virtual void on_ice_role(IceRole role) = 0;
};

/// A packet that arrives before somebody called set_packet_receiver() is kept (bounded). STUN never goes up.
class IceTransport : public PacketTransport {
 public:
  /// `local` holds our ufrag and password, made by the caller (RFC 8445 section 5.3). `observer` outlives it.
  static std::unique_ptr<IceTransport> create(NetworkThread& network, IceOptions options, IceParameters local,
                                              IceTransportObserver* observer);

  /// Starts gathering; candidates and the end are told to the observer. A second call does nothing.
  virtual void gather() = 0;
  /// The same for whoever tells the peer of it later: gathering has no end before gather() is called, and follows what
  /// comes and goes until then. No candidate is told before.
  virtual void gather_ahead() = 0;
  /// Remote parameters may come before or after remote candidates. New ones after start() are the peer's restart;
  /// `local_restart_follows` when it is one of an offer, which restart() answers: no checks before that. The former
  /// ones, given again instead of it, bring the generation before back.
  virtual void set_remote_parameters(IceParameters remote, bool local_restart_follows = false) = 0;
  virtual void add_remote_candidate(IceCandidate candidate) = 0;
  /// Forgets the peer: its parameters, its candidates and all pairs, without a generation before to fall back to. What
  /// was gathered stays. The observer is told that the state is new, whatever it was.
  virtual void forget_remote() = 0;
  virtual void set_remote_end_of_candidates() = 0;
  /// Begins connectivity checks as soon as remote parameters are there.
  virtual void start(IceRole role) = 0;
  /// ICE restart: new local credentials, new gathering; the selected pair carries data, and all pairs of its generation
  /// are answered, until another is selected. Until then the former credentials, given again, undo the restart:
  /// gathering is then complete at once, or goes on.
  virtual void restart(IceParameters local, IceOptions options) = 0;
  virtual void set_role(IceRole role) = 0;
  /// `unix_ms`: the time of day now.
  virtual IceTransportStats stats(double unix_ms) const = 0;
  /// Releases sockets and TURN allocations; idempotent; nothing is told to the observer afterwards.
  virtual void close() = 0;
};

}  // namespace peerwire
