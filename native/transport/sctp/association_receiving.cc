// What usrsctp has for us: messages and the association's own changes.
#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "transport/sctp/sctp_settings.h"
#include "transport/sctp/usrsctp_association.h"

namespace peerwire {
namespace {

constexpr int kCauseUserInitiatedAbort = 12;  // RFC 9260 section 3.3.10.12
constexpr int kCauseProtocolViolation = 13;
// Octets of messages that have begun and not ended, in messages of the largest size.
constexpr size_t kMaxPartialMessages = 4;
// Of DATA chunks that are no whole messages, until it is looked what has become of them.
constexpr size_t kFragmentsBetweenLooks = 1024 * 1024;

template <typename T>
bool read_struct(ByteView notification, T& out) {
  if (notification.size() < sizeof(T)) return false;
  std::memcpy(&out, notification.data(), sizeof(T));
  return true;
}

}  // namespace

void UsrsctpAssociation::set_receiving(bool receiving) {
  if (receiving_ == receiving) return;
  receiving_ = receiving;
  if (!receiving || socket_ == nullptr) return;
  // Not from here: the caller does not expect messages before it has returned.
  network_.defer([address = address_] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    UsrsctpStack::instance().touch(address);
    self->drain();
  });
}

bool UsrsctpAssociation::drain() {
  if (!deliver_pending()) return false;
  if (have_too_many_unfinished()) {
    fail("the peer has begun too many messages and ended none", kCauseProtocolViolation);
    return false;
  }
  while (socket_ != nullptr) {
    const auto next = usrsctp::next_queued_message(socket_);
    if (!next) {
      if (!skip_messages()) return false;
      if (take_reset_request()) continue;
      break;
    }
    if (next->i_data) {
      if (!take_chunk(*next)) return false;
    } else if (next->notification) {
      if (!next->complete || !pending_.empty()) break;
      if (!read_notification(next->length)) return false;
    } else {
      if (!receiving_) break;
      if (!read_message(*next)) return false;
    }
  }
  if (socket_ != nullptr) account_for_held();
  schedule_pump();
  return socket_ != nullptr;
}

bool UsrsctpAssociation::have_too_many_unfinished() {
  if (socket_ == nullptr || fragment_octets_ < kFragmentsBetweenLooks) return false;
  fragment_octets_ = 0;
  return usrsctp::unfinished_octets(socket_) > max_held_;
}

bool UsrsctpAssociation::read_message(const usrsctp::QueuedMessage& next) {
  Bytes data(std::max<size_t>(next.length, 1));
  struct sctp_rcvinfo info = {};
  socklen_t info_size = sizeof(info);
  unsigned int info_type = SCTP_RECVV_NOINFO;
  int flags = 0;
  ssize_t got;
  {
    InsideUsrsctp inside;
    got = usrsctp_recvv(socket_, data.data(), data.size(), nullptr, nullptr, &info, &info_size, &info_type, &flags);
  }
  if (got < 0) {
    if (errno == EWOULDBLOCK || errno == EAGAIN || errno == EINTR) return false;
    fail(std::string("SCTP receive: ") + std::strerror(errno), -1);
    return false;
  }
  if (info_type != SCTP_RECVV_RCVINFO) return got > 0;
  data.resize(static_cast<size_t>(got));
  const PartialKey key{info.rcv_sid, (info.rcv_flags & SCTP_UNORDERED) != 0};
  const bool last = (flags & MSG_EOR) != 0;
  auto partial = std::find_if(partials_.begin(), partials_.end(), [&](const Partial& p) { return p.key == key; });
  const size_t before = partial == partials_.end() ? 0 : partial->data.size();
  if (before + data.size() > options_.max_receive_message_size) {
    fail("the peer sent a message larger than " + std::to_string(options_.max_receive_message_size) + " octets",
         kCauseProtocolViolation);
    return false;
  }
  // Only messages of several streams whose parts are lost alternately overlap, and never many.
  if (!last && partial_octets() + data.size() > kMaxPartialMessages * size_t{options_.max_receive_message_size}) {
    fail("the peer has begun too many messages and ended none", kCauseProtocolViolation);
    return false;
  }
  if (partial == partials_.end()) {
    if (last) return deliver(key.stream_id, ntohl(info.rcv_ppid), std::move(data));
    partials_.push_back({key, ntohl(info.rcv_ppid), std::move(data)});
    return true;
  }
  partial->data.insert(partial->data.end(), data.begin(), data.end());
  if (!last) return true;
  Partial complete = std::move(*partial);
  partials_.erase(partial);
  return deliver(key.stream_id, complete.ppid, std::move(complete.data));
}

