#include "transport/dtls/dtls_handshake.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/srtp.h>
#include <sys/time.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstring>
#include <utility>

namespace peerwire {
namespace {

constexpr char kCipherList[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// TLS 1.2 holds the curve of the peer's certificate against this list, too (RFC 8422 section 5.1.1).
constexpr char kGroups[] = "X25519:P-256:P-384:P-521";
constexpr char kSignatureAlgorithms[] =
    "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA512:"
    "RSA+SHA512";
constexpr char kSrtpProfiles[] =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";
// A lost first flight costs little more than a round trip; RFC 6347's one second was made for other uses.
constexpr unsigned int kFirstTimeoutUs = 50'000;
constexpr unsigned int kLastTimeoutUs = 5'000'000;
// As long as OpenSSL can wait: it gives up for good after twelve time-outs.
constexpr unsigned int kNoTimeoutUs = UINT_MAX;
// OpenSSL gathers a flight in a buffer of 4 KB and would cut a datagram larger than that in two.
constexpr size_t kMaxMtu = 1400;
constexpr size_t kMinMtu = 256;
constexpr size_t kMaxPeerCertificates = 16;
// Those of RFC 8122 that are not forbidden, preferred first. SHA-1 and SHA-224 as in browsers: gateways still send them
// alone, and to forge a certificate for a given fingerprint is out of reach for both.
constexpr const char* kHashFunctions[] = {"sha-512", "sha-384", "sha-256", "sha-224", "sha-1"};
constexpr size_t kMasterSecretSize = 48;
constexpr size_t kRandomSize = 32;
constexpr unsigned int kRecordSizeLimitExtension = 28;  // RFC 8449
constexpr size_t kSmallestRecordLimit = 64;

bool equal_ignoring_case(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Bytes der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<size_t>(size));
  uint8_t* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

void renumber(uint8_t* header, uint64_t sequence) {
  for (int i = 0; i < 6; ++i) header[5 + i] = static_cast<uint8_t>(sequence >> (40 - 8 * i));
}

/// Of a flight that has waited that long; 0: that goes out for the first time.
unsigned int timeout_after(unsigned int us) {
  return us == 0 ? kFirstTimeoutUs : std::min(2 * us, kLastTimeoutUs);
}

// Alerts by which OpenSSL answers a hello that makes no sense, as opposed to one that asks for what we do not have.
bool means_malformed(int alert) {
  return alert == SSL_AD_UNEXPECTED_MESSAGE || alert == SSL_AD_DECODE_ERROR || alert == SSL_AD_ILLEGAL_PARAMETER ||
         alert == SSL_AD_RECORD_OVERFLOW || alert == SSL_AD_INTERNAL_ERROR;
}

}  // namespace

struct DtlsHandshake::Bridge {
  static DtlsHandshake& of(const SSL* ssl) { return *static_cast<DtlsHandshake*>(SSL_get_app_data(ssl)); }

  static int read(BIO* bio, char* out, int size) {
    auto& self = *static_cast<DtlsHandshake*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.incoming_.empty() || size <= 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t count = std::min(self.incoming_.size(), static_cast<size_t>(size));
    std::memcpy(out, self.incoming_.data(), count);
    self.incoming_ = {};
    // Sequence numbers prove nothing before there are keys, but one forged high number would make OpenSSL take all that
    // is real for old. Repeated messages are known by their own numbers.
    const bool plain = count >= kDtlsRecordHeaderSize && out[3] == 0 && out[4] == 0;
    if (plain) renumber(reinterpret_cast<uint8_t*>(out), self.plain_records_taken_++);
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    auto& self = *static_cast<DtlsHandshake*>(BIO_get_data(bio));
    self.on_written({reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)});
    // A datagram that the network did not take is a lost one: the timer sends it again.
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "peerwire datagrams");
      BIO_meth_set_read(m, read);
      BIO_meth_set_write(m, write);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }

  static unsigned int next_timeout(SSL* ssl, unsigned int us) {
    return of(ssl).is_first_flight_ ? kNoTimeoutUs : timeout_after(us);
  }

