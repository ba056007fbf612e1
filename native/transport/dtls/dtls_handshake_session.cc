// What a handshake leaves behind: the session's keys, where its counters stand, and what was agreed on.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/srtp.h>

#include "transport/dtls/dtls_handshake.h"

namespace peerwire {
namespace {

constexpr size_t kMasterSecretSize = 48;
constexpr size_t kRandomSize = 32;
// Numbers that are left to repetitions of Finished when data begins before its end. Both lie within the 64 that a
// receiver that goes by the letter of RFC 6347 (section 4.1.2.6) tells apart from replays.
constexpr uint64_t kLeftToFinished = 32;

}  // namespace

std::optional<DtlsSealing> DtlsHandshake::start_early() {
  if (role_ != DtlsRole::kClient || !peer_takes_early_data_ || finished_record_.empty() || first_early_ != 0) {
    return std::nullopt;
  }
  const OpensslErrorScope errors;
  DtlsSession session;
  if (!derive_keys(session, kLeftToFinished)) return std::nullopt;
  first_early_ = session.sealing.next_sequence;
  return std::move(session.sealing);
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
  // A second one would use the nonces of the first again.
  if (first_early_ != 0) session.sealing = {};
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

bool DtlsHandshake::derive_keys(DtlsSession& session, uint64_t skipped) {
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
  session.sealing.cipher = RecordCipher::create(Direction::kSeal, *shape, client ? client_key : server_key,
                                                client ? client_nonce : server_nonce);
  session.opening = RecordCipher::create(Direction::kOpen, *shape, client ? server_key : client_key,
                                         client ? server_nonce : client_nonce);
  const auto own = RecordCipher::create(Direction::kOpen, *shape, client ? client_key : server_key,
                                        client ? client_nonce : server_nonce);
  OPENSSL_cleanse(block, sizeof block);
  if (!session.sealing.cipher || !session.opening || !own) return false;

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
    session.sealing.cipher->set_explicit_nonce(nonce + 1 + skipped);
  }
  session.sealing.next_sequence = next_sequence_ + skipped;
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
