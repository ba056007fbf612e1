#include "transport/dtls/dtls_handshake.h"

#include <openssl/err.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

namespace peerwire {
namespace {

// A lost first flight costs little more than a round trip; RFC 6347's one second was made for other uses. Of a long
// round trip ICE has told: each flight would be sent two or three times there, and answered as often. But a peer that
// keeps checks until it has our description answers them late, and a hello that it was not ready for is to be sent
// again.
constexpr Duration kFirstTimeout = std::chrono::milliseconds(50);
constexpr Duration kLongestFirstTimeout = std::chrono::seconds(1);
constexpr int kRoundTripsOfFirstTimeout = 2;
// RFC 6347 has a minute, for networks that a handshake could overload: ours is two datagrams.
constexpr unsigned int kLastTimeoutUs = 1'000'000;
// OpenSSL sends a flight again twelve times and then gives up. The first ones make up for losses, and a path that is
// gone for longer has the others: together they last as long as the transport waits.
constexpr int kPromptRepetitions = 6;
constexpr unsigned int kLastRareTimeoutUs = 6'000'000;
// OpenSSL gathers a flight in a buffer of 4 KB and would cut a datagram larger than that in two.
constexpr size_t kMaxMtu = 1400;
constexpr size_t kMinMtu = 256;

// Alerts by which OpenSSL answers a hello that makes no sense, as opposed to one that asks for what we do not have.
bool means_malformed(int alert) {
  return alert == SSL_AD_UNEXPECTED_MESSAGE || alert == SSL_AD_DECODE_ERROR || alert == SSL_AD_ILLEGAL_PARAMETER ||
         alert == SSL_AD_RECORD_OVERFLOW || alert == SSL_AD_INTERNAL_ERROR;
}

unsigned int first_timeout_us(std::optional<Duration> round_trip) {
  const Duration timeout =
      std::clamp(round_trip.value_or(Duration(0)) * kRoundTripsOfFirstTimeout, kFirstTimeout, kLongestFirstTimeout);
  return static_cast<unsigned int>(std::chrono::duration_cast<std::chrono::microseconds>(timeout).count());
}

}  // namespace

DtlsHandshake::DtlsHandshake(const NetworkThread& network, DtlsRole role, CertificatePtr certificate,
                             std::vector<Fingerprint> fingerprints, DtlsTransportOptions options, Path path,
                             SendDatagram send)
    : network_(network),
      role_(role),
      certificate_(std::move(certificate)),
      fingerprints_(std::move(fingerprints)),
      options_(options),
      mtu_(std::clamp(path.mtu, kMinMtu, kMaxMtu)),
      first_timeout_us_(first_timeout_us(path.round_trip)),
      send_(std::move(send)) {}

DtlsHandshake::~DtlsHandshake() {
  const OpensslErrorScope errors;
  ssl_.reset();
}

DtlsHandshake::Progress DtlsHandshake::start() {
  const OpensslErrorScope errors;
  if (!open_ssl()) {
    failure_.error = "DTLS could not be set up: " + take_openssl_error("unknown reason");
    return Progress::kFailed;
  }
  is_first_flight_ = role_ == DtlsRole::kClient;
  const Progress progress = proceed(SSL_do_handshake(ssl_.get()));
  is_first_flight_ = false;
  first_step_ = step();
  first_flight_timeout_us_ = timeout_after(0);
  first_flight_due_ = network_.now() + std::chrono::microseconds(first_flight_timeout_us_);
  return progress;
}

bool DtlsHandshake::is_acceptable(const DtlsRecord& record) const {
  if (record.epoch == 0) return is_sane_plain_record(record, role_);
  if (record.epoch != 1 || (record.type != kDtlsHandshake && record.type != kDtlsAlert)) return false;
  // OpenSSL takes a record too short for its AEAD for an error of its own and gives up.
  const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl_.get());
  const AeadShape* shape = cipher ? aead_of_suite(SSL_CIPHER_get_protocol_id(cipher)) : nullptr;
  return shape && record.body.size() > shape->expansion();
}

DtlsHandshake::Progress DtlsHandshake::take(const DtlsRecord& record) {
  if (!is_acceptable(record)) return Progress::kGoing;
  const OpensslErrorScope errors;
  incoming_ = record.whole;
  const Progress progress = proceed(SSL_do_handshake(ssl_.get()));
  incoming_ = {};
  if (!hello_was_malformed_) return progress;
  // A hello that made no sense was anyone's: begin again and wait for the peer's.
  hello_was_malformed_ = false;
  failure_ = {};
  return start();
}

