#include "transport/sctp/usrsctp_internals.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "transport/sctp/usrsctp_private.h"

namespace peerwire::usrsctp {

void send_acknowledgement(struct sctp_tcb* stcb) {
  sctp_timer_stop(SCTP_TIMER_TYPE_RECV, stcb->sctp_ep, stcb, nullptr, 0);
  sctp_send_sack(stcb, SCTP_SO_NOT_LOCKED);
  sctp_chunk_output(stcb->sctp_ep, stcb, SCTP_OUTPUT_FROM_SACK_TMR, SCTP_SO_NOT_LOCKED);
}

void forbid_iterator_thread() {
  // sctp_startup_iterator() returns at once when there is a thread already, so it leaves these to us.
  SCTP_ITERATOR_LOCK_INIT();
  SCTP_IPI_ITERATOR_WQ_INIT();
  TAILQ_INIT(&sctp_it_ctl.iteratorhead);
  sctp_it_ctl.thread_proc = pthread_self();
}

void run_iterators() {
  SCTP_IPI_ITERATOR_WQ_LOCK();
  if (!TAILQ_EMPTY(&sctp_it_ctl.iteratorhead)) sctp_iterator_worker();
  SCTP_IPI_ITERATOR_WQ_UNLOCK();
}

std::optional<uint32_t> next_timer_ms() {
  const uint32_t ticks = sctp_get_tick_count();
  std::optional<uint32_t> next;
  SCTP_TIMERQ_LOCK();
  sctp_os_timer_t* timer;
  TAILQ_FOREACH(timer, &SCTP_BASE_INFO(callqueue), tqe) {
    const int32_t left = static_cast<int32_t>(timer->c_time - ticks);
    const uint32_t wait = left > 0 ? sctp_ticks_to_msecs(static_cast<uint32_t>(left)) : 0;
    if (!next || wait < *next) next = wait;
  }
  SCTP_TIMERQ_UNLOCK();
  return next;
}

std::optional<QueuedMessage> next_queued_message(struct socket* so) {
  auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb);
  if (inp == nullptr) return std::nullopt;
  SCTP_INP_READ_LOCK(inp);
  struct sctp_queued_to_read* message = TAILQ_FIRST(&inp->read_queue);
  // Messages wait here for their next part, with all read that was there. What may be read beside them goes to the
  // front: usrsctp_recvv() is to find it by itself, but at times believes that it may not and then reads nothing any
  // more. Messages behind a waiting one of their own stream have to wait with it.
  std::vector<uint32_t> waiting;
  for (; message != nullptr; message = TAILQ_NEXT(message, next)) {
    const bool notification = (message->spec_flags & M_NOTIFICATION) != 0;
    const bool unordered = ((message->sinfo_flags >> 8) & SCTP_DATA_UNORDERED) != 0;
    const uint32_t stream = static_cast<uint32_t>(message->sinfo_stream) << 1 | (unordered ? 1 : 0);
    if (message->length == 0) {
      if (!message->end_added) waiting.push_back(stream);
    } else if (notification || std::find(waiting.begin(), waiting.end(), stream) == waiting.end()) {
      break;
    }
  }
  if (message != nullptr && message != TAILQ_FIRST(&inp->read_queue)) {
    TAILQ_REMOVE(&inp->read_queue, message, next);
    TAILQ_INSERT_HEAD(&inp->read_queue, message, next);
  }
  SCTP_INP_READ_UNLOCK(inp);
  if (message == nullptr) return std::nullopt;
  QueuedMessage next;
  next.notification = (message->spec_flags & M_NOTIFICATION) != 0;
  next.complete = message->end_added != 0;
  next.length = message->length;
  if (!next.notification) next.i_data = marked_chunk(*message);
  return next;
}

std::optional<AssociationView> view_association(struct socket* so) {
  const struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return std::nullopt;
  const struct sctp_association& asoc = stcb->asoc;
  AssociationView view;
  view.idata = asoc.idata_supported != 0;
  view.reconfig = asoc.reconfig_supported != 0;
  view.reset_outstanding = asoc.stream_reset_outstanding != 0;
  view.nothing_unsent = asoc.stream_queue_cnt == 0 && TAILQ_EMPTY(&asoc.send_queue);
  view.outgoing_streams = asoc.streamoutcnt;
  view.incoming_streams = asoc.streamincnt;
  view.flight = asoc.total_flight;
  view.peer_window = asoc.peers_rwnd;
  view.unacknowledged_chunks = asoc.sent_queue_cnt;
  view.peer_verification_tag = asoc.peer_vtag;
  if (const struct sctp_nets* net = asoc.primary_destination) {
    view.congestion_window = net->cwnd;
    view.mtu = net->mtu;
    view.time_outs_in_a_row = net->error_count;
    if (net->RTO_measured) {
      view.round_trip_us = static_cast<int64_t>(net->lastsa >> SCTP_RTT_SHIFT) * 1000;
      if (view.round_trip_us == 0) view.round_trip_us = static_cast<int64_t>(net->rtt);
    }
  }
  return view;
}

