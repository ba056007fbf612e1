// Messages in pieces that alternate (RFC 8260): nobody waits for a large message on another stream, and nothing else
// changes, however packets fare.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "sctp/association_pair.h"

namespace peerwire::test {
namespace {

LinkConditions narrow_link() {
  LinkConditions link;
  link.delay = 10ms;
  link.bytes_per_second = 1'000'000;
  return link;
}

LinkConditions bad_link() {
  LinkConditions bad;
  bad.delay = 5ms;
  bad.loss = 0.05;
  bad.duplication = 0.02;
  bad.reordering = 0.05;
  return bad;
}

Bytes numbered(uint32_t n, size_t size, uint16_t stream) {
  Bytes data = pattern(size, n * 31 + stream);
  for (size_t i = 0; i < 4; ++i) data[i] = static_cast<uint8_t>(n >> (8 * i));
  return data;
}

uint32_t number_of(const Bytes& data) {
  return static_cast<uint32_t>(data[0]) | static_cast<uint32_t>(data[1]) << 8 | static_cast<uint32_t>(data[2]) << 16 |
         static_cast<uint32_t>(data[3]) << 24;
}

struct LargeMessagePair : Pair {
  explicit LargeMessagePair(uint32_t seed = 1, bool interleaving = true) : Pair(seed) {
    a.create({.max_receive_message_size = 16 * 1024 * 1024});
    b.create({.max_receive_message_size = 16 * 1024 * 1024, .interleaving = interleaving});
  }
};

/// Chunk types that have left an end.
void watch_chunks(LinkEnd& link, std::set<uint8_t>& types) {
  link.watch = [&types](ByteView packet) {
    for (size_t at = 12; at + 4 <= packet.size();) {
      types.insert(packet[at]);
      at += ((static_cast<size_t>(packet[at + 2]) << 8 | packet[at + 3]) + 3) & ~size_t{3};
    }
  };
}

/// Types that `a` sends with a message that arrives and one that is given up.
std::set<uint8_t> chunks_of_a_message_and_a_lost_one(Pair& pair) {
  std::set<uint8_t> types;
  watch_chunks(pair.a.link, types);
  EXPECT_TRUE(pair.connect());
  pair.a.send(1, pattern(100, 1));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 5s));
  pair.a.link.conditions.loss = 1;
  pair.a.send(1, pattern(100, 1), true, 0);
  pair.net.run_for(5ms);
  pair.a.link.conditions.loss = 0;
  pair.net.run_for(2s);
  pair.a.link.watch = nullptr;
  return types;
}

constexpr uint8_t kData = 0, kIData = 64, kForwardTsn = 192, kIForwardTsn = 194;

TEST(SctpInterleaving, is_used_by_two_that_offer_it) {
  Pair pair;
  const std::set<uint8_t> types = chunks_of_a_message_and_a_lost_one(pair);
  EXPECT_TRUE(types.contains(kIData) && types.contains(kIForwardTsn));
  EXPECT_FALSE(types.contains(kData) || types.contains(kForwardTsn));
}

TEST(SctpInterleaving, is_not_used_with_a_peer_that_does_not_offer_it) {
  Pair pair;
  pair.a.create();
  pair.b.create({.interleaving = false});
  const std::set<uint8_t> types = chunks_of_a_message_and_a_lost_one(pair);
  EXPECT_TRUE(types.contains(kData) && types.contains(kForwardTsn));
  EXPECT_FALSE(types.contains(kIData) || types.contains(kIForwardTsn));
}

TEST(SctpInterleaving, short_messages_pass_a_message_of_16_MiB_on_another_stream) {
  LargeMessagePair pair;
  pair.set(narrow_link());
  ASSERT_TRUE(pair.connect());
  const Bytes large = pattern(16 * 1024 * 1024, 1);
  pair.a.send(1, large);
  pair.net.run_for(100ms);
  std::vector<Duration> took;
  bool large_arrived = false;
  TimePoint sent{};
  pair.b.on_message = [&](uint16_t stream, uint32_t, const Bytes&) {
    large_arrived |= stream == 1;
    if (stream == 2) took.push_back(pair.net.now() - sent);
  };
  for (uint32_t i = 0; i < 20; ++i) {
    sent = pair.net.now();
    pair.a.send(2, pattern(100, i));
    ASSERT_TRUE(pair.net.run_until([&] { return took.size() == i + 1; }, 60s)) << i;
    ASSERT_FALSE(large_arrived) << "after " << i;
  }
  // The bottleneck's queue is 256 ms long; the large message takes 16 s.
  EXPECT_LT(*std::max_element(took.begin(), took.end()), 600ms);
  ASSERT_TRUE(pair.net.run_until([&] { return large_arrived; }, 60s));
  EXPECT_TRUE(pair.b.received.back().data == large);
}

