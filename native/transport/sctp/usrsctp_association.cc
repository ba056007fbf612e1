#include "transport/sctp/usrsctp_association.h"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "transport/sctp/crc32c.h"
#include "transport/sctp/sctp_settings.h"

namespace peerwire {
namespace {

constexpr size_t kMaxKeptPackets = 64;
constexpr size_t kMaxKeptBytes = 64 * 1024;
constexpr int kCauseUserInitiatedAbort = 12;  // RFC 9260 section 3.3.10.12
constexpr int kCauseProtocolViolation = 13;
constexpr int kMaxResetRefusals = 5;
// RE-CONFIG chunks are not fragmented, so a request names no more streams than fit the smallest packet.
constexpr size_t kMaxResetsAtOnce = 200;

sockaddr_conn make_address(UsrsctpStack::Address address, uint16_t port) {
  sockaddr_conn name = {};
  name.sconn_family = AF_CONN;
  name.sconn_port = htons(port);
  name.sconn_addr = reinterpret_cast<void*>(address);
  return name;
}

template <typename T>
bool read_struct(ByteView notification, T& out) {
  if (notification.size() < sizeof(T)) return false;
  std::memcpy(&out, notification.data(), sizeof(T));
  return true;
}

}  // namespace

std::unique_ptr<SctpAssociation> SctpAssociation::create(NetworkThread& network, PacketTransport& lower,
                                                         SctpOptions options, SctpAssociationObserver* observer) {
  return std::make_unique<UsrsctpAssociation>(network, lower, options, observer);
}

UsrsctpAssociation::UsrsctpAssociation(NetworkThread& network, PacketTransport& lower, SctpOptions options,
                                       SctpAssociationObserver* observer)
    : network_(network), lower_(lower), options_(options), observer_(observer) {
  address_ = UsrsctpStack::instance().attach(network, this);
  lower_.set_packet_receiver(this);
}

UsrsctpAssociation::~UsrsctpAssociation() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  close();
}

template <typename Call>
bool UsrsctpAssociation::tell(Call call) {
  if (observer_ == nullptr) return false;
  bool destroyed = false;
  bool* const outer = std::exchange(destroyed_, &destroyed);
  call(*observer_);
  if (destroyed) {
    if (outer != nullptr) *outer = true;
    return false;
  }
  destroyed_ = outer;
  return true;
}

// ---- life ----

void UsrsctpAssociation::start() {
  if (state_ != SctpState::kNew) return;
  state_ = SctpState::kConnecting;
  if (!tell([&](SctpAssociationObserver& o) { o.on_sctp_state(state_, "", -1); })) return;
  if (state_ == SctpState::kConnecting && lower_.writable()) connect();
}

bool UsrsctpAssociation::open_socket(std::string& error) {
  InsideUsrsctp inside;
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
  if (socket_ == nullptr || !apply_socket_settings(socket_, lower_.max_packet_size())) {
    error = std::string("no SCTP socket: ") + std::strerror(errno);
    return false;
  }
  usrsctp_register_address(reinterpret_cast<void*>(address_));
  sockaddr_conn local = make_address(address_, options_.local_port);
  if (usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof(local)) != 0) {
    error = std::string("SCTP port not bound: ") + std::strerror(errno);
    return false;
  }
  return true;
}

void UsrsctpAssociation::connect() {
  if (connecting_) return;
  connecting_ = true;
  UsrsctpStack::instance().touch();
  std::string error;
  if (!open_socket(error)) return fail(error, -1);
  sockaddr_conn remote = make_address(address_, options_.remote_port);
  {
    InsideUsrsctp inside;
    if (usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof(remote)) != 0 && errno != EINPROGRESS) {
      error = std::string("SCTP connect: ") + std::strerror(errno);
    }
  }
  if (!error.empty()) return fail(error, -1);
  take_kept_packets();
}

void UsrsctpAssociation::fail(const std::string& error, int cause) {
  abort_and_release();
  finish(error, cause);
}

