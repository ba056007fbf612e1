#include "transport/certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace peerwire {
namespace {

CertificatePtr made(const CertificateOptions& options = {}) {
  auto result = Certificate::generate(options);
  if (const auto* error = std::get_if<std::string>(&result)) ADD_FAILURE() << *error;
  return std::get<CertificatePtr>(result);
}

std::string refusal(const CertificateResult& result) {
  const auto* error = std::get_if<std::string>(&result);
  return error ? *error : "";
}

int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

TEST(Certificate, IsASelfSignedP256CertificateWithNothingThatIdentifiesItsHost) {
  const auto certificate = made();
  X509* x509 = certificate->x509();
  EXPECT_EQ(certificate->key_type(), KeyType::kEcdsaP256);
  EXPECT_EQ(X509_get_version(x509), X509_VERSION_3);
  EXPECT_EQ(X509_verify(x509, certificate->private_key()), 1);
  EXPECT_EQ(X509_get_signature_nid(x509), NID_ecdsa_with_SHA256);
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509), nullptr);  // until now
  EXPECT_TRUE(days > 0 || seconds > 0);
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x509), X509_get0_notAfter(x509));
  EXPECT_EQ(days, 31);
  EXPECT_NEAR(static_cast<double>(certificate->expires_ms()), static_cast<double>(now_ms() + 30LL * 86400000), 5000);
}

TEST(Certificate, SerialNameAndKeyDifferEachTime) {
  std::set<std::string> names, serials, fingerprints;
  for (int i = 0; i < 20; ++i) {
    const auto certificate = made();
    char name[256];
    X509_NAME_oneline(X509_get_subject_name(certificate->x509()), name, sizeof name);
    names.insert(name);
    BIGNUM* serial = ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate->x509()), nullptr);
    EXPECT_EQ(BN_num_bits(serial), 127);
    char* text = BN_bn2hex(serial);
    serials.insert(text);
    OPENSSL_free(text);
    BN_free(serial);
    fingerprints.insert(certificate->fingerprint("sha-256").value);
  }
  EXPECT_EQ(names.size(), 20u);
  EXPECT_EQ(serials.size(), 20u);
  EXPECT_EQ(fingerprints.size(), 20u);
}

TEST(Certificate, RsaHasTheModulusAndExponentAskedFor) {
  CertificateOptions options;
  options.key_type = KeyType::kRsa;
  const auto certificate = made(options);
  EXPECT_EQ(certificate->key_type(), KeyType::kRsa);
  EXPECT_EQ(EVP_PKEY_get_bits(certificate->private_key()), 2048);
  EXPECT_EQ(X509_get_signature_nid(certificate->x509()), NID_sha256WithRSAEncryption);
  EXPECT_EQ(X509_verify(certificate->x509(), certificate->private_key()), 1);
}

TEST(Certificate, RefusesUnsafeOrImpossibleOptions) {
  CertificateOptions options;
  options.key_type = KeyType::kRsa;
  for (const int bits : {-1, 0, 512, 1024, 2047, 8193, 1 << 30}) {
    options.rsa_modulus_bits = bits;
    EXPECT_NE(refusal(Certificate::generate(options)), "");
  }
  options.rsa_modulus_bits = 2048;
  for (const uint32_t exponent : {0u, 1u, 2u, 65536u}) {
    options.rsa_public_exponent = exponent;
    EXPECT_NE(refusal(Certificate::generate(options)), "");
  }
  CertificateOptions past;
  past.expires_in_ms = -1;
  EXPECT_NE(refusal(Certificate::generate(past)), "");
  CertificateOptions forever;
  forever.expires_in_ms = INT64_MAX;
  EXPECT_GT(made(forever)->expires_ms(), now_ms());
}

TEST(Certificate, GoesThroughPemUnchanged) {
  for (const KeyType type : {KeyType::kEcdsaP256, KeyType::kRsa}) {
    CertificateOptions options;
    options.key_type = type;
    const auto certificate = made(options);
    const auto result = Certificate::from_pem(certificate->certificate_pem(), certificate->private_key_pem());
    ASSERT_EQ(refusal(result), "");
    const auto again = std::get<CertificatePtr>(result);
    EXPECT_EQ(again->der(), certificate->der());
    EXPECT_EQ(again->key_type(), type);
    EXPECT_EQ(again->private_key_pem(), certificate->private_key_pem());
    EXPECT_GE(again->expires_ms(), certificate->expires_ms());
    EXPECT_LT(again->expires_ms(), certificate->expires_ms() + 1000);
  }
}

TEST(Certificate, KeepsTheChainOfItsPem) {
  const auto leaf = made(), middle = made(), root = made();
  const std::string pem =
      leaf->certificate_pem() + "text between\n" + middle->certificate_pem() + root->certificate_pem();
  const auto result = Certificate::from_pem(pem, leaf->private_key_pem());
  ASSERT_EQ(refusal(result), "");
  EXPECT_EQ(std::get<CertificatePtr>(result)->chain().size(), 2u);
  EXPECT_EQ(std::get<CertificatePtr>(result)->certificate_pem(),
            leaf->certificate_pem() + middle->certificate_pem() + root->certificate_pem());
  std::string endless;
  for (int i = 0; i < 12; ++i) endless += leaf->certificate_pem();
  EXPECT_NE(refusal(Certificate::from_pem(endless, leaf->private_key_pem())), "");
}

