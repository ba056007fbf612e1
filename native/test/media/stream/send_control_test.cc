#include "media/stream/send_control.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

struct Path final : SendControl::Output {
  size_t send_now(std::unique_ptr<RtpPacketToSend>, std::optional<uint16_t>, int64_t) override { return 1'200; }
  bool wants_transport_feedback(const RtpPacketToSend&) const override { return false; }
  std::unique_ptr<RtpPacketToSend> make_padding(size_t, bool, int64_t) override { return nullptr; }
  size_t size_of(const RtpPacketToSend&) const override { return 1'200; }
  void add_streams(std::vector<BitrateAllocator::Audio>&, std::vector<BitrateAllocator::Video>& video) override {
    if (!has_video) return;
    BitrateAllocator::Video& stream = video.emplace_back();
    stream.id = 1;
    BitrateAllocator::Encoding& encoding = stream.encodings.emplace_back();
    encoding.min_bps = 30'000;
    encoding.target_bps = encoding.max_bps = 2'500'000;
  }
  void set_bitrates(const BitrateAllocator::Share& share) override { encoder_bps = share.total(); }

  bool has_video = false;
  int64_t encoder_bps = 0;
};

/// Fifty packets a second, of 1,000 octets of payload each and 200 around it.
void send_for_seconds(SendControl& control, int seconds, int64_t& now_us, bool are_resent) {
  for (int sent = 0; sent < 50 * seconds; ++sent) {
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = 1;
    packet->payload.resize(1'000);
    packet->is_retransmission = are_resent;
    control.enqueue(std::move(packet), now_us);
    control.process(now_us);
    now_us += kSecondUs / 50;
  }
}

void report(SendControl& control, uint32_t ssrc, uint32_t highest, int32_t lost, int64_t now_us) {
  rtcp::ReportBlock block;
  block.ssrc = ssrc;
  block.extended_highest_sequence_number = highest;
  block.cumulative_lost = lost;
  control.on_report_blocks(std::span(&block, 1), 50'000, now_us);
}

TEST(SendControl, HearsOfLossHoweverManyStreamsHaveComeAndGone) {
  Path path;
  SendControl control(path, 0);
  control.on_network_available(true, 0);
  int64_t now_us = 0;
  for (uint32_t ssrc = 1; ssrc <= 1'000; ++ssrc) {
    report(control, ssrc, 100, 0, now_us += 1'000);
    control.remove_stream(ssrc);
  }
  const int64_t before = control.available_bps();
  for (uint32_t second = 0; second < 5; ++second) {
    report(control, 2'000, 100 * second, 30 * static_cast<int32_t>(second), now_us += kSecondUs);
    control.process(now_us);
  }
  EXPECT_LT(control.available_bps(), before * 9 / 10);
}

TEST(SendControl, BeginsAtTheRateThatThePeerWishes) {
  Path path;
  SendControl control(path, 0);
  control.set_estimate_wishes({.start_bps = 1'000'000}, 0);
  control.on_network_available(true, 0);
  EXPECT_EQ(control.available_bps(), 1'000'000);
  // Said again, as each description does, it does not undo what was learned since.
  control.on_remb(400'000, kSecondUs);
  control.process(2 * kSecondUs);
  const int64_t learned = control.available_bps();
  EXPECT_LE(learned, 400'000);
  control.set_estimate_wishes({.start_bps = 1'000'000, .max_bps = 2'000'000}, 2 * kSecondUs);
  EXPECT_EQ(control.available_bps(), learned);
}

TEST(SendControl, TakesHeadersAndWhatIsSentAgainFromTheRateOfEncoders) {
  Path path;
  path.has_video = true;
  SendControl control(path, 0);
  control.set_estimate_wishes({.start_bps = 1'000'000, .max_bps = 1'000'000}, 0);
  control.on_network_available(true, 0);
  EXPECT_EQ(path.encoder_bps, 1'000'000);
  int64_t now_us = 0;
  send_for_seconds(control, 10, now_us, false);
  EXPECT_EQ(control.available_bps(), 1'000'000);
  EXPECT_NEAR(static_cast<double>(path.encoder_bps), 1'000'000 * 5.0 / 6, 5'000);
  // Of a rate that has fallen as large a part, and not as much.
  control.set_estimate_wishes({.start_bps = 1'000'000, .max_bps = 60'000}, now_us);
  EXPECT_NEAR(static_cast<double>(path.encoder_bps), 60'000 * 5.0 / 6, 500);
  // Where nothing is sent but what was lost, half is left.
  send_for_seconds(control, 20, now_us, true);
  EXPECT_EQ(path.encoder_bps, 30'000);
}

TEST(SendControl, KeepsBetweenTheRatesThatThePeerWishes) {
  Path path;
  SendControl control(path, 0);
  control.set_estimate_wishes({.min_bps = 200'000, .max_bps = 250'000}, 0);
  control.on_network_available(true, 0);
  EXPECT_EQ(control.available_bps(), 250'000);
  control.on_remb(50'000, kSecondUs);
  control.process(2 * kSecondUs);
  EXPECT_EQ(control.available_bps(), 200'000);
}

}  // namespace
}  // namespace peerwire
