#include "media/stream/quality_adaptation.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kFrame = 33'333;

/// Thirty frames a second of VP8.
struct Frames {
  QualityAdaptation adaptation;
  int64_t now_us = kSecond;

  void give(double seconds, int qp, double load = 0.1, bool coded = true) {
    const int64_t end = now_us + static_cast<int64_t>(seconds * kSecond);
    for (; now_us < end; now_us += kFrame) {
      adaptation.on_frame(VideoCodec::kVp8, coded, coded ? qp : -1, load, now_us);
    }
  }
  /// Until there are so many steps; the seconds that it took, 0: never.
  double until(int steps, int qp, double load = 0.1) {
    const int64_t begun = now_us;
    while (adaptation.steps() != steps) {
      if (now_us - begun > 600 * kSecond) return 0;
      give(0.1, qp, load);
    }
    return static_cast<double>(now_us - begun) / kSecond;
  }
};

TEST(QualityAdaptation, GoodPicturesStayAsTheyAre) {
  Frames run;
  run.give(60, 50);
  EXPECT_EQ(run.adaptation.steps(), 0);
}

TEST(QualityAdaptation, CoarsePicturesAreMadeSmallerStepByStep) {
  Frames run;
  run.give(1.9, 120);
  EXPECT_EQ(run.adaptation.steps(), 0);
  run.give(0.5, 120);
  EXPECT_EQ(run.adaptation.steps(), 1);
  EXPECT_TRUE(run.adaptation.is_limited_by_quality());
  EXPECT_FALSE(run.adaptation.is_limited_by_cpu());
  run.give(30, 120);
  EXPECT_EQ(run.adaptation.steps(), 5);
}

TEST(QualityAdaptation, FramesLeftOutAreBadQuality) {
  Frames run;
  run.give(3, -1, 0.1, false);
  EXPECT_GE(run.adaptation.steps(), 1);
}

TEST(QualityAdaptation, AProcessorThatIsTooSlowIsAReasonOfItsOwn) {
  Frames run;
  run.give(2.5, 50, 0.95);
  EXPECT_EQ(run.adaptation.steps(), 1);
  EXPECT_TRUE(run.adaptation.is_limited_by_cpu());
  EXPECT_FALSE(run.adaptation.is_limited_by_quality());
}

TEST(QualityAdaptation, FinePicturesGrowAgain) {
  Frames run;
  run.until(2, 120);
  EXPECT_GT(run.until(0, 10), 9.9);
  EXPECT_EQ(run.adaptation.steps(), 0);
}

TEST(QualityAdaptation, ARecoveryThatWasTooEarlyIsTriedLaterEachTime) {
  Frames run;
  run.until(1, 120);
  double before = 0;
  for (int round = 0; round < 4; ++round) {
    const double waited = run.until(0, 10);
    EXPECT_GT(waited, before * 1.8);
    before = waited;
    // Larger pictures are too coarse again.
    run.until(1, 120);
  }
  EXPECT_GT(before, 39);
}

TEST(QualityAdaptation, PatienceIsForgottenWhenARecoveryHolds) {
  Frames run;
  for (int round = 0; round < 3; ++round) {
    run.until(1, 120);
    run.until(0, 10);
  }
  run.give(120, 50);
  run.until(1, 120);
  EXPECT_LT(run.until(0, 10), 6);
}

}  // namespace
}  // namespace peerwire
