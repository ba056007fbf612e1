// See make_p256_key().
#define OPENSSL_SUPPRESS_DEPRECATED

#include "transport/certificate.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string_view>

#include "net/tls/openssl_handles.h"

namespace peerwire {
namespace {

constexpr size_t kMaxPemSize = 64 * 1024;
constexpr size_t kMaxChainLength = 8;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
constexpr int64_t kDaySeconds = 24 * 3600;
// Validity is written with four-digit years; a century is more than any session needs.
constexpr int64_t kMaxValidityMs = 100LL * 365 * kDaySeconds * 1000;

std::string hex(ByteView octets, std::string_view separator) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * (2 + separator.size()));
  for (const uint8_t octet : octets) {
    if (!text.empty()) text += separator;
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

const EVP_MD* digest_of(const std::string& algorithm) {
  if (algorithm == "sha-256") return EVP_sha256();
  if (algorithm == "sha-384") return EVP_sha384();
  if (algorithm == "sha-512") return EVP_sha512();
  if (algorithm == "sha-224") return EVP_sha224();
  if (algorithm == "sha-1") return EVP_sha1();
  return nullptr;
}

#ifdef OPENSSL_NO_DEPRECATED_3_0
KeyPtr make_p256_key() {
  return KeyPtr(EVP_EC_gen("P-256"));
}
#else
// An EC_KEY within, though OpenSSL since 3.0 would have none of it: to put a key of a provider into a certificate it
// looks through all the encoders and decoders there are, which takes nearly as long as to make key and certificate (in
// 3.0 three times as long).
KeyPtr make_p256_key() {
  EC_KEY* pair = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  KeyPtr key(EVP_PKEY_new());
  if (!pair || !key || !EC_KEY_generate_key(pair) || !EVP_PKEY_assign_EC_KEY(key.get(), pair)) {
    EC_KEY_free(pair);
    return nullptr;
  }
  return key;
}
#endif

// Null with an empty `refusal` when OpenSSL failed.
KeyPtr make_key(const CertificateOptions& options, std::string& refusal) {
  if (options.key_type == KeyType::kEcdsaP256) return make_p256_key();
  if (options.rsa_modulus_bits < kMinRsaBits || options.rsa_modulus_bits > kMaxRsaBits) {
    refusal = "an RSA modulus has 2048 to 8192 bits";
    return nullptr;
  }
  if (options.rsa_public_exponent < 3 || options.rsa_public_exponent % 2 == 0) {
    refusal = "an RSA public exponent is odd and at least 3";
    return nullptr;
  }
  KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  BignumPtr exponent(BN_new());
  EVP_PKEY* key = nullptr;
  if (!context || !exponent || !BN_set_word(exponent.get(), options.rsa_public_exponent) ||
      EVP_PKEY_keygen_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), options.rsa_modulus_bits) <= 0 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) <= 0 ||
      EVP_PKEY_keygen(context.get(), &key) <= 0) {
    return nullptr;
  }
  return KeyPtr(key);
}

bool set_random_serial(X509* certificate) {
  // 127 random bits: positive, and within the 20 octets of RFC 5280 section 4.1.2.2.
  BignumPtr serial(BN_new());
  return serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate));
}

// Random, so that two certificates of one host cannot be told to be so (RFC 8827 section 6.5).
bool set_random_name(X509* certificate) {
  uint8_t random[16];
  if (RAND_bytes(random, sizeof random) != 1) return false;
  const std::string name = hex(random, "");
  const NamePtr subject(X509_NAME_new());
  return subject &&
         X509_NAME_add_entry_by_NID(subject.get(), NID_commonName, MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()),
                                    -1, 0) &&
         X509_set_subject_name(certificate, subject.get()) && X509_set_issuer_name(certificate, subject.get());
}

X509Ptr make_self_signed(EVP_PKEY* key, int64_t now_s, int64_t not_after_s) {
  X509Ptr certificate(X509_new());
  const bool made = certificate && X509_set_version(certificate.get(), X509_VERSION_3) &&
                    set_random_serial(certificate.get()) && set_random_name(certificate.get()) &&
                    // A day back: peers' clocks differ.
                    ASN1_TIME_adj(X509_getm_notBefore(certificate.get()), now_s, -1, 0) &&
                    ASN1_TIME_adj(X509_getm_notAfter(certificate.get()), not_after_s, 0, 0) &&
                    X509_set_pubkey(certificate.get(), key) && X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

BioPtr reader_of(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Called by OpenSSL for encrypted PEM; the default would ask on the terminal.
int refuse_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// Reached the end of the text, as opposed to broken PEM or DER in it.
bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

std::string check_key(EVP_PKEY* key, KeyType& type) {
  if (EVP_PKEY_is_a(key, "EC")) {
    char group[64] = {};
    size_t size = 0;
    EVP_PKEY_get_group_name(key, group, sizeof group, &size);
    if (OBJ_txt2nid(group) != NID_X9_62_prime256v1) return "the elliptic curve of the private key is not P-256";
    type = KeyType::kEcdsaP256;
    return {};
  }
  if (EVP_PKEY_is_a(key, "RSA")) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < kMinRsaBits || bits > kMaxRsaBits) return "the RSA private key has not 2048 to 8192 bits";
    type = KeyType::kRsa;
    return {};
  }
  return "the private key is neither ECDSA P-256 nor RSA";
}

