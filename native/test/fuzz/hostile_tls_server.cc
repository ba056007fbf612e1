#include "fuzz/hostile_tls_server.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <utility>

#include "fuzz/fuzz_input.h"

namespace peerwire {
namespace {

struct Credentials {
  KeyPtr key;
  X509Ptr certificate;
};

/// Signed by itself, for the host `name`.
Credentials make_credentials(const std::string& name) {
  Credentials made{KeyPtr(EVP_EC_gen("P-256")), X509Ptr(X509_new())};
  X509* certificate = made.certificate.get();
  check(made.key && certificate && X509_set_version(certificate, X509_VERSION_3));
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * 365);
  const NamePtr subject(X509_NAME_new());
  check(subject && X509_NAME_add_entry_by_txt(subject.get(), "CN", MBSTRING_ASC,
                                              reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0));
  check(X509_set_subject_name(certificate, subject.get()) && X509_set_issuer_name(certificate, subject.get()));
  check(X509_set_pubkey(certificate, made.key.get()));
  const std::string names = "DNS:" + name;
  X509_EXTENSION* alternative = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  check(alternative && X509_add_ext(certificate, alternative, -1));
  X509_EXTENSION_free(alternative);
  check(X509_sign(certificate, made.key.get(), EVP_sha256()) > 0);
  return made;
}

const Credentials& credentials(HostileTlsServer::Identity identity) {
  static const Credentials good = make_credentials(kTlsServerName);
  static const Credentials other = make_credentials("other.example");
  static const Credentials untrusted = make_credentials(kTlsServerName);
  if (identity == HostileTlsServer::Identity::kGood) return good;
  return identity == HostileTlsServer::Identity::kOtherName ? other : untrusted;
}

SSL_CTX* server_context() {
  static SSL_CTX* const context = [] {
    prepare_openssl();
    SSL_CTX* made = SSL_CTX_new(TLS_server_method());
    check(made);
    return made;
  }();
  return context;
}

}  // namespace

std::shared_ptr<const TlsClientContext> tls_client_context() {
  static const auto context = [] {
    // No authorities of the system: what is trusted is known.
    setenv("SSL_CERT_FILE", "/dev/null", 1);
    auto made = std::make_shared<const TlsClientContext>("");
    X509_STORE* store = SSL_CTX_get_cert_store(made->get());
    for (const auto identity : {HostileTlsServer::Identity::kGood, HostileTlsServer::Identity::kOtherName}) {
      check(X509_STORE_add_cert(store, credentials(identity).certificate.get()));
    }
    return made;
  }();
  return context;
}

HostileTlsServer::HostileTlsServer(Identity identity, bool only_tls12) : ssl_(SSL_new(server_context())) {
  check(ssl_ != nullptr);
  SSL* ssl = ssl_.get();
  const Credentials& own = credentials(identity);
  check(SSL_use_certificate(ssl, own.certificate.get()) && SSL_use_PrivateKey(ssl, own.key.get()));
  if (only_tls12) check(SSL_set_max_proto_version(ssl, TLS1_2_VERSION));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  check(in && out);
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl, in, out);
  SSL_set_accept_state(ssl);
}

void HostileTlsServer::receive(ByteView octets) {
  if (octets.empty()) return;
  check(BIO_write(SSL_get_rbio(ssl_.get()), octets.data(), static_cast<int>(octets.size())) ==
        static_cast<int>(octets.size()));
  work();
}

void HostileTlsServer::work() {
  OpensslErrorScope errors;
  uint8_t piece[4096];
  int count = 1;
  while (!failed_ && count > 0) {
    count = SSL_read(ssl_.get(), piece, sizeof piece);
    if (count > 0) append(received_, {piece, static_cast<size_t>(count)});
  }
  if (!failed_ && SSL_get_error(ssl_.get(), count) == SSL_ERROR_SSL) note_failure();
  BIO* out = SSL_get_wbio(ssl_.get());
  while ((count = BIO_read(out, piece, sizeof piece)) > 0) append(outbox, {piece, static_cast<size_t>(count)});
}

void HostileTlsServer::note_failure() {
  failed_ = true;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  garbled_ = reason == SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC || reason == SSL_R_BAD_RECORD_TYPE ||
             reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

bool HostileTlsServer::write(ByteView octets) {
  if (failed_ || !is_done() || octets.empty()) return false;
  OpensslErrorScope errors;
  const bool written = SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())) > 0;
  work();
  return written;
}

void HostileTlsServer::update_key() {
  if (failed_ || !is_done() || SSL_version(ssl_.get()) != TLS1_3_VERSION) return;
  OpensslErrorScope errors;
  SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(ssl_.get());
  work();
}

void HostileTlsServer::renegotiate() {
  if (failed_ || !is_done() || SSL_version(ssl_.get()) != TLS1_2_VERSION) return;
  OpensslErrorScope errors;
  SSL_renegotiate(ssl_.get());
  SSL_do_handshake(ssl_.get());
  work();
}

void HostileTlsServer::say_goodbye() {
  if (failed_ || !is_done()) return;
  OpensslErrorScope errors;
  SSL_shutdown(ssl_.get());
  work();
}

}  // namespace peerwire
