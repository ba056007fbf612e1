#include "media/send/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace peerwire {
namespace {

using congestion::kNotAProbe;
using congestion::kUnlimited;

constexpr uint32_t kAudio = 1, kVideo = 2, kOther = 3, kRtx = 4;

struct Sent {
  int64_t at_us = 0;
  uint32_t ssrc = 0;
  uint16_t number = 0;
  size_t size = 0;
  int probe = kNotAProbe;
};

class PacerTest : public testing::Test, public Pacer::Output {
 public:
  void send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t size, int probe) override {
    sent.push_back({now, packet->header.ssrc, packet->header.sequence_number, size, probe});
  }
  std::vector<Pacer::Packet> make_padding(size_t bytes) override {
    std::vector<Pacer::Packet> packets;
    if (!has_padding) return packets;
    for (size_t made = 0; made < bytes; made += 250) {
      auto packet = std::make_unique<RtpPacketToSend>();
      packet->header.ssrc = kRtx;
      packet->is_padding = true;
      packets.push_back({std::move(packet), 250});
    }
    return packets;
  }

  bool put(uint32_t ssrc, size_t size, uint16_t number = 0, bool again = false) {
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = ssrc;
    packet->header.sequence_number = number;
    packet->is_audio = ssrc == kAudio;
    packet->is_retransmission = again;
    return pacer.enqueue(std::move(packet), size, now);
  }

  /// As an event loop does: at the times that the pacer asks for.
  void run_until(int64_t until) {
    for (int guard = 0; guard < 100'000; ++guard) {
      const int64_t next = pacer.next_us(now);
      if (next == kUnlimited || next > until) break;
      now = std::max(now, next);
      pacer.process(now);
    }
    now = until;
  }

  size_t bytes_of(uint32_t ssrc) const {
    size_t bytes = 0;
    for (const Sent& one : sent) bytes += one.ssrc == ssrc ? one.size : 0;
    return bytes;
  }

  int64_t now = 1'000'000;
  bool has_padding = true;
  std::vector<Sent> sent;
  Pacer pacer{*this};
};