size_t unfinished_octets(struct socket* so) {
  const struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.strmin == nullptr) return 0;
  size_t octets = 0;
  const auto count = [&octets](const struct sctp_readhead& queue) {
    const struct sctp_queued_to_read* message;
    TAILQ_FOREACH(message, &queue, next_instrm) {
      octets += sizeof(*message);
      for (const struct mbuf* m = message->data; m != nullptr; m = SCTP_BUF_NEXT(m)) {
        octets += MSIZE + (SCTP_BUF_IS_EXTENDED(m) ? SCTP_BUF_EXTEND_SIZE(m) : 0);
      }
    }
  };
  for (uint32_t id = 0; id < stcb->asoc.streamincnt; ++id) {
    count(stcb->asoc.strmin[id].inqueue);
    count(stcb->asoc.strmin[id].uno_inqueue);
  }
  return octets;
}

namespace {

bool in_use(const struct sctp_stream_out& stream) {
  return !TAILQ_EMPTY(&stream.outqueue) || stream.chunks_on_queues != 0 || stream.next_mid_ordered != 0 ||
         stream.next_mid_unordered != 0 || stream.last_msg_incomplete != 0 || stream.state != SCTP_STREAM_OPEN;
}

bool in_use(const struct sctp_stream_in& stream) {
  return !TAILQ_EMPTY(&stream.inqueue) || !TAILQ_EMPTY(&stream.uno_inqueue) ||
         stream.last_mid_delivered != 0xffffffff || stream.delivery_started != 0 || stream.pd_api_started != 0;
}

template <typename Stream>
uint32_t new_size(const Stream* streams, uint32_t count, uint32_t wanted, bool may_shrink) {
  while (may_shrink && count > wanted && !in_use(streams[count - 1])) --count;
  return count < wanted ? wanted : count;
}

void resize_outgoing(struct sctp_tcb* stcb, uint32_t wanted, bool may_shrink) {
  struct sctp_association& asoc = stcb->asoc;
  const uint32_t count = asoc.streamoutcnt;
  const uint32_t size = new_size(asoc.strmout, count, wanted, may_shrink);
  // While more are being asked for, the table has their entries already.
  if (size == count || asoc.strm_realoutsize != count || asoc.strm_pending_add_size != 0) return;
  auto* streams = static_cast<struct sctp_stream_out*>(calloc(size, sizeof(struct sctp_stream_out)));
  if (streams == nullptr) return;
  asoc.ss_functions.sctp_ss_clear(stcb, &asoc, false);
  for (uint32_t id = 0; id < size; ++id) {
    struct sctp_stream_out& to = streams[id];
    TAILQ_INIT(&to.outqueue);
    to.sid = static_cast<uint16_t>(id);
    to.state = SCTP_STREAM_OPEN;
    if (id >= count) continue;
    struct sctp_stream_out& from = asoc.strmout[id];
    TAILQ_CONCAT(&to.outqueue, &from.outqueue, next);
    to.chunks_on_queues = from.chunks_on_queues;
    to.abandoned_unsent[0] = from.abandoned_unsent[0];
    to.abandoned_sent[0] = from.abandoned_sent[0];
    to.next_mid_ordered = from.next_mid_ordered;
    to.next_mid_unordered = from.next_mid_unordered;
    to.last_msg_incomplete = from.last_msg_incomplete;
    to.state = from.state;
  }
  struct sctp_stream_out* const old = asoc.strmout;
  struct sctp_stream_out* const locked = asoc.ss_data.locked_on_sending;
  asoc.strmout = streams;
  asoc.streamoutcnt = asoc.strm_realoutsize = asoc.pre_open_streams = static_cast<uint16_t>(size);
  for (uint32_t id = 0; id < size; ++id) asoc.ss_functions.sctp_ss_init_stream(stcb, &streams[id], nullptr);
  asoc.ss_functions.sctp_ss_init(stcb, &asoc);  // lists those with something queued
  if (locked != nullptr) asoc.ss_data.locked_on_sending = &streams[locked - old];
  free(old);
}

void resize_incoming(struct sctp_tcb* stcb, uint32_t wanted, bool may_shrink) {
  struct sctp_association& asoc = stcb->asoc;
  const uint32_t count = asoc.streamincnt;
  const uint32_t size = new_size(asoc.strmin, count, wanted, may_shrink);
  if (size == count) return;
  auto* streams = static_cast<struct sctp_stream_in*>(calloc(size, sizeof(struct sctp_stream_in)));
  if (streams == nullptr) return;
  for (uint32_t id = 0; id < size; ++id) {
    struct sctp_stream_in& to = streams[id];
    TAILQ_INIT(&to.inqueue);
    TAILQ_INIT(&to.uno_inqueue);
    to.sid = static_cast<uint16_t>(id);
    to.last_mid_delivered = 0xffffffff;
    if (id >= count) continue;
    struct sctp_stream_in& from = asoc.strmin[id];
    TAILQ_CONCAT(&to.inqueue, &from.inqueue, next_instrm);
    TAILQ_CONCAT(&to.uno_inqueue, &from.uno_inqueue, next_instrm);
    to.last_mid_delivered = from.last_mid_delivered;
    to.delivery_started = from.delivery_started;
    to.pd_api_started = from.pd_api_started;
  }
  free(std::exchange(asoc.strmin, streams));
  asoc.streamincnt = static_cast<uint16_t>(size);
}

}  // namespace

