#include "media/codec/g711.h"

#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"

namespace peerwire {
namespace {

TEST(G711, ExpandsTheCodesOfTheRecommendationsTables) {
  // Tables 1 and 2: ends and middles of both halves, in 16 bits.
  EXPECT_EQ(g711_expand(G711Law::kMu, 0xff), 0);
  EXPECT_EQ(g711_expand(G711Law::kMu, 0x7f), 0);
  EXPECT_EQ(g711_expand(G711Law::kMu, 0x80), 32124);
  EXPECT_EQ(g711_expand(G711Law::kMu, 0x00), -32124);
  EXPECT_EQ(g711_expand(G711Law::kMu, 0xfe), 8);
  EXPECT_EQ(g711_expand(G711Law::kMu, 0xef), 132);
  EXPECT_EQ(g711_expand(G711Law::kA, 0xd5), 8);
  EXPECT_EQ(g711_expand(G711Law::kA, 0x55), -8);
  EXPECT_EQ(g711_expand(G711Law::kA, 0xaa), 32256);
  EXPECT_EQ(g711_expand(G711Law::kA, 0x2a), -32256);
}

TEST(G711, EachCodeSurvivesTheRoundTrip) {
  for (int code = 0; code < 256; ++code) {
    const auto octet = static_cast<uint8_t>(code);
    EXPECT_EQ(g711_compress(G711Law::kA, g711_expand(G711Law::kA, octet)), octet);
    // Minus zero (0x7f) is plus zero.
    EXPECT_EQ(g711_compress(G711Law::kMu, g711_expand(G711Law::kMu, octet)), octet == 0x7f ? 0xff : octet);
  }
}

TEST(G711, IsMonotonousAndWithinHalfAStep) {
  for (const G711Law law : {G711Law::kMu, G711Law::kA}) {
    int last = -40000;
    for (int linear = -32768; linear <= 32767; ++linear) {
      const int back = g711_expand(law, g711_compress(law, static_cast<int16_t>(linear)));
      EXPECT_GE(back, last);
      last = back;
      const int magnitude = std::min(std::abs(linear), 32000);
      EXPECT_LE(std::abs(back - std::clamp(linear, -32256, 32256)), magnitude / 32 + 132) << linear;
    }
  }
}

TEST(G711, HashesAgreeWithOtherImplementations) {
  std::vector<uint8_t> codes;
  for (int linear = -32768; linear <= 32767; ++linear) {
    codes.push_back(g711_compress(G711Law::kA, static_cast<int16_t>(linear)));
  }
  EXPECT_EQ(test::hash_of(codes), 0x2bf3f2a346dc0483ull);  // Python's audioop.lin2alaw
}

TEST(G711, CarriesATone) {
  for (const AudioCodec codec : {AudioCodec::kPcmu, AudioCodec::kPcma}) {
    AudioEncoderSettings settings;
    settings.codec = codec;
    auto encoder = AudioEncoder::create(settings, nullptr);
    auto decoder = AudioDecoder::create(codec, 1);
    if (!encoder || !decoder) GTEST_SKIP() << "built without G.711";
    std::vector<int16_t> out;
    Bytes packet;
    for (size_t at = 0; at < 8000; at += 160) {
      const auto tone = test::make_tone(8000, 1000.3, 10000, 160, at);
      ASSERT_TRUE(encoder->encode(tone.data(), 160, packet));
      ASSERT_EQ(packet.size(), 160u);
      EXPECT_EQ(decoder->packet_frames(packet), 160);
      ASSERT_TRUE(decoder->decode(packet, out));
    }
    EXPECT_GT(test::fit_tone(out, 8000, 1000.3).snr_db, 37);
    EXPECT_FALSE(decoder->decode({}, out));
  }
}

}  // namespace
}  // namespace peerwire
