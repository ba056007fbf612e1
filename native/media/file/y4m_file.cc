// YUV4MPEG2: https://wiki.multimedia.cx/index.php/YUV4MPEG2
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "media/file/media_file.h"
#include "media/file/read_stream.h"

namespace peerwire {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr int kMaxSide = 16'384;

/// The colour planes of a C parameter, and bits a sample.
struct ColourFormat {
  int shift_x = 1;
  int shift_y = 1;
  int bits = 8;
  bool has_colour = true;
  bool has_alpha = false;
};

bool parse_colour(std::string_view text, ColourFormat& format) {
  const size_t depth = text.find_first_of("pP", 3);
  std::string_view base = text;
  if (depth != std::string_view::npos && depth + 1 < text.size() &&
      std::isdigit(static_cast<uint8_t>(text[depth + 1]))) {
    format.bits = std::atoi(std::string(text.substr(depth + 1)).c_str());
    base = text.substr(0, depth);
  }
  if (format.bits < 8 || format.bits > 16) return false;
  if (base.starts_with("mono")) {
    format.has_colour = false;
    if (base == "mono10" || base == "mono12" || base == "mono16") format.bits = std::atoi(base.data() + 4);
    return true;
  }
  if (base == "444alpha") format.has_alpha = true;
  if (base.starts_with("420")) return true;
  format.shift_y = 0;
  if (base == "422") return true;
  format.shift_x = 0;
  return base == "444" || base == "444alpha";
}

/// "30000:1001"; zero when it is none.
double parse_ratio(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return 0;
  const double above = std::atof(std::string(text.substr(0, colon)).c_str());
  const double below = std::atof(std::string(text.substr(colon + 1)).c_str());
  return above > 0 && below > 0 ? above / below : 0;
}

bool read_line(std::istream& stream, std::string& line) {
  line.clear();
  for (int octet = stream.get(); octet != std::istream::traits_type::eof(); octet = stream.get()) {
    if (octet == '\n') return true;
    if (line.size() == kLongestLine) return false;
    line.push_back(static_cast<char>(octet));
  }
  return false;
}

class Y4mFile final : public VideoFile {
 public:
  explicit Y4mFile(std::unique_ptr<std::istream> stream) : stream_(std::move(stream)) {}

  bool parse(std::string* error) {
    std::string line;
    if (!read_line(*stream_, line) || !line.starts_with("YUV4MPEG2")) {
      *error = "it is no YUV4MPEG2 file";
      return false;
    }
    for (size_t at = 9; at < line.size();) {
      const size_t end = std::min(line.find(' ', at + 1), line.size());
      const std::string_view word = std::string_view(line).substr(at + 1, end - at - 1);
      if (!word.empty() && !take(word[0], word.substr(1))) {
        *error = "its colour format is not known: " + std::string(word.substr(1));
        return false;
      }
      at = end;
    }
    if (format_.width < 1 || format_.height < 1 || format_.width > kMaxSide || format_.height > kMaxSide) {
      *error = "its size is missing or too large";
      return false;
    }
    begin_ = stream_->tellg();
    return true;
  }

  Format format() const override { return format_; }

  ReadResult read(Picture& picture) override {
    std::string line;
    if (stream_->peek() == std::istream::traits_type::eof()) return ReadResult::kEnd;
    if (!read_line(*stream_, line) || !line.starts_with("FRAME")) return ReadResult::kDamaged;
    const auto buffer = I420Buffer::allocate(format_.width, format_.height);
    if (!read_plane(buffer->y(), buffer->stride_y(), format_.width, format_.height, 0, 0)) return ReadResult::kEnd;
    for (uint8_t* plane : {buffer->u(), buffer->v()}) {
      if (!colour_.has_colour) {
        std::fill_n(plane, static_cast<size_t>(buffer->stride_uv()) * buffer->chroma_height(), uint8_t{128});
      } else if (!read_plane(plane, buffer->stride_uv(), buffer->chroma_width(), buffer->chroma_height(),
                             1 - colour_.shift_x, 1 - colour_.shift_y)) {
        return ReadResult::kEnd;  // cut off in the midst of a picture
      }
    }
    if (colour_.has_alpha && !read_plane(nullptr, 0, format_.width, format_.height, 0, 0)) return ReadResult::kEnd;
    picture.frame = VideoFrame();
    picture.frame.buffer = buffer;
    picture.time_us = std::llround(static_cast<double>(index_++) * 1e6 / format_.framerate);
    return ReadResult::kRead;
  }

  bool rewind() override {
    index_ = 0;
    return begin_ >= 0 && seek(*stream_, begin_);
  }

 private:
  bool take(char name, std::string_view value) {
    if (name == 'W') format_.width = std::atoi(std::string(value).c_str());
    if (name == 'H') format_.height = std::atoi(std::string(value).c_str());
    if (name == 'F') {
      const double rate = parse_ratio(value);
      if (rate > 0.001 && rate < 1000) format_.framerate = rate;
    }
    return name != 'C' || parse_colour(value, colour_);
  }

  /// A plane of `width` x `height` samples wanted, of which the file has twice as many each way where `more_x` and
  /// `more_y` are 1: the means of them are taken.
  bool read_plane(uint8_t* to, int stride, int width, int height, int more_x, int more_y) {
    const int file_width = more_x ? format_.width : width;
    const int file_height = more_y ? format_.height : height;
    const size_t octets = colour_.bits > 8 ? 2 : 1;
    row_.resize(static_cast<size_t>(file_width) * octets);
    sums_.assign(static_cast<size_t>(width), 0);
    for (int row = 0; row < file_height; ++row) {
      if (!read_exactly(*stream_, row_.data(), row_.size())) return false;
      if (!to) continue;
      for (int column = 0; column < file_width; ++column) {
        const size_t at = static_cast<size_t>(column) * octets;
        const int sample = octets == 2 ? (row_[at] | row_[at + 1] << 8) >> (colour_.bits - 8) : row_[at];
        sums_[static_cast<size_t>(column >> more_x)] +=
            std::min(sample, 255) << (more_x && column + 1 == file_width && !(column & 1) ? 1 : 0);
      }
      const bool is_last = row + 1 == file_height;
      if (more_y && !(row & 1) && !is_last) continue;
      // A last row without a second one stands for both.
      const int rows = more_y && !(is_last && !(row & 1)) ? 2 : 1;
      const int count = rows * (more_x ? 2 : 1);
      uint8_t* line = to + static_cast<size_t>(row >> more_y) * stride;
      for (int column = 0; column < width; ++column) {
        line[column] = static_cast<uint8_t>((sums_[static_cast<size_t>(column)] + count / 2) / count);
      }
      std::fill(sums_.begin(), sums_.end(), 0);
    }
    return true;
  }

  const std::unique_ptr<std::istream> stream_;
  Format format_;
  ColourFormat colour_;
  std::streamoff begin_ = 0;
  uint64_t index_ = 0;
  std::vector<uint8_t> row_;
  std::vector<int> sums_;
};

}  // namespace

std::unique_ptr<VideoFile> open_y4m(std::unique_ptr<std::istream> stream, std::string* error) {
  auto file = std::make_unique<Y4mFile>(std::move(stream));
  if (!file->parse(error)) return nullptr;
  return file;
}

}  // namespace peerwire