bool UsrsctpAssociation::finish(const std::string& error, int cause) {
  if (state_ == SctpState::kClosed) return false;
  state_ = SctpState::kClosed;
  release_socket();
  queue_.clear();
  partials_.clear();
  kept_packets_.clear();
  lower_.set_packet_receiver(nullptr);
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_sctp_state(SctpState::kClosed, error, cause);
  return false;
}

void UsrsctpAssociation::close() {
  observer_ = nullptr;
  // What was asked for before goes out before the ABORT, as far as the window lets it: stream resets above all.
  if (!UsrsctpStack::instance().inside()) pump();
  abort_and_release();
  if (state_ != SctpState::kClosed) {
    lower_.set_packet_receiver(nullptr);
    state_ = SctpState::kClosed;
  }
  queue_.clear();
  partials_.clear();
  kept_packets_.clear();
  if (address_ != 0) UsrsctpStack::instance().detach(std::exchange(address_, 0));
}

void UsrsctpAssociation::abort_and_release() {
  if (socket_ != nullptr && state_ == SctpState::kConnected && !UsrsctpStack::instance().inside()) {
    // With a cause, so that the peer knows an orderly end from a broken one.
    InsideUsrsctp inside;
    struct sctp_sndinfo info = {};
    info.snd_flags = SCTP_ABORT;
    const uint8_t nothing = 0;
    usrsctp_sendv(socket_, &nothing, 0, nullptr, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0);
  }
  release_socket();
}

void UsrsctpAssociation::release_socket() {
  if (socket_ == nullptr) return;
  InsideUsrsctp inside;
  usrsctp_close(std::exchange(socket_, nullptr));
  usrsctp_deregister_address(reinterpret_cast<void*>(address_));
}

// ---- packets ----

void UsrsctpAssociation::on_writable_changed(bool writable) {
  if (writable && state_ == SctpState::kConnecting) connect();
}

void UsrsctpAssociation::on_packet(ByteView packet) {
  if (state_ == SctpState::kClosed) return;
  ++counters_.packets_received;
  counters_.bytes_received += packet.size();
  if (socket_ == nullptr) return keep_packet(packet);
  if (UsrsctpStack::instance().inside()) {
    // The transport below answered at once, from within on_output(): its turn comes when usrsctp has returned.
    keep_packet(packet);
    if (std::exchange(kept_scheduled_, true)) return;
    network_.defer([address = address_] {
      auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
      if (self != nullptr) self->take_kept_packets();
    });
    return;
  }
  UsrsctpStack::instance().touch();
  input(packet);
  if (drain()) schedule_acknowledgement();
}

void UsrsctpAssociation::schedule_acknowledgement() {
  if (std::exchange(acknowledgement_scheduled_, true)) return;
  // RFC 9260 section 6.2 wants a SACK for every second packet. One for all that came in a turn of the loop is as good to
  // the sender, whose next burst waits for it, and costs both sides less.
  network_.defer([address = address_] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    self->acknowledgement_scheduled_ = false;
    if (self->socket_ == nullptr) return;
    InsideUsrsctp inside;
    usrsctp::acknowledge(self->socket_, 2);
  });
}

void UsrsctpAssociation::keep_packet(ByteView packet) {
  if (kept_packets_.size() >= kMaxKeptPackets || kept_bytes_ + packet.size() > kMaxKeptBytes) return;
  kept_bytes_ += packet.size();
  kept_packets_.emplace_back(packet.begin(), packet.end());
}

void UsrsctpAssociation::take_kept_packets() {
  kept_scheduled_ = false;
  kept_bytes_ = 0;
  for (std::deque<Bytes> packets = std::exchange(kept_packets_, {}); !packets.empty(); packets.pop_front()) {
    if (socket_ == nullptr) return;
    input(packets.front());
    if (!drain()) return;
  }
}

