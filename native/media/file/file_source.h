// Files as sources: played in real time while somebody takes what is in them, once or over and over.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "media/file/media_file.h"
#include "media/track/media_track.h"
#include "media/track/ticker.h"

namespace peerwire {

struct FilePlayback {
  bool loop = false;
  /// Called once, on the source's queue, when nothing is left; with why, when the file is damaged.
  std::function<void(const std::string& error)> ended;
};

std::shared_ptr<VideoSource> create_file_source(std::unique_ptr<VideoFile> file, FilePlayback playback,
                                                Ticker::Place place = Ticker::pool());
/// Blocks of 10 ms.
std::shared_ptr<AudioSource> create_file_source(std::unique_ptr<AudioFile> file, FilePlayback playback,
                                                Ticker::Place place = Ticker::pool());

}  // namespace peerwire
