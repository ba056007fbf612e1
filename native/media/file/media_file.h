// Files of pictures and of sound, read one piece after the other. They come from anywhere: nothing in them is believed.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "media/frame/audio_block.h"
#include "media/frame/video_frame.h"

namespace peerwire {

/// What reading one piece came to.
enum class ReadResult { kRead, kEnd, kDamaged };

class VideoFile {
 public:
  struct Format {
    int width = 0;
    int height = 0;
    /// As the file says; frames may come at other times.
    double framerate = 30;
  };
  struct Picture {
    VideoFrame frame;
    /// Since the begin of the file.
    int64_t time_us = 0;
  };

  virtual ~VideoFile() = default;
  virtual Format format() const = 0;
  /// The next picture. After kDamaged nothing more can be read.
  virtual ReadResult read(Picture& picture) = 0;
  /// Back to the first one. False when that is impossible.
  virtual bool rewind() = 0;
};

class AudioFile {
 public:
  struct Format {
    int sample_rate = 0;
    int channels = 0;
  };

  virtual ~AudioFile() = default;
  virtual Format format() const = 0;
  /// Appends up to `frames` samples of each channel, interleaved.
  virtual ReadResult read(size_t frames, std::vector<int16_t>& samples) = 0;
  virtual bool rewind() = 0;
};

/// Null, and why in `error`, when it is no such file. The stream is at its begin.
std::unique_ptr<VideoFile> open_y4m(std::unique_ptr<std::istream> stream, std::string* error);
std::unique_ptr<VideoFile> open_ivf(std::unique_ptr<std::istream> stream, std::string* error);
std::unique_ptr<AudioFile> open_wav(std::unique_ptr<std::istream> stream, std::string* error);

/// By its first octets: Y4M or IVF.
std::unique_ptr<VideoFile> open_video_file(const std::string& path, std::string* error);
/// By its first octets: WAV.
std::unique_ptr<AudioFile> open_audio_file(const std::string& path, std::string* error);

}  // namespace peerwire
