// Sinks that keep what they get.
#pragma once

#include <vector>

#include "media/track/media_track.h"

namespace peerwire {

struct CollectingVideoSink final : VideoSink {
  void on_video_frame(const VideoFrame& frame) override { frames.push_back(frame); }
  std::vector<VideoFrame> frames;
};

struct CollectingAudioSink final : AudioSink {
  void on_audio_block(const AudioBlockPtr& block) override { blocks.push_back(block); }
  std::vector<int16_t> samples() const {
    std::vector<int16_t> all;
    for (const auto& block : blocks) all.insert(all.end(), block->samples.begin(), block->samples.end());
    return all;
  }
  std::vector<AudioBlockPtr> blocks;
};

}  // namespace peerwire
