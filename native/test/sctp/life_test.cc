// Beginnings, ends, interruptions.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sctp/association_pair.h"
#include "transport/sctp/crc32c.h"
#include "transport/sctp/sctp_packet.h"

namespace peerwire::test {
namespace {

TEST(SctpLife, packets_before_start_are_kept) {
  Pair pair;
  pair.create();
  pair.a.association->start();
  pair.net.run_for(100ms);  // a's INIT is at b
  const TimePoint begin = pair.net.now();
  pair.b.association->start();
  ASSERT_TRUE(pair.net.run_until(
      [&] { return pair.a.state == SctpState::kConnected && pair.b.state == SctpState::kConnected; }, 5s));
  EXPECT_LT(pair.net.now() - begin, 20ms);
}

TEST(SctpLife, waits_for_a_writable_transport) {
  Pair pair;
  pair.a.link.set_writable(false);
  EXPECT_FALSE(pair.connect(1s));
  const TimePoint begin = pair.net.now();
  pair.a.link.set_writable(true);
  ASSERT_TRUE(pair.net.run_until(
      [&] { return pair.a.state == SctpState::kConnected && pair.b.state == SctpState::kConnected; }, 5s));
  EXPECT_LT(pair.net.now() - begin, 20ms);
}

TEST(SctpLife, a_lost_first_packet_costs_a_fifth_of_a_second) {
  Pair pair;
  pair.create();
  pair.a.link.conditions.loss = 1;
  pair.b.link.conditions.loss = 1;
  pair.a.association->start();
  pair.b.association->start();
  pair.net.run_for(5ms);
  pair.a.link.conditions.loss = 0;
  pair.b.link.conditions.loss = 0;
  const TimePoint begin = pair.net.now();
  ASSERT_TRUE(pair.net.run_until(
      [&] { return pair.a.state == SctpState::kConnected && pair.b.state == SctpState::kConnected; }, 5s));
  EXPECT_LT(pair.net.now() - begin, 330ms);
}

TEST(SctpLife, over_a_long_path_the_first_packet_is_sent_once) {
  Pair pair;
  size_t inits = 0;
  for (Peer* peer : {&pair.a, &pair.b}) {
    peer->link.conditions.delay = 200ms;
    peer->link.measured_round_trip = 400ms;
    peer->link.watch = [&](ByteView packet) { inits += packet[12] == 1; };
  }
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(inits, 2u) << "one of each";
}

TEST(SctpLife, connects_to_a_peer_that_comes_a_minute_late) {
  Pair pair;
  pair.create();
  pair.b.link.set_packet_receiver(nullptr);
  pair.a.association->start();
  pair.net.run_for(60s);
  EXPECT_EQ(pair.a.state, SctpState::kConnecting);
  pair.b.association.reset();
  pair.b.create();
  pair.b.association->start();
  EXPECT_TRUE(pair.net.run_until(
      [&] { return pair.a.state == SctpState::kConnected && pair.b.state == SctpState::kConnected; }, 3s));
}

TEST(SctpLife, a_transport_that_answers_at_once_does_no_harm) {
  Pair pair;
  pair.a.link.synchronous = pair.b.link.synchronous = true;
  ASSERT_TRUE(pair.connect());
  for (uint32_t i = 0; i < 1000; ++i) {
    pair.a.send(1, pattern(3000, i));
    pair.b.send(1, pattern(3000, i));
  }
  EXPECT_TRUE(pair.net.run_until([&] { return pair.a.messages == 1000 && pair.b.messages == 1000; }, 300s));
}

TEST(SctpLife, close_tells_the_peer_at_once) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.association->close();
  pair.a.association->close();
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.state == SctpState::kClosed; }, 10ms));
  EXPECT_EQ(pair.b.error, "");
  EXPECT_EQ(pair.b.cause, 12);
  EXPECT_EQ(pair.a.state, SctpState::kConnected);  // the one who closes is told nothing
  EXPECT_EQ(pair.a.association->state(), SctpState::kClosed);
}

TEST(SctpLife, both_close_at_once) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(100000, 1));
  pair.net.run_for(2ms);
  pair.a.association->close();
  pair.b.association->close();
  pair.net.run_for(10s);
  EXPECT_EQ(pair.a.states.size(), 2u);
  EXPECT_EQ(pair.b.states.size(), 2u);
}

TEST(SctpLife, everything_may_be_called_after_close_and_in_callbacks) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.on_message = [&](uint16_t, uint32_t, const Bytes&) { pair.b.association->close(); };
  pair.a.send(1, pattern(10, 1));
  pair.a.send(1, pattern(10, 1));
  pair.net.run_for(1s);
  EXPECT_EQ(pair.b.messages, 1u);
  EXPECT_EQ(pair.a.state, SctpState::kClosed);
  pair.a.association->send({});
  pair.a.association->reset_stream(1);
  pair.a.association->set_receiving(false);
  pair.a.association->set_receiving(true);
  pair.a.association->start();
  EXPECT_EQ(pair.a.association->stats().mtu, 0u);
  pair.net.run_for(1s);
}

