// Whether the peer is who it is said to be (RFC 8122, RFC 8827 section 6.5).
#include <algorithm>
#include <cctype>
#include <string>

#include "transport/dtls/dtls_handshake.h"

namespace peerwire {
namespace {

constexpr size_t kMaxPeerCertificates = 16;
// Those of RFC 8122 that are not forbidden, preferred first. SHA-1 and SHA-224 as in browsers: gateways still send them
// alone, and to forge a certificate for a given fingerprint is out of reach for both.
constexpr const char* kHashFunctions[] = {"sha-512", "sha-384", "sha-256", "sha-224", "sha-1"};

bool equal_ignoring_case(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

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
      if (!equal_ignoring_case(wanted.algorithm, algorithm)) continue;
      if (!ours.value.empty() && equal_ignoring_case(ours.value, wanted.value)) return true;
      used = true;
    }
    if (used) return false;
  }
  return false;
}

}  // namespace peerwire
