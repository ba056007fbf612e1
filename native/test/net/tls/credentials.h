// Certificates of servers, for tests.
#pragma once

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <string>

#include "net/tls/openssl_handles.h"

namespace peerwire {

/// Signed by itself. `names`: of the subjectAltName as OpenSSL's configuration writes them, or empty for none.
struct Credentials {
  Credentials(const std::string& common_name, const std::string& names, KeyPtr own_key = KeyPtr(EVP_EC_gen("P-256")))
      : key(std::move(own_key)), certificate(X509_new()) {
    X509* made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    const NamePtr subject(X509_NAME_new());
    X509_NAME_add_entry_by_txt(subject.get(), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_subject_name(made, subject.get());
    X509_set_issuer_name(made, subject.get());
    X509_set_pubkey(made, key.get());
    if (!names.empty()) {
      X509_EXTENSION* alternative = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
      EXPECT_NE(alternative, nullptr) << names;
      X509_add_ext(made, alternative, -1);
      X509_EXTENSION_free(alternative);
    }
    EXPECT_GT(X509_sign(made, key.get(), EVP_sha256()), 0);
  }

  KeyPtr key;
  X509Ptr certificate;
};

}  // namespace peerwire
