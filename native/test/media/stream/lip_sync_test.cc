// Which sections are played together, and for how long. Virtual time.
#include "media/stream/lip_sync.h"

#include <gtest/gtest.h>

#include <vector>

namespace peerwire {
namespace {

constexpr int64_t kMs = 1'000;
constexpr int64_t kSecond = 1'000'000;

struct Section final : SyncedSection {
  explicit Section(MediaKind what) : media(what) {}
  MediaKind kind() const override { return media; }
  const std::string& sync_group() const override { return group; }
  std::optional<SyncedStream> synced_stream() const override {
    if (!flows) return std::nullopt;
    return SyncedStream{now_us - path_us, now_us, std::max(delay_us, sync_us), delay_us};
  }
  void set_sync_delay(int64_t delay) override { sync_us = delay; }

  const MediaKind media;
  std::string group = "camera";
  bool flows = true;
  int64_t now_us = 0;
  int64_t path_us = 50 * kMs;
  int64_t delay_us = 50 * kMs;
  int64_t sync_us = 0;
};

class LipSyncTest : public testing::Test {
 protected:
  void pass(int64_t us) {
    for (const int64_t end = now_us_ + us; now_us_ < end; now_us_ += 20 * kMs) {
      audio.now_us = video.now_us = now_us_;
      lip_sync_.process(sections, now_us_);
    }
  }

  Section audio{MediaKind::kAudio}, video{MediaKind::kVideo};
  std::vector<SyncedSection*> sections{&audio, &video};

 private:
  LipSync lip_sync_;
  int64_t now_us_ = 1'000 * kSecond;
};

TEST_F(LipSyncTest, LetsPicturesWaitForSoundThatIsLate) {
  audio.delay_us = kSecond;
  pass(30 * kSecond);
  EXPECT_NEAR(static_cast<double>(video.sync_us), 1e6, 30e3);
  EXPECT_EQ(audio.sync_us, 0);
}

TEST_F(LipSyncTest, LetsNothingWaitForSoundThatComesNoMore) {
  audio.delay_us = kSecond;
  pass(30 * kSecond);
  audio.flows = false;
  // It may be another stream that begins.
  pass(2 * kSecond);
  EXPECT_GT(video.sync_us, 500 * kMs);
  pass(30 * kSecond);
  EXPECT_EQ(video.sync_us, 0);
  audio.flows = true;
  pass(30 * kSecond);
  EXPECT_NEAR(static_cast<double>(video.sync_us), 1e6, 30e3);
}

TEST_F(LipSyncTest, LetsNothingWaitForASectionThatIsGone) {
  audio.delay_us = kSecond;
  pass(30 * kSecond);
  sections = {&video};
  pass(30 * kSecond);
  EXPECT_EQ(video.sync_us, 0);
}

TEST_F(LipSyncTest, LetsNothingWaitForWhatIsOfAnotherGroupNow) {
  video.delay_us = kSecond;
  pass(30 * kSecond);
  EXPECT_NEAR(static_cast<double>(audio.sync_us), 1e6, 30e3);
  video.group = "screen";
  pass(30 * kSecond);
  EXPECT_EQ(audio.sync_us, 0);
  EXPECT_EQ(video.sync_us, 0);
}

}  // namespace
}  // namespace peerwire
