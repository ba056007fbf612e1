// What usrsctp knows but has no public function for. The only place that reads its private structures: everything else
// uses usrsctp.h. Network thread only, and never from within a callback of usrsctp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "transport/sctp/message_reassembly.h"

struct socket;

namespace peerwire::usrsctp {

/// Keeps the library from starting its iterator thread, which it does even in its mode without threads. To be called
/// before usrsctp_init_nothreads().
void forbid_iterator_thread();
/// Does the work that the iterator thread would do.
void run_iterators();
/// Milliseconds until the first timer of the library is due; nothing when none is running.
std::optional<uint32_t> next_timer_ms();

struct QueuedMessage {
  bool notification = false;
  bool complete = false;
  size_t length = 0;                // octets there now
  std::optional<DataChunk> i_data;  // one chunk, marked by mark_i_data(): for take_chunk(), not for usrsctp_recvv()
};
/// What the next usrsctp_recvv() will read; nothing when the socket has nothing to read. Sees to it that what can be
/// read is read.
std::optional<QueuedMessage> next_queued_message(struct socket* so);

/// Of an I-DATA chunk on its way into the library: makes of it an unordered message of one piece, which the library
/// hands on at once and as it is, with what it was before in bits of its flags that mean nothing yet.
uint8_t mark_i_data(uint8_t flags);
/// Takes the chunk that next_queued_message() told of out of the library; its payload is appended to `to`, or gone
/// where that is nullptr.
void take_chunk(struct socket* so, Bytes* to);
/// Of chunks taken out, what still waits here: the receive window that the peer is told is smaller by as much.
void hold_received(struct socket* so, size_t octets, size_t pieces);
/// Tells the peer when the receive window has become wider by an eighth or more since it was told last.
void tell_wider_window(struct socket* so);

struct AssociationView {
  bool idata = false;              // RFC 8260 was negotiated
  bool reconfig = false;           // RFC 6525 is supported by the peer
  bool reset_outstanding = false;  // a RE-CONFIG request of ours is unanswered
  bool nothing_unsent = false;     // all that was handed over has been sent at least once
  uint32_t outgoing_streams = 0;
  uint32_t incoming_streams = 0;
  uint32_t flight = 0;             // octets
  uint32_t congestion_window = 0;  // octets
  uint32_t peer_window = 0;        // octets
  uint32_t mtu = 0;
  uint32_t peer_verification_tag = 0;
  uint32_t time_outs_in_a_row = 0;  // of the retransmission timer, since the peer acknowledged anything
  uint32_t unacknowledged_chunks = 0;
  int64_t round_trip_us = -1;  // smoothed; -1: not measured
};
/// Nothing while the socket has no association.
std::optional<AssociationView> view_association(struct socket* so);

/// Memory that the beginnings of messages take, of which more is to come: as long as they are too short to be read in
/// parts, the library's window takes no account of them.
size_t unfinished_octets(struct socket* so);

struct ReceivingView {
  bool idata = false;            // RFC 8260 was negotiated
  uint32_t cumulative_tsn = 0;   // all up to it has come or was given up by the peer
  uint32_t highest_tsn = 0;      // that has come
  uint32_t reset_requests = 0;   // the number that the peer's next request for stream resets has to have
  bool reset_performed = false;  // what the one before was answered with
};
/// Nothing while the socket has no association.
std::optional<ReceivingView> view_receiving(struct socket* so);
/// Of incoming streams that have been reset: their messages are numbered anew.
void expect_first_message(struct socket* so, const std::vector<uint16_t>& streams);

/// With RFC 8260 negotiated: pieces of messages on different streams alternate. Only a message that may be given up is
/// sent with nothing between its pieces, because the library gives up with it all that is.
void send_by_turns(struct socket* so);
/// With RFC 8260 negotiated: whether the library has a chunk that it would send now, if it might.
bool has_unsent_chunk(struct socket* so);
/// Of what was handed to the library, what has not been sent and was not given up.
size_t unsent_octets(struct socket* so);

struct StreamTables {
  uint32_t outgoing = 0;
  uint32_t incoming = 0;
};
/// Sizes the tables of the association's streams, of which usrsctp makes as many entries as were negotiated (64 octets
/// for an outgoing stream, 40 for an incoming one; 65,535 of them where the peer offers all). Grows them to `wanted`,
/// unless there is no memory; shrinks them to it, as far as nothing beyond is in use. Returns their sizes now. What was
/// negotiated is the caller's to remember: to usrsctp, streams beyond the tables do not exist.
StreamTables resize_stream_tables(struct socket* so, StreamTables wanted, bool may_shrink);

/// Restarts the retransmission timer (T3) when the peer has acknowledged more than `acknowledged`, which is updated,
/// and data is still in flight: rule R3 of RFC 9260 section 6.3.2. usrsctp does so only for SACKs with gaps; without it
/// the timer expires in the middle of a steady flow, and the window collapses though nothing was lost.
void restart_timer_when_acknowledged(struct socket* so, uint32_t& acknowledged);

/// The retransmission timeout is at least so long from now on.
void set_least_rto(struct socket* so, uint32_t ms);

/// Packets of at most `size` octets from now on. With `lost`, those on their way that are larger count as lost and are
/// sent again at once, each by itself and as large as it is.
void set_packet_size(struct socket* so, uint32_t size, bool lost);

/// Acknowledges now, instead of in 20 ms, when at least `packets` with data came since the last SACK.
void acknowledge(struct socket* so, uint32_t packets);

/// So many packets at most for a SACK, and not those of sctp_settings.cc.
void acknowledge_every(struct socket* so, uint32_t packets);

/// Before the association is up: neither tells the peer that packets need no checksum (RFC 9653) nor takes such
/// packets.
void insist_on_checksums(struct socket* so);

/// Of an association that has sent no data yet: CubicWindow governs its congestion window from now on.
void use_cubic(struct socket* so);

/// Ends the association with an ABORT that carries `cause` and `text` (RFC 9260 section 3.3.10), which
/// SCTP_ABORT, always a user-initiated one, cannot. The socket stays open.
void abort_association(struct socket* so, uint16_t cause, const std::string& text);

/// Sends what the congestion window allows now.
void flush(struct socket* so);

}  // namespace peerwire::usrsctp
