#include "base/unix_clock.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(UnixClock, GoesOnFromWhatItWasSetTo) {
  constexpr double kThenMs = 1e12;
  const int64_t before_us =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
  const UnixClock clock(kThenMs);
  EXPECT_LE(clock.ms_of(before_us), kThenMs);
  EXPECT_GE(clock.now_ms(), kThenMs);
  EXPECT_LT(clock.now_ms(), kThenMs + 10'000);
  EXPECT_DOUBLE_EQ(clock.ms_of(before_us + 1'500) - clock.ms_of(before_us), 1.5);
}

TEST(UnixClock, IsTheSystemsIfNobodySets) {
  const double now_ms =
      std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(UnixClock().now_ms(), now_ms, 10'000);
}

}  // namespace
}  // namespace peerwire
