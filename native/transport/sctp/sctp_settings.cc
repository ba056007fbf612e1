#include "transport/sctp/sctp_settings.h"

#include <usrsctp.h>

#include <algorithm>
#include <cerrno>

namespace peerwire {
namespace {

// SCTP_INTERLEAVING_SUPPORTED of netinet/sctp.h, which usrsctp.h leaves out.
constexpr int kInterleavingSupported = 0x00001206;
// Milliseconds until the first packet is sent again, and at most between two of the handshake.
constexpr uint32_t kFirstRtoMs = 200;
constexpr uint32_t kLastInitRtoMs = 1000;

int socket_buffer_size(Duration round_trip) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(round_trip).count();
  return static_cast<int>(
      std::clamp<int64_t>(ms * kSocketBufferOctetsPerMs, kMinSocketBufferSize, kMaxSocketBufferSize));
}

template <typename T>
bool set(struct socket* so, int level, int option, const T& value) {
  return usrsctp_setsockopt(so, level, option, &value, sizeof(value)) == 0;
}

template <typename T>
bool set(struct socket* so, int option, const T& value) {
  return set(so, IPPROTO_SCTP, option, value);
}

}  // namespace

size_t packet_size_for(size_t max_packet_size) {
  // usrsctp takes a path MTU without its own common header of 12 octets. Packets are multiples of four.
  return ((std::clamp<size_t>(max_packet_size, 600, 16384) - 12) & ~size_t{3}) + 12;
}

void apply_process_wide_settings() {
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_reconfig_enable(1);
  // One path, chosen by ICE below: nothing that negotiates addresses, marks or drops packets is of use, and every
  // parser that a peer cannot reach is one less to get wrong.
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_blackhole(2);  // no answers to packets that belong to nothing

  usrsctp_sysctl_set_sctp_sendspace(kMinSocketBufferSize);
  usrsctp_sysctl_set_sctp_recvspace(kMinSocketBufferSize);
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(10 * 1024);

  // A lost packet of the handshake, whose answers nobody delays, costs a round trip and a little, not a second. Data
  // waits for kLeastRtoMs.
  usrsctp_sysctl_set_sctp_rto_initial_default(kFirstRtoMs);
  usrsctp_sysctl_set_sctp_rto_min_default(150);
  usrsctp_sysctl_set_sctp_rto_max_default(3000);
  usrsctp_sysctl_set_sctp_init_rto_max_default(kLastInitRtoMs);
  // ICE decides when a connection has failed. SCTP keeps trying for ten minutes: a network may be away that long and
  // come back through an ICE restart.
  usrsctp_sysctl_set_sctp_init_rtx_max_default(200);
  usrsctp_sysctl_set_sctp_assoc_rtx_max_default(200);
  usrsctp_sysctl_set_sctp_path_rtx_max_default(200);
  usrsctp_sysctl_set_sctp_max_retran_chunk(0);  // no limit
  // An ABORT of the library's own says why, as a protocol violation with a text.
  usrsctp_sysctl_set_sctp_diag_info_code(13);

  usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
  usrsctp_sysctl_set_sctp_sack_freq_default(8);
  usrsctp_sysctl_set_sctp_initial_cwnd(10);
  // By turns, message by message. The default stays on a stream as long as there is anything on it, and first come,
  // first served stalls when messages come in parts.
  usrsctp_sysctl_set_sctp_default_ss_module(SCTP_SS_ROUND_ROBIN);
  usrsctp_sysctl_set_sctp_max_burst_default(64);
}

bool apply_socket_settings(struct socket* so, const PacketTransport& below, bool interleaving) {
  if (usrsctp_set_non_blocking(so, 1) != 0) return false;
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  const int on = 1;
  const int interleave = 2;  // pieces of messages of different streams may alternate, which RFC 8260 needs
  const Duration round_trip = below.round_trip().value_or(Duration(0));
  const int buffer = socket_buffer_size(round_trip);
  const struct sctp_assoc_value offer = {.assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = interleaving ? 1u : 0u};
  const struct sctp_assoc_value resets = {.assoc_id = SCTP_ALL_ASSOC,
                                          .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ};
  const int dtls_below = SCTP_EDMID_LOWER_LAYER_DTLS;
  if (!set(so, SOL_SOCKET, SO_LINGER, at_once) || !set(so, SOL_SOCKET, SO_SNDBUF, buffer) ||
      !set(so, SOL_SOCKET, SO_RCVBUF, buffer) || !set(so, SCTP_RECVRCVINFO, on) || !set(so, SCTP_EXPLICIT_EOR, on) ||
      !set(so, SCTP_NODELAY, on) || !set(so, SCTP_FRAGMENT_INTERLEAVE, interleave) ||
      !set(so, kInterleavingSupported, offer) || !set(so, SCTP_ENABLE_STREAM_RESET, resets) ||
      !set(so, SCTP_ACCEPT_ZERO_CHECKSUM, dtls_below)) {
    return false;
  }
  // What ICE has measured: INIT would be sent a second time over each path that is longer than kFirstRtoMs.
  const auto twice_ms = std::chrono::duration_cast<std::chrono::milliseconds>(2 * round_trip).count();
  struct sctp_rtoinfo first = {};
  first.srto_initial = static_cast<uint32_t>(std::clamp<int64_t>(twice_ms, kFirstRtoMs, kLastInitRtoMs));
  if (!set(so, SCTP_RTOINFO, first)) return false;
  for (const uint16_t type :
       {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_STREAM_CHANGE_EVENT, SCTP_PARTIAL_DELIVERY_EVENT}) {
    struct sctp_event event = {};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = type;
    event.se_on = 1;
    if (!set(so, SCTP_EVENT, event)) return false;
  }
  struct sctp_paddrparams path = {};
  path.spp_address.ss_family = AF_CONN;
  path.spp_pathmtu = static_cast<uint32_t>(packet_size_for(below.max_packet_size()) - 12);
  // No heartbeats: ICE asks every five seconds whether the peer is there (RFC 7675). An association at rest has no
  // timer then, of which the library looks at all whenever it looks at one.
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
  if (!set(so, SCTP_PEER_ADDR_PARAMS, path)) return false;
  struct sctp_initmsg streams = {};
  streams.sinit_num_ostreams = kInitialOutgoingStreams;
  streams.sinit_max_instreams = kMaxIncomingStreams;
  return set(so, SCTP_INITMSG, streams);
}

}  // namespace peerwire
