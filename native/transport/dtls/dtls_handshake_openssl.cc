// What OpenSSL is told to do, and how it reaches the handshake.
#include <openssl/err.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "transport/dtls/dtls_handshake.h"

namespace peerwire {
namespace {

// TLS 1.2 holds the curve of the peer's certificate against this list, too (RFC 8422 section 5.1.1).
constexpr char kGroups[] = "X25519:P-256:P-384:P-521";
constexpr char kSignatureAlgorithms[] =
    "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA512:"
    "RSA+SHA512";
constexpr char kSrtpProfiles[] =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";
// As long as OpenSSL can wait: it gives up for good after twelve time-outs.
constexpr unsigned int kNoTimeoutUs = UINT_MAX;
constexpr unsigned int kRecordSizeLimitExtension = 28;  // RFC 8449
constexpr size_t kSmallestRecordLimit = 64;
// Of those for private use (RFC 8447 section 7). By it a server says that data which comes before its own Finished has
// been seen does not make it forget that: others take it for a sign that they need not repeat themselves (Bouncy
// Castle, Mbed TLS), and the client would wait forever for a Finished that was lost.
constexpr unsigned int kEarlyDataExtension = 0xff50;

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
    if (plain) set_record_sequence(reinterpret_cast<uint8_t*>(out), self.plain_records_taken_++);
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
    return of(ssl).is_first_flight_ ? kNoTimeoutUs : of(ssl).next_timeout(us);
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

  static int add_early_data(SSL*, unsigned int, unsigned int, const unsigned char** out, size_t* size, X509*, size_t,
                            int*, void*) {
    *out = nullptr;
    *size = 0;
    return 1;
  }

  static int take_early_data(SSL* ssl, unsigned int, unsigned int, const unsigned char*, size_t, X509*, size_t, int*,
                             void*) {
    of(ssl).peer_takes_early_data_ = true;
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
    const bool configured = SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) &&
                            SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) &&
                            SSL_CTX_set_cipher_list(context, suites_to_negotiate(has_aes_instructions())) &&
                            SSL_CTX_set1_groups_list(context, kGroups) &&
                            SSL_CTX_set1_sigalgs_list(context, kSignatureAlgorithms);
    if (!configured) {
      SSL_CTX_free(context);
      return nullptr;
    }
    // Pion's server does not send renegotiation_info (RFC 5746). What that guards against cannot happen here: there is
    // no renegotiation at all, and the certificate is bound to the signalled fingerprint.
    // A client that wants ChaCha20 most has no instructions for AES: then so do we.
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
    SSL_CTX_set_info_callback(context, on_info);
    // Without it, where OpenSSL does not let us, records stay as large as everybody takes them.
    SSL_CTX_add_custom_ext(context, kRecordSizeLimitExtension, SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO,
                           add_record_size_limit, nullptr, nullptr, take_record_size_limit, nullptr);
    SSL_CTX_add_custom_ext(context, kEarlyDataExtension, SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO,
                           add_early_data, nullptr, nullptr, take_early_data, nullptr);
    return context;
  }
};

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

}  // namespace peerwire
