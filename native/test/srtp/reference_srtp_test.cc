#include "srtp/reference_srtp.h"

#include <gtest/gtest.h>

namespace peerwire::reference {
namespace {

constexpr auto kAead128 = SrtpProfile::kAeadAes128Gcm;
constexpr auto kAead256 = SrtpProfile::kAeadAes256Gcm;

SessionKeys keys_of(size_t size) {
  SessionKeys keys;
  for (size_t i = 0; i < size; ++i) keys.cipher_key.push_back(static_cast<uint8_t>(i));
  keys.salt = from_hex("517569642070726f2071756f");
  return keys;
}

// https://datatracker.ietf.org/doc/html/rfc7714#section-16
TEST(ReferenceSrtp, GivesThePacketsOfRfc7714) {
  const Bytes packet =
      from_hex("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
  EXPECT_EQ(protect_rtp(kAead128, keys_of(16), packet, 12, 0xf17b),
            from_hex("8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf"
                     "8833899d7f27beb16a9152cf765ee4390cce"));
  EXPECT_EQ(protect_rtp(kAead256, keys_of(32), packet, 12, 0xf17b),
            from_hex("8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799"
                     "b87b7aa3db36dfffd6b0f9bb7878d7a76c13"));
}

// https://datatracker.ietf.org/doc/html/rfc7714#section-17
TEST(ReferenceSrtp, GivesTheControlPacketsOfRfc7714) {
  const Bytes packet = from_hex(
      "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
  EXPECT_EQ(protect_rtcp(kAead128, keys_of(16), packet, 0x5d4),
            from_hex("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0"
                     "bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"));
  EXPECT_EQ(protect_rtcp(kAead256, keys_of(32), packet, 0x5d4),
            from_hex("81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476"
                     "f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"));
}

// https://datatracker.ietf.org/doc/html/rfc3711#appendix-B.2
TEST(ReferenceSrtp, GivesTheKeyStreamOfRfc3711) {
  const Bytes salt = from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
  EXPECT_EQ(
      aes_ctr(from_hex("2b7e151628aed2a6abf7158809cf4f3c"), counter_iv(salt, Bytes(4), 0), Bytes(48)),
      from_hex("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0"));
}

// https://datatracker.ietf.org/doc/html/rfc3711#appendix-B.3
TEST(ReferenceSrtp, DerivesTheKeysOfRfc3711) {
  const auto keys = derive_keys(from_hex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"),
                                SrtpProfile::kAes128CmHmacSha1_80, 0);
  EXPECT_EQ(keys.cipher_key, from_hex("c61e7a93744f39ee10734afe3ff7a087"));
  EXPECT_EQ(keys.salt, from_hex("30cbbc08863d8c85d49db34a9ae1"));
  EXPECT_EQ(keys.auth_key, from_hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
}

}  // namespace
}  // namespace peerwire::reference
