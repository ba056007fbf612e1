#include "media/codec/telephone_event.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

struct Sent {
  uint32_t timestamp;
  uint16_t duration;
  bool marker;
  bool is_end;
  bool operator==(const Sent&) const = default;
};

std::vector<Sent> send(int clock_rate, int duration_ms, int interval_ms, uint32_t timestamp,
                       std::vector<TelephoneEventPacket>* packets = nullptr) {
  TelephoneEventSender sender(clock_rate);
  sender.start(5, duration_ms, timestamp);
  std::vector<TelephoneEventPacket> all;
  while (sender.is_active()) sender.advance(interval_ms, all);
  sender.advance(interval_ms, all);
  std::vector<Sent> sent;
  for (const auto& packet : all) {
    const auto event = parse_telephone_event(packet.payload);
    EXPECT_TRUE(event && event->event == 5 && event->volume == 10);
    sent.push_back({packet.rtp_timestamp, event->duration, packet.marker, event->is_end});
  }
  if (packets) *packets = all;
  return sent;
}

TEST(TelephoneEvent, GrowsWithEachPacketAndEndsThreeTimes) {
  EXPECT_EQ(send(8000, 100, 20, 1000), (std::vector<Sent>{{1000, 160, true, false},
                                                          {1000, 320, false, false},
                                                          {1000, 480, false, false},
                                                          {1000, 640, false, false},
                                                          {1000, 800, false, true},
                                                          {1000, 800, false, true},
                                                          {1000, 800, false, true}}));
  // A duration that is no multiple of the interval ends where it should.
  EXPECT_EQ(send(48000, 70, 60, 0xffffff00u), (std::vector<Sent>{{0xffffff00u, 2880, true, false},
                                                                 {0xffffff00u, 3360, false, true},
                                                                 {0xffffff00u, 3360, false, true},
                                                                 {0xffffff00u, 3360, false, true}}));
}

TEST(TelephoneEvent, ALongEventGoesOnInSegments) {
  // RFC 4733 section 2.5.1.3: 2 s at 48 kHz are 96,000 ticks.
  const auto sent = send(48000, 2000, 20, 7);
  uint32_t segments = 0;
  for (size_t i = 1; i < sent.size(); ++i) {
    EXPECT_FALSE(sent[i].marker);
    if (sent[i].timestamp != sent[i - 1].timestamp) {
      EXPECT_EQ(sent[i - 1].duration, 0xffff);
      EXPECT_FALSE(sent[i - 1].is_end);
      EXPECT_EQ(sent[i].timestamp, sent[i - 1].timestamp + 0xffff);
      ++segments;
    }
  }
  EXPECT_EQ(segments, 1u);
  EXPECT_TRUE(sent.back().is_end);
  EXPECT_EQ(sent.back().timestamp - 7 + sent.back().duration, 96000u);
}

TEST(TelephoneEvent, IsReceivedOnce) {
  for (const auto& [clock_rate, duration_ms] : {std::pair{8000, 100}, {48000, 100}, {48000, 6000}, {8000, 20000}}) {
    std::vector<TelephoneEventPacket> packets;
    send(clock_rate, duration_ms, 20, 0xfffffff0u, &packets);
    TelephoneEventReceiver receiver;
    std::vector<ReceivedTone> tones;
    int64_t now_us = 0;
    for (const auto& packet : packets) {
      receiver.receive(packet.payload, packet.rtp_timestamp, clock_rate, now_us += 20000, tones);
    }
    ASSERT_EQ(tones.size(), 2u) << clock_rate << " " << duration_ms;
    EXPECT_EQ(tones[0].event, 5);
    EXPECT_FALSE(tones[0].is_end);
    EXPECT_TRUE(tones[1].is_end);
    EXPECT_EQ(tones[1].rtp_timestamp, 0xfffffff0u);
    EXPECT_NEAR(tones[1].duration_ms, duration_ms, 1);
    EXPECT_FALSE(receiver.is_active());
  }
}

TEST(TelephoneEvent, LossNeverHangsATone) {
  std::vector<TelephoneEventPacket> packets;
  send(8000, 200, 20, 500, &packets);
  TelephoneEventReceiver receiver;
  std::vector<ReceivedTone> tones;
  // Only a middle one comes, twice; then nothing.
  receiver.receive(packets[4].payload, 500, 8000, 0, tones);
  receiver.receive(packets[4].payload, 500, 8000, 1, tones);
  ASSERT_EQ(tones.size(), 1u);
  receiver.poll(100'000, tones);
  EXPECT_EQ(tones.size(), 1u);
  receiver.poll(300'000, tones);
  ASSERT_EQ(tones.size(), 2u);
  EXPECT_TRUE(tones[1].is_end);
  EXPECT_EQ(tones[1].duration_ms, 100);
  // Its end comes late: no new tone.
  receiver.receive(packets.back().payload, 500, 8000, 310'000, tones);
  EXPECT_EQ(tones.size(), 2u);
  // The next tone ends the one before it.
  const auto one = serialize_telephone_event({1, false, 10, 160}), two = serialize_telephone_event({2, false, 10, 160});
  receiver.receive(one, 9000, 8000, 400'000, tones);
  receiver.receive(two, 12000, 8000, 500'000, tones);
  ASSERT_EQ(tones.size(), 5u);
  EXPECT_EQ(tones[3].event, 1);
  EXPECT_TRUE(tones[3].is_end);
  EXPECT_EQ(tones[4].event, 2);
}

TEST(TelephoneEvent, ReadsAndNamesTones) {
  EXPECT_FALSE(parse_telephone_event(Bytes{1, 2, 3}));
  const auto event = parse_telephone_event(Bytes{11, 0x80 | 0x40 | 9, 1, 2, 99});
  ASSERT_TRUE(event);
  EXPECT_EQ(event->event, 11);
  EXPECT_TRUE(event->is_end);
  EXPECT_EQ(event->volume, 9);
  EXPECT_EQ(event->duration, 258);
  EXPECT_EQ(telephone_event_of('#'), 11);
  EXPECT_EQ(telephone_event_of('d'), 15);
  EXPECT_EQ(telephone_event_of('e'), std::nullopt);
  EXPECT_EQ(telephone_event_of(','), std::nullopt);
  EXPECT_EQ(tone_of_telephone_event(10), '*');
  EXPECT_EQ(tone_of_telephone_event(200), '\0');
}

}  // namespace
}  // namespace peerwire