/// The same with a peer that offers interleaving and with one that does not.
class SctpWithAndWithout : public testing::TestWithParam<std::tuple<bool, uint32_t>> {
 protected:
  static bool interleaving() { return std::get<0>(GetParam()); }
  static uint32_t seed() { return std::get<1>(GetParam()); }
};

// On each stream everything at once: ordered, unordered, reliable, given up after so many retransmissions or so long,
// small and in many pieces.
TEST_P(SctpWithAndWithout, all_kinds_of_messages_on_the_same_streams_both_ways) {
  LargeMessagePair pair(seed(), interleaving());
  pair.set(bad_link());
  ASSERT_TRUE(pair.connect(60s));
  std::mt19937 random(seed());
  const auto up_to = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  struct Sent {
    bool ordered, reliable;
    size_t size;
  };
  struct Side {
    Peer& from;
    Peer& to;
    std::map<uint16_t, std::vector<Sent>> sent;
    std::map<uint16_t, std::vector<uint32_t>> arrived;
  };
  Side sides[] = {{pair.a, pair.b, {}, {}}, {pair.b, pair.a, {}, {}}};
  for (Side& side : sides) {
    side.to.keep = false;
    side.to.on_message = [&side](uint16_t stream, uint32_t, const Bytes& data) {
      const uint32_t n = number_of(data);
      ASSERT_LT(n, side.sent[stream].size());
      ASSERT_EQ(data.size(), side.sent[stream][n].size);
      ASSERT_TRUE(data == numbered(n, data.size(), stream)) << stream << " " << n;
      side.arrived[stream].push_back(n);
    };
  }
  constexpr uint32_t kMessages = 1500;
  for (uint32_t i = 0; i < kMessages; ++i) {
    for (Side& side : sides) {
      const auto stream = static_cast<uint16_t>(up_to(6));
      const bool ordered = up_to(2) == 0;
      const uint32_t limit = up_to(4);
      const size_t size = 4 + (up_to(10) == 0 ? up_to(100'000) : up_to(3000));
      const auto n = static_cast<uint32_t>(side.sent[stream].size());
      side.sent[stream].push_back({ordered, limit >= 2, size});
      side.from.send(stream, numbered(n, size, stream), ordered,
                     limit == 0 ? std::optional<uint16_t>(static_cast<uint16_t>(up_to(3))) : std::nullopt,
                     limit == 1 ? std::optional<uint16_t>(static_cast<uint16_t>(20 + up_to(200))) : std::nullopt);
    }
    if (i % 4 == 0) pair.net.run_for(3ms);
  }
  const auto all_reliable = [&] {
    for (Side& side : sides) {
      for (const auto& [stream, messages] : side.sent) {
        size_t reliable = 0, arrived = 0;
        for (const Sent& message : messages) reliable += message.reliable ? 1 : 0;
        for (const uint32_t n : side.arrived[stream]) arrived += messages[n].reliable ? 1 : 0;
        if (arrived < reliable) return false;
      }
    }
    return true;
  };
  ASSERT_TRUE(pair.net.run_until(all_reliable, 600s)) << pair.a.error << " | " << pair.b.error;
  pair.net.run_for(10s);
  for (Side& side : sides) {
    size_t given_up = 0;
    for (auto& [stream, messages] : side.sent) {
      std::vector<uint32_t> ordered;
      for (const uint32_t n : side.arrived[stream]) {
        if (messages[n].ordered) ordered.push_back(n);
      }
      EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end())) << stream;
      std::vector<uint32_t> all = side.arrived[stream];
      std::sort(all.begin(), all.end());
      EXPECT_TRUE(std::adjacent_find(all.begin(), all.end()) == all.end()) << "twice on " << stream;
      given_up += messages.size() - all.size();
    }
    EXPECT_GT(given_up, 10u);
    EXPECT_EQ(side.from.total_buffered(), 0);
  }
  // What was held meanwhile is free again: the window is as open as at the beginning.
  pair.a.send(1, pattern(100, 1));
  pair.b.send(1, pattern(100, 1));
  for (Side& side : sides) side.to.on_message = nullptr;
  const size_t before_a = pair.a.messages, before_b = pair.b.messages;
  ASSERT_TRUE(pair.net.run_until([&] { return pair.a.messages > before_a && pair.b.messages > before_b; }, 10s));
  pair.net.run_for(1s);
  EXPECT_GT(pair.a.association->stats().receiver_window, 1'000'000u);
  EXPECT_GT(pair.b.association->stats().receiver_window, 1'000'000u);
}

