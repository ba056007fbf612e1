// Sound in another rate, or with other channels, for sinks that want it so: in blocks of 10 ms, as all sound flows.
#pragma once

#include <memory>
#include <vector>

#include "media/codec/audio_codec.h"
#include "media/frame/audio_block.h"

namespace peerwire {

class BlockConverter {
 public:
  /// 0: that of what comes. If both are, blocks are given back as they come, however long they are.
  BlockConverter(int sample_rate, int channels) : sample_rate_(sample_rate), channels_(channels) {}

  /// The blocks that are whole with this one; often none.
  std::vector<AudioBlockPtr> convert(const AudioBlockPtr& block);

 private:
  double us_of(size_t frames) const;

  const int sample_rate_;
  const int channels_;
  AudioBlock shape_;  // without samples
  std::unique_ptr<AudioConverter> converter_;
  int from_rate_ = 0, from_channels_ = 0;
  std::vector<int16_t> converted_;  // less than 10 ms
  double held_us_ = 0;              // that, and what the resampler looks ahead
};

}  // namespace peerwire
