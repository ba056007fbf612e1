#include <gtest/gtest.h>

#include "media/audio_codec/tones.h"
#include "media/codec/audio_codec.h"
#include "media/codec/audio_level.h"

namespace peerwire {
namespace {

class Opus : public testing::Test {
 protected:
  void SetUp() override {
    if (!AudioDecoder::create(AudioCodec::kOpus, 1)) GTEST_SKIP() << "built without Opus";
  }

  static std::unique_ptr<AudioEncoder> make(AudioEncoderSettings settings) {
    settings.codec = AudioCodec::kOpus;
    std::string error;
    auto encoder = AudioEncoder::create(settings, &error);
    EXPECT_TRUE(encoder) << error;
    return encoder;
  }

  /// Packets of a tone, each channel with a frequency of its own.
  static std::vector<Bytes> encode_tones(AudioEncoder& encoder, std::vector<double> hertz, int packets,
                                         double amplitude = 10000) {
    const auto frames = static_cast<size_t>(encoder.packet_time_ms()) * 48;
    std::vector<Bytes> made;
    for (int i = 0; i < packets; ++i) {
      std::vector<int16_t> samples(frames * hertz.size());
      for (size_t channel = 0; channel < hertz.size(); ++channel) {
        const auto tone = test::make_tone(48000, hertz[channel], amplitude, frames, static_cast<size_t>(i) * frames);
        for (size_t k = 0; k < frames; ++k) samples[k * hertz.size() + channel] = tone[k];
      }
      EXPECT_TRUE(encoder.encode(samples.data(), frames, made.emplace_back()));
    }
    return made;
  }

  static size_t octets(const std::vector<Bytes>& packets) {
    size_t sum = 0;
    for (const auto& packet : packets) sum += packet.size();
    return sum;
  }

