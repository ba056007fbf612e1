#include "transport/dtls_transport.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "transport/dtls/dtls_handshake.h"
#include "transport/dtls/dtls_record.h"
#include "transport/dtls/record_cipher.h"

namespace peerwire {
namespace {

// Between two steps of the peer while packets can be sent. Retransmissions go out at 50 ms, doubling up to a second,
// and the last ones up to six.
constexpr auto kHandshakeTimeout = std::chrono::seconds(30);
// Until its first one. ICE connects before the peer has our description, which is when it begins; and that may be
// carried over by hand.
constexpr auto kFirstStepTimeout = std::chrono::minutes(5);
// Packets kept until they can be processed: a first flight and its retransmissions.
constexpr size_t kMaxKeptPackets = 16;
constexpr size_t kMaxKeptPacketSize = 4096;
// Application packets kept until the layer above has attached itself.
constexpr size_t kMaxUndelivered = 64;

class OpensslDtlsTransport final : public DtlsTransport, private PacketReceiver {
 public:
  OpensslDtlsTransport(NetworkThread& network, PacketTransport& lower, CertificatePtr certificate,
                       DtlsTransportOptions options, DtlsTransportObserver* observer);
  ~OpensslDtlsTransport() override { close(); }

  void start(DtlsRole role, std::vector<Fingerprint> fingerprints) override;
  DtlsRole role() const override { return role_; }
  DtlsTransportState state() const override { return state_; }
  DtlsTransportInfo info() const override { return session_ ? session_->info : DtlsTransportInfo{}; }
  void set_rtp_receiver(PacketReceiver* receiver) override { rtp_receiver_ = receiver; }
  ByteView srtp_keying_material() const override;
  void close() override;

  bool send_packet(ByteView packet) override;
  bool writable() const override { return sealing_ && !is_over() && lower_.writable(); }
  size_t max_packet_size() const override;
  std::vector<size_t> larger_packet_sizes() const override;
  std::optional<Duration> round_trip() const override { return lower_.round_trip(); }
  bool send_large_packet(ByteView packet, Fragmentation fragmentation) override;
  void set_packet_receiver(PacketReceiver* receiver) override;

 private:
  void on_packet(ByteView packet) override;
  void on_writable_changed(bool writable) override;
  void on_path_changed() override;

  void begin_handshake();
  void keep(std::deque<Bytes>& queue, ByteView packet);
  void process(ByteView datagram);
  void process_kept();
  void take_protected(const DtlsRecord& record);
  void take_alert(ByteView alert);
  void deliver(ByteView packet);
  void advance(DtlsHandshake::Progress progress);
  void begin_early();
  void enter_connected();
  /// By value: it may live in the handshake that goes.
  void end(DtlsTransportState state, DtlsFailure failure = {});
  bool send_record(uint8_t type, ByteView plain, Fragmentation fragmentation = Fragmentation::kUsual);
  void send_close_notify();
  void resend_final_flight();
  void arm_timers();
  void cancel_timers();
  void release_handshake();
  bool is_over() const { return state_ == DtlsTransportState::kClosed || state_ == DtlsTransportState::kFailed; }

  NetworkThread& network_;
  PacketTransport& lower_;
  const CertificatePtr certificate_;
  const DtlsTransportOptions options_;
  DtlsTransportObserver* const observer_;
  PacketReceiver* receiver_ = nullptr;
  PacketReceiver* rtp_receiver_ = nullptr;

  DtlsTransportState state_ = DtlsTransportState::kNew;
  bool started_ = false;
  bool detached_ = false;  // close() was called
  DtlsRole role_ = DtlsRole::kClient;
  std::vector<Fingerprint> fingerprints_;
  std::unique_ptr<DtlsHandshake> handshake_;  // until connected or failed
  std::optional<DtlsSession> session_;        // from then on
  std::optional<DtlsSealing> sealing_;        // likewise; a client's from its Finished on
  ReplayWindow window_;

  // A lower transport may deliver while we send, or be closed by what we deliver: such packets wait their turn.
  bool busy_ = false;
  std::deque<Bytes> kept_;         // datagrams, in order of arrival
  std::deque<Bytes> early_data_;   // protected records that overtook the end of the handshake
  std::deque<Bytes> undelivered_;  // application packets
  Bytes receive_buffer_;

