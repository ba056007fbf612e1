// What waits for usrsctp, and when it is handed over.
#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "transport/sctp/sctp_settings.h"
#include "transport/sctp/usrsctp_association.h"

namespace peerwire {

void UsrsctpAssociation::send(SctpMessage message) {
  if (state_ == SctpState::kClosed || message.data.empty()) return;
  queue_.push(std::move(message), network_.now());
  schedule_pump();
}

void UsrsctpAssociation::reset_stream(uint16_t stream_id) {
  if (state_ == SctpState::kClosed) return;
  queue_.push_reset(stream_id);
  schedule_pump();
}

void UsrsctpAssociation::schedule_pump() {
  if (pump_scheduled_ || state_ != SctpState::kConnected || (queue_.empty() && resets_to_request_.empty())) return;
  pump_scheduled_ = true;
  network_.defer([address = address_] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    self->pump_scheduled_ = false;
    self->pump();
  });
}

bool UsrsctpAssociation::pump() {
  if (socket_ == nullptr || state_ != SctpState::kConnected) return false;
  UsrsctpStack::instance().touch(address_);
  if (socket_ == nullptr) return false;
  if (const auto view = current_view()) hand_over(*view);
  search_path();
  return report_queue();
}

void UsrsctpAssociation::hand_over(const usrsctp::AssociationView& first_view) {
  usrsctp::AssociationView view = first_view;
  if (view.nothing_unsent) {
    round_.clear();
    transmitted_ = handed_;
    may_give_up_ = false;
  }
  if (!waiting_for_stream_.empty()) {
    std::vector<uint16_t> there;
    for (const uint16_t id : waiting_for_stream_) {
      if (id < view.outgoing_streams || streams_denied_) there.push_back(id);
    }
    for (const uint16_t id : there) {
      waiting_for_stream_.erase(id);
      if (id < view.outgoing_streams) {
        queue_.unblock(id);
      } else {
        resetting_.erase(id);
        std::erase(resets_to_request_, id);
        give_up_stream(id);
      }
    }
    streams_denied_ = false;
  }
  queue_.drop_expired(network_.now());

  int given = 0;
  OutgoingQueue::Piece piece;
  for (;;) {
    const uint64_t unsent = unsent_octets();
    if (unsent >= kMaxUnsent + (view.idata ? kMaxUnsentShort : 0)) break;
    const auto order = !view.idata            ? OutgoingQueue::Order::kMessageByMessage
                       : unsent >= kMaxUnsent ? OutgoingQueue::Order::kShortOnly
                                              : OutgoingQueue::Order::kInterleaved;
    if (!queue_.next(network_.now(), order, piece)) break;
    if (!ensure_stream(piece.stream_id, view)) continue;
    if (piece.deadline != TimePoint::max() && piece.offset == 0) {
      // usrsctp looks at life times only when it retransmits. What cannot leave at once stays here, where it expires.
      if (given > 0) {
        const auto fresh = current_view();
        if (!fresh) return;
        view = *fresh;
      }
      // It keeps its turn: whoever were given more meanwhile would leave it no moment with nothing unsent. The rest of
      // a message that has begun is none that could leave before it; and with nothing on its way it leaves whatever the
      // window, which a lost acknowledgement may have made wider.
      const bool window_is_shut = view.flight >= view.congestion_window || view.peer_window < view.mtu;
      const bool has_unsent = !view.nothing_unsent && (!view.idata || usrsctp::has_unsent_chunk(socket_));
      if (view.flight > 0 && (has_unsent || window_is_shut)) break;
    }
    // usrsctp stays on a stream as long as it has anything for it, however long others wait. So a stream that has had
    // its turn gets another only when everything given in this round has left.
    // With interleaving it takes a chunk of each by turns.
    if (!view.idata && piece.offset == 0 && !round_.empty() && round_.back() != piece.stream_id) {
      if (std::find(round_.begin(), round_.end(), piece.stream_id) != round_.end()) {
        const auto fresh = current_view();
        if (!fresh || !fresh->nothing_unsent) break;
        round_.clear();
      }
    }
    if (!view.idata && (round_.empty() || round_.back() != piece.stream_id)) round_.push_back(piece.stream_id);
    if (given == 1) {
      // More than one: let the library fill packets, and send the rest below.
      const int off = 0;
      usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_NODELAY, &off, sizeof(off));
    }
    size_t taken = 0;
    int error = 0;
    if (!give(piece, taken, error)) {
      if (error == EAGAIN && resetting_.contains(piece.stream_id)) {
        queue_.block(piece.stream_id);
        continue;
      }
      break;
    }
    ++given;
    handed_ += taken;
    may_give_up_ |= piece.message->may_be_given_up();
    if (piece.last && taken == piece.size) ++counters_.messages_sent;
    queue_.taken(piece, taken);
    if (taken < piece.size) break;  // the send buffer is full
  }
  if (given > 1) {
    InsideUsrsctp inside;
    const int on = 1;
    usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on));
    usrsctp::flush(socket_);
  }
  // The rest of a message that has been given up is gone at once, and no acknowledgement will call for more.
  if (given > 0 && may_give_up_ && !queue_.empty() && unsent_octets() < kMaxUnsent) schedule_pump();
  for (const uint16_t id : queue_.take_resets()) {
    if (resetting_.emplace(id, 0).second) resets_to_request_.push_back(id);
  }
  if (const auto now_view = current_view()) {
    request_resets(*now_view);
    request_streams(*now_view);
  }
}

uint64_t UsrsctpAssociation::unsent_octets() {
  if (handed_ - std::min(handed_, transmitted_) >= kMaxUnsent && may_give_up_) {
    // What was given up before it was sent has not been seen leaving.
    transmitted_ = handed_ - std::min<uint64_t>(handed_, usrsctp::unsent_octets(socket_));
  }
  return handed_ - std::min(handed_, transmitted_);
}

bool UsrsctpAssociation::give(const OutgoingQueue::Piece& piece, size_t& taken, int& error) {
  const SctpMessage& message = *piece.message;
  struct sctp_sendv_spa info = {};
  info.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  info.sendv_sndinfo.snd_sid = piece.stream_id;
  info.sendv_sndinfo.snd_ppid = htonl(message.ppid);
  info.sendv_sndinfo.snd_flags =
      static_cast<uint16_t>((message.ordered ? 0 : SCTP_UNORDERED) | (piece.last ? SCTP_EOR : 0));
  if (message.max_packet_life_time_ms) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(piece.deadline - network_.now());
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_TTL;
    info.sendv_prinfo.pr_value = static_cast<uint32_t>(std::max<int64_t>(left.count(), 1));
  } else if (message.max_retransmits) {
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    info.sendv_prinfo.pr_value = *message.max_retransmits;
  }
  InsideUsrsctp inside;
  const ssize_t sent = usrsctp_sendv(socket_, message.data.data() + piece.offset, piece.size, nullptr, 0, &info,
                                     sizeof(info), SCTP_SENDV_SPA, 0);
  if (sent < 0) {
    error = errno;
    return false;
  }
  taken = static_cast<size_t>(sent);
  return taken > 0;
}

bool UsrsctpAssociation::report_queue() {
  for (const OutgoingQueue::Decrease& decrease : queue_.take_decreases()) {
    if (!tell(
            [&](SctpAssociationObserver& o) { o.on_buffered_amount_decreased(decrease.stream_id, decrease.bytes); })) {
      return false;
    }
    if (socket_ == nullptr) return false;
  }
  return true;
}

}  // namespace peerwire
