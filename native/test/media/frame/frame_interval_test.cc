#include "media/frame/frame_interval.h"

#include <gtest/gtest.h>

#include <vector>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1'000;

struct Frames : testing::Test {
  void come(const std::vector<int64_t>& gaps_ms, int times = 1) {
    for (int time = 0; time < times; ++time) {
      for (const int64_t gap : gaps_ms) interval.add(gap * kMs);
    }
  }
  double rate() const { return 1e6 / interval.us(); }

  FrameInterval interval;
};

TEST_F(Frames, AreThirtyASecondUntilTheyCome) {
  EXPECT_NEAR(rate(), 30, 0.01);
}

TEST_F(Frames, AreAsManyAsComeWhateverTheirJitter) {
  come({20, 60, 35, 45}, 15);
  EXPECT_NEAR(rate(), 25, 1);
}

TEST_F(Frames, AreAsManyAsComeInBursts) {
  for (const auto& burst : std::vector<std::vector<int64_t>>{{2, 78},
                                                             {10, 70},
                                                             {2, 2, 116},
                                                             {10, 10, 100},
                                                             {9, 9, 9, 9, 164},
                                                             {10, 10, 10, 10, 10, 10, 10, 10, 10, 310}}) {
    interval = {};
    come(burst, 20);
    EXPECT_NEAR(rate(), 25, 3) << burst.size() << " at once, " << burst.front() << " ms apart";
  }
}

TEST_F(Frames, AreManyAtOnceWhenTheRateRises) {
  come({1000}, 20);
  EXPECT_NEAR(rate(), 1, 0.01);
  come({33, 33});
  EXPECT_NEAR(rate(), 30, 1);
}

TEST_F(Frames, AreFewSoonWhenTheRateFalls) {
  come({33}, 60);
  come({1000}, 5);
  EXPECT_NEAR(rate(), 1, 0.1);
}

TEST_F(Frames, AreAsManyAfterAPause) {
  come({33}, 60);
  come({60'000});
  EXPECT_NEAR(rate(), 30, 1);
  come({33}, 15);
  EXPECT_NEAR(rate(), 30, 1);
}

}  // namespace
}  // namespace peerwire