  NetworkThread::TimerId retransmission_timer_ = NetworkThread::kNoTimer;
  NetworkThread::TimerId deadline_timer_ = NetworkThread::kNoTimer;
  int last_step_ = -1;
};

OpensslDtlsTransport::OpensslDtlsTransport(NetworkThread& network, PacketTransport& lower, CertificatePtr certificate,
                                           DtlsTransportOptions options, DtlsTransportObserver* observer)
    : network_(network), lower_(lower), certificate_(std::move(certificate)), options_(options), observer_(observer) {
  lower_.set_packet_receiver(this);
}

ByteView OpensslDtlsTransport::srtp_keying_material() const {
  return session_ ? ByteView(session_->srtp_keying_material) : ByteView();
}

size_t OpensslDtlsTransport::max_packet_size() const {
  // Before the cipher is known the largest overhead is assumed.
  const size_t overhead = kDtlsRecordHeaderSize + (sealing_ ? sealing_->cipher->shape().expansion() : 24);
  const size_t below = std::min(lower_.max_packet_size(), size_t{UINT16_MAX});
  const size_t size = below > overhead ? below - overhead : 0;
  return session_ && session_->peer_record_limit != 0 ? std::min(size, session_->peer_record_limit) : size;
}

std::vector<size_t> OpensslDtlsTransport::larger_packet_sizes() const {
  std::vector<size_t> sizes;
  // Buffers of those that do not tell are small: pion reads 1,460 to 8,192 octets, libdatachannel 4,096, and Chromium
  // has 2,048 for what it decrypts.
  if (!session_ || session_->peer_record_limit == 0) return sizes;
  const size_t overhead = kDtlsRecordHeaderSize + sealing_->cipher->shape().expansion();
  const size_t limit = session_->peer_record_limit;
  for (const size_t below : lower_.larger_packet_sizes()) {
    if (below <= overhead) continue;
    const size_t size = std::min(below - overhead, limit);
    if (size > (sizes.empty() ? max_packet_size() : sizes.back())) sizes.push_back(size);
  }
  return sizes;
}

// ---- Handshake ----

void OpensslDtlsTransport::start(DtlsRole role, std::vector<Fingerprint> fingerprints) {
  if (started_ || is_over()) return;
  started_ = true;
  role_ = role;
  fingerprints_ = std::move(fingerprints);
  if (lower_.writable()) begin_handshake();
}

void OpensslDtlsTransport::begin_handshake() {
  state_ = DtlsTransportState::kConnecting;
  handshake_ = std::make_unique<DtlsHandshake>(network_, role_, certificate_, std::move(fingerprints_), options_,
                                               DtlsHandshake::Path{lower_.max_packet_size(), lower_.round_trip()},
                                               [this](ByteView datagram) { lower_.send_packet(datagram); });
  busy_ = true;
  observer_->on_dtls_state(DtlsTransportState::kConnecting, {});
  if (!is_over()) advance(handshake_->start());
  busy_ = false;
  process_kept();
}

void OpensslDtlsTransport::advance(DtlsHandshake::Progress progress) {
  switch (progress) {
    case DtlsHandshake::Progress::kGoing:
      if (!is_over()) arm_timers();
      if (!is_over()) begin_early();
      return;
    case DtlsHandshake::Progress::kFailed:
      if (!is_over()) end(DtlsTransportState::kFailed, handshake_->failure());
      return;
    case DtlsHandshake::Progress::kDone:
      if (!is_over()) enter_connected();
      return;
  }
}

void OpensslDtlsTransport::begin_early() {
  if (sealing_) return;
  sealing_ = handshake_->start_early();
  if (receiver_ && writable()) receiver_->on_writable_changed(true);
}

void OpensslDtlsTransport::enter_connected() {
  cancel_timers();
  session_ = handshake_->finish();
  if (!session_) {
    end(DtlsTransportState::kFailed, handshake_->failure());
    return;
  }
  handshake_.reset();
  const bool was_early = sealing_.has_value();
  if (!was_early) sealing_ = std::move(session_->sealing);
  state_ = DtlsTransportState::kConnected;
  observer_->on_dtls_state(DtlsTransportState::kConnected, {});
  if (receiver_ && writable() && !was_early) receiver_->on_writable_changed(true);
  std::deque<Bytes> early = std::exchange(early_data_, {});
  for (const Bytes& octets : early) {
    ByteView rest = octets;
    DtlsRecord record;
    if (take_record(rest, record)) take_protected(record);
  }
}

void OpensslDtlsTransport::end(DtlsTransportState state, DtlsFailure failure) {
  if (is_over()) return;
  state_ = state;
  cancel_timers();
  release_handshake();
  kept_.clear();
  early_data_.clear();
  observer_->on_dtls_state(state, failure);
  if (sealing_ && receiver_) receiver_->on_writable_changed(false);
}

void OpensslDtlsTransport::release_handshake() {
  // While busy OpenSSL may be on the stack; process_kept() comes back to it.
  if (!busy_) handshake_.reset();
}

void OpensslDtlsTransport::arm_timers() {
  if (!handshake_ || !lower_.writable()) return;
  network_.cancel_timer(retransmission_timer_);
  retransmission_timer_ = NetworkThread::kNoTimer;
  if (const auto left = handshake_->timeout()) {
    retransmission_timer_ = network_.start_timer(network_.now() + *left, [this] {
      retransmission_timer_ = NetworkThread::kNoTimer;
      busy_ = true;
      advance(handshake_->take_timeout());
      busy_ = false;
      process_kept();
    });
  }
  const int step = handshake_->step();
  if (step == last_step_ && deadline_timer_ != NetworkThread::kNoTimer) return;
  last_step_ = step;
  network_.cancel_timer(deadline_timer_);
  const Duration limit = handshake_->has_heard() ? kHandshakeTimeout : kFirstStepTimeout;
  deadline_timer_ = network_.start_timer(network_.now() + limit, [this] {
    deadline_timer_ = NetworkThread::kNoTimer;
    end(DtlsTransportState::kFailed, {"the handshake timed out"});
  });
}

void OpensslDtlsTransport::cancel_timers() {
  network_.cancel_timer(std::exchange(retransmission_timer_, NetworkThread::kNoTimer));
  network_.cancel_timer(std::exchange(deadline_timer_, NetworkThread::kNoTimer));
}

// ---- From below ----

void OpensslDtlsTransport::on_writable_changed(bool now_writable) {
  if (rtp_receiver_) rtp_receiver_->on_writable_changed(now_writable);
  if (state_ == DtlsTransportState::kNew) {
    if (started_ && now_writable) begin_handshake();
  } else if (state_ == DtlsTransportState::kConnecting) {
    // Time without a path is not held against the peer.
    if (now_writable) {
      arm_timers();
    } else {
      cancel_timers();
    }
  }
  if (sealing_ && !is_over() && receiver_) receiver_->on_writable_changed(now_writable);
}

void OpensslDtlsTransport::on_path_changed() {
  if (rtp_receiver_) rtp_receiver_->on_path_changed();
  if (state_ == DtlsTransportState::kConnected && receiver_) receiver_->on_path_changed();
}

void OpensslDtlsTransport::on_packet(ByteView packet) {
  if (packet.empty()) return;
  // RFC 7983 section 7.
  const uint8_t first = packet[0];
  if (first >= 128 && first <= 191) {
    if (rtp_receiver_) rtp_receiver_->on_packet(packet);
    return;
  }
  if (first < 20 || first > 63 || is_over()) return;
  if (busy_ || state_ == DtlsTransportState::kNew) {
    keep(kept_, packet);
    return;
  }
  busy_ = true;
  process(packet);
  busy_ = false;
  process_kept();
}

void OpensslDtlsTransport::keep(std::deque<Bytes>& queue, ByteView packet) {
  if (queue.size() < kMaxKeptPackets && packet.size() <= kMaxKeptPacketSize) {
    queue.emplace_back(packet.begin(), packet.end());
  }
}

void OpensslDtlsTransport::process_kept() {
  while (!busy_ && !kept_.empty() && !is_over() && state_ != DtlsTransportState::kNew) {
    const Bytes packet = std::move(kept_.front());
    kept_.pop_front();
    busy_ = true;
    process(packet);
    busy_ = false;
  }
  if (is_over() && !busy_) handshake_.reset();
}

void OpensslDtlsTransport::process(ByteView datagram) {
  if (!is_well_framed(datagram)) return;
  DtlsRecord record;
  while (!datagram.empty() && !is_over()) {
    take_record(datagram, record);
    if (session_) {
      take_protected(record);
    } else if (record.type == kDtlsApplicationData) {
      if (record.epoch == 1) keep(early_data_, record.whole);
    } else {
      advance(handshake_->take(record));
    }
  }
}

void OpensslDtlsTransport::take_protected(const DtlsRecord& record) {
  // After the handshake nothing unprotected means anything: a repeated flight of the peer is known by its Finished.
  if (is_over() || record.epoch != 1 || !window_.is_new(record.sequence)) return;
  const size_t expansion = session_->opening->shape().expansion();
  if (record.type == kDtlsChangeCipherSpec || record.body.size() < expansion) return;
  if (receive_buffer_.size() < record.body.size()) receive_buffer_.resize(record.body.size());
  if (!session_->opening->open(record, receive_buffer_.data())) {
    ERR_clear_error();  // here alone: to clear what is clear costs three per cent of a receiver
    return;
  }
  window_.mark(record.sequence);
  const ByteView plain(receive_buffer_.data(), record.body.size() - expansion);
  switch (record.type) {
    case kDtlsApplicationData:
      if (!plain.empty()) deliver(plain);
      return;
    case kDtlsAlert:
      take_alert(plain);
      return;
    case kDtlsHandshake:
      // Renegotiation is refused by silence; a client's Finished means that it has not seen ours, whatever data has
      // come.
      if (role_ == DtlsRole::kServer && !plain.empty() && plain[0] == kDtlsFinished) resend_final_flight();
      return;
  }
}

void OpensslDtlsTransport::take_alert(ByteView alert) {
  if (alert.size() != 2) return;
  const int description = alert[1];
  if (description == kAlertCloseNotify) {
    send_close_notify();
    end(DtlsTransportState::kClosed);
  } else if (alert[0] == kAlertFatal) {
    end(DtlsTransportState::kFailed,
        {std::string("the peer sent the alert \"") + SSL_alert_desc_string_long(description) + "\"", description});
  }
}

void OpensslDtlsTransport::deliver(ByteView packet) {
  if (receiver_) {
    receiver_->on_packet(packet);
  } else if (undelivered_.size() < kMaxUndelivered) {
    undelivered_.emplace_back(packet.begin(), packet.end());
  }
}

// ---- From above ----

void OpensslDtlsTransport::set_packet_receiver(PacketReceiver* receiver) {
  receiver_ = receiver;
  while (receiver_ && !undelivered_.empty()) {
    const Bytes packet = std::move(undelivered_.front());
    undelivered_.pop_front();
    receiver_->on_packet(packet);
  }
}

bool OpensslDtlsTransport::send_packet(ByteView packet) {
  if (!sealing_ || is_over() || packet.empty() || packet.size() > max_packet_size()) return false;
  return send_record(kDtlsApplicationData, packet);
}

bool OpensslDtlsTransport::send_large_packet(ByteView packet, Fragmentation fragmentation) {
  if (state_ != DtlsTransportState::kConnected || packet.empty()) return false;
  if (packet.size() > session_->peer_record_limit) return false;
  return send_record(kDtlsApplicationData, packet, fragmentation);
}

bool OpensslDtlsTransport::send_record(uint8_t type, ByteView plain, Fragmentation fragmentation) {
  if (sealing_->next_sequence > kMaxDtlsSequence) return false;
  // One for all connections of the thread: what is below copies it, and nothing is sent while it is being sent.
  static thread_local Bytes buffer;
  const size_t size = sealing_->cipher->record_size(plain.size());
  if (buffer.size() < size) buffer.resize(size);
  if (!sealing_->cipher->seal(type, sealing_->next_sequence++, plain, buffer.data())) return false;
  const ByteView record(buffer.data(), size);
  return fragmentation == Fragmentation::kUsual ? lower_.send_packet(record)
                                                : lower_.send_large_packet(record, fragmentation);
}

void OpensslDtlsTransport::send_close_notify() {
  constexpr uint8_t kCloseNotify[] = {kAlertWarning, kAlertCloseNotify};
  send_record(kDtlsAlert, kCloseNotify);
}

void OpensslDtlsTransport::resend_final_flight() {
  // RFC 6347 section 4.2.4: ChangeCipherSpec and Finished again, as new records.
  const size_t change_size = kDtlsRecordHeaderSize + 1;
  Bytes flight(change_size + sealing_->cipher->record_size(session_->finished.size()));
  uint8_t* out = flight.data();
  write_record_header(out, kDtlsChangeCipherSpec, 0, session_->next_plain_sequence++, 1);
  out[kDtlsRecordHeaderSize] = 1;
  if (sealing_->cipher->seal(kDtlsHandshake, sealing_->next_sequence++, session_->finished, out + change_size)) {
    lower_.send_packet(flight);
  }
}

void OpensslDtlsTransport::close() {
  if (detached_) return;
  detached_ = true;
  if (state_ == DtlsTransportState::kConnected) send_close_notify();
  state_ = DtlsTransportState::kClosed;
  cancel_timers();
  release_handshake();
  kept_.clear();
  early_data_.clear();
  undelivered_.clear();
  receiver_ = nullptr;
  rtp_receiver_ = nullptr;
  lower_.set_packet_receiver(nullptr);
}

}  // namespace

std::unique_ptr<DtlsTransport> DtlsTransport::create(NetworkThread& network, PacketTransport& lower,
                                                     CertificatePtr certificate, DtlsTransportOptions options,
                                                     DtlsTransportObserver* observer) {
  return std::make_unique<OpensslDtlsTransport>(network, lower, std::move(certificate), options, observer);
}

}  // namespace peerwire
