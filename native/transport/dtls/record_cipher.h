// Protection of DTLS 1.2 records with an AEAD (RFC 5246 section 6.2.3.3, RFC 5288, RFC 7905), one direction each.
//
// Ours and not OpenSSL's, so that after the handshake its SSL object (some 40 KB, most of it buffers) is gone, that a
// record which does not authenticate meets no state machine at all, and that a packet is encrypted from the sender's
// buffer straight into the datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/tls/openssl_handles.h"
#include "transport/dtls/dtls_record.h"

namespace peerwire {

enum class AeadAlgorithm { kAes128Gcm, kAes256Gcm, kChaCha20Poly1305 };

struct AeadShape {
  AeadAlgorithm algorithm;
  size_t key_size;
  size_t fixed_nonce_size;
  size_t explicit_nonce_size;
  size_t tag_size;
  size_t expansion() const { return explicit_nonce_size + tag_size; }
};

/// By the IANA number of a cipher suite; null for a suite that we do not negotiate.
const AeadShape* aead_of_suite(uint16_t suite);

/// Whether the processor has instructions for AES. The Raspberry Pi before its fifth has none, for example.
bool has_aes_instructions();
/// The suites that we negotiate, as OpenSSL names them, in the order in which we want them.
const char* suites_to_negotiate(bool has_aes_instructions);

class RecordCipher {
 public:
  enum class Direction { kSeal, kOpen };
  /// Null when OpenSSL refuses.
  static std::unique_ptr<RecordCipher> create(Direction direction, const AeadShape& shape, ByteView key,
                                              ByteView fixed_nonce);

  const AeadShape& shape() const { return *shape_; }
  size_t record_size(size_t plain_size) const { return kDtlsRecordHeaderSize + shape_->expansion() + plain_size; }

  /// The explicit nonce of the next sealed record; each further one counts on from there.
  void set_explicit_nonce(uint64_t nonce) { explicit_nonce_ = nonce; }
  /// Writes a whole record of epoch 1, record_size(plain.size()) octets, to `out`.
  bool seal(uint8_t type, uint64_t sequence, ByteView plain, uint8_t* out);
  /// Writes the plain text, record.body.size() - expansion octets, to `out`. False, with `out` overwritten, when the
  /// record is too short or not authentic.
  bool open(const DtlsRecord& record, uint8_t* out);

 private:
  RecordCipher() = default;
  void make_nonce(uint8_t* nonce, uint64_t sequence, const uint8_t* explicit_nonce) const;

  const AeadShape* shape_ = nullptr;
  CipherContextPtr context_;
  uint8_t fixed_nonce_[12] = {};
  uint64_t explicit_nonce_ = 0;
};

}  // namespace peerwire