TEST(Certificate, FingerprintsAreLowerCaseHexPairs) {
  const Bytes abc = {'a', 'b', 'c'};
  EXPECT_EQ(fingerprint_of(abc, "sha-256").value,
            "ba:78:16:bf:8f:01:cf:ea:41:41:40:de:5d:ae:22:23:b0:03:61:a3:96:17:7a:9c:b4:10:ff:61:f2:00:15:ad");
  EXPECT_EQ(fingerprint_of(abc, "sha-384").value.size(), 48u * 3 - 1);
  EXPECT_EQ(fingerprint_of(abc, "sha-512").value.size(), 64u * 3 - 1);
  EXPECT_EQ(fingerprint_of(abc, "sha-224").value.size(), 28u * 3 - 1);
  EXPECT_EQ(fingerprint_of(abc, "sha-1").value, "a9:99:3e:36:47:06:81:6a:ba:3e:25:71:78:50:c2:6c:9c:d0:d8:9d");
  EXPECT_EQ(fingerprint_of(abc, "md5").value, "");
  EXPECT_EQ(fingerprint_of(abc, "").value, "");
}

// As programs of long ago wrote them, and with ways to encrypt that need not be built in.
constexpr const char* kEncryptedKeys[] = {
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: DES-EDE3-CBC,E01D26396B91D2F1\n"
    "\n"
    "4h9GDOx3gYuD9kycARoIJaLXuawKv0iMquYl/0EzHXkQ/skhi5D2z8TW/3XhDyK6\n"
    "CHniQzVTmSNdAy9FRueTqomMNR5He62TQWhHa2ChmxOAywM7LbwA0UmRCWenTrDW\n"
    "kFF7id4ewMzNg/4936DTmdWDBk9EPb33+IMXKNJQzLc=\n"
    "-----END EC PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGxMBwGCiqGSIb3DQEMAQMwDgQI8o1W2f2I/hQCAggABIGQg+kCz3zbD6Dky0eD\n"
    "ipP+O7VMHNN2CeKZ+3efb0obJQbZERFxovvTn0w0xlt9If0JwIxwFVTT+wLscTVy\n"
    "FXjzVWoKTyLe/h/czUHU47rW7Fr0DXWZAFvOvdDJOqeuz7JEP84qjImYjowFovjI\n"
    "+E/F0R1/MaPEctL2RF4sulctE9aMUh8Ze3J8/4SdLIjxVWJA\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhw8SYeNPThEwICQAAC\n"
    "AQgCAQEwHQYJYIZIAWUDBAEqBBDZT0fQypcF1P2XZ9kyDPoVBIGQFEI+0QVcSOos\n"
    "Cv1ThXNgYWGn6psuyeHh5JK7jfUmdj/GWNzBmbUvwgHQNZwEYHtn1hHJJ7uq0SnJ\n"
    "/HIc+c3N1PcZeEGyJ19dzy7Dr5fINBHPgcf9h9n2KFnshHcrP2lYSNdwPkuP9caN\n"
    "eiCb4Rhhy0rRve77AKwFQhfZbdYiP7qOxW1ocAkqqMysuNHhkH/0\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n",
};

TEST(Certificate, SaysWhatIsWrongWithAPem) {
  const auto certificate = made(), other = made();
  const std::string pem = certificate->certificate_pem(), key = certificate->private_key_pem();
  EXPECT_EQ(refusal(Certificate::from_pem(pem, other->private_key_pem())),
            "the private key does not belong to the certificate");
  EXPECT_EQ(refusal(Certificate::from_pem("", key)), "there is no PEM certificate in the text");
  EXPECT_EQ(refusal(Certificate::from_pem(pem, "")), "there is no PEM private key in the text");
  EXPECT_EQ(refusal(Certificate::from_pem(pem, pem)), "there is no PEM private key in the text");
  EXPECT_EQ(refusal(Certificate::from_pem(std::string(65537, 'x'), key)), "the certificate PEM is larger than 64 KiB");
  EXPECT_EQ(refusal(Certificate::from_pem(pem, std::string(65537, 'x'))), "the private key PEM is larger than 64 KiB");

  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, certificate->private_key(), EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  EXPECT_EQ(refusal(Certificate::from_pem(pem, std::string(data, static_cast<size_t>(size)))),
            "the private key is encrypted; an unencrypted one is needed");
  BIO_free(bio);
  for (const char* encrypted : kEncryptedKeys) {
    EXPECT_EQ(refusal(Certificate::from_pem(pem, encrypted)),
              "the private key is encrypted; an unencrypted one is needed")
        << encrypted;
  }

  EVP_PKEY* curve = EVP_EC_gen("P-384");
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, curve, nullptr, nullptr, 0, nullptr, nullptr);
  const long curve_size = BIO_get_mem_data(bio, &data);
  EXPECT_EQ(refusal(Certificate::from_pem(pem, std::string(data, static_cast<size_t>(curve_size)))),
            "the elliptic curve of the private key is not P-256");
  BIO_free(bio);
  EVP_PKEY_free(curve);
}

TEST(Certificate, NoMutationOfAPemDoesHarm) {
  const auto certificate = made();
  const std::string pem = certificate->certificate_pem(), key = certificate->private_key_pem();
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string bad_pem = pem, bad_key = key;
    for (std::string* text : {&bad_pem, &bad_key}) {
      switch (random() % 3) {
        case 0:
          (*text)[random() % text->size()] = static_cast<char>(random());
          break;
        case 1:
          text->resize(random() % text->size());
          break;
        default:
          text->insert(random() % text->size(), std::string(random() % 70, 'A'));
      }
    }
    Certificate::from_pem(bad_pem, key);
    Certificate::from_pem(pem, bad_key);
  }
}

TEST(Certificate, ManyThreadsMakeThemAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) {
        const auto certificate = made();
        EXPECT_EQ(X509_verify(certificate->x509(), certificate->private_key()), 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace peerwire
