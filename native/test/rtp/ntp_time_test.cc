#include "rtp/ntp_time.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

TEST(NtpTime, CountsFrom1900) {
  EXPECT_EQ(to_ntp_time(0), kNtpUnixOffsetS << 32);
  EXPECT_EQ(to_ntp_time(500'000), kNtpUnixOffsetS << 32 | 0x80000000);
  EXPECT_EQ(to_ntp_time(-500'000), (kNtpUnixOffsetS - 1) << 32 | 0x80000000);
}

TEST(NtpTime, GivesEachMicrosecondBack) {
  for (int64_t us : {int64_t{0}, int64_t{1}, int64_t{999'999}, int64_t{1'700'000'000'123'457}, int64_t{-1},
                     int64_t{2'085'978'495'999'999}, int64_t{2'085'978'496'000'001}}) {
    EXPECT_EQ(from_ntp_time(to_ntp_time(us)), us);
  }
  for (int64_t us = 1'700'000'000'000'000; us < 1'700'000'000'003'000; ++us) {
    ASSERT_EQ(from_ntp_time(to_ntp_time(us)), us);
  }
}

TEST(NtpTime, HasACompactForm) {
  EXPECT_EQ(to_compact_ntp(0x1122334455667788), 0x33445566u);
  EXPECT_EQ(to_compact_ntp_interval(1'000'000), 65536u);
  EXPECT_EQ(to_compact_ntp_interval(-1), 0u);
  EXPECT_EQ(to_compact_ntp_interval(INT64_MAX), UINT32_MAX);
  EXPECT_EQ(to_compact_ntp_interval(65'535'999'999), UINT32_MAX);
  EXPECT_EQ(from_compact_ntp_interval(65536 + 32768), 1'500'000);
  EXPECT_EQ(from_compact_ntp_interval(UINT32_MAX), 65'535'999'985);
}

TEST(NtpTime, GoesOnWithTheMonotonicClock) {
  constexpr int64_t kUnixUs = 1'700'000'000'000'000, kMonotonicUs = 5'000'000;
  const NtpClock clock(kUnixUs, kMonotonicUs);
  EXPECT_EQ(from_ntp_time(clock.at(kMonotonicUs)), kUnixUs);
  EXPECT_EQ(from_ntp_time(clock.at(kMonotonicUs + 1'234'567)), kUnixUs + 1'234'567);
  const uint32_t sent = to_compact_ntp(clock.at(10'000'000)), back = to_compact_ntp(clock.at(10'500'000));
  EXPECT_EQ(round_trip_time_us(back, sent, to_compact_ntp_interval(250'000)), 250'000);
}

TEST(NtpTime, TellsTheRoundTripOfRfc3550) {
  // The example of section 6.4.1: 6.125 s.
  EXPECT_EQ(round_trip_time_us(0xB7108000, 0xB7052000, 0x00054000), 6'125'000);
  EXPECT_FALSE(round_trip_time_us(0xB7108000, 0, 0));
  EXPECT_EQ(round_trip_time_us(100, 90, 20), 0) << "a delay longer than what has passed";
  EXPECT_EQ(round_trip_time_us(10, 0xFFFFFFF6, 0), from_compact_ntp_interval(20));
}

}  // namespace
}  // namespace peerwire