StreamTables resize_stream_tables(struct socket* so, StreamTables wanted, bool may_shrink) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.strmout == nullptr || stcb->asoc.strmin == nullptr) return {};
  SCTP_TCB_LOCK(stcb);
  resize_outgoing(stcb, wanted.outgoing, may_shrink);
  resize_incoming(stcb, wanted.incoming, may_shrink);
  const StreamTables now = {stcb->asoc.streamoutcnt, stcb->asoc.streamincnt};
  SCTP_TCB_UNLOCK(stcb);
  return now;
}

void restart_timer_when_acknowledged(struct socket* so, uint32_t& acknowledged) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.last_acked_seq == acknowledged) return;
  acknowledged = stcb->asoc.last_acked_seq;
  struct sctp_nets* net = stcb->asoc.primary_destination;
  if (net == nullptr || net->flight_size == 0) return;
  SCTP_TCB_LOCK(stcb);
  sctp_timer_stop(SCTP_TIMER_TYPE_SEND, stcb->sctp_ep, stcb, net, 0);
  sctp_timer_start(SCTP_TIMER_TYPE_SEND, stcb->sctp_ep, stcb, net);
  SCTP_TCB_UNLOCK(stcb);
}

void set_least_rto(struct socket* so, uint32_t ms) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  SCTP_TCB_LOCK(stcb);
  stcb->asoc.minrto = ms;
  struct sctp_nets* net = stcb->asoc.primary_destination;
  // Of the handshake's round trip; zero where that was not measured.
  if (net != nullptr && net->RTO < ms) net->RTO = ms;
  SCTP_TCB_UNLOCK(stcb);
}

void set_packet_size(struct socket* so, uint32_t size, bool lost) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  struct sctp_association& asoc = stcb->asoc;
  struct sctp_nets* net = asoc.primary_destination;
  if (net == nullptr || net->mtu == size) return;
  SCTP_TCB_LOCK(stcb);
  net->mtu = size;
  if (size < asoc.smallest_mtu) {
    sctp_pathmtu_adjustment(stcb, size, lost);
    if (lost) sctp_chunk_output(stcb->sctp_ep, stcb, SCTP_OUTPUT_FROM_T3, SCTP_SO_NOT_LOCKED);
  } else {
    asoc.smallest_mtu = size;
    // RFC 9260 section 7.2.1: what a fresh association would begin with. With less, a window holds one large packet,
    // whose acknowledgement is delayed.
    if (net->cwnd < 4 * size) net->cwnd = 4 * size;
  }
  SCTP_TCB_UNLOCK(stcb);
}

void acknowledge(struct socket* so, uint32_t packets) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.data_pkts_seen < packets) return;
  SCTP_TCB_LOCK(stcb);
  send_acknowledgement(stcb);
  SCTP_TCB_UNLOCK(stcb);
}

void acknowledge_every(struct socket* so, uint32_t packets) {
  if (auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb)) inp->sctp_ep.sctp_sack_freq = packets;
  if (struct sctp_tcb* stcb = first_association(so)) stcb->asoc.sack_freq = packets;
}

void insist_on_checksums(struct socket* so) {
  auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb);
  if (inp != nullptr) inp->rcv_edmid = SCTP_EDMID_NONE;
  if (struct sctp_tcb* stcb = first_association(so)) stcb->asoc.rcv_edmid = SCTP_EDMID_NONE;
}

void abort_association(struct socket* so, uint16_t cause, const std::string& text) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  std::string info = text.substr(0, SCTP_MAX_CAUSE_LENGTH - sizeof(struct sctp_paramhdr));
  SCTP_TCB_LOCK(stcb);  // released with the association
  sctp_abort_an_association(stcb->sctp_ep, stcb, sctp_generate_cause(cause, info.data()), false, SCTP_SO_NOT_LOCKED);
}

void flush(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  SCTP_TCB_LOCK(stcb);
  sctp_chunk_output(stcb->sctp_ep, stcb, SCTP_OUTPUT_FROM_USR_SEND, SCTP_SO_NOT_LOCKED);
  SCTP_TCB_UNLOCK(stcb);
}

}  // namespace peerwire::usrsctp