size_t UsrsctpAssociation::partial_octets() const {
  size_t octets = 0;
  for (const Partial& partial : partials_) octets += partial.data.size();
  return octets;
}

bool UsrsctpAssociation::deliver(uint16_t stream_id, uint32_t ppid, Bytes message) {
  ++counters_.messages_received;
  streams_seen_.insert(stream_id);
  if (!tell([&](SctpAssociationObserver& o) { o.on_sctp_message(stream_id, ppid, std::move(message)); })) return false;
  return socket_ != nullptr;
}

bool UsrsctpAssociation::read_notification(size_t length) {
  Bytes data(std::max<size_t>(length, 1));
  int flags = 0;
  ssize_t got;
  {
    InsideUsrsctp inside;
    socklen_t info_size = 0;
    unsigned int info_type = 0;
    got = usrsctp_recvv(socket_, data.data(), data.size(), nullptr, nullptr, nullptr, &info_size, &info_type, &flags);
  }
  if (got <= 0 || (flags & MSG_NOTIFICATION) == 0) return false;
  const ByteView notification(data.data(), static_cast<size_t>(got));
  uint16_t type = 0;
  if (!read_struct(notification, type)) return true;
  switch (type) {
    case SCTP_ASSOC_CHANGE:
      return on_association_change(notification);
    case SCTP_STREAM_RESET_EVENT:
      return on_stream_reset(notification);
    case SCTP_STREAM_CHANGE_EVENT:
      on_stream_change(notification);
      return true;
    case SCTP_PARTIAL_DELIVERY_EVENT:
      on_partial_delivery_aborted(notification);
      return true;
    default:
      return true;
  }
}

bool UsrsctpAssociation::on_association_change(ByteView notification) {
  constexpr size_t kFixed = offsetof(struct sctp_assoc_change, sac_info);
  struct sctp_assoc_change change = {};
  if (notification.size() < kFixed) return true;
  std::memcpy(&change, notification.data(), kFixed);
  switch (change.sac_state) {
    case SCTP_COMM_UP: {
      if (state_ != SctpState::kConnecting) return true;
      state_ = SctpState::kConnected;
      usrsctp::set_least_rto(socket_, kLeastRtoMs);
      usrsctp::send_by_turns(socket_);
      note_negotiated_streams();
      if (!tell([&](SctpAssociationObserver& o) { o.on_sctp_state(state_, "", -1); })) return false;
      return socket_ != nullptr;
    }
    case SCTP_RESTART:
      // The peer has lost its streams and with them every channel on them: nothing that we hold matches any more.
      fail("the peer restarted the association", -1);
      return false;
    case SCTP_SHUTDOWN_COMP:
      return finish("", -1);
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC: {
      // After an ABORT, the peer's or ours, sac_info holds its chunk: header, then the first cause.
      const ByteView chunk = notification.subspan(kFixed);
      int cause = -1;
      std::string reason;
      if (chunk.size() >= 8) {
        cause = chunk[4] << 8 | chunk[5];
        const size_t length = std::min<size_t>(chunk[6] << 8 | chunk[7], chunk.size() - 4);
        for (size_t i = 8; i < 4 + length && reason.size() < 128; ++i) {
          reason += chunk[i] >= 0x20 && chunk[i] < 0x7f ? static_cast<char>(chunk[i]) : '?';
        }
      }
      if (cause == kCauseUserInitiatedAbort) return finish("", cause);
      std::string error = change.sac_state == SCTP_CANT_STR_ASSOC ? "the association could not be set up"
                          : chunk.size() >= 4                     ? "the association was aborted"
                                                                  : "the association was lost";
      // The text comes from the peer or from usrsctp, and only the causes without binary fields have one.
      if (cause == kCauseProtocolViolation && !reason.empty()) error += ": " + reason;
      return finish(error, cause);
    }
    default:
      return true;
  }
}

void UsrsctpAssociation::on_partial_delivery_aborted(ByteView notification) {
  struct sctp_pdapi_event event = {};
  if (!read_struct(notification, event)) return;
  const auto id = static_cast<uint16_t>(event.pdapi_stream);
  std::erase_if(partials_, [id](const Partial& partial) { return partial.key.stream_id == id; });
}

}  // namespace peerwire