TEST(SctpLife, an_observer_may_destroy_the_association) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.on_message = [&](uint16_t, uint32_t, const Bytes&) { pair.b.association.reset(); };
  pair.a.send(1, pattern(10, 1));
  pair.a.send(1, pattern(10, 1));
  pair.net.run_for(1s);
  EXPECT_EQ(pair.b.messages, 1u);
  EXPECT_EQ(pair.a.state, SctpState::kClosed);
}

class SctpBlackout : public testing::TestWithParam<int> {};

TEST_P(SctpBlackout, is_survived_with_nothing_lost) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.keep = false;
  const Duration length = std::chrono::seconds(GetParam());
  for (uint32_t i = 0; i < 500; ++i) pair.a.send(1, pattern(20000, i));
  pair.net.run_for(20ms);
  pair.a.link.conditions.loss = pair.b.link.conditions.loss = 1;
  pair.net.run_for(length / 2);
  for (uint32_t i = 0; i < 500; ++i) pair.a.send(1, pattern(20000, i));
  pair.net.run_for(length / 2);
  EXPECT_EQ(pair.a.state, SctpState::kConnected) << pair.a.error;
  pair.a.link.conditions.loss = pair.b.link.conditions.loss = 0;
  const size_t before = pair.b.messages;
  EXPECT_LT(before, 1000u);
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages > before; }, 4s));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1000; }, 20s));
  pair.net.run_for(1s);
  EXPECT_EQ(pair.a.total_buffered(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seconds, SctpBlackout, testing::Values(1, 10, 20, 60, 240));

TEST(SctpLife, an_idle_association_does_not_wake_up) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.net.run_for(60s);
  const size_t before = pair.net.turns();
  pair.net.run_for(600s);
  EXPECT_EQ(pair.a.state, SctpState::kConnected);
  EXPECT_EQ(pair.net.turns() - before, 0u);
  // And is there when it is needed.
  pair.a.send(1, pattern(100, 1));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 1s));
}

TEST(SctpLife, a_message_beyond_the_limit_ends_the_association) {
  Pair pair;
  pair.a.create();
  pair.b.create({.max_receive_message_size = 1000});
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(1000, 1));
  pair.a.send(1, pattern(1001, 1));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.state == SctpState::kClosed; }, 5s));
  EXPECT_EQ(pair.b.messages, 1u);
  EXPECT_NE(pair.b.error, "");
  ASSERT_TRUE(pair.net.run_until([&] { return pair.a.state == SctpState::kClosed; }, 5s));
  // The sender is told what it did, not that all ended well.
  EXPECT_EQ(pair.a.cause, 13);
  EXPECT_NE(pair.a.error.find("larger than 1000 octets"), std::string::npos) << pair.a.error;
}

TEST(SctpLife, a_restarted_peer_ends_the_association) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.link.set_packet_receiver(nullptr);
  pair.b.link.conditions.loss = 1;
  pair.b.association.reset();
  pair.b.link.conditions.loss = 0;
  pair.b.create();
  pair.b.association->start();
  ASSERT_TRUE(pair.net.run_until([&] { return pair.a.state == SctpState::kClosed; }, 10s));
  EXPECT_NE(pair.a.error, "");
}

TEST(SctpLife, statistics_are_filled_in) {
  Pair pair;
  LinkConditions far;
  far.delay = 25ms;
  pair.set(far);
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(100000, 1));
  pair.net.run_for(3s);
  const SctpStats stats = pair.a.association->stats();
  EXPECT_NEAR(stats.smoothed_round_trip_time_s, 0.05, 0.025);
  EXPECT_GT(stats.congestion_window, 4000u);
  EXPECT_GT(stats.receiver_window, 500000u);
  EXPECT_EQ(stats.mtu, 1280u);
  EXPECT_EQ(stats.unacknowledged_data, 0u);
  EXPECT_EQ(stats.max_streams, 65535u);
  EXPECT_EQ(stats.messages_sent, 1u);
  EXPECT_GT(stats.bytes_sent, 100000u);
  EXPECT_GT(stats.packets_received, 3u);
}

TEST(SctpLife, packets_carry_no_checksum_once_both_agreed) {
  Pair pair;
  bool with = false, without = false;
  pair.a.link.watch = [&](ByteView packet) {
    const bool zero = (packet[8] | packet[9] | packet[10] | packet[11]) == 0;
    (packet[12] == 1 || packet[12] == 10 ? with : without) |= zero;
  };
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(10, 1));
  pair.net.run_for(1s);
  EXPECT_FALSE(with);
  EXPECT_TRUE(without);
}

