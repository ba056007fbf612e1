// Fake cameras, screens and microphones: sources that make pictures (test_picture.h) and sound (test_sound.h) in real
// time, as long as somebody takes them.
#pragma once

#include <cstdint>
#include <memory>

#include "media/track/media_track.h"
#include "media/track/ticker.h"

namespace peerwire {

struct FakeVideoSettings {
  int width = 640;
  int height = 480;
  double framerate = 30;
};

class FakeVideoSource : public VideoSource {
 public:
  /// `device`: which of several, told by colours.
  static std::shared_ptr<FakeVideoSource> create(uint32_t device, FakeVideoSettings settings,
                                                 Ticker::Place place = Ticker::pool());
  /// From the next picture on. Any thread.
  virtual void configure(FakeVideoSettings settings) = 0;
};

struct FakeAudioSettings {
  int sample_rate = 48000;
  int channels = 1;
};

/// Blocks of 10 ms.
class FakeAudioSource : public AudioSource {
 public:
  static std::shared_ptr<FakeAudioSource> create(uint32_t device, FakeAudioSettings settings,
                                                 Ticker::Place place = Ticker::pool());
  virtual void configure(FakeAudioSettings settings) = 0;
};

}  // namespace peerwire
