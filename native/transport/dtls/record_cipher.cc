#include "transport/dtls/record_cipher.h"

#include <climits>
#include <cstring>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace peerwire {
namespace {

constexpr uint16_t kProtectedEpoch = 1;
constexpr size_t kNonceSize = 12;
constexpr size_t kAdditionalSize = 13;

constexpr AeadShape kShapes[] = {
    {AeadAlgorithm::kAes128Gcm, 16, 4, 8, 16},
    {AeadAlgorithm::kAes256Gcm, 32, 4, 8, 16},
    {AeadAlgorithm::kChaCha20Poly1305, 32, 12, 0, 16},
};

const EVP_CIPHER* cipher_of(AeadAlgorithm algorithm) {
  switch (algorithm) {
    case AeadAlgorithm::kAes128Gcm:
      return EVP_aes_128_gcm();
    case AeadAlgorithm::kAes256Gcm:
      return EVP_aes_256_gcm();
    case AeadAlgorithm::kChaCha20Poly1305:
      return EVP_chacha20_poly1305();
  }
  return nullptr;
}

void write64(uint8_t* out, uint64_t value) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

uint64_t epoch_and(uint64_t sequence) {
  return static_cast<uint64_t>(kProtectedEpoch) << 48 | sequence;
}

// seq_num + type + version + length of the plain text.
void make_additional(uint8_t* out, uint8_t type, uint64_t sequence, size_t plain_size) {
  write64(out, epoch_and(sequence));
  out[8] = type;
  out[9] = kDtls12 >> 8;
  out[10] = kDtls12 & 0xff;
  out[11] = static_cast<uint8_t>(plain_size >> 8);
  out[12] = static_cast<uint8_t>(plain_size);
}

}  // namespace

const AeadShape* aead_of_suite(uint16_t suite) {
  switch (suite) {
    case 0xc02b:  // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    case 0xc02f:  // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
      return &kShapes[0];
    case 0xc02c:  // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    case 0xc030:  // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
      return &kShapes[1];
    case 0xcca9:  // TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    case 0xcca8:  // TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
      return &kShapes[2];
    default:
      return nullptr;
  }
}

bool has_aes_instructions() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("aes") != 0;
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#else
  return false;
#endif
}

const char* suites_to_negotiate(bool has_aes_instructions) {
  // Without them ChaCha20 takes a fraction of the time of AES.
  return has_aes_instructions
             ? "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
               "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
             : "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:"
               "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
}

std::unique_ptr<RecordCipher> RecordCipher::create(Direction direction, const AeadShape& shape, ByteView key,
                                                   ByteView fixed_nonce) {
  if (key.size() != shape.key_size || fixed_nonce.size() != shape.fixed_nonce_size) return nullptr;
  std::unique_ptr<RecordCipher> cipher(new RecordCipher);
  cipher->shape_ = &shape;
  cipher->context_.reset(EVP_CIPHER_CTX_new());
  if (!cipher->context_ || EVP_CipherInit_ex(cipher->context_.get(), cipher_of(shape.algorithm), nullptr, key.data(),
                                             nullptr, direction == Direction::kSeal) != 1) {
    return nullptr;
  }
  std::memcpy(cipher->fixed_nonce_, fixed_nonce.data(), fixed_nonce.size());
  return cipher;
}

void RecordCipher::make_nonce(uint8_t* nonce, uint64_t sequence, const uint8_t* explicit_nonce) const {
  std::memcpy(nonce, fixed_nonce_, shape_->fixed_nonce_size);
  if (shape_->explicit_nonce_size > 0) {
    std::memcpy(nonce + shape_->fixed_nonce_size, explicit_nonce, shape_->explicit_nonce_size);
    return;
  }
  uint8_t counter[8];
  write64(counter, epoch_and(sequence));
  for (size_t i = 0; i < sizeof counter; ++i) nonce[kNonceSize - sizeof counter + i] ^= counter[i];
}

bool RecordCipher::seal(uint8_t type, uint64_t sequence, ByteView plain, uint8_t* out) {
  if (plain.size() + shape_->expansion() > UINT16_MAX) return false;
  write_record_header(out, type, kProtectedEpoch, sequence, plain.size() + shape_->expansion());
  uint8_t* explicit_nonce = out + kDtlsRecordHeaderSize;
  if (shape_->explicit_nonce_size > 0) write64(explicit_nonce, explicit_nonce_++);
  uint8_t nonce[kNonceSize], additional[kAdditionalSize];
  make_nonce(nonce, sequence, explicit_nonce);
  make_additional(additional, type, sequence, plain.size());
  EVP_CIPHER_CTX* context = context_.get();
  uint8_t* body = explicit_nonce + shape_->explicit_nonce_size;
  int size = 0, last = 0;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &size, additional, kAdditionalSize) == 1 &&
         EVP_EncryptUpdate(context, body, &size, plain.data(), static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context, body + size, &last) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(shape_->tag_size), body + plain.size()) ==
             1;
}

bool RecordCipher::open(const DtlsRecord& record, uint8_t* out) {
  if (record.epoch != kProtectedEpoch || record.version != kDtls12) return false;
  if (record.body.size() < shape_->expansion()) return false;
  const size_t plain_size = record.body.size() - shape_->expansion();
  uint8_t nonce[kNonceSize], additional[kAdditionalSize], tag[16];
  make_nonce(nonce, record.sequence, record.body.data());
  make_additional(additional, record.type, record.sequence, plain_size);
  const uint8_t* body = record.body.data() + shape_->explicit_nonce_size;
  std::memcpy(tag, body + plain_size, shape_->tag_size);
  EVP_CIPHER_CTX* context = context_.get();
  int size = 0, last = 0;
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(shape_->tag_size), tag) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &size, additional, kAdditionalSize) == 1 &&
         EVP_DecryptUpdate(context, out, &size, body, static_cast<int>(plain_size)) == 1 &&
         EVP_DecryptFinal_ex(context, out + size, &last) == 1;
}

}  // namespace peerwire
