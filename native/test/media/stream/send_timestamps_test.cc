// RTP timestamps of what is sent, as time goes by: hours, and pauses of hours.
#include "call.h"

namespace peerwire {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3600 * kSecondUs;

struct Nobody final : RtpSendStreamObserver {
  void on_keyframe_wanted(uint32_t) override {}
  void on_packet_loss(uint32_t, double) override {}
};

class SendTimestamps : public testing::Test {
 protected:
  /// Calls `test` with a stream of video, on the network thread.
  void with_stream(const std::function<void(RtpSendStream&)>& test) {
    Call call;
    call.run([&] {
      Nobody nobody;
      RtpSendStream::Config config;
      config.encoding = call.video_parameters().encodings[0];
      RtpSendStream stream(*call.left->rtp, config, &nobody);
      test(stream);
    });
  }
};

TEST_F(SendTimestamps, FollowTheClockAfterPausesOfHours) {
  with_stream([](RtpSendStream& stream) {
    int64_t now_us = kHourUs;
    uint32_t before = stream.assign_timestamp(now_us);
    // 32 bits are 13.3 hours.
    for (const int64_t pause_us : {kSecondUs, kHourUs, 5 * kHourUs, 7 * kHourUs, 10 * kHourUs, 13 * kHourUs}) {
      now_us += pause_us;
      const uint32_t after = stream.assign_timestamp(now_us);
      EXPECT_EQ(after - before, ticks_of(pause_us, 90'000)) << pause_us / kSecondUs << " s";
      EXPECT_EQ(stream.assign_timestamp(now_us + kSecondUs) - after, 90'000u) << pause_us / kSecondUs << " s";
      now_us += kSecondUs;
      before = after + 90'000;
    }
  });
}

TEST_F(SendTimestamps, AreTheSameTwiceForNoTwoFrames) {
  with_stream([](RtpSendStream& stream) {
    const uint32_t first = stream.assign_timestamp(kHourUs);
    EXPECT_EQ(stream.assign_timestamp(kHourUs), first + 1);
    EXPECT_EQ(stream.assign_timestamp(kHourUs - kSecondUs), first + 2);
    EXPECT_EQ(stream.assign_timestamp(kHourUs + kSecondUs), first + 90'000);
  });
}

TEST_F(SendTimestamps, OfASourceOfItsOwnFollowTheClockAfterPausesOfHours) {
  for (const bool follows_clock : {true, false}) {
    with_stream([&](RtpSendStream& stream) {
      const uint32_t first = stream.map_timestamp(5000, kHourUs, follows_clock);
      EXPECT_EQ(stream.map_timestamp(8000, kHourUs + kSecondUs / 30, follows_clock) - first, 3000u);
      // Another source, which begins where it likes.
      stream.forget_source();
      const uint32_t after = stream.map_timestamp(77, 9 * kHourUs, follows_clock);
      EXPECT_EQ(after - first, ticks_of(8 * kHourUs, 90'000));
      EXPECT_EQ(stream.map_timestamp(3077, 9 * kHourUs + kSecondUs / 30, follows_clock) - after, 3000u);
    });
  }
}

TEST_F(SendTimestamps, GoOnAfterYears) {
  with_stream([](RtpSendStream& stream) {
    // Beyond what microseconds times 90000 leave of 64 bits.
    const int64_t years_us = 30ll * 365 * 24 * kHourUs;
    const uint32_t first = stream.rtp_timestamp_of(years_us);
    for (int64_t second = 0; second < 1000; ++second) {
      const uint32_t passed = stream.rtp_timestamp_of(years_us + second * kSecondUs) - first;
      ASSERT_EQ(passed, static_cast<uint32_t>(second * 90'000));
    }
    EXPECT_EQ(stream.rtp_timestamp_of(0) - stream.rtp_timestamp_of(-kSecondUs), 90'000u);
  });
}

}  // namespace
}  // namespace peerwire
