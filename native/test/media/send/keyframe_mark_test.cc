#include "media/send/keyframe_mark.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(KeyframeMark, TellsWhatCameBeforeTheLastKeyframe) {
  KeyframeMark mark;
  EXPECT_FALSE(mark.is_after(0)) << "there was none";
  mark.set(3);
  EXPECT_TRUE(mark.is_after(2));
  EXPECT_TRUE(mark.is_after(65'530));
  EXPECT_FALSE(mark.is_after(3));
  EXPECT_FALSE(mark.is_after(200));
}

TEST(KeyframeMark, IsForgottenBeforeNumbersComeRound) {
  KeyframeMark mark;
  mark.set(10);
  for (uint32_t number = 10; number < 300'000; number += 7) {
    mark.on_next_number(static_cast<uint16_t>(number));
    ASSERT_FALSE(mark.is_after(static_cast<uint16_t>(number))) << number;
  }
}

}  // namespace
}  // namespace peerwire
