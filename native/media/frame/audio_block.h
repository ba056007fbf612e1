// A piece of sound on its way through the engine: 16-bit linear PCM, interleaved; shared and no longer changed once
// sent on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace peerwire {

struct AudioBlock {
  int sample_rate = 48000;  // hertz, 8,000 to 192,000 inside the engine
  int channels = 1;         // 1 to 8; interleaved
  std::vector<int16_t> samples;
  /// When its first sample was captured, by the engine's monotonic clock. Of received sound: when it is to be heard.
  int64_t capture_time_us = 0;
  /// Of received sound: of its first sample.
  std::optional<uint32_t> rtp_timestamp;
  /// Of received sound, by the sender's clock, milliseconds since 1900 (NTP); once a sender report has come.
  std::optional<int64_t> capture_ntp_ms;
  /// What a program that made it calls its time, microseconds of no clock that we know: for those who get it locally.
  std::optional<int64_t> program_time_us;

  /// Samples of one channel.
  size_t frames() const { return channels > 0 ? samples.size() / static_cast<size_t>(channels) : 0; }
};

using AudioBlockPtr = std::shared_ptr<const AudioBlock>;

/// 10 ms of nothing, mono.
inline AudioBlockPtr silent_block(int64_t capture_time_us) {
  auto block = std::make_shared<AudioBlock>();
  block->samples.assign(static_cast<size_t>(block->sample_rate) / 100, 0);
  block->capture_time_us = capture_time_us;
  return block;
}

}  // namespace peerwire
