#include "transport/sctp/usrsctp_association.h"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "transport/sctp/crc32c.h"
#include "transport/sctp/path_probe.h"
#include "transport/sctp/sctp_settings.h"

namespace peerwire {
namespace {

// RFC 9260 section 6.2, for peers that are none of us: the window of Chromium grows by a packet with each SACK while it
// begins, and with one for eight packets that takes it seconds.
constexpr uint32_t kPacketsForASack = 2;
constexpr size_t kMaxKeptPackets = 64;
constexpr size_t kMaxKeptBytes = 64 * 1024;
// Of messages that have begun and not ended. A browser gives up at 5 MiB.
constexpr size_t kMinHeld = 16 * 1024 * 1024;
constexpr size_t kMaxHeldMessages = 4;  // of the largest size
constexpr size_t kSourcePortAt = 0, kDestinationPortAt = 2;
constexpr uint16_t kCauseProtocolViolation = 13;  // RFC 9260 section 3.3.10.13

/// usrsctp finds who an INIT is for, and whether a port is free, by walking all sockets of the same local port, which
/// would be those of the whole process: WebRTC has one port number. So each socket gets another one inside the library,
/// and packets are readdressed at its door. In network byte order, of which it hashes the low octets.
uint16_t internal_port(UsrsctpStack::Address address) {
  return static_cast<uint16_t>(address % 65535 + 1);
}

/// `port`: in network byte order.
sockaddr_conn make_address(UsrsctpStack::Address address, uint16_t port) {
  sockaddr_conn name = {};
  name.sconn_family = AF_CONN;
  name.sconn_port = port;
  name.sconn_addr = reinterpret_cast<void*>(address);
  return name;
}

}  // namespace

std::unique_ptr<SctpAssociation> SctpAssociation::create(NetworkThread& network, PacketTransport& lower,
                                                         SctpOptions options, SctpAssociationObserver* observer) {
  return std::make_unique<UsrsctpAssociation>(network, lower, options, observer);
}

UsrsctpAssociation::UsrsctpAssociation(NetworkThread& network, PacketTransport& lower, SctpOptions options,
                                       SctpAssociationObserver* observer)
    : network_(network),
      lower_(lower),
      options_(options),
      observer_(observer),
      max_held_(std::max(kMinHeld, kMaxHeldMessages * size_t{options.max_receive_message_size})),
      reassembly_(options.max_receive_message_size, max_held_) {
  address_ = UsrsctpStack::instance().attach(network, this);
  lower_.set_packet_receiver(this);
}

UsrsctpAssociation::~UsrsctpAssociation() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  close();
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
  if (socket_ == nullptr || !apply_socket_settings(socket_, lower_, options_.interleaving)) {
    error = std::string("no SCTP socket: ") + std::strerror(errno);
    return false;
  }
  usrsctp_register_address(reinterpret_cast<void*>(address_));
  sockaddr_conn local = make_address(address_, internal_port(address_));
  path_.begin(packet_size_for(lower_.max_packet_size()), {});
  if (usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof(local)) != 0) {
    error = std::string("SCTP port not bound: ") + std::strerror(errno);
    return false;
  }
  return true;
}

void UsrsctpAssociation::connect() {
  if (connecting_) return;
  connecting_ = true;
  UsrsctpStack::instance().touch(address_);
  std::string error;
  if (!open_socket(error)) return fail(error, -1);
  sockaddr_conn remote = make_address(address_, htons(options_.remote_port));
  {
    InsideUsrsctp inside;
    if (usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof(remote)) != 0 && errno != EINPROGRESS) {
      error = std::string("SCTP connect: ") + std::strerror(errno);
    }
  }
  if (!error.empty()) return fail(error, -1);
  usrsctp::use_cubic(socket_);
  take_kept_packets();
}

void UsrsctpAssociation::fail(const std::string& error, int cause) {
  abort_and_release(error);
  finish(error, cause);
}

bool UsrsctpAssociation::finish(const std::string& error, int cause) {
  if (state_ == SctpState::kClosed) return false;
  state_ = SctpState::kClosed;
  release_socket();
  queue_.clear();
  forget_received();
  lower_.set_packet_receiver(nullptr);
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->on_sctp_state(SctpState::kClosed, error, cause);
  return false;
}

void UsrsctpAssociation::forget_received() {
  partials_.clear();
  kept_packets_.clear();
  reassembly_.clear();
  pending_.clear();
  pending_octets_ = pending_pieces_ = 0;
  skipped_.clear();
  reset_request_.clear();
  further_resets_.clear();
}

void UsrsctpAssociation::close() {
  observer_ = nullptr;
  // What was asked for before goes out before the ABORT, as far as the window lets it: stream resets above all.
  if (!UsrsctpStack::instance().inside()) pump();
  abort_and_release({});
  if (state_ != SctpState::kClosed) {
    lower_.set_packet_receiver(nullptr);
    state_ = SctpState::kClosed;
  }
  queue_.clear();
  forget_received();
  if (address_ != 0) UsrsctpStack::instance().detach(std::exchange(address_, 0));
}