  static std::vector<int16_t> channel(const std::vector<int16_t>& samples, size_t index, size_t channels) {
    std::vector<int16_t> one;
    for (size_t i = index; i < samples.size(); i += channels) one.push_back(samples[i]);
    return one;
  }
};

TEST_F(Opus, CarriesAToneAtEveryPacketTime) {
  for (int ms = 10; ms <= 120; ms += 10) {
    AudioEncoderSettings settings;
    settings.packet_time_ms = ms;
    auto encoder = make(settings);
    // RFC 6716 has no packets of an odd number of tens of milliseconds, but for ten.
    EXPECT_EQ(encoder->packet_time_ms(), ms == 10 ? 10 : ms / 20 * 20);
    auto decoder = AudioDecoder::create(AudioCodec::kOpus, 1);
    std::vector<int16_t> out;
    for (const Bytes& packet : encode_tones(*encoder, {1000}, 1200 / encoder->packet_time_ms())) {
      EXPECT_EQ(decoder->packet_frames(packet), encoder->packet_time_ms() * 48);
      ASSERT_TRUE(decoder->decode(packet, out));
    }
    EXPECT_GT(test::fit_tone(std::span(out).subspan(9600), 48000, 1000).snr_db, 15) << ms;
  }
}

TEST_F(Opus, KeepsStereoApart) {
  AudioEncoderSettings settings;
  settings.channels = 2;
  settings.bitrate_bps = 96000;
  auto encoder = make(settings);
  auto decoder = AudioDecoder::create(AudioCodec::kOpus, 2);
  std::vector<int16_t> out;
  EXPECT_EQ(decoder->channels(), 1);
  for (const Bytes& packet : encode_tones(*encoder, {440, 1500}, 50)) {
    decoder->prepare(packet);
    ASSERT_TRUE(decoder->decode(packet, out));
  }
  EXPECT_EQ(decoder->channels(), 2);
  const auto left = channel(out, 0, 2), right = channel(out, 1, 2);
  EXPECT_GT(test::fit_tone(std::span(left).subspan(9600), 48000, 440).snr_db, 20);
  EXPECT_GT(test::fit_tone(std::span(right).subspan(9600), 48000, 1500).snr_db, 20);
}

TEST_F(Opus, BitrateIsWhatWasAskedFor) {
  for (const uint32_t bitrate : {16000u, 64000u, 128000u}) {
    AudioEncoderSettings settings;
    settings.bitrate_bps = bitrate;
    settings.constant_bitrate = true;
    auto encoder = make(settings);
    const auto packets = encode_tones(*encoder, {700}, 50);
    for (const Bytes& packet : packets) EXPECT_EQ(packet.size(), packets[0].size());
    EXPECT_NEAR(static_cast<double>(octets(packets)) * 8, bitrate, bitrate * 0.05);
    encoder->set_bitrate(bitrate * 2);
    EXPECT_NEAR(static_cast<double>(octets(encode_tones(*encoder, {700}, 50))) * 8, bitrate * 2, bitrate * 0.1);
  }
}

TEST_F(Opus, MaximumPlaybackRateLimitsTheBand) {
  // A tone of 6 kHz passes unless the receiver says that it plays 8 kHz only (RFC 7587 section 6.1).
  const auto power_left = [&](uint32_t rate) {
    AudioEncoderSettings settings;
    settings.max_playback_rate = rate;
    settings.bitrate_bps = 64000;
    auto encoder = make(settings);
    auto decoder = AudioDecoder::create(AudioCodec::kOpus, 1);
    std::vector<int16_t> out;
    for (const Bytes& packet : encode_tones(*encoder, {6000}, 50)) EXPECT_TRUE(decoder->decode(packet, out));
    return test::fit_tone(std::span(out).subspan(9600), 48000, 6000).amplitude;
  };
  EXPECT_GT(power_left(48000), 5000);
  EXPECT_LT(power_left(8000), 200);
}

TEST_F(Opus, DtxSendsOnePacketOfSilenceAndThenNextToNothing) {
  AudioEncoderSettings settings;
  settings.dtx = true;
  auto encoder = make(settings);
  auto decoder = AudioDecoder::create(AudioCodec::kOpus, 1);
  const auto speech = encode_tones(*encoder, {300}, 20);
  for (const Bytes& packet : speech) EXPECT_FALSE(decoder->is_dtx(packet));
  const auto silence = encode_tones(*encoder, {300}, 100, 0);
  int sent = 0, dtx = 0;
  for (const Bytes& packet : silence) {
    if (packet.empty()) continue;
    ++sent;
    if (decoder->is_dtx(packet)) ++dtx;
  }
  EXPECT_LT(sent, 40);
  EXPECT_GE(dtx, 1);
  // B45: without it nothing is suppressed.
  settings.dtx = false;
  auto steady = make(settings);
  for (const Bytes& packet : encode_tones(*steady, {300}, 100, 0)) EXPECT_GT(packet.size(), 2u);
}

TEST_F(Opus, RestoresALostPacketFromTheNext) {
  AudioEncoderSettings settings;
  settings.bitrate_bps = 24000;
  auto encoder = make(settings);
  encoder->set_packet_loss(0.2);
  auto decoder = AudioDecoder::create(AudioCodec::kOpus, 1);
  const auto packets = encode_tones(*encoder, {400}, 50);
  std::vector<int16_t> out;
  int restored = 0;
  for (size_t i = 0; i < packets.size(); ++i) {
    if (i % 5 == 4) continue;
    if (i % 5 == 0 && i > 0) {
      if (decoder->fec_frames(packets[i]) == 960) {
        ASSERT_TRUE(decoder->decode_fec(packets[i], 960, out));
        ++restored;
      } else {
        ASSERT_TRUE(decoder->conceal(960, out));
      }
    }
    ASSERT_TRUE(decoder->decode(packets[i], out));
  }
  EXPECT_GE(restored, 6);
  EXPECT_GT(test::fit_tone(std::span(out).subspan(9600), 48000, 400).snr_db, 8);
  // Without loss no octet goes to redundancy.
  encoder->set_packet_loss(0);
  const auto plain = encode_tones(*encoder, {400}, 10);
  EXPECT_EQ(decoder->fec_frames(plain.back()), 0u);
}

TEST_F(Opus, ConcealsAndRefusesDamage) {
  auto encoder = make({});
  auto decoder = AudioDecoder::create(AudioCodec::kOpus, 1);
  std::vector<int16_t> out;
  for (const Bytes& packet : encode_tones(*encoder, {400}, 20)) ASSERT_TRUE(decoder->decode(packet, out));
  out.clear();
  ASSERT_TRUE(decoder->conceal(480, out));
  EXPECT_EQ(out.size(), 480u);
  EXPECT_GT(audio_energy(out.data(), out.size()), 1e-3);
  EXPECT_FALSE(decoder->conceal(481, out));
  // Code 3 with a count of frames that makes more than 120 ms.
  const Bytes too_long = {0x03 | 0x60, 63};
  EXPECT_EQ(decoder->packet_frames(too_long), -1);
  EXPECT_FALSE(decoder->decode(too_long, out));
  EXPECT_EQ(decoder->packet_frames({}), -1);
  EXPECT_EQ(out.size(), 480u);
}

TEST_F(Opus, IsMissingWhereTheBuildLacksIt) {
  EXPECT_EQ(AudioDecoder::create(AudioCodec::kTelephoneEvent, 1), nullptr);
  std::string error;
  AudioEncoderSettings settings;
  settings.codec = AudioCodec::kRed;
  EXPECT_EQ(AudioEncoder::create(settings, &error), nullptr);
  EXPECT_FALSE(error.empty());
}

}  // namespace
}  // namespace peerwire
