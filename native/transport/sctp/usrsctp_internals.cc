#include "transport/sctp/usrsctp_internals.h"

#include <algorithm>
#include <vector>

// As the library itself is compiled: the layout of its structures depends on these.
#define __Userspace__
#define SCTP_SIMPLE_ALLOCATOR
#define SCTP_PROCESS_LEVEL_LOCKS
extern "C" {
// The first of these must come first.
// clang-format off
#include <netinet/sctp_os.h>
#include <netinet/sctp_constants.h>
#include <netinet/sctp_pcb.h>
#include <netinet/sctp_var.h>
#include <netinet/sctp_callout.h>
#include <netinet/sctp_output.h>
#include <netinet/sctp_timer.h>
#include <netinet/sctputil.h>
// clang-format on
extern struct iterator_control sctp_it_ctl;
}

namespace peerwire::usrsctp {
namespace {

struct sctp_tcb* first_association(struct socket* so) {
  auto* inp = static_cast<struct sctp_inpcb*>(so->so_pcb);
  return inp == nullptr ? nullptr : LIST_FIRST(&inp->sctp_asoc_list);
}

}  // namespace

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
  if (const struct sctp_nets* net = asoc.primary_destination) {
    view.congestion_window = net->cwnd;
    view.mtu = net->mtu;
    if (net->RTO_measured) {
      view.round_trip_us = static_cast<int64_t>(net->lastsa >> SCTP_RTT_SHIFT) * 1000;
      if (view.round_trip_us == 0) view.round_trip_us = static_cast<int64_t>(net->rtt);
    }
  }
  return view;
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

void acknowledge(struct socket* so, uint32_t packets) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr || stcb->asoc.data_pkts_seen < packets) return;
  SCTP_TCB_LOCK(stcb);
  sctp_timer_stop(SCTP_TIMER_TYPE_RECV, stcb->sctp_ep, stcb, nullptr, 0);
  sctp_send_sack(stcb, SCTP_SO_NOT_LOCKED);
  sctp_chunk_output(stcb->sctp_ep, stcb, SCTP_OUTPUT_FROM_SACK_TMR, SCTP_SO_NOT_LOCKED);
  SCTP_TCB_UNLOCK(stcb);
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