DtlsHandshake::Progress DtlsHandshake::take_timeout() {
  if (!first_flight_.empty()) {
    if (network_.now() >= first_flight_due_) repeat_first_flight();
    return Progress::kGoing;
  }
  const OpensslErrorScope errors;
  const int result = DTLSv1_handle_timeout(ssl_.get());
  flush();
  return result < 0 ? proceed(-1) : Progress::kGoing;
}

unsigned int DtlsHandshake::timeout_after(unsigned int us) const {
  return us == 0 ? first_timeout_us_ : std::min(2 * us, kLastTimeoutUs);
}

unsigned int DtlsHandshake::next_timeout(unsigned int us) {
  repetitions_ = us == 0 ? 0 : repetitions_ + 1;
  return repetitions_ <= kPromptRepetitions ? timeout_after(us) : std::min(2 * us, kLastRareTimeoutUs);
}

void DtlsHandshake::repeat_first_flight() {
  first_flight_timeout_us_ = timeout_after(first_flight_timeout_us_);
  first_flight_due_ = network_.now() + std::chrono::microseconds(first_flight_timeout_us_);
  for (const Bytes& datagram : first_flight_) send(datagram);
  flush();
}

std::optional<Duration> DtlsHandshake::timeout() const {
  if (!first_flight_.empty()) return std::max(Duration::zero(), first_flight_due_ - network_.now());
  timeval left{};
  if (!ssl_ || DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

int DtlsHandshake::step() const {
  return ssl_ ? static_cast<int>(SSL_get_state(ssl_.get())) : -1;
}

bool DtlsHandshake::has_heard() const {
  return step() != first_step_ || (role_ == DtlsRole::kClient && first_flight_.empty());
}

DtlsHandshake::Progress DtlsHandshake::proceed(int result) {
  flush();
  if (result == 1) return Progress::kDone;
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Progress::kGoing;
  if (fingerprint_mismatch_) {
    failure_.error = "the peer's certificate matches none of its fingerprints";
  } else if (failure_.received_alert >= 0) {
    const char* alert = SSL_alert_desc_string_long(failure_.received_alert);
    failure_.error = std::string("the peer sent the alert \"") + alert + "\"";
  } else if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_READ_TIMEOUT_EXPIRED) {
    failure_.error = "the handshake timed out";
  } else {
    failure_.error = "the handshake failed: " + take_openssl_error("unknown reason");
  }
  return Progress::kFailed;
}

void DtlsHandshake::on_written(ByteView datagram) {
  ByteView rest = datagram;
  DtlsRecord record;
  while (!rest.empty() && take_record(rest, record)) {
    // A nonce that is used twice gives the keys away. So many repetitions mean that the peer hears nothing.
    if (record.epoch != 0 && first_early_ != 0 && record.sequence >= first_early_) return;
    if (record.epoch != 0 && record.sequence >= next_sequence_) {
      next_sequence_ = record.sequence + 1;
      if (record.type == kDtlsHandshake) finished_record_.assign(record.whole.begin(), record.whole.end());
    }
    if (record.type == kDtlsHandshake) has_sent_handshake_ = true;
    if (record.type == kDtlsAlert && record.epoch == 0 && role_ == DtlsRole::kServer && !has_sent_handshake_ &&
        record.body.size() == 2 && means_malformed(record.body[1])) {
      hello_was_malformed_ = true;
      return;
    }
  }
  Bytes copy(datagram.begin(), datagram.end());
  // Until the peer is told to begin OpenSSL would have given up. To start over is no way out: the peer may have kept
  // our first hello, and answers that one.
  if (is_first_flight_) {
    first_flight_.push_back(copy);
  } else {
    first_flight_.clear();
  }
  send(std::move(copy));
}

void DtlsHandshake::send(Bytes datagram) {
  // In the clear they are numbered here, because OpenSSL does not know of all that goes out.
  ByteView rest = datagram;
  DtlsRecord record;
  while (!rest.empty() && take_record(rest, record)) {
    if (record.epoch == 0)
      set_record_sequence(datagram.data() + (record.whole.data() - datagram.data()), next_plain_sequence_++);
  }
  if (outgoing_.size() + datagram.size() > mtu_) flush();
  outgoing_.insert(outgoing_.end(), datagram.begin(), datagram.end());
}

void DtlsHandshake::flush() {
  if (!outgoing_.empty()) send_(std::exchange(outgoing_, {}));
}

}  // namespace peerwire