void UsrsctpAssociation::abort_and_release(const std::string& error) {
  if (socket_ != nullptr && state_ == SctpState::kConnected && !UsrsctpStack::instance().inside()) {
    // With a cause, so that the peer knows an orderly end from a broken one.
    InsideUsrsctp inside;
    if (error.empty()) {
      struct sctp_sndinfo info = {};
      info.snd_flags = SCTP_ABORT;
      const uint8_t nothing = 0;
      usrsctp_sendv(socket_, &nothing, 0, nullptr, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0);
    } else {
      usrsctp::abort_association(socket_, kCauseProtocolViolation, error);
    }
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
  UsrsctpStack::instance().touch(address_);
  input(packet);
  if (drain()) schedule_acknowledgement();
}

void UsrsctpAssociation::schedule_acknowledgement() {
  if (std::exchange(acknowledgement_scheduled_, true)) return;
  // RFC 9260 section 6.2 wants a SACK for every second packet. One for all that came in a turn of the loop is as good
  // to the sender, whose next burst waits for it, and costs both sides less.
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
    // pion/sctp 1.7 drops each INIT and INIT ACK with a parameter that it does not know, where RFC 9260 has it skipped.
    // Its own INIT shows in time that it does not know this one.
    if (first == SctpChunk::kInit && !init.accepts_zero_checksum) usrsctp::insist_on_checksums(socket_);
    // dcSCTP announces all of them, has no need of more, and leaves a request for more unanswered.
    peer_has_all_streams_ = init.outgoing_streams == 65535;
    if (!init.accepts_zero_checksum || peer_has_all_streams_) usrsctp::acknowledge_every(socket_, kPacketsForASack);
  }
  if (const auto probed = read_path_probe_acknowledgement(packet)) {
    if (path_.acknowledged(network_.now(), *probed)) {
      usrsctp::set_packet_size(socket_, static_cast<uint32_t>(path_.packet_size()), false);
      search_path();
    }
  }
  have_streams_named(packet);
  input_interleaved(packet);
}

void UsrsctpAssociation::readdress(Bytes& packet) const {
  const uint16_t port = internal_port(address_);
  std::memcpy(packet.data() + kDestinationPortAt, &port, sizeof(port));
}

void UsrsctpAssociation::on_output(uint8_t* packet, size_t size) {
  if (size < 16) return;
  const uint16_t port = htons(options_.local_port);
  std::memcpy(packet + kSourcePortAt, &port, sizeof(port));
  fill_in_checksum(packet, size);
  for_each_data_chunk({packet, size}, [this](uint32_t tsn, size_t payload) {
    if (tsn_known_ && static_cast<int32_t>(tsn - highest_tsn_) <= 0) return;  // a retransmission
    tsn_known_ = true;
    highest_tsn_ = tsn;
    transmitted_ += payload;
  });
  ++counters_.packets_sent;
  counters_.bytes_sent += size;
  if (size <= path_.base()) {
    lower_.send_packet({packet, size});
  } else {
    // Larger than the path is known to carry is only what was made before it was known to carry less.
    lower_.send_large_packet({packet, size},
                             size <= path_.packet_size() ? Fragmentation::kNever : Fragmentation::kAllowed);
  }
  // Chunks are cut to fill packets: a little less than a full one comes of their padding.
  if (size + 4 >= path_.packet_size()) fills_packets_ = true;
}

void UsrsctpAssociation::fill_in_checksum(uint8_t* packet, size_t size) const {
  const auto first = static_cast<SctpChunk>(packet[12]);
  // RFC 9653 section 5.2: INIT and COOKIE ECHO always carry a checksum.
  if (peer_accepts_zero_checksum_ && first != SctpChunk::kInit && first != SctpChunk::kInitAck &&
      first != SctpChunk::kCookieEcho) {
    return;
  }
  std::memset(packet + 8, 0, 4);
  const uint32_t crc = crc32c({packet, size});
  for (int i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(crc >> (8 * i));
}

bool UsrsctpAssociation::on_timers_handled() {
  if (socket_ == nullptr || !drain()) return false;
  look_for_black_hole();
  if (!queue_.empty()) schedule_pump();
  if (state_ != SctpState::kConnected || !queue_.empty() || !resetting_.empty() || !waiting_for_stream_.empty()) {
    return true;
  }
  const auto view = current_view();
  return view && (view->unacknowledged_chunks > 0 || view->reset_outstanding || !view->nothing_unsent);
}

// ---- numbers ----

SctpStats UsrsctpAssociation::stats() const {
  SctpStats stats = counters_;
  if (socket_ == nullptr) return stats;
  const auto view = current_view();
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
