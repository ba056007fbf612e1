// An X.509 certificate with its private key, as DTLS and RTCCertificate use it. Immutable: any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

struct evp_pkey_st;
struct x509_st;

namespace peerwire {

enum class KeyType { kEcdsaP256, kRsa };

struct CertificateOptions {
  KeyType key_type = KeyType::kEcdsaP256;
  int rsa_modulus_bits = 2048;  // 2048 to 8192
  uint32_t rsa_public_exponent = 65537;
  int64_t expires_in_ms = 30LL * 24 * 3600 * 1000;
};

struct Fingerprint {
  std::string algorithm;  // "sha-256", "sha-384", "sha-512" (lower case, RFC 8122)
  std::string value;      // lower-case hex pairs joined by ":"
};

class Certificate;
using CertificatePtr = std::shared_ptr<const Certificate>;
/// Either the certificate or a sentence that says why there is none.
using CertificateResult = std::variant<CertificatePtr, std::string>;

class Certificate {
 public:
  /// Makes a key and a self-signed certificate; random serial and common name. Slow (RSA): not on the JS thread.
  static CertificateResult generate(const CertificateOptions& options);
  /// Reads a PEM certificate (more may follow: the chain) and its unencrypted PEM private key.
  static CertificateResult from_pem(const std::string& certificate_pem, const std::string& private_key_pem);

  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string certificate_pem() const;
  std::string private_key_pem() const;
  const Bytes& der() const { return der_; }
  /// Empty value for an algorithm that is not one of the three.
  Fingerprint fingerprint(const std::string& algorithm) const;
  /// End of validity in milliseconds since the Unix epoch.
  int64_t expires_ms() const { return expires_ms_; }
  KeyType key_type() const { return key_type_; }

  x509_st* x509() const { return x509_; }
  evp_pkey_st* private_key() const { return private_key_; }
  const std::vector<x509_st*>& chain() const { return chain_; }

 private:
  Certificate() = default;
  friend struct CertificateFactory;
  x509_st* x509_ = nullptr;
  evp_pkey_st* private_key_ = nullptr;
  std::vector<x509_st*> chain_;
  Bytes der_;
  int64_t expires_ms_ = 0;
  KeyType key_type_ = KeyType::kEcdsaP256;
};

/// Empty when OpenSSL cannot encode it.
Bytes der_of(x509_st* certificate);
/// Fingerprint of a DER certificate; empty value for an unknown algorithm.
Fingerprint fingerprint_of(ByteView der, const std::string& algorithm);

}  // namespace peerwire