void UsrsctpAssociation::input(ByteView packet) {
  SctpHeader header;
  SctpChunk first;
  if (!read_sctp_packet(packet, header, first)) return;
  // There is one association on this transport: other ports are nobody's.
  if (header.source_port != options_.remote_port || header.destination_port != options_.local_port) return;
  if ((first == SctpChunk::kInit || first == SctpChunk::kInitAck) && state_ == SctpState::kConnecting) {
    const SctpInit init = read_sctp_init(packet);
    peer_accepts_zero_checksum_ = init.accepts_zero_checksum;
    // dcSCTP announces all of them, has no need of more, and leaves a request for more unanswered.
    peer_has_all_streams_ = init.outgoing_streams == 65535;
  }
  InsideUsrsctp inside;
  usrsctp_conninput(reinterpret_cast<void*>(address_), packet.data(), packet.size(), 0);
  usrsctp::restart_timer_when_acknowledged(socket_, acknowledged_);
}

void UsrsctpAssociation::on_output(uint8_t* packet, size_t size) {
  if (size < 16) return;
  const auto first = static_cast<SctpChunk>(packet[12]);
  // RFC 9653 section 5.2: INIT and COOKIE ECHO always carry a checksum.
  if (!peer_accepts_zero_checksum_ || first == SctpChunk::kInit || first == SctpChunk::kInitAck ||
      first == SctpChunk::kCookieEcho) {
    std::memset(packet + 8, 0, 4);
    const uint32_t crc = crc32c({packet, size});
    for (int i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(crc >> (8 * i));
  }
  for_each_data_chunk({packet, size}, [this](uint32_t tsn, size_t payload) {
    if (tsn_known_ && static_cast<int32_t>(tsn - highest_tsn_) <= 0) return;  // a retransmission
    tsn_known_ = true;
    highest_tsn_ = tsn;
    transmitted_ += payload;
  });
  ++counters_.packets_sent;
  counters_.bytes_sent += size;
  lower_.send_packet({packet, size});
}

void UsrsctpAssociation::on_timers_handled() {
  if (socket_ == nullptr) return;
  if (!drain()) return;
  if (!queue_.empty()) schedule_pump();
}

// ---- receiving ----

void UsrsctpAssociation::set_receiving(bool receiving) {
  if (receiving_ == receiving) return;
  receiving_ = receiving;
  if (!receiving || socket_ == nullptr) return;
  // Not from here: the caller does not expect messages before it has returned.
  network_.defer([address = address_] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    UsrsctpStack::instance().touch();
    self->drain();
  });
}

