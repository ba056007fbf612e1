// Ownership of OpenSSL objects, and its error queue.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace peerwire {

template <auto Free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpensslDeleter<X509_NAME_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;

/// Makes the library ready without the machine's openssl.cnf, which could forbid or change what RFC 8827 demands, and
/// without an exit handler, which would pull the library away under the network thread. Cheap after the first call.
void prepare_openssl();

/// The reason of the oldest queued error, or `otherwise`; leaves this thread's error queue empty.
std::string take_openssl_error(const char* otherwise);

/// Leaves this thread's error queue empty when it goes: what one call left there must not be read by the next.
struct OpensslErrorScope {
  OpensslErrorScope();
  ~OpensslErrorScope();
};

}  // namespace peerwire
