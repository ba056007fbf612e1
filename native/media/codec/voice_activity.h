// Tells speech from background noise by energy above a floor that follows the noise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace peerwire {

/// Errs towards speech: what is loud always counts, and a talker's pauses are bridged. Steady background is told from
/// speech once it has lasted some seconds.
class VoiceActivityDetector {
 public:
  /// Takes the mean square (audio_energy()) of `duration_ms` of sound. True: speech.
  bool update(double energy, int duration_ms);
  bool is_active() const { return hangover_ms_ > 0; }

 private:
  double floor_db_ = -70;
  int hangover_ms_ = 0;
};

}  // namespace peerwire
