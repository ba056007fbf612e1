// CubicWindow and ProportionalRateReduction in the place of usrsctp's own congestion control, as a module of it.
#include <algorithm>
#include <new>
#include <type_traits>
#include <utility>

#include "transport/sctp/cubic_window.h"
#include "transport/sctp/proportional_rate_reduction.h"
#include "transport/sctp/usrsctp_internals.h"
#include "transport/sctp/usrsctp_private.h"

namespace peerwire::usrsctp {
namespace {

struct Congestion {
  CubicWindow cubic;
  ProportionalRateReduction recovery;
  uint32_t flight = 0;  // once the last SACK had been dealt with
};
static_assert(sizeof(Congestion) <= sizeof(sctp_nets::cc_mod) &&
              alignof(Congestion) <= alignof(decltype(sctp_nets::cc_mod)));
static_assert(std::is_trivially_copyable_v<Congestion> && std::is_trivially_destructible_v<Congestion>);

/// What is known of the SACK that the library is just dealing with. There is one network thread.
struct {
  int64_t last_sent_us =
      -1;  // when the latest packet left of those acknowledged that were sent once; -1: there is none
  uint32_t acknowledged = 0;  // octets
  uint32_t sent = 0;          // since the one before
  bool moved = false;         // the cumulative TSN
  bool ends_recovery = false;
  bool hides_recovery = false;
} sack;

/// What the library does by itself. All but the window is left to it.
struct sctp_cc_functions reno = {};

Congestion& congestion_of(struct sctp_nets& net) {
  return *std::launder(reinterpret_cast<Congestion*>(&net.cc_mod));
}

int64_t microseconds(const struct timeval& time) {
  return static_cast<int64_t>(time.tv_sec) * 1'000'000 + time.tv_usec;
}

/// Without the common header, as the library counts its windows.
uint32_t packet_of(const struct sctp_nets& net) {
  return net.mtu - static_cast<uint32_t>(sizeof(struct sctphdr));
}

/// In fast recovery a SACK that moves the cumulative TSN is a miss for all that is missing in it (RFC 9260 section
/// 7.2.4), for what has just been sent again as well: after three of these the library would send all of it once more,
/// ahead of everything else. Otherwise it waits for acknowledgements of what was sent later. While there is more to
/// send, so that those will come, it does not learn that this is fast recovery until it has counted.
void hide_recovery(struct sctp_association& asoc) {
  const bool counts = asoc.saw_sack_with_frags != 0;  // others are dealt with elsewhere, without a count
  const bool has_more = asoc.total_output_queue_size > asoc.total_flight;
  if (!counts || !has_more || asoc.fast_retran_loss_recovery == 0) return;
  asoc.fast_retran_loss_recovery = 0;
  sack.hides_recovery = true;
}

void on_acknowledged_chunk(struct sctp_nets* /*net*/, struct sctp_tmit_chunk* chunk) {
  if (chunk->snd_count >= 2) return;
  const int64_t sent_us = microseconds(chunk->sent_rcv_time);
  if (sent_us > sack.last_sent_us) sack.last_sent_us = sent_us;
}

void before_sack(struct sctp_tcb*, struct sctp_nets* net) {
  const uint32_t flight = congestion_of(*net).flight;
  sack.last_sent_us = -1;
  sack.hides_recovery = false;
  sack.sent = net->flight_size - (std::min)(net->flight_size, flight);
}

void after_sack(struct sctp_tcb*, struct sctp_association* asoc, int accum_moved, int /*reneged_all*/, int will_exit) {
  struct sctp_nets* const net = asoc->primary_destination;
  if (net == nullptr) return;
  Congestion& congestion = congestion_of(*net);
  congestion.flight = net->flight_size;
  sack.acknowledged = net->net_ack;
  sack.moved = accum_moved != 0;
  sack.ends_recovery = will_exit != 0;
  if (congestion.recovery.is_active()) {
    if (asoc->fast_retran_loss_recovery != 0) return hide_recovery(*asoc);
    congestion.recovery.end();
    net->cwnd = congestion.recovery.threshold();
  }
  // Only where the first that was missing has come (RFC 9260 section 7.2.1).
  if (net->net_ack == 0 || accum_moved == 0) return;
  struct timeval now;
  peerwire_usrsctp_time(&now, nullptr);
  CubicWindow::Acknowledgement acknowledged;
  acknowledged.octets = net->net_ack;
  acknowledged.flight = net->flight_size;
  acknowledged.filled_window = net->flight_size + net->net_ack >= net->cwnd;
  acknowledged.now_us = microseconds(now);
  acknowledged.round_trip_us = static_cast<int64_t>(net->lastsa >> SCTP_RTT_SHIFT) * 1000;
  acknowledged.last_sent_us = sack.last_sent_us;
  net->cwnd = congestion.cubic.after_acknowledgement(net->cwnd, packet_of(*net), acknowledged);
  net->ssthresh = congestion.cubic.slow_start_threshold();
}

/// After each SACK that tells of gaps, once the chunks are marked that count as lost.
void after_fast_retransmit(struct sctp_tcb* stcb, struct sctp_association* asoc) {
  struct sctp_nets* const net = asoc->primary_destination;
  if (std::exchange(sack.hides_recovery, false)) asoc->fast_retran_loss_recovery = 1;
  const bool was_recovering = asoc->fast_retran_loss_recovery != 0;
  const uint32_t window = net == nullptr ? 0 : net->cwnd;
  reno.sctp_cwnd_update_after_fr(stcb, asoc);
  if (net == nullptr) return;
  Congestion& congestion = congestion_of(*net);
  ProportionalRateReduction& recovery = congestion.recovery;
  const uint32_t lost = congestion.flight - (std::min)(congestion.flight, net->flight_size);
  if (!was_recovering && asoc->fast_retran_loss_recovery != 0) {
    recovery.begin(congestion.cubic.after_loss(window, packet_of(*net)), congestion.flight);
    net->ssthresh = recovery.threshold();
    sack.sent = 0;
  }
  if (recovery.is_active()) {
    net->cwnd = recovery.window_after({sack.acknowledged, sack.sent, net->flight_size, sack.moved && lost == 0},
                                      packet_of(*net));
    // What is fast retransmitted does not look at the window, but at this, of which zero would be no limit.
    const uint32_t room = net->cwnd - (std::min)(net->cwnd, net->flight_size);
    asoc->fr_max_burst = (std::max)(room / packet_of(*net), 1U);
    if (was_recovering && sack.ends_recovery) {
      recovery.end();
      net->cwnd = recovery.threshold();
    }
  }
  congestion.flight = net->flight_size;
}

void after_timeout(struct sctp_tcb* stcb, struct sctp_nets* net) {
  Congestion& congestion = congestion_of(*net);
  const uint32_t window = congestion.recovery.is_active() ? congestion.recovery.threshold() : net->cwnd;
  congestion.recovery.end();
  reno.sctp_cwnd_update_after_timeout(stcb, net);
  net->cwnd = congestion.cubic.after_timeout(window, net->mtu);
  net->ssthresh = congestion.cubic.slow_start_threshold();
  congestion.flight = net->flight_size;
}

}  // namespace

void use_cubic(struct socket* so) {
  struct sctp_tcb* stcb = first_association(so);
  if (stcb == nullptr) return;
  SCTP_TCB_LOCK(stcb);
  struct sctp_association& asoc = stcb->asoc;
  if (reno.sctp_cwnd_update_after_fr == nullptr) reno = asoc.cc_functions;
  struct sctp_nets* net;
  TAILQ_FOREACH(net, &asoc.nets, sctp_next) new (&net->cc_mod) Congestion();
  asoc.cc_functions.sctp_cwnd_prepare_net_for_sack = before_sack;
  asoc.cc_functions.sctp_cwnd_update_tsn_acknowledged = on_acknowledged_chunk;
  asoc.cc_functions.sctp_cwnd_update_after_sack = after_sack;
  asoc.cc_functions.sctp_cwnd_update_after_fr = after_fast_retransmit;
  asoc.cc_functions.sctp_cwnd_update_after_timeout = after_timeout;
  SCTP_TCB_UNLOCK(stcb);
}

}  // namespace peerwire::usrsctp
