// What interleaving (RFC 8260) takes beside what usrsctp does of it.
#include "transport/sctp/usrsctp_internals.h"
#include "transport/sctp/usrsctp_private.h"

namespace peerwire::usrsctp {
namespace {

// Of the eight flags of an I-DATA chunk RFC 8260 leaves the upper four unused.
constexpr int kOriginalFlags = 4;  // place of B, E and U
constexpr uint8_t kMarked = 0x80;

}  // namespace

std::optional<DataChunk> marked_chunk(const struct sctp_queued_to_read& message) {
  const auto flags = static_cast<uint8_t>(message.sinfo_flags >> 8);
  if ((flags & kMarked) == 0) return std::nullopt;
  const auto original = static_cast<uint8_t>(flags >> kOriginalFlags);
  DataChunk chunk;
  chunk.stream_id = message.sinfo_stream;
  chunk.unordered = (original & SCTP_DATA_UNORDERED) != 0;
  chunk.first = (original & SCTP_DATA_FIRST_FRAG) != 0;
  chunk.last = (original & SCTP_DATA_LAST_FRAG) != 0;
  chunk.message_id = message.mid;
  (chunk.first ? chunk.ppid : chunk.fragment) = ntohl(message.sinfo_ppid);
  return chunk;
}

uint8_t mark_i_data(uint8_t flags) {
  const auto original = flags & (SCTP_DATA_UNORDERED | SCTP_DATA_NOT_FRAG);
  return static_cast<uint8_t>(kMarked | original << kOriginalFlags | (flags & SCTP_DATA_SACK_IMMEDIATELY) |
                              SCTP_DATA_UNORDERED | SCTP_DATA_NOT_FRAG);
}

void take_chunk(struct socket* so, Bytes* to) {
  auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb);
  struct sctp_tcb* stcb = first_association(so);
  SCTP_INP_READ_LOCK(inp);
  struct sctp_queued_to_read* message = TAILQ_FIRST(&inp->read_queue);
  TAILQ_REMOVE(&inp->read_queue, message, next);
  message->on_read_q = 0;
  for (struct mbuf* part = message->data; part != nullptr; part = SCTP_BUF_NEXT(part)) {
    sctp_sbfree(message, stcb, &so->so_rcv, part);
    if (to != nullptr) {
      const uint8_t* octets = mtod(part, uint8_t*);
      to->insert(to->end(), octets, octets + SCTP_BUF_LEN(part));
    }
  }
  sctp_m_freem(message->data);
  message->data = nullptr;
  sctp_free_remote_addr(message->whoFrom);
  sctp_free_a_readq(stcb, message);
  SCTP_INP_READ_UNLOCK(inp);
}

void hold_received(struct socket* so, size_t octets, size_t pieces) {
  // The library counts here what it holds of ordered messages that cannot be delivered yet. With chunks marked as above
  // there are none.
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  stcb->asoc.size_on_all_streams = static_cast<uint32_t>(octets);
  stcb->asoc.cnt_on_all_streams = static_cast<uint32_t>(pieces);
}

void tell_wider_window(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.last_data_chunk_from == nullptr) return;
  const uint32_t window = sctp_calc_rwnd(stcb, &stcb->asoc);
  if (window < stcb->asoc.my_last_reported_rwnd + (SCTP_SB_LIMIT_RCV(so) >> SCTP_RWND_HIWAT_SHIFT)) return;
  SCTP_TCB_LOCK(stcb);
  send_acknowledgement(stcb);
  SCTP_TCB_UNLOCK(stcb);
}

std::optional<ReceivingView> view_receiving(struct socket* so) {
  const struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return std::nullopt;
  const struct sctp_association& asoc = stcb->asoc;
  ReceivingView view;
  view.idata = asoc.idata_supported != 0;
  view.cumulative_tsn = asoc.cumulative_tsn;
  view.highest_tsn = SCTP_TSN_GT(asoc.highest_tsn_inside_map, asoc.highest_tsn_inside_nr_map)
                         ? asoc.highest_tsn_inside_map
                         : asoc.highest_tsn_inside_nr_map;
  view.reset_requests = asoc.str_reset_seq_in;
  view.reset_performed = asoc.last_reset_action[0] == SCTP_STREAM_RESET_RESULT_PERFORMED;
  return view;
}