TEST(SctpInterleaving, unordered_messages_given_up_do_not_touch_ordered_ones) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.send(1, pattern(10, 1));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 5s));
  pair.a.link.conditions.loss = 1;
  for (uint32_t i = 0; i < 4; ++i) pair.a.send(1, pattern(2000, i), false, 0);
  pair.net.run_for(5ms);
  pair.a.link.conditions.loss = 0;
  pair.net.run_for(3s);
  ASSERT_EQ(pair.b.messages, 1u);
  for (uint32_t i = 0; i < 30; ++i) pair.a.send(1, pattern(10, i));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == 31; }, 10s)) << pair.b.messages << pair.a.error;
}

TEST(SctpInterleaving, many_large_messages_at_once_are_taken_by_a_small_window) {
  LargeMessagePair pair;
  LinkConditions bad = narrow_link();
  bad.bytes_per_second = 20'000'000;
  bad.loss = 0.001;
  pair.set(bad);
  ASSERT_TRUE(pair.connect());
  for (uint16_t stream = 0; stream < 20; ++stream) {
    pair.a.send(stream, pattern(1'500'000, stream));
    pair.a.send(stream, pattern(700'000, stream), false);
  }
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 40; }, 600s)) << pair.b.messages << pair.b.error;
  for (const auto& message : pair.b.received) {
    ASSERT_TRUE(message.data == pattern(message.data.size(), message.stream_id));
  }
}

TEST_P(SctpWithAndWithout, large_messages_given_up_in_the_middle_leave_no_trace) {
  LargeMessagePair pair(seed(), interleaving());
  LinkConditions link = narrow_link();
  link.bytes_per_second = 5'000'000;
  pair.set(link);
  ASSERT_TRUE(pair.connect());
  pair.b.keep = false;
  for (int round = 0; round < 10; ++round) {
    const bool ordered = round % 2 == 0;
    const size_t before = pair.b.messages;
    pair.a.send(1, pattern(1'200'000, 1), ordered, 0);
    pair.a.send(2, pattern(300'000, 2));
    pair.net.run_for(150ms);
    pair.a.link.conditions.loss = 1;
    pair.net.run_for(20ms);
    pair.a.link.conditions.loss = 0;
    pair.a.send(1, pattern(50, 3), ordered);
    ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == before + 2; }, 60s))
        << round << ": " << pair.b.messages - before << pair.a.error << pair.b.error;
    pair.net.run_for(1s);
    ASSERT_GT(pair.a.association->stats().receiver_window, 1'000'000u) << round;
    ASSERT_EQ(pair.a.total_buffered(), 0);
  }
}

TEST_P(SctpWithAndWithout, a_paused_receiver_holds_no_more_than_its_window) {
  LargeMessagePair pair(seed(), interleaving());
  LinkConditions link;
  link.delay = 2ms;
  link.loss = 0.02;
  pair.set(link);
  ASSERT_TRUE(pair.connect());
  pair.b.association->set_receiving(false);
  constexpr uint32_t kMessages = 3000;
  for (uint32_t i = 0; i < kMessages; ++i) pair.a.send(static_cast<uint16_t>(i % 7), numbered(i, 5000, 0), i % 3 != 0);
  pair.net.run_for(20s);
  EXPECT_EQ(pair.b.messages, 0u);
  EXPECT_GT(pair.a.total_buffered(), static_cast<int64_t>(kMessages) * 5000 - 2'500'000);
  pair.b.association->set_receiving(true);
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == kMessages; }, 60s)) << pair.b.messages;
  std::map<uint16_t, uint32_t> latest;
  for (const auto& message : pair.b.received) {
    const uint32_t n = number_of(message.data);
    ASSERT_TRUE(message.data == numbered(n, 5000, 0));
    if (n % 3 == 0) continue;
    ASSERT_GE(n, latest[message.stream_id]);
    latest[message.stream_id] = n;
  }
}

// The last missing packet comes when the window is shut by what waits for it.
TEST(SctpInterleaving, a_window_shut_by_what_waits_behind_a_loss_opens_again) {
  Pair pair(5);
  ASSERT_TRUE(pair.connect());
  pair.b.keep = false;
  pair.a.send(1, pattern(600, 0));
  pair.a.link.conditions.loss = 1;
  pair.net.run_for(1ms);
  pair.a.link.conditions.loss = 0;
  for (uint32_t i = 0; i < 60'000; ++i) pair.a.send(1, pattern(40, i));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 60'001; }, 120s)) << pair.b.messages;
}

