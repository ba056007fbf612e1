#include "media/file/media_file.h"

#include <gtest/gtest.h>

#include <bit>
#include <sstream>

#include "media/codec/video_codec.h"
#include "media/track/frame_code.h"
#include "media/track/test_picture.h"

namespace peerwire {
namespace {

std::unique_ptr<std::istream> stream_of(std::string text) {
  return std::make_unique<std::istringstream>(std::move(text));
}

std::string little(uint64_t value, int octets) {
  std::string text;
  for (int index = 0; index < octets; ++index) text.push_back(static_cast<char>(value >> (8 * index)));
  return text;
}

std::string wav_header(int kind, int channels, int rate, int bits, uint32_t octets) {
  const int block = channels * bits / 8;
  return "RIFF" + little(36 + octets, 4) + "WAVE" + "LIST" + little(3, 4) + std::string("abc\0", 4) + "fmt " +
         little(16, 4) + little(kind, 2) + little(channels, 2) + little(rate, 4) + little(rate * block, 4) +
         little(block, 2) + little(bits, 2) + "data" + little(octets, 4);
}

std::vector<int16_t> read_all(AudioFile& file, size_t at_once = 7) {
  std::vector<int16_t> samples;
  while (file.read(at_once, samples) == ReadResult::kRead) {
  }
  return samples;
}

TEST(WavFile, ReadsEveryKindOfSample) {
  const auto same = std::vector<int16_t>{0, 16384, -16384, 32512, -32768, 256};
  std::string u8, s16, s24, s32, f32, f64;
  for (const int16_t value : same) {
    u8 += little(static_cast<uint8_t>(value / 256 + 128), 1);
    s16 += little(static_cast<uint16_t>(value), 2);
    s24 += little(static_cast<uint32_t>(value) << 8, 3);
    s32 += little(static_cast<uint32_t>(value) << 16, 4);
    f32 += little(std::bit_cast<uint32_t>(static_cast<float>(value) / 32767), 4);
    f64 += little(std::bit_cast<uint64_t>(static_cast<double>(value) / 32767), 8);
  }
  struct Case {
    int kind, bits;
    std::string data;
  };
  for (const Case& each : {Case{1, 8, u8}, {1, 16, s16}, {1, 24, s24}, {1, 32, s32}, {3, 32, f32}, {3, 64, f64}}) {
    std::string error;
    const auto size = static_cast<uint32_t>(each.data.size());
    const auto file =
        open_wav(stream_of(wav_header(each.kind, 2, 44100, each.bits, size) + each.data + "LIST"), &error);
    ASSERT_TRUE(file) << error;
    EXPECT_EQ(file->format().sample_rate, 44100);
    EXPECT_EQ(file->format().channels, 2);
    for (int round = 0; round < 2; ++round) {
      const auto samples = read_all(*file);
      ASSERT_EQ(samples.size(), same.size());
      for (size_t index = 0; index < same.size(); ++index) EXPECT_NEAR(samples[index], same[index], 1) << each.bits;
      EXPECT_TRUE(file->rewind());
    }
  }
}

TEST(WavFile, ReadsToTheEndOfWhatWasNeverFinished) {
  std::string error;
  const auto file =
      open_wav(stream_of(wav_header(1, 1, 8000, 16, 0xffffffff) + little(7, 2) + little(8, 2) + "x"), &error);
  ASSERT_TRUE(file) << error;
  EXPECT_EQ(read_all(*file), (std::vector<int16_t>{7, 8}));
}

TEST(WavFile, RefusesWhatItIsNot) {
  for (const std::string& text :
       {std::string(), std::string("RIFF"), std::string("RIFFxxxxWAVE"), wav_header(2, 1, 8000, 16, 0),
        wav_header(1, 0, 8000, 16, 0), wav_header(1, 9, 8000, 16, 0), wav_header(1, 1, 100, 16, 0),
        wav_header(1, 1, 8000, 12, 0), wav_header(3, 1, 8000, 16, 0), "RIFF" + little(0, 4) + "WAVEdata" + little(0, 4),
        "RIFF" + little(0, 4) + "WAVExxxx" + little(0xfffffff0, 4)}) {
    std::string error;
    EXPECT_FALSE(open_wav(stream_of(text), &error));
    EXPECT_FALSE(error.empty());
  }
}

TEST(Y4mFile, ReadsPicturesAndTheirTimes) {
  std::string error;
  const std::string frame = "abcdefghi1234wxyz";  // 3 x 3, chroma 2 x 2
  const auto file = open_y4m(stream_of("YUV4MPEG2 W3 H3 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG\nFRAME\n" + frame +
                                       "FRAME Ixyz\n" + frame),
                             &error);
  ASSERT_TRUE(file) << error;
  EXPECT_EQ(file->format().width, 3);
  EXPECT_NEAR(file->format().framerate, 29.97, 0.001);
  VideoFile::Picture picture;
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(file->read(picture), ReadResult::kRead);
    EXPECT_EQ(picture.time_us, 0);
    std::string packed(picture.frame.buffer->packed_size(), '\0');
    picture.frame.buffer->copy_packed_to(reinterpret_cast<uint8_t*>(packed.data()));
    EXPECT_EQ(packed, frame);
    ASSERT_EQ(file->read(picture), ReadResult::kRead);
    EXPECT_EQ(picture.time_us, 33'367);
    EXPECT_EQ(file->read(picture), ReadResult::kEnd);
    EXPECT_TRUE(file->rewind());
  }
}

TEST(Y4mFile, MakesI420OfOtherFormats) {
  struct Case {
    std::string colour, data;
    int u, v;
  };
  const std::string luma(9, 'm');
  const auto deep = [](const std::string& text, int shift) {
    std::string result;
    for (const char octet : text) result += little(static_cast<uint64_t>(static_cast<uint8_t>(octet)) << shift, 2);
    return result;
  };
  const std::string u444("\x14\x14\x1e\x14\x14\x1e\x28\x28\x32", 9);
  for (const Case& each : {Case{"422", luma + std::string(6, 'u') + std::string(6, 'v'), 'u', 'v'},
                           {"444", luma + u444 + std::string(9, 'v'), 0x14, 'v'},
                           {"444alpha", luma + u444 + std::string(9, 'v') + std::string(9, 'a'), 0x14, 'v'},
                           {"mono", luma, 128, 128},
                           {"420p10", deep(luma + std::string(4, 'u') + std::string(4, 'v'), 2), 'u', 'v'},
                           {"422p12", deep(luma + std::string(6, 'u') + std::string(6, 'v'), 4), 'u', 'v'}}) {
    std::string error;
    const auto file = open_y4m(stream_of("YUV4MPEG2 W3 H3 C" + each.colour + "\nFRAME\n" + each.data), &error);
    ASSERT_TRUE(file) << error;
    VideoFile::Picture picture;
    ASSERT_EQ(file->read(picture), ReadResult::kRead) << each.colour;
    const I420Buffer& buffer = *picture.frame.buffer;
    EXPECT_EQ(buffer.y()[2 * buffer.stride_y() + 2], 'm') << each.colour;
    EXPECT_EQ(buffer.u()[0], each.u) << each.colour;
    EXPECT_EQ(buffer.v()[buffer.stride_uv() + 1], each.v) << each.colour;
    if (each.colour.starts_with("444")) {
      EXPECT_EQ(buffer.u()[1], 0x1e) << "the last column stands for two";
      EXPECT_EQ(buffer.u()[buffer.stride_uv()], 0x28);
      EXPECT_EQ(buffer.u()[buffer.stride_uv() + 1], 0x32);
    }
    EXPECT_EQ(file->read(picture), ReadResult::kEnd);
  }
}

TEST(Y4mFile, RefusesAndSurvivesDamage) {
  for (const char* header : {"", "YUV4", "YUV4MPEG2\n", "YUV4MPEG2 W0 H2\n", "YUV4MPEG2 W99999 H2\n",
                             "YUV4MPEG2 W2 H2 C999\n", "YUV4MPEG2 W2 H2 C420p99\n", "YUV4MPEG2 W2 H2"}) {
    std::string error;
    EXPECT_FALSE(open_y4m(stream_of(header), &error)) << header;
    EXPECT_FALSE(error.empty());
  }
  std::string error;
  VideoFile::Picture picture;
  const auto damaged = open_y4m(stream_of("YUV4MPEG2 W2 H2\nJUNK\n......"), &error);
  EXPECT_EQ(damaged->read(picture), ReadResult::kDamaged);
  const auto short_one = open_y4m(stream_of("YUV4MPEG2 W2 H2\nFRAME\n....."), &error);
  EXPECT_EQ(short_one->read(picture), ReadResult::kEnd);
}

TEST(IvfFile, DecodesWhatWasEncoded) {
  for (const auto& [codec, four] : {std::pair(VideoCodec::kVp8, "VP80"),
                                    {VideoCodec::kVp9, "VP90"},
                                    {VideoCodec::kH264, "H264"},
                                    {VideoCodec::kAv1, "AV01"}}) {
    VideoEncoderSettings settings;
    settings.codec = codec;
    settings.width = 320;
    settings.height = 240;
    settings.bitrate_bps = 1'000'000;
    std::string error;
    const auto encoder = VideoEncoder::create(settings, &error);
    if (!encoder) continue;  // left out of this build
    std::string text = "DKIF" + little(0, 2) + little(32, 2) + four + little(320, 2) + little(240, 2) + little(30, 4) +
                       little(1, 4) + little(5, 4) + little(0, 4);
    TestPicture test(0);
    for (uint32_t number = 0; number < 5; ++number) {
      VideoFrame frame;
      frame.capture_time_us = number * 33'333;
      frame.buffer = test.draw(320, 240, {number + 100, frame.capture_time_us, 0});
      std::vector<EncodedVideoFrame> coded;
      ASSERT_TRUE(encoder->encode(frame, number == 0, coded));
      if (coded.empty()) continue;
      text += little(coded.front().data.size(), 4) + little(number + 7, 8);
      text.append(coded.front().data.begin(), coded.front().data.end());
    }
    const auto file = open_ivf(stream_of(text), &error);
    ASSERT_TRUE(file) << error;
    EXPECT_EQ(file->format().width, 320);
    EXPECT_DOUBLE_EQ(file->format().framerate, 30);
    VideoFile::Picture picture;
    for (int round = 0; round < 2; ++round) {
      std::vector<uint32_t> numbers;
      while (file->read(picture) == ReadResult::kRead) {
        numbers.push_back(read_frame_code(*picture.frame.buffer).value_or(0));
        EXPECT_NEAR(static_cast<double>(picture.time_us), (numbers.back() - 100) * 33'333.0, 10) << four;
      }
      EXPECT_GE(numbers.size(), 4u) << four;
      EXPECT_EQ(numbers.front(), 100u) << four;
      EXPECT_TRUE(file->rewind());
    }
    // Cut off anywhere, and with wrong sizes, it does no more than end.
    for (size_t length = 0; length < text.size(); length += 97) {
      if (const auto cut = open_ivf(stream_of(text.substr(0, length)), &error)) {
        while (cut->read(picture) == ReadResult::kRead) {
        }
      }
    }
    text[32] = text[33] = text[34] = text[35] = '\xff';
    EXPECT_EQ(open_ivf(stream_of(text), &error)->read(picture), ReadResult::kDamaged);
  }
}

TEST(IvfFile, RefusesWhatItCannotDecode) {
  std::string error;
  EXPECT_FALSE(open_ivf(stream_of("DKIF"), &error));
  EXPECT_FALSE(open_ivf(stream_of("DKIF" + little(0, 2) + little(32, 2) + "HEVC" + std::string(20, '\0')), &error));
  EXPECT_NE(error.find("HEVC"), std::string::npos);
}

TEST(MediaFile, SaysWhyItCannotBeOpened) {
  std::string error;
  EXPECT_FALSE(open_video_file("/nowhere/at.all", &error));
  EXPECT_NE(error.find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace peerwire
