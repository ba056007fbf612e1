// IVF files of anybody: read to their end, twice, whatever is in them.
#include <sstream>
#include <string>

#include "media/file/media_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peerwire;
  std::string error;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = open_ivf(std::make_unique<std::istringstream>(text), &error);
  if (!file) return 0;
  for (int round = 0; round < 2; ++round) {
    VideoFile::Picture picture;
    while (file->read(picture) == ReadResult::kRead) {
      if (!picture.frame.buffer) __builtin_trap();
    }
    if (!file->rewind()) break;
  }
  return 0;
}
