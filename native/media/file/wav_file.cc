// RIFF WAVE: http://soundfile.sapp.org/doc/WaveFormat/, and its 64-bit form RF64 (EBU Tech 3306).
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "media/file/media_file.h"
#include "media/file/read_stream.h"

namespace peerwire {
namespace {

constexpr uint64_t kPcm = 1;
constexpr uint64_t kFloat = 3;
constexpr uint64_t kExtensible = 0xfffe;
constexpr size_t kSmallestFormat = 16;
constexpr size_t kLargestFormat = 4096;
/// Chunks before the data; more than that is nonsense.
constexpr int kMostChunks = 1000;

std::string_view name_of(const uint8_t* octets) {
  return {reinterpret_cast<const char*>(octets), 4};
}

class WavFile final : public AudioFile {
 public:
  explicit WavFile(std::unique_ptr<std::istream> stream) : stream_(std::move(stream)) {}

  bool parse(std::string* error) {
    uint8_t header[12];
    if (!read_exactly(*stream_, header, sizeof header) || (name_of(header) != "RIFF" && name_of(header) != "RF64") ||
        name_of(header + 8) != "WAVE") {
      *error = "it is no WAV file";
      return false;
    }
    for (int chunk = 0; chunk < kMostChunks; ++chunk) {
      if (!read_exactly(*stream_, header, 8)) break;
      const std::string name(name_of(header));
      const uint64_t size = read_little(header + 4, 4);
      if (name == "data") {
        if (block_ == 0) break;
        begin_ = stream_->tellg();
        // Files that were never finished say 0 or the most there is: then everything up to the end.
        size_ = size == 0 || size == 0xffffffff ? UINT64_MAX : size;
        left_ = size_;
        return begin_ >= 0;
      }
      if (name == "fmt ") {
        if (!parse_format(size)) {
          *error = "its samples are of no known format";
          return false;
        }
      } else if (!skip(size)) {
        break;
      }
    }
    *error = "it has no sound in it";
    return false;
  }

  Format format() const override { return format_; }

  ReadResult read(size_t frames, std::vector<int16_t>& samples) override {
    const uint64_t wanted = std::min<uint64_t>(static_cast<uint64_t>(frames) * block_, left_ / block_ * block_);
    buffer_.resize(static_cast<size_t>(wanted));
    stream_->read(reinterpret_cast<char*>(buffer_.data()), static_cast<std::streamsize>(wanted));
    const size_t got = static_cast<size_t>(stream_->gcount()) / block_ * block_;
    if (got == 0) return ReadResult::kEnd;
    left_ -= got;
    for (size_t at = 0; at < got; at += octets_) samples.push_back(sample(buffer_.data() + at));
    return ReadResult::kRead;
  }

  bool rewind() override {
    left_ = size_;
    return seek(*stream_, begin_);
  }

 private:
  bool parse_format(uint64_t size) {
    if (size < kSmallestFormat || size > kLargestFormat) return false;
    std::vector<uint8_t> chunk(static_cast<size_t>(size + (size & 1)));
    if (!read_exactly(*stream_, chunk.data(), chunk.size())) return false;
    kind_ = read_little(chunk.data(), 2);
    // The first octets of the extensible form's GUID are the kind.
    if (kind_ == kExtensible && size >= 26) kind_ = read_little(chunk.data() + 24, 2);
    format_.channels = static_cast<int>(read_little(chunk.data() + 2, 2));
    format_.sample_rate = static_cast<int>(std::min<uint64_t>(read_little(chunk.data() + 4, 4), 1'000'000));
    const uint64_t bits = read_little(chunk.data() + 14, 2);
    octets_ = static_cast<size_t>(bits / 8);
    block_ = octets_ * static_cast<size_t>(format_.channels);
    const bool is_known = kind_ == kPcm ? bits == 8 || bits == 16 || bits == 24 || bits == 32
                                        : kind_ == kFloat && (bits == 32 || bits == 64);
    return is_known && format_.channels >= 1 && format_.channels <= 8 && format_.sample_rate >= 8000 &&
           format_.sample_rate <= 192'000;
  }

  bool skip(uint64_t size) {
    const std::streamoff here = stream_->tellg();
    return here >= 0 && seek(*stream_, here + static_cast<std::streamoff>(size + (size & 1)));
  }

  int16_t sample(const uint8_t* at) const {
    if (kind_ == kFloat) {
      const double value = octets_ == 8 ? std::bit_cast<double>(read_little(at, 8))
                                        : std::bit_cast<float>(static_cast<uint32_t>(read_little(at, 4)));
      if (std::isnan(value)) return 0;
      return static_cast<int16_t>(std::lround(std::clamp(value, -1.0, 1.0) * 32767));
    }
    if (octets_ == 1) return static_cast<int16_t>((at[0] - 128) * 256);
    // The two highest octets.
    return static_cast<int16_t>(read_little(at + octets_ - 2, 2));
  }

  const std::unique_ptr<std::istream> stream_;
  Format format_;
  uint64_t kind_ = 0;
  size_t octets_ = 0;
  size_t block_ = 0;
  std::streamoff begin_ = 0;
  uint64_t size_ = 0;
  uint64_t left_ = 0;
  std::vector<uint8_t> buffer_;
};

}  // namespace

std::unique_ptr<AudioFile> open_wav(std::unique_ptr<std::istream> stream, std::string* error) {
  auto file = std::make_unique<WavFile>(std::move(stream));
  if (!file->parse(error)) return nullptr;
  return file;
}

}  // namespace peerwire
