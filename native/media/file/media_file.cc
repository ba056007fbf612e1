#include "media/file/media_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace peerwire {
namespace {

std::unique_ptr<std::istream> open_stream(const std::string& path, std::string* error) {
  errno = 0;
  auto stream = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (stream->is_open()) return stream;
  *error = errno ? std::strerror(errno) : "it cannot be opened";
  return nullptr;
}

}  // namespace

std::unique_ptr<VideoFile> open_video_file(const std::string& path, std::string* error) {
  auto stream = open_stream(path, error);
  if (!stream) return nullptr;
  const int first = stream->peek();
  return first == 'D' ? open_ivf(std::move(stream), error) : open_y4m(std::move(stream), error);
}

std::unique_ptr<AudioFile> open_audio_file(const std::string& path, std::string* error) {
  auto stream = open_stream(path, error);
  return stream ? open_wav(std::move(stream), error) : nullptr;
}

}  // namespace peerwire
