// The one clock of the native layers. Code below the network thread takes `now` as an argument and never reads
// the clock itself, so that tests run in virtual time.
#pragma once

#include <chrono>

namespace peerwire {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

}  // namespace peerwire
