#include "media/codec/voice_activity.h"

#include <algorithm>
#include <cmath>

namespace peerwire {
namespace {

constexpr double kQuietestFloorDb = -75;
constexpr double kLoudestFloorDb = -42;
constexpr double kMarginDb = 8;         // above the floor it is speech
constexpr double kSilenceDb = -65;      // below this it never is
constexpr double kRisePerSecondDb = 2;  // slower than syllables, faster than the patience of a listener
constexpr double kFallPerSecondDb = 60;
constexpr int kHangoverMs = 200;  // bridges stops and the ends of words

}  // namespace

bool VoiceActivityDetector::update(double energy, int duration_ms) {
  const double level_db = energy > 1e-10 ? 10 * std::log10(energy) : -100;
  const double seconds = duration_ms / 1000.0;
  const bool is_speech = level_db > kSilenceDb && level_db > floor_db_ + kMarginDb;
  floor_db_ = std::clamp(level_db, floor_db_ - kFallPerSecondDb * seconds, floor_db_ + kRisePerSecondDb * seconds);
  floor_db_ = std::clamp(floor_db_, kQuietestFloorDb, kLoudestFloorDb);
  hangover_ms_ = is_speech ? kHangoverMs : std::max(hangover_ms_ - duration_ms, 0);
  return is_active();
}

}  // namespace peerwire
