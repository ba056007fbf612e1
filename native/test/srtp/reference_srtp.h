// SRTP as the RFCs write it down, slowly, on OpenSSL's ciphers alone: what the sessions under test are held against. It
// is itself held against the RFCs' test vectors in reference_srtp_test.cc.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "transport/srtp_session.h"

namespace peerwire::reference {

inline Bytes from_hex(std::string_view text) {
  Bytes octets;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    octets.push_back(static_cast<uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

inline Bytes join(const Bytes& a, const Bytes& b) {
  Bytes both = a;
  for (const uint8_t octet : b) both.push_back(octet);
  return both;
}

inline Bytes slice(const Bytes& octets, size_t from, size_t to) {
  return {octets.begin() + static_cast<std::ptrdiff_t>(from), octets.begin() + static_cast<std::ptrdiff_t>(to)};
}

/// `input` under AES in counter mode.
inline Bytes aes_ctr(const Bytes& key, const Bytes& iv, const Bytes& input) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), nullptr, key.data(), iv.data());
  Bytes output(input.size());
  int size = 0;
  if (!input.empty()) EVP_EncryptUpdate(context, output.data(), &size, input.data(), static_cast<int>(input.size()));
  EVP_CIPHER_CTX_free(context);
  return output;
}

/// Ciphertext and tag of AES in Galois/counter mode.
inline Bytes aes_gcm(const Bytes& key, const Bytes& iv, const Bytes& aad, const Bytes& plain) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr, key.data(), iv.data());
  Bytes output(plain.size() + 16);
  int size = 0;
  EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size()));
  if (!plain.empty()) EVP_EncryptUpdate(context, output.data(), &size, plain.data(), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context, output.data() + plain.size(), &size);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, output.data() + plain.size());
  EVP_CIPHER_CTX_free(context);
  return output;
}

/// https://datatracker.ietf.org/doc/html/rfc3711#section-4.3.3; a salt of 96 bits is continued by zeros (RFC 7714
/// section 11).
inline Bytes derive(const Bytes& master_key, const Bytes& master_salt, uint8_t label, size_t size) {
  Bytes iv = master_salt;
  iv.resize(16);
  iv[7] ^= label;
  return aes_ctr(master_key, iv, Bytes(size));
}

struct SessionKeys {
  Bytes cipher_key;
  Bytes auth_key;
  Bytes salt;
};

/// `first_label`: 0 for SRTP, 3 for SRTCP.
inline SessionKeys derive_keys(const Bytes& master, SrtpProfile profile, uint8_t first_label) {
  const Bytes key = slice(master, 0, srtp_key_size(profile));
  const Bytes salt = slice(master, srtp_key_size(profile), master.size());
  return {derive(key, salt, first_label, key.size()), derive(key, salt, static_cast<uint8_t>(first_label + 1), 20),
          derive(key, salt, static_cast<uint8_t>(first_label + 2), salt.size())};
}

inline Bytes big_endian(uint64_t value, size_t size) {
  Bytes octets(size);
  for (size_t i = 0; i < size; ++i) octets[size - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
  return octets;
}

inline void exclusive_or(Bytes& into, size_t at, const Bytes& with) {
  for (size_t i = 0; i < with.size(); ++i) into[at + i] ^= with[i];
}

/// https://datatracker.ietf.org/doc/html/rfc3711#section-4.1.1; `index`: of 48 bits.
inline Bytes counter_iv(const Bytes& salt, const Bytes& ssrc, uint64_t index) {
  Bytes iv = salt;
  iv.resize(16);
  exclusive_or(iv, 4, ssrc);
  exclusive_or(iv, 8, big_endian(index, 6));
  return iv;
}

inline Bytes hmac_sha1(const Bytes& key, const Bytes& input, size_t tag_size) {
  Bytes tag(20);
  unsigned int size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), input.data(), input.size(), tag.data(), &size);
  tag.resize(tag_size);
  return tag;
}

inline bool is_aead(SrtpProfile profile) {
  return profile == SrtpProfile::kAeadAes128Gcm || profile == SrtpProfile::kAeadAes256Gcm;
}

/// RFC 7714 section 8.1 and 9.1: the IV is the salt over the SSRC and the index of 48 bits, two octets in.
inline Bytes aead_iv(const Bytes& salt, const Bytes& ssrc, uint64_t index) {
  Bytes iv = salt;
  exclusive_or(iv, 2, ssrc);
  exclusive_or(iv, 6, big_endian(index, 6));
  return iv;
}

/// `header_size`: with CSRCs and extension. `index`: rollover counter and sequence number.
inline Bytes protect_rtp(SrtpProfile profile, const SessionKeys& keys, const Bytes& packet, size_t header_size,
                         uint64_t index) {
  const Bytes header = slice(packet, 0, header_size), payload = slice(packet, header_size, packet.size());
  const Bytes ssrc = slice(packet, 8, 12);
  if (is_aead(profile)) {
    return join(header, aes_gcm(keys.cipher_key, aead_iv(keys.salt, ssrc, index), header, payload));
  }
  const Bytes sealed = join(header, aes_ctr(keys.cipher_key, counter_iv(keys.salt, ssrc, index), payload));
  const size_t tag_size = profile == SrtpProfile::kAes128CmHmacSha1_80 ? 10 : 4;
  return join(sealed, hmac_sha1(keys.auth_key, join(sealed, big_endian(index >> 16, 4)), tag_size));
}

inline Bytes protect_rtcp(SrtpProfile profile, const SessionKeys& keys, const Bytes& packet, uint32_t index) {
  const Bytes header = slice(packet, 0, 8), body = slice(packet, 8, packet.size());
  const Bytes ssrc = slice(packet, 4, 8), trailer = big_endian(0x80000000 | index, 4);
  if (is_aead(profile)) {
    const Bytes aad = join(header, trailer);
    return join(join(header, aes_gcm(keys.cipher_key, aead_iv(keys.salt, ssrc, index), aad, body)), trailer);
  }
  const Bytes sealed = join(header, aes_ctr(keys.cipher_key, counter_iv(keys.salt, ssrc, index), body));
  return join(join(sealed, trailer), hmac_sha1(keys.auth_key, join(sealed, trailer), 10));
}

}  // namespace peerwire::reference