void expect_first_message(struct socket* so, const std::vector<uint16_t>& streams) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  SCTP_TCB_LOCK(stcb);
  for (const uint16_t id : streams) {
    if (id < stcb->asoc.streamincnt) stcb->asoc.strmin[id].last_mid_delivered = 0xffffffff;
  }
  SCTP_TCB_UNLOCK(stcb);
}

namespace {

// The stream scheduler with interleaving: of each stream one chunk, by turns.

/// Whether the library would make a chunk of what the stream has. One whose message it has not got whole has to wait
/// for the rest of its packet; asked for it, the library would stop there, whatever others have.
bool has_chunk(const struct sctp_association& asoc, const struct sctp_stream_out& stream) {
  const struct sctp_stream_queue_pending* message = TAILQ_FIRST(&stream.outqueue);
  return message != nullptr && (message->msg_is_complete != 0 || message->length >= asoc.smallest_mtu ||
                                (message->length > 0 && asoc.total_flight == 0));
}

struct sctp_stream_out* select_stream(struct sctp_tcb*, struct sctp_nets*, struct sctp_association* asoc) {
  if (asoc->ss_data.locked_on_sending != nullptr) return asoc->ss_data.locked_on_sending;
  struct sctp_stream_out* const last = asoc->ss_data.last_out_stream;
  struct sctp_stream_out* stream = last;
  do {
    if (stream != nullptr) stream = TAILQ_NEXT(stream, ss_params.ss.rr.next_spoke);
    if (stream == nullptr) stream = TAILQ_FIRST(&asoc->ss_data.out.wheel);
    if (stream == nullptr || has_chunk(*asoc, *stream)) return stream;
  } while (stream != last && (last != nullptr || TAILQ_NEXT(stream, ss_params.ss.rr.next_spoke) != nullptr));
  return nullptr;
}

/// A stream stays selected while it is in the middle of a message that may be given up.
void note_scheduled(struct sctp_tcb*, struct sctp_nets*, struct sctp_association* asoc, struct sctp_stream_out* stream,
                    int) {
  const struct sctp_stream_queue_pending* message = TAILQ_FIRST(&stream->outqueue);
  const bool amid = message != nullptr && message->some_taken != 0 &&
                    (message->msg_is_complete == 0 || message->length > 0) && PR_SCTP_ENABLED(message->act_flags);
  asoc->ss_data.last_out_stream = stream;
  asoc->ss_data.locked_on_sending = amid ? stream : nullptr;
}

}  // namespace

void send_by_turns(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.idata_supported == 0) return;
  stcb->asoc.ss_functions.sctp_ss_select_stream = select_stream;
  stcb->asoc.ss_functions.sctp_ss_scheduled = note_scheduled;
}

bool has_unsent_chunk(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return false;
  if (!TAILQ_EMPTY(&stcb->asoc.send_queue)) return true;
  const struct sctp_stream_out* stream;
  TAILQ_FOREACH(stream, &stcb->asoc.ss_data.out.wheel, ss_params.ss.rr.next_spoke) {
    if (has_chunk(stcb->asoc, *stream)) return true;
  }
  return false;
}

size_t unsent_octets(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return 0;
  size_t octets = 0;
  const struct sctp_tmit_chunk* chunk;
  TAILQ_FOREACH(chunk, &stcb->asoc.send_queue, sctp_next) {
    octets += chunk->send_size;
  }
  const struct sctp_stream_out* stream;
  TAILQ_FOREACH(stream, &stcb->asoc.ss_data.out.wheel, ss_params.ss.rr.next_spoke) {
    const struct sctp_stream_queue_pending* message;
    TAILQ_FOREACH(message, &stream->outqueue, next) {
      octets += message->length;
    }
  }
  return octets;
}

}  // namespace peerwire::usrsctp