bool UsrsctpAssociation::drain() {
  while (socket_ != nullptr) {
    const auto next = usrsctp::next_queued_message(socket_);
    if (!next) break;
    if (next->notification) {
      if (!next->complete) break;
      if (!read_notification(next->length)) return false;
    } else {
      if (!receiving_) break;
      if (!read_message(*next)) return false;
    }
  }
  schedule_pump();
  return socket_ != nullptr;
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

bool UsrsctpAssociation::on_stream_reset(ByteView notification) {
  constexpr size_t kFixed = offsetof(struct sctp_stream_reset_event, strreset_stream_list);
  uint16_t flags = 0;
  if (notification.size() < kFixed) return true;
  std::memcpy(&flags, notification.data() + offsetof(struct sctp_stream_reset_event, strreset_flags), sizeof(flags));
  std::vector<uint16_t> ids((notification.size() - kFixed) / sizeof(uint16_t));
  if (!ids.empty()) std::memcpy(ids.data(), notification.data() + kFixed, ids.size() * sizeof(uint16_t));
  const bool refused = (flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) != 0;
  const bool incoming = (flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0;
  if (incoming && refused) return true;  // we make no such requests
  if (ids.empty()) {
    // An empty list stands for all streams.
    if (incoming) {
      ids.assign(streams_seen_.begin(), streams_seen_.end());
    } else {
      for (const auto& [id, refusals] : resetting_) ids.push_back(id);
    }
  }
  for (const uint16_t id : ids) {
    if (incoming) {
      streams_seen_.erase(id);
      std::erase_if(partials_, [id](const Partial& partial) { return partial.key.stream_id == id; });
    } else {
      const auto resetting = resetting_.find(id);
      if (resetting == resetting_.end()) continue;
      if (refused && ++resetting->second <= kMaxResetRefusals) {
        resets_to_request_.push_back(id);
        continue;
      }
      resetting_.erase(resetting);
      queue_.unblock(id);
    }
    const bool alive = tell([&](SctpAssociationObserver& o) {
      incoming ? o.on_incoming_stream_reset(id) : o.on_outgoing_stream_reset(id);
    });
    if (!alive || socket_ == nullptr) return false;
  }
  return true;
}

void UsrsctpAssociation::on_stream_change(ByteView notification) {
  struct sctp_stream_change_event change = {};
  if (!read_struct(notification, change)) return;
  if ((change.strchange_flags & (SCTP_STREAM_CHANGE_DENIED | SCTP_STREAM_CHANGE_FAILED)) != 0) streams_denied_ = true;
}

void UsrsctpAssociation::on_partial_delivery_aborted(ByteView notification) {
  struct sctp_pdapi_event event = {};
  if (!read_struct(notification, event)) return;
  const auto id = static_cast<uint16_t>(event.pdapi_stream);
  std::erase_if(partials_, [id](const Partial& partial) { return partial.key.stream_id == id; });
}

// ---- sending ----

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
  UsrsctpStack::instance().touch();
  if (socket_ == nullptr) return false;
  if (const auto view = usrsctp::view_association(socket_)) hand_over(*view);
  return report_queue();
}

void UsrsctpAssociation::hand_over(const usrsctp::AssociationView& first_view) {
  usrsctp::AssociationView view = first_view;
  if (view.nothing_unsent) round_.clear();
  if (view.nothing_unsent) transmitted_ = handed_;  // what was abandoned unsent counts as gone
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
  size_t passed = 0;  // pieces that have to wait for the window, in a row
  while (passed < std::max<size_t>(queue_.ready(), 1) && queue_.next(network_.now(), view.idata, piece)) {
    if (!ensure_stream(piece.stream_id, view)) continue;
    const uint64_t unsent = handed_ - std::min(handed_, transmitted_);
    if (unsent >= kMaxUnsent) break;
    if (piece.deadline != TimePoint::max() && piece.offset == 0 && given > 0)
      view = *usrsctp::view_association(socket_);
    if (piece.deadline != TimePoint::max() && piece.offset == 0 &&
        (!view.nothing_unsent || view.flight >= view.congestion_window || view.peer_window < view.mtu)) {
      // usrsctp looks at life times only when it retransmits. What cannot leave at once stays here, where it expires.
      if (!view.idata && piece.offset > 0) break;
      queue_.pass(piece);
      ++passed;
      continue;
    }
    passed = 0;
    // usrsctp stays on a stream as long as it has anything for it, however long others wait. So a stream that has had
    // its turn gets another only when everything given in this round has left.
    if (piece.offset == 0 && !round_.empty() && round_.back() != piece.stream_id) {
      if (std::find(round_.begin(), round_.end(), piece.stream_id) != round_.end()) {
        const auto fresh = usrsctp::view_association(socket_);
        if (!fresh || !fresh->nothing_unsent) break;
        round_.clear();
      }
    }
    if (round_.empty() || round_.back() != piece.stream_id) round_.push_back(piece.stream_id);
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
  for (const uint16_t id : queue_.take_resets()) {
    if (resetting_.emplace(id, 0).second) resets_to_request_.push_back(id);
  }
  if (const auto now_view = usrsctp::view_association(socket_)) {
    request_resets(*now_view);
    request_streams(*now_view);
  }
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

// ---- streams ----

bool UsrsctpAssociation::can_add_streams(const usrsctp::AssociationView& view) const {
  return view.reconfig && !peer_has_all_streams_;
}

bool UsrsctpAssociation::ensure_stream(uint16_t stream_id, const usrsctp::AssociationView& view) {
  if (stream_id < view.outgoing_streams) return true;
  queue_.block(stream_id);
  if (!can_add_streams(view)) {
    give_up_stream(stream_id);
    return false;
  }
  waiting_for_stream_.insert(stream_id);
  wanted_streams_ = std::max<uint32_t>(wanted_streams_, stream_id + 1u);
  return false;
}

void UsrsctpAssociation::request_streams(const usrsctp::AssociationView& view) {
  if (waiting_for_stream_.empty() || view.reset_outstanding || wanted_streams_ <= view.outgoing_streams) return;
  // Somewhat more than asked for, so that ids counted upwards do not cost a round trip each.
  const uint32_t target = std::min<uint32_t>(65535, std::max(wanted_streams_ + 256, view.outgoing_streams * 2));
  struct sctp_add_streams request = {};
  request.sas_outstrms = static_cast<uint16_t>(target - view.outgoing_streams);
  InsideUsrsctp inside;
  if (usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_ADD_STREAMS, &request, sizeof(request)) != 0 &&
      errno != EALREADY && errno != EAGAIN && errno != ENOMEM) {
    streams_denied_ = true;
  }
}

void UsrsctpAssociation::give_up_stream(uint16_t stream_id) {
  // The peer takes no message on this stream: to the layer above, as if the peer had closed it.
  queue_.drop_stream(stream_id);
  network_.defer([address = address_, stream_id] {
    auto* self = static_cast<UsrsctpAssociation*>(UsrsctpStack::instance().find(address));
    if (self == nullptr) return;
    self->queue_.unblock(stream_id);
    if (self->tell([&](SctpAssociationObserver& o) { o.on_incoming_stream_reset(stream_id); })) {
      self->tell([&](SctpAssociationObserver& o) { o.on_outgoing_stream_reset(stream_id); });
    }
  });
}

void UsrsctpAssociation::request_resets(const usrsctp::AssociationView& view) {
  if (resets_to_request_.empty()) return;
  std::vector<uint16_t> later;
  std::vector<uint16_t> now;
  for (const uint16_t id : resets_to_request_) {
    if (id >= view.outgoing_streams && can_add_streams(view)) {
      // Never used, yet the peer waits for our reset of it: there must be such a stream first.
      waiting_for_stream_.insert(id);
      wanted_streams_ = std::max<uint32_t>(wanted_streams_, id + 1u);
      later.push_back(id);
    } else if (now.size() < kMaxResetsAtOnce && id < view.outgoing_streams) {
      now.push_back(id);
    } else if (id < view.outgoing_streams) {
      later.push_back(id);
    } else {
      resetting_.erase(id);
      give_up_stream(id);
    }
  }
  resets_to_request_ = std::move(later);
  if (now.empty()) return;
  // usrsctp keeps one request outstanding, waits until a stream's data is acknowledged, and takes further streams into
  // its next request.
  Bytes request(sizeof(struct sctp_reset_streams) + now.size() * sizeof(uint16_t));
  auto* reset = reinterpret_cast<struct sctp_reset_streams*>(request.data());
  reset->srs_assoc_id = 0;
  reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  reset->srs_number_streams = static_cast<uint16_t>(now.size());
  std::memcpy(reset->srs_stream_list, now.data(), now.size() * sizeof(uint16_t));
  InsideUsrsctp inside;
  if (usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request.data(),
                         static_cast<socklen_t>(request.size())) == 0) {
    return;
  }
  if (errno == EOPNOTSUPP) {
    for (const uint16_t id : now) {
      resetting_.erase(id);
      give_up_stream(id);
    }
  } else {
    resets_to_request_.insert(resets_to_request_.end(), now.begin(), now.end());
  }
}

// ---- numbers ----

SctpStats UsrsctpAssociation::stats() const {
  SctpStats stats = counters_;
  if (socket_ == nullptr) return stats;
  const auto view = usrsctp::view_association(socket_);
  if (!view) return stats;
  if (view->round_trip_us >= 0) stats.smoothed_round_trip_time_s = static_cast<double>(view->round_trip_us) / 1e6;
  stats.congestion_window = view->congestion_window;
  stats.receiver_window = view->peer_window;
  stats.mtu = view->mtu;
  stats.unacknowledged_data = view->unacknowledged_chunks;
  const uint32_t streams = can_add_streams(*view) ? 65535 : std::min(view->outgoing_streams, view->incoming_streams);
  stats.max_streams = static_cast<uint16_t>(std::min<uint32_t>(streams, 65535));
  return stats;
}

}  // namespace peerwire