bool expiry_of(X509* certificate, int64_t& expires_ms) {
  std::tm parts{};
  if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts)) return false;
  using namespace std::chrono;
  const sys_days day = year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon + 1)) /
                       std::chrono::day(static_cast<unsigned>(parts.tm_mday));
  const auto seconds = day.time_since_epoch() + hours(parts.tm_hour) + minutes(parts.tm_min);
  expires_ms = duration_cast<milliseconds>(seconds).count() + parts.tm_sec * 1000LL;
  return true;
}

}  // namespace

/// Fills the private members of Certificate.
struct CertificateFactory {
  static CertificateResult make(X509Ptr x509, KeyPtr key, std::vector<X509Ptr> chain, KeyType type,
                                int64_t expires_ms) {
    std::shared_ptr<Certificate> certificate(new Certificate);
    certificate->der_ = der_of(x509.get());
    if (certificate->der_.empty()) return take_openssl_error("the certificate could not be encoded");
    certificate->x509_ = x509.release();
    certificate->private_key_ = key.release();
    for (X509Ptr& link : chain) certificate->chain_.push_back(link.release());
    certificate->expires_ms_ = expires_ms;
    certificate->key_type_ = type;
    return CertificatePtr(std::move(certificate));
  }
};

CertificateResult Certificate::generate(const CertificateOptions& options) {
  prepare_openssl();
  const OpensslErrorScope errors;
  if (options.expires_in_ms < 0) return "a certificate cannot expire before it is made";
  using namespace std::chrono;
  const int64_t now_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const int64_t expires_ms = now_ms + std::min(options.expires_in_ms, kMaxValidityMs);
  std::string refusal;
  KeyPtr key = make_key(options, refusal);
  if (!refusal.empty()) return refusal;
  if (!key) return "no key could be made: " + take_openssl_error("unknown reason");
  X509Ptr x509 = make_self_signed(key.get(), now_ms / 1000, (expires_ms + 999) / 1000);
  if (!x509) return "no certificate could be made: " + take_openssl_error("unknown reason");
  return CertificateFactory::make(std::move(x509), std::move(key), {}, options.key_type, expires_ms);
}

CertificateResult Certificate::from_pem(const std::string& certificate_pem, const std::string& private_key_pem) {
  prepare_openssl();
  const OpensslErrorScope errors;
  if (certificate_pem.size() > kMaxPemSize) return "the certificate PEM is larger than 64 KiB";
  if (private_key_pem.size() > kMaxPemSize) return "the private key PEM is larger than 64 KiB";

  bool password_asked = false;
  const BioPtr certificates = reader_of(certificate_pem);
  if (!certificates) return "out of memory";
  X509Ptr x509(PEM_read_bio_X509(certificates.get(), nullptr, refuse_password, &password_asked));
  if (!x509) {
    return at_end_of_pem() ? "there is no PEM certificate in the text" : "the PEM certificate is malformed";
  }
  std::vector<X509Ptr> chain;
  for (;;) {
    X509Ptr link(PEM_read_bio_X509(certificates.get(), nullptr, refuse_password, &password_asked));
    if (!link) {
      if (!at_end_of_pem()) return "a certificate of the PEM chain is malformed";
      break;
    }
    if (chain.size() == kMaxChainLength) return "the PEM chain has more than 8 further certificates";
    chain.push_back(std::move(link));
  }

  ERR_clear_error();
  const BioPtr keys = reader_of(private_key_pem);
  if (!keys) return "out of memory";
  KeyPtr key(PEM_read_bio_PrivateKey(keys.get(), nullptr, refuse_password, &password_asked));
  // A cipher that is not built in is not asked a password for.
  if (password_asked || (!key && private_key_pem.find("ENCRYPTED") != std::string::npos)) {
    return "the private key is encrypted; an unencrypted one is needed";
  }
  if (!key) {
    return private_key_pem.find("PRIVATE KEY-----") == std::string::npos ? "there is no PEM private key in the text"
                                                                         : "the PEM private key is malformed";
  }

  KeyType type = KeyType::kEcdsaP256;
  if (std::string refusal = check_key(key.get(), type); !refusal.empty()) return refusal;
  if (X509_check_private_key(x509.get(), key.get()) != 1) return "the private key does not belong to the certificate";
  int64_t expires_ms = 0;
  if (!expiry_of(x509.get(), expires_ms)) return "the end of the certificate's validity is malformed";
  return CertificateFactory::make(std::move(x509), std::move(key), std::move(chain), type, expires_ms);
}

Certificate::~Certificate() {
  for (X509* link : chain_) X509_free(link);
  X509_free(x509_);
  EVP_PKEY_free(private_key_);
}

std::string Certificate::certificate_pem() const {
  const OpensslErrorScope errors;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || !PEM_write_bio_X509(bio.get(), x509_)) return {};
  for (X509* link : chain_) {
    if (!PEM_write_bio_X509(bio.get(), link)) return {};
  }
  return text_of(bio.get());
}

std::string Certificate::private_key_pem() const {
  const OpensslErrorScope errors;
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio.get(), private_key_, nullptr, nullptr, 0, nullptr, nullptr)) return {};
  return text_of(bio.get());
}

Fingerprint Certificate::fingerprint(const std::string& algorithm) const {
  return fingerprint_of(der_, algorithm);
}

Bytes der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<size_t>(size));
  uint8_t* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

Fingerprint fingerprint_of(ByteView der, const std::string& algorithm) {
  prepare_openssl();
  const OpensslErrorScope errors;
  Fingerprint fingerprint{algorithm, {}};
  const EVP_MD* digest = digest_of(algorithm);
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (digest && EVP_Digest(der.data(), der.size(), hash, &size, digest, nullptr)) {
    fingerprint.value = hex({hash, size}, ":");
  }
  return fingerprint;
}

}  // namespace peerwire