  static int verify(X509_STORE_CTX* store, void*) {
    const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (of(ssl).verify_peer(store)) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);  // becomes the alert bad_certificate
    return 0;
  }

  static void on_info(const SSL* ssl, int where, int value) {
    if (!(where & SSL_CB_ALERT) || value >> 8 != SSL3_AL_FATAL) return;
    DtlsFailure& failure = of(ssl).failure_;
    (where & SSL_CB_READ ? failure.received_alert : failure.sent_alert) = value & 0xff;
  }

  // RFC 8449: tells the peer that our buffers are as large as records can be, and us how large the peer's are.
  static int add_record_size_limit(SSL*, unsigned int, unsigned int, const unsigned char** out, size_t* size, X509*,
                                   size_t, int*, void*) {
    static constexpr unsigned char kLimit[] = {kMaxDtlsPlainText >> 8, kMaxDtlsPlainText & 0xff};
    *out = kLimit;
    *size = sizeof kLimit;
    return 1;
  }

  static int take_record_size_limit(SSL* ssl, unsigned int, unsigned int, const unsigned char* in, size_t size, X509*,
                                    size_t, int*, void*) {
    const size_t limit = size == 2 ? static_cast<size_t>(in[0] << 8 | in[1]) : 0;
    // One that is too small to be meant means nothing: there is nothing in it that the peer would gain.
    of(ssl).peer_record_limit_ = limit >= kSmallestRecordLimit ? std::min(limit, kMaxDtlsPlainText) : 0;
    return 1;
  }

  // One for the process: nothing in it depends on a certificate, and building it costs more than a handshake.
  static SSL_CTX* context() {
    static SSL_CTX* const made = make_context();
    return made;
  }

  static SSL_CTX* make_context() {
    prepare_openssl();
    SSL_CTX* context = SSL_CTX_new(DTLS_method());
    if (!context) return nullptr;
    const bool configured =
        SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) &&
        SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) && SSL_CTX_set_cipher_list(context, kCipherList) &&
        SSL_CTX_set1_groups_list(context, kGroups) && SSL_CTX_set1_sigalgs_list(context, kSignatureAlgorithms);
    if (!configured) {
      SSL_CTX_free(context);
      return nullptr;
    }
    // Pion's server does not send renegotiation_info (RFC 5746). What that guards against cannot happen here: there is
    // no renegotiation at all, and the certificate is bound to the signalled fingerprint.
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
    SSL_CTX_set_info_callback(context, on_info);
    // Without it, where OpenSSL does not let us, records stay as large as everybody takes them.
    SSL_CTX_add_custom_ext(context, kRecordSizeLimitExtension, SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO,
                           add_record_size_limit, nullptr, nullptr, take_record_size_limit, nullptr);
    return context;
  }
};

DtlsHandshake::DtlsHandshake(const NetworkThread& network, DtlsRole role, CertificatePtr certificate,
                             std::vector<Fingerprint> fingerprints, DtlsTransportOptions options, size_t mtu,
                             SendDatagram send)
    : network_(network),
      role_(role),
      certificate_(std::move(certificate)),
      fingerprints_(std::move(fingerprints)),
      options_(options),
      mtu_(std::clamp(mtu, kMinMtu, kMaxMtu)),
      send_(std::move(send)) {}

DtlsHandshake::~DtlsHandshake() {
  const OpensslErrorScope errors;
  ssl_.reset();
}

