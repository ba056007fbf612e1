// IVF: https://wiki.multimedia.cx/index.php/Duck_IVF
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "media/codec/video_codec.h"
#include "media/file/media_file.h"
#include "media/file/read_stream.h"

namespace peerwire {
namespace {

constexpr size_t kHeaderSize = 32;
constexpr size_t kFrameHeaderSize = 12;
/// Of one coded frame: more than any encoder makes of the largest picture.
constexpr uint64_t kLargestFrame = 64u << 20;

std::optional<VideoCodec> codec_of(std::string_view four) {
  if (four == "VP80") return VideoCodec::kVp8;
  if (four == "VP90") return VideoCodec::kVp9;
  if (four == "AV01") return VideoCodec::kAv1;
  if (four == "H264" || four == "h264" || four == "AVC1" || four == "avc1") return VideoCodec::kH264;
  return std::nullopt;
}

class IvfFile final : public VideoFile {
 public:
  explicit IvfFile(std::unique_ptr<std::istream> stream) : stream_(std::move(stream)) {}

  bool parse(std::string* error) {
    uint8_t header[kHeaderSize];
    if (!read_exactly(*stream_, header, sizeof header) ||
        std::string_view(reinterpret_cast<char*>(header), 4) != "DKIF") {
      *error = "it is no IVF file";
      return false;
    }
    const std::string four(reinterpret_cast<char*>(header) + 8, 4);
    const auto codec = codec_of(four);
    if (codec) {
      codec_ = *codec;
      decoder_ = VideoDecoder::create(codec_, 1);
    }
    if (!decoder_) {
      *error = "its codec cannot be decoded: " + four;
      return false;
    }
    begin_ = static_cast<std::streamoff>(std::max<uint64_t>(read_little(header + 6, 2), kHeaderSize));
    format_.width = static_cast<int>(read_little(header + 12, 2));
    format_.height = static_cast<int>(read_little(header + 14, 2));
    const auto above = static_cast<double>(read_little(header + 16, 4));
    const auto below = static_cast<double>(read_little(header + 20, 4));
    if (above > 0 && below > 0) tick_us_ = below / above * 1e6;
    if (tick_us_ > 1e4 && tick_us_ < 1e9) format_.framerate = 1e6 / tick_us_;
    return seek(*stream_, begin_);
  }

  Format format() const override { return format_; }

  ReadResult read(Picture& picture) override {
    for (;;) {
      uint8_t header[kFrameHeaderSize];
      if (stream_->peek() == std::istream::traits_type::eof()) return ReadResult::kEnd;
      if (!read_exactly(*stream_, header, sizeof header)) return ReadResult::kEnd;
      const uint64_t size = read_little(header, 4);
      if (size > kLargestFrame) return ReadResult::kDamaged;
      EncodedVideoFrame coded;
      coded.codec = codec_;
      if (!read_data(coded.data, static_cast<size_t>(size))) return ReadResult::kEnd;
      const auto ticks = static_cast<double>(read_little(header + 4, 8));
      if (!first_ticks_) first_ticks_ = ticks;
      std::optional<VideoFrame> frame;
      // What cannot be decoded is left out, until there is a keyframe again.
      if (!decoder_->decode(coded, frame) || !frame) continue;
      picture.frame = *frame;
      const double time_us = (ticks - *first_ticks_) * tick_us_;
      picture.time_us = static_cast<int64_t>(std::clamp(time_us, 0.0, 1e15));
      return ReadResult::kRead;
    }
  }

  bool rewind() override {
    first_ticks_.reset();
    decoder_ = VideoDecoder::create(codec_, 1);
    return decoder_ && seek(*stream_, begin_);
  }

 private:
  /// In pieces: a size that was made up does not cost memory that is never filled.
  bool read_data(Bytes& data, size_t size) {
    constexpr size_t kPiece = 1 << 20;
    while (data.size() < size) {
      const size_t before = data.size();
      data.resize(before + std::min(kPiece, size - before));
      if (!read_exactly(*stream_, data.data() + before, data.size() - before)) return false;
    }
    return true;
  }

  const std::unique_ptr<std::istream> stream_;
  std::unique_ptr<VideoDecoder> decoder_;
  VideoCodec codec_ = VideoCodec::kVp8;
  Format format_;
  std::streamoff begin_ = 0;
  double tick_us_ = 1e6 / 30;
  std::optional<double> first_ticks_;
};

}  // namespace

std::unique_ptr<VideoFile> open_ivf(std::unique_ptr<std::istream> stream, std::string* error) {
  auto file = std::make_unique<IvfFile>(std::move(stream));
  if (!file->parse(error)) return nullptr;
  return file;
}

}  // namespace peerwire