TEST_F(PacerTest, TakesARateBelowNothingForNothing) {
  pacer.set_rates(-1'000'000, 0, now);
  put(kVideo, 1'000, 1);
  run_until(now + 1'000'000);
  pacer.set_rates(8'000'000, 0, now);
  run_until(now + 1'000);
  EXPECT_EQ(bytes_of(kVideo), 1'000u);
}

TEST_F(PacerTest, SendsAtThePacingRateInShortBursts) {
  pacer.set_rates(1'600'000, 0, now);  // 1,000 octets in 5 ms
  for (uint16_t number = 0; number < 100; ++number) put(kVideo, 1'000, number);
  run_until(now + 1'000'000);
  ASSERT_EQ(sent.size(), 100u);
  for (uint16_t number = 0; number < 100; ++number) EXPECT_EQ(sent[number].number, number);
  const double seconds = static_cast<double>(sent.back().at_us - sent.front().at_us) / 1e6;
  EXPECT_NEAR(100'000 * 8 / seconds, 1'600'000, 60'000);
  // What leaves together is a burst of 5 ms and the packet that fills it.
  int together = 1, most = 1;
  for (size_t index = 1; index < sent.size(); ++index) {
    together = sent[index].at_us == sent[index - 1].at_us ? together + 1 : 1;
    most = std::max(most, together);
  }
  EXPECT_EQ(most, 2);
}

TEST_F(PacerTest, AudioDoesNotWaitButItsOctetsCount) {
  pacer.set_rates(800'000, 0, now);
  for (uint16_t number = 0; number < 50; ++number) put(kVideo, 1'000, number);
  pacer.process(now);
  const size_t before = sent.size();
  put(kAudio, 200);
  EXPECT_EQ(pacer.next_us(now), now);
  pacer.process(now);
  ASSERT_EQ(sent.size(), before + 1);
  EXPECT_EQ(sent.back().ssrc, kAudio);
  for (int index = 0; index < 20; ++index) {
    put(kAudio, 500);
    run_until(now + 10'000);
  }
  // 10,200 octets of audio in 200 ms; all together no more than the rate gives, and a burst.
  EXPECT_EQ(bytes_of(kAudio), 10'200u);
  EXPECT_LE(bytes_of(kAudio) + bytes_of(kVideo), 800'000 / 8 / 5 + 2'000u);
}

TEST_F(PacerTest, RetransmissionsGoBeforeVideoAndAudioBeforeBoth) {
  put(kVideo, 100, 1);
  put(kRtx, 100, 2, true);
  put(kAudio, 100, 3);
  put(kVideo, 100, 4);
  pacer.set_rates(10'000'000, 0, now);
  pacer.process(now);
  std::vector<uint16_t> order;
  for (const Sent& one : sent) order.push_back(one.number);
  EXPECT_EQ(order, (std::vector<uint16_t>{3, 2, 1, 4}));
}

TEST_F(PacerTest, StreamsShareByWeight) {
  pacer.set_stream_weight(kVideo, 4);
  pacer.set_stream_weight(kOther, 1);
  pacer.set_queue_limit(3'600'000'000);
  pacer.set_rates(1'000'000, 0, now);
  for (uint16_t number = 0; number < 500; ++number) {
    put(kVideo, 1'000, number);
    put(kOther, 1'000, number);
  }
  run_until(now + 1'000'000);
  EXPECT_NEAR(static_cast<double>(bytes_of(kVideo)) / static_cast<double>(bytes_of(kOther)), 4, 0.5);
}

TEST_F(PacerTest, AStreamThatWasQuietSavesNothingUp) {
  pacer.set_queue_limit(3'600'000'000);
  pacer.set_rates(1'000'000, 0, now);
  put(kOther, 1'000);
  for (uint16_t number = 0; number < 100; ++number) put(kVideo, 1'000, number);
  run_until(now + 500'000);
  for (uint16_t number = 0; number < 100; ++number) put(kOther, 1'000, number);
  sent.clear();
  run_until(now + 160'000);
  EXPECT_NEAR(static_cast<double>(bytes_of(kVideo)), static_cast<double>(bytes_of(kOther)), 3'000);
}

TEST_F(PacerTest, RemovingAStreamDropsWhatWaits) {
  pacer.set_rates(100'000, 0, now);
  for (uint16_t number = 0; number < 10; ++number) {
    put(kVideo, 1'000, number);
    put(kOther, 1'000, number);
  }
  pacer.remove_stream(kVideo);
  EXPECT_EQ(pacer.queued_packets(), 10u);
  EXPECT_EQ(pacer.queued_bytes(), 10'000u);
  run_until(now + 5'000'000);
  EXPECT_EQ(bytes_of(kVideo), 0u);
  EXPECT_EQ(bytes_of(kOther), 10'000u);
  EXPECT_EQ(pacer.queued_bytes(), 0u);
}

TEST_F(PacerTest, NothingWaitsMuchLongerThanTheLimit) {
  pacer.set_rates(100'000, 0, now);
  for (uint16_t number = 0; number < 200; ++number) put(kVideo, 1'000, number);  // 16 s at this rate
  const int64_t began = now;
  run_until(now + 30'000'000);
  ASSERT_EQ(sent.size(), 200u);
  EXPECT_LT(sent.back().at_us - began, 4'200'000);
  EXPECT_GT(sent.back().at_us - began, 1'500'000);
}

TEST_F(PacerTest, NothingLeavesWhilePausedOrWithoutARate) {
  put(kVideo, 1'000);
  EXPECT_EQ(pacer.next_us(now), kUnlimited);
  pacer.process(now);
  EXPECT_TRUE(sent.empty());
  pacer.set_rates(1'000'000, 100'000, now);
  pacer.set_paused(true);
  EXPECT_EQ(pacer.next_us(now), kUnlimited);
  pacer.process(now);
  EXPECT_TRUE(sent.empty());
  pacer.set_paused(false);
  pacer.process(now);
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(PacerTest, AFullQueueRefuses) {
  pacer.set_paused(true);
  size_t taken = 0;
  while (put(kVideo, 65'000) && taken < 10'000) ++taken;
  EXPECT_EQ(taken, (size_t{16} << 20) / 65'000);
}

TEST_F(PacerTest, PadsUpToThePaddingRateWhenThereIsNothingElse) {
  pacer.set_rates(1'000'000, 200'000, now);
  run_until(now + 1'000'000);
  EXPECT_TRUE(sent.empty());  // before media there is nothing that padding could belong to
  put(kVideo, 100);
  run_until(now + 1'000'000);
  EXPECT_NEAR(static_cast<double>(bytes_of(kRtx)) * 8, 200'000, 10'000);
  sent.clear();
  has_padding = false;
  run_until(now + 1'000'000);
  EXPECT_TRUE(sent.empty());
}

congestion::ProbeCluster cluster(int id, int64_t bps) {
  congestion::ProbeCluster made;
  made.id = id;
  made.target_bps = bps;
  made.min_packets = 5;
  made.min_bytes = bps * 15 / 8'000;
  made.min_delta_us = 2'000;
  return made;
}

TEST_F(PacerTest, SendsAProbeAtItsRateWithMediaAndPadding) {
  pacer.set_rates(1'000'000, 0, now);
  auto wanted = cluster(7, 4'000'000);
  wanted.created_us = now;
  pacer.add_probes(std::span(&wanted, 1), now);
  EXPECT_EQ(pacer.next_us(now), kUnlimited);  // it begins with a packet of media
  put(kVideo, 1'000);
  run_until(now + 100'000);
  size_t bytes = 0;
  int64_t first = 0, last = 0;
  for (const Sent& one : sent) {
    if (one.probe != 7) continue;
    if (bytes == 0) first = one.at_us;
    last = one.at_us;
    bytes += one.size;
  }
  EXPECT_GE(bytes, 7'500u);
  EXPECT_LT(bytes, 10'000u);
  EXPECT_GT(last, first);
  EXPECT_NEAR(static_cast<double>(bytes - 1'000) * 8e6 / static_cast<double>(last - first), 4'000'000, 500'000);
  EXPECT_EQ(sent.front().ssrc, kRtx);  // a small one first
}

TEST_F(PacerTest, AProbeBeginsWithPaddingWhereNoVideoFlows) {
  pacer.set_rates(200'000, 80'000, now);
  auto wanted = cluster(7, 150'000);
  wanted.created_us = now;
  pacer.add_probes(std::span(&wanted, 1), now);
  const auto speak = [&] {
    sent.clear();
    for (int index = 0; index < 25; ++index) {
      put(kAudio, 120);
      run_until(now + 20'000);
    }
    return std::count_if(sent.begin(), sent.end(), [](const Sent& one) { return one.probe == 7; });
  };
  // Sound alone is none.
  has_padding = false;
  EXPECT_EQ(speak(), 0);
  has_padding = true;
  EXPECT_GE(speak(), 5);
}

TEST_F(PacerTest, AProbeThatCannotBeSentInTimeGivesWayToTheNext) {
  pacer.set_rates(1'000'000, 0, now);
  std::vector<congestion::ProbeCluster> wanted{cluster(1, 2'000'000), cluster(2, 3'000'000)};
  for (auto& one : wanted) one.created_us = now;
  pacer.add_probes(wanted, now);
  put(kVideo, 1'000);
  pacer.process(now);
  now += 500'000;  // the thread was busy
  run_until(now + 100'000);
  int first = 0, second = 0;
  for (const Sent& one : sent) {
    first += one.probe == 1;
    second += one.probe == 2;
  }
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 5);
  EXPECT_GE(second, 5);
}

TEST_F(PacerTest, AProbeWithoutPacketsEnds) {
  has_padding = false;
  pacer.set_rates(1'000'000, 0, now);
  auto wanted = cluster(1, 2'000'000);
  wanted.created_us = now;
  pacer.add_probes(std::span(&wanted, 1), now);
  put(kVideo, 300);
  run_until(now + 100'000);
  EXPECT_EQ(sent.size(), 1u);
  EXPECT_EQ(pacer.next_us(now), kUnlimited);
  put(kVideo, 300);
  run_until(now + 100'000);
  EXPECT_EQ(sent.size(), 2u);
}

}  // namespace
}  // namespace peerwire