bool DtlsHandshake::open_ssl() {
  SSL_CTX* context = Bridge::context();
  if (!context) return false;
  ssl_.reset(SSL_new(context));
  BIO* bio = BIO_new(Bridge::method());
  if (!ssl_ || !bio) {
    BIO_free(bio);
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (X509* link : certificate_->chain()) {
    if (chain) sk_X509_push(chain, link);
  }
  const bool loaded =
      SSL_use_cert_and_key(ssl_.get(), certificate_->x509(), certificate_->private_key(), chain, 1) == 1;
  sk_X509_free(chain);
  // Zero is success, for this function alone.
  if (!loaded || (options_.offer_srtp && SSL_set_tlsext_use_srtp(ssl_.get(), kSrtpProfiles) != 0)) return false;
  SSL_set_mtu(ssl_.get(), static_cast<long>(mtu_));
  DTLS_set_timer_cb(ssl_.get(), Bridge::next_timeout);
  if (role_ == DtlsRole::kClient) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
  return true;
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
  return DTLSv1_handle_timeout(ssl_.get()) < 0 ? proceed(-1) : Progress::kGoing;
}

void DtlsHandshake::repeat_first_flight() {
  first_flight_timeout_us_ = timeout_after(first_flight_timeout_us_);
  first_flight_due_ = network_.now() + std::chrono::microseconds(first_flight_timeout_us_);
  for (const Bytes& datagram : first_flight_) send(datagram);
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
    if (record.epoch == 0) renumber(datagram.data() + (record.whole.data() - datagram.data()), next_plain_sequence_++);
  }
  send_(datagram);
}

bool DtlsHandshake::verify_peer(X509_STORE_CTX* store) {
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  peer_certificates_.clear();
  if (leaf) peer_certificates_.push_back(der_of(leaf));
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent) && peer_certificates_.size() < kMaxPeerCertificates; ++i) {
    X509* link = sk_X509_value(sent, i);
    if (link != leaf) peer_certificates_.push_back(der_of(link));
  }
  fingerprint_mismatch_ = true;
  if (peer_certificates_.empty() || peer_certificates_[0].empty()) return false;
  if (!options_.verify_fingerprints) {
    fingerprint_mismatch_ = false;
    return true;
  }
  fingerprint_mismatch_ = !matches_fingerprints(peer_certificates_[0]);
  return !fingerprint_mismatch_;
}

bool DtlsHandshake::matches_fingerprints(ByteView certificate) const {
  // RFC 8122 section 5: of the hash functions that the peer has used, the one that we prefer counts alone; a
  // fingerprint of a weaker one that matches makes up for nothing. There are several of one where there are several
  // certificates.
  for (const char* algorithm : kHashFunctions) {
    bool used = false;
    const Fingerprint ours = fingerprint_of(certificate, algorithm);
    for (const Fingerprint& wanted : fingerprints_) {
      if (lower_case(wanted.algorithm) != algorithm) continue;
      if (!ours.value.empty() && equal_ignoring_case(ours.value, wanted.value)) return true;
      used = true;
    }
    if (used) return false;
  }
  return false;
}

std::optional<DtlsSession> DtlsHandshake::finish() {
  const OpensslErrorScope errors;
  DtlsSession session;
  // The verification cannot have been passed by; say so here rather than trust it.
  if (peer_certificates_.empty() || fingerprint_mismatch_) {
    failure_.error = "the handshake ended without a verified certificate";
    return std::nullopt;
  }
  if (!derive_keys(session)) {
    failure_.error =
        "the session's keys could not be derived: " + take_openssl_error("they do not open our own Finished");
    return std::nullopt;
  }
  describe(session.info);
  session.peer_record_limit = peer_record_limit_;
  if (const SRTP_PROTECTION_PROFILE* profile = SSL_get_selected_srtp_profile(ssl_.get())) {
    session.info.srtp_cipher = profile->name;
    const bool aes256 = profile->id == SRTP_AEAD_AES_256_GCM;
    const bool aead = aes256 || profile->id == SRTP_AEAD_AES_128_GCM;
    const size_t salt = aead ? 12 : 14;
    session.srtp_keying_material.resize(2 * ((aes256 ? 32 : 16) + salt));
    static constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
    if (SSL_export_keying_material(ssl_.get(), session.srtp_keying_material.data(), session.srtp_keying_material.size(),
                                   kLabel, sizeof kLabel - 1, nullptr, 0, 0) != 1) {
      failure_.error = "the SRTP keys could not be exported";
      return std::nullopt;
    }
  }
  return session;
}

