#include "rtp/capture_times.h"

#include <gtest/gtest.h>

#include "rtp/ntp_time.h"

namespace peerwire {
namespace {

constexpr uint32_t kClockRate = 90'000;

class CaptureTimesTest : public testing::Test {
 protected:
  CaptureTimesTest() { map_.set(RtpExtension::kAbsCaptureTime, 7); }

  void receive(uint32_t rtp_timestamp, std::optional<int64_t> unix_us) {
    RtpPacketToSend packet;
    packet.header.timestamp = rtp_timestamp;
    packet.payload = {1};
    if (unix_us) {
      packet.set_extension(RtpExtension::kAbsCaptureTime, encode_abs_capture_time({to_ntp_time(*unix_us), 5}));
    }
    const Bytes octets = packet.serialize(map_);
    times_.on_packet(*RtpPacketView::parse(octets), map_);
  }

  std::optional<int64_t> unix_us_at(uint32_t rtp_timestamp) const {
    const auto time = times_.at(rtp_timestamp, kClockRate);
    if (!time) return std::nullopt;
    EXPECT_EQ(time->clock_offset, 5);
    return from_ntp_time(time->ntp_time);
  }

  RtpExtensionMap map_;
  CaptureTimes times_;
};

constexpr int64_t kThen = 1'700'000'000'000'000;

TEST_F(CaptureTimesTest, AreNotKnownUntilThePeerSaysThem) {
  receive(1000, std::nullopt);
  EXPECT_EQ(unix_us_at(1000), std::nullopt);
}

TEST_F(CaptureTimesTest, HoldForWhatLiesAround) {
  receive(1000, kThen);
  receive(1000 + kClockRate, std::nullopt);
  EXPECT_EQ(unix_us_at(1000), kThen);
  EXPECT_NEAR(static_cast<double>(*unix_us_at(1000 + kClockRate) - kThen), 1e6, 1);
  EXPECT_NEAR(static_cast<double>(*unix_us_at(1000 - kClockRate / 2) - kThen), -5e5, 1);
}

TEST_F(CaptureTimesTest, DoNotHoldFarAway) {
  receive(1000, kThen);
  EXPECT_TRUE(unix_us_at(1000 + 5 * kClockRate));
  EXPECT_FALSE(unix_us_at(1001 + 5 * kClockRate));
  EXPECT_FALSE(unix_us_at(999 - 5 * kClockRate));
  EXPECT_FALSE(times_.at(1000, 0));
}

TEST_F(CaptureTimesTest, AreForgottenWithTheStream) {
  receive(1000, kThen);
  times_.reset();
  EXPECT_FALSE(unix_us_at(1000));
}

}  // namespace
}  // namespace peerwire