void seal(Bytes& packet) {
  constexpr size_t kChecksumAt = 8;
  std::fill_n(packet.begin() + kChecksumAt, 4, uint8_t{0});
  const uint32_t crc = crc32c(packet);
  for (size_t index = 0; index < 4; ++index) packet[kChecksumAt + index] = static_cast<uint8_t>(crc >> (8 * index));
}

/// Sends a's packets to b as a peer would that has all streams from the beginning, as dcSCTP does.
void announce_all_streams(Pair& pair) {
  pair.a.link.connect_to(nullptr);
  pair.a.link.watch = [&pair](ByteView packet) {
    Bytes changed(packet.begin(), packet.end());
    constexpr size_t kOutgoingStreamsAt = 24;
    if (packet[12] == static_cast<uint8_t>(SctpChunk::kInit) ||
        packet[12] == static_cast<uint8_t>(SctpChunk::kInitAck)) {
      changed[kOutgoingStreamsAt] = changed[kOutgoingStreamsAt + 1] = 0xff;
      seal(changed);
    }
    pair.net.post([&pair, changed] { pair.b.link.arrive(changed); });
  };
}

TEST(SctpLife, others_get_an_acknowledgement_for_each_second_packet_and_we_fewer) {
  for (const bool is_other : {true, false}) {
    Pair pair;
    pair.create();
    if (is_other) announce_all_streams(pair);
    ASSERT_TRUE(pair.connect());
    size_t sacks = 0;
    const size_t before = pair.a.link.packets;
    pair.b.link.watch = [&](ByteView packet) { sacks += packet[12] == 3; };
    pair.a.send(0, pattern(200'000, 1));
    ASSERT_TRUE(pair.net.run_until([&] { return pair.b.bytes == 200'000; }, 5s));
    const size_t packets = pair.a.link.packets - before;
    SCOPED_TRACE(std::to_string(sacks) + " for " + std::to_string(packets));
    ASSERT_GT(packets, 100u);
    if (is_other) {
      EXPECT_GE(2 * sacks + 10, packets);
    } else {
      EXPECT_LE(4 * sacks, packets);
    }
  }
}

/// What begins an association, of a peer that has heard of no extension.
Bytes plain_init() {
  Bytes packet = {0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0, 0, 0, 0, 0,  // ports 5000, no tag, the checksum
                  1,    0,    0,    20,   0, 0, 0, 9, 0, 1, 0, 0,  // INIT, of 20 octets; tag, window
                  0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1};             // streams, TSN
  seal(packet);
  return packet;
}

TEST(SctpLife, a_peer_that_has_not_heard_of_packets_without_checksum_is_told_nothing_of_them) {
  Pair pair;
  pair.a.create();
  std::map<SctpChunk, bool> tells;  // of the last of each kind
  pair.a.link.watch = [&](ByteView packet) {
    tells[static_cast<SctpChunk>(packet[12])] = read_sctp_init(packet).accepts_zero_checksum;
  };
  pair.a.association->start();
  pair.net.run_for(10ms);
  EXPECT_EQ(tells, (std::map<SctpChunk, bool>{{SctpChunk::kInit, true}}));
  pair.a.link.arrive(plain_init());
  pair.net.run_for(5s);
  EXPECT_EQ(tells, (std::map<SctpChunk, bool>{{SctpChunk::kInit, false}, {SctpChunk::kInitAck, false}}));
}

TEST(SctpLife, the_ports_on_the_wire_are_those_that_were_negotiated) {
  Pair pair;
  std::set<std::pair<uint16_t, uint16_t>> of_a, of_b;
  const auto note = [](auto& ports) {
    return [&ports](ByteView packet) {
      ports.insert(
          {static_cast<uint16_t>(packet[0] << 8 | packet[1]), static_cast<uint16_t>(packet[2] << 8 | packet[3])});
    };
  };
  pair.a.link.watch = note(of_a);
  pair.b.link.watch = note(of_b);
  SctpOptions a, b;
  a.local_port = b.remote_port = 4711;
  a.remote_port = b.local_port = 12345;
  pair.a.create(a);
  pair.b.create(b);
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(5000, 1));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 5s));
  EXPECT_EQ(pair.b.received.front().data, pattern(5000, 1));
  pair.a.association->close();
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.state == SctpState::kClosed; }, 5s));
  EXPECT_EQ(of_a, (std::set<std::pair<uint16_t, uint16_t>>{{4711, 12345}}));
  EXPECT_EQ(of_b, (std::set<std::pair<uint16_t, uint16_t>>{{12345, 4711}}));
}

}  // namespace
}  // namespace peerwire::test