bool DtlsHandshake::derive_keys(DtlsSession& session) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  const AeadShape* shape = cipher ? aead_of_suite(SSL_CIPHER_get_protocol_id(cipher)) : nullptr;
  const EVP_MD* digest = cipher ? SSL_CIPHER_get_handshake_digest(cipher) : nullptr;
  if (!shape || !digest) return false;

  // RFC 5246 section 6.3: key_block = PRF(master_secret, "key expansion", server_random + client_random).
  uint8_t master[kMasterSecretSize];
  if (SSL_SESSION_get_master_key(SSL_get_session(ssl_.get()), master, sizeof master) != sizeof master) return false;
  char label[] = "key expansion";
  uint8_t randoms[2 * kRandomSize];
  SSL_get_server_random(ssl_.get(), randoms, kRandomSize);
  SSL_get_client_random(ssl_.get(), randoms + kRandomSize, kRandomSize);
  uint8_t block[2 * (32 + 12)];
  const size_t block_size = 2 * (shape->key_size + shape->fixed_nonce_size);
  char digest_name[32];
  OPENSSL_strlcpy(digest_name, EVP_MD_get0_name(digest), sizeof digest_name);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof master),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, label, sizeof label - 1),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, randoms, sizeof randoms),
      OSSL_PARAM_construct_end(),
  };
  EVP_KDF* prf = EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr);
  EVP_KDF_CTX* context = prf ? EVP_KDF_CTX_new(prf) : nullptr;
  const bool derived = context && EVP_KDF_derive(context, block, block_size, params) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(prf);
  OPENSSL_cleanse(master, sizeof master);
  if (!derived) return false;

  const ByteView client_key(block, shape->key_size), server_key(block + shape->key_size, shape->key_size);
  const uint8_t* nonces = block + 2 * shape->key_size;
  const ByteView client_nonce(nonces, shape->fixed_nonce_size);
  const ByteView server_nonce(nonces + shape->fixed_nonce_size, shape->fixed_nonce_size);
  const bool client = role_ == DtlsRole::kClient;
  using Direction = RecordCipher::Direction;
  session.sealing = RecordCipher::create(Direction::kSeal, *shape, client ? client_key : server_key,
                                         client ? client_nonce : server_nonce);
  session.opening = RecordCipher::create(Direction::kOpen, *shape, client ? server_key : client_key,
                                         client ? server_nonce : client_nonce);
  const auto own = RecordCipher::create(Direction::kOpen, *shape, client ? client_key : server_key,
                                        client ? client_nonce : server_nonce);
  OPENSSL_cleanse(block, sizeof block);
  if (!session.sealing || !session.opening || !own) return false;

  // What OpenSSL sealed last must open with our keys, and tells where its counters stood: a nonce used twice would
  // give the keys away.
  ByteView rest = finished_record_;
  DtlsRecord finished;
  if (!take_record(rest, finished) || finished.body.size() < shape->expansion()) return false;
  if (finished.sequence + 1 != next_sequence_) return false;
  session.finished.resize(finished.body.size() - shape->expansion());
  if (!own->open(finished, session.finished.data())) return false;
  if (shape->explicit_nonce_size > 0) {
    uint64_t nonce = 0;
    for (size_t i = 0; i < shape->explicit_nonce_size; ++i) nonce = nonce << 8 | finished.body[i];
    session.sealing->set_explicit_nonce(nonce + 1);
  }
  session.next_sequence = next_sequence_;
  session.next_plain_sequence = next_plain_sequence_;
  return true;
}

void DtlsHandshake::describe(DtlsTransportInfo& info) const {
  info.version = "FEFD";
  info.cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get()));
  const int group = static_cast<int>(SSL_get_negotiated_group(ssl_.get()));
  if (group == NID_X25519) info.group = "X25519";
  if (group == NID_X9_62_prime256v1) info.group = "P-256";
  if (group == NID_secp384r1) info.group = "P-384";
  if (group == NID_secp521r1) info.group = "P-521";
  info.peer_certificates = peer_certificates_;
}

}  // namespace peerwire