/// What an end may be sent by its peer: with the verification tag and after the last chunk that was seen on its way.
class Forger {
 public:
  explicit Forger(LinkEnd& from) : from_(from) {
    from_.watch = [this](ByteView packet) {
      head_.assign(packet.begin(), packet.begin() + 12);
      if (packet[12] == kIData) tsn_ = number(packet, 16);
    };
  }
  ~Forger() { from_.watch = nullptr; }
  /// An I-FORWARD-TSN that gives up one chunk more, of the message `id` of each of so many streams.
  Bytes give_up(uint16_t streams, uint32_t id) {
    Bytes packet = head_;
    packet.insert(packet.end(), {kIForwardTsn, 0});
    put16(packet, 8u + 8u * streams);
    put32(packet, ++tsn_);
    for (uint32_t stream = 0; stream < streams; ++stream) {
      put16(packet, stream);
      put16(packet, 0);
      put32(packet, id);
    }
    return packet;
  }

 private:
  static uint32_t number(ByteView packet, size_t at) {
    return static_cast<uint32_t>(packet[at]) << 24 | static_cast<uint32_t>(packet[at + 1]) << 16 |
           static_cast<uint32_t>(packet[at + 2]) << 8 | packet[at + 3];
  }
  static void put16(Bytes& out, uint32_t value) {
    out.push_back(static_cast<uint8_t>(value >> 8));
    out.push_back(static_cast<uint8_t>(value));
  }
  static void put32(Bytes& out, uint32_t value) {
    put16(out, value >> 16);
    put16(out, value);
  }
  LinkEnd& from_;
  Bytes head_;
  uint32_t tsn_ = 0;
};

TEST(SctpInterleaving, what_is_given_up_while_nobody_reads_takes_no_more_memory_each_time) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Forger forger(pair.a.link);
  pair.a.send(1, pattern(100, 1));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 5s));
  pair.b.association->set_receiving(false);
  pair.a.send(2, pattern(100, 1));  // waits to be read
  pair.net.run_for(100ms);
  pair.a.association->reset_stream(1);  // and what is told of this waits behind it
  pair.net.run_for(100ms);
  pair.b.link.conditions.loss = 1;  // what it acknowledges from now on nobody has sent
  const auto flood = [&](uint32_t times) {
    for (uint32_t i = 0; i < times; ++i) pair.b.link.arrive(forger.give_up(4000, i));
    pair.net.run_for(100ms);
    const auto memory = mallinfo2();
    return memory.uordblks + memory.hblkhd;
  };
  const size_t before = flood(10);
  EXPECT_LT(flood(500), before + (1 << 20));
  pair.b.association->set_receiving(true);
  pair.net.run_for(100ms);
  EXPECT_EQ(pair.b.messages, 2u);
  EXPECT_EQ(pair.b.incoming_resets, std::vector<uint16_t>{1});
}

TEST_P(SctpWithAndWithout, streams_are_reset_while_large_messages_are_on_their_way) {
  LargeMessagePair pair(seed(), interleaving());
  auto bad = bad_link();
  bad.bytes_per_second = 10'000'000;
  pair.set(bad);
  ASSERT_TRUE(pair.connect(60s));
  pair.b.keep = false;
  std::map<uint16_t, uint32_t> expected;
  size_t large = 0;
  pair.b.on_message = [&](uint16_t stream, uint32_t, const Bytes& data) {
    if (stream >= 100) {
      ++large;
      ASSERT_TRUE(data == pattern(data.size(), stream));
      return;
    }
    ASSERT_EQ(number_of(data), expected[stream]++) << stream;
  };
  pair.b.on_incoming_reset = [&](uint16_t id) {
    EXPECT_EQ(expected[id], 5u) << id;
    expected[id] = 0;
  };
  size_t large_sent = 0;
  for (int round = 0; round < 30; ++round) {
    for (uint16_t stream = 100; stream < 104; ++stream) {
      pair.a.send(stream, pattern(50'000 + static_cast<size_t>(round) * 1000, stream), stream % 2 == 0);
      ++large_sent;
    }
    for (uint16_t stream = 0; stream < 8; ++stream) {
      for (uint32_t n = 0; n < 5; ++n) pair.a.send(stream, numbered(n, 4 + (n * 997) % 3000, stream));
      pair.a.association->reset_stream(stream);
    }
    const size_t resets = static_cast<size_t>(round + 1) * 8;
    ASSERT_TRUE(pair.net.run_until(
        [&] { return pair.a.outgoing_resets.size() == resets && pair.b.incoming_resets.size() == resets; }, 300s))
        << round << " " << pair.a.outgoing_resets.size() << " " << pair.b.incoming_resets.size() << pair.b.error;
  }
  EXPECT_TRUE(pair.net.run_until([&] { return large == large_sent; }, 300s)) << large << " of " << large_sent;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SctpWithAndWithout, testing::Combine(testing::Bool(), testing::Range(1u, 7u)));

}  // namespace
}  // namespace peerwire::test
