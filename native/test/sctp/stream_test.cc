// Streams: more of them, and their resets.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "sctp/association_pair.h"

namespace peerwire::test {
namespace {

TEST(SctpStreams, a_thousand_streams_with_odd_and_even_ids) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  for (uint16_t i = 0; i < 1000; ++i) {
    pair.a.send(static_cast<uint16_t>(2 * i), pattern(10, i));
    pair.b.send(static_cast<uint16_t>(2 * i + 1), pattern(10, i));
  }
  EXPECT_TRUE(pair.net.run_until([&] { return pair.a.messages == 1000 && pair.b.messages == 1000; }, 10s));
}

TEST(SctpStreams, the_highest_id) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.send(65534, pattern(10, 1));
  pair.a.send(3, pattern(10, 1));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == 2; }, 10s));
  pair.b.send(65534, pattern(10, 1));
  pair.b.send(40000, pattern(10, 1));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.a.messages == 2; }, 10s));
  pair.a.association->reset_stream(65534);
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.incoming_resets == std::vector<uint16_t>{65534}; }, 10s));
}

TEST(SctpStreams, a_message_given_up_on_an_unused_stream_does_not_hold_up_the_next) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  for (const uint16_t id : {900, 20, 1023}) {
    pair.a.link.conditions.loss = 1;
    pair.a.send(id, pattern(100, 1), true, 0);
    pair.net.run_for(5ms);
    pair.a.link.conditions.loss = 0;
    pair.net.run_for(2s);
    ASSERT_EQ(pair.b.messages, 0u);
    pair.a.send(id, pattern(200, 2));
    ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == 1; }, 5s)) << id;
    EXPECT_EQ(pair.b.received[0].stream_id, id);
    pair.b.messages = 0;
    pair.b.received.clear();
  }
}

TEST(SctpStreams, a_reset_comes_after_everything_sent_before_it) {
  Pair pair(5);
  LinkConditions bad;
  bad.delay = 5ms;
  bad.loss = 0.02;
  pair.set(bad);
  ASSERT_TRUE(pair.connect());
  size_t at_reset = 0;
  pair.b.on_incoming_reset = [&](uint16_t) { at_reset = pair.b.messages; };
  for (uint32_t i = 0; i < 300; ++i) pair.a.send(4, pattern(5000, i));
  pair.a.association->reset_stream(4);
  ASSERT_TRUE(pair.net.run_until([&] { return !pair.a.outgoing_resets.empty(); }, 120s));
  pair.net.run_for(5s);
  EXPECT_EQ(pair.b.incoming_resets, std::vector<uint16_t>{4});
  EXPECT_EQ(pair.a.outgoing_resets, std::vector<uint16_t>{4});
  EXPECT_EQ(at_reset, 300u);
  EXPECT_EQ(pair.a.total_buffered(), 0);
  pair.a.send(4, pattern(10, 1));
  EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == 301; }, 10s));
}

TEST(SctpStreams, many_resets_at_once_in_both_directions_on_a_bad_network) {
  Pair pair(6);
  LinkConditions bad;
  bad.delay = 5ms;
  bad.loss = 0.05;
  bad.duplication = 0.02;
  bad.reordering = 0.05;
  pair.set(bad);
  ASSERT_TRUE(pair.connect());
  pair.b.on_incoming_reset = [&](uint16_t id) { pair.b.association->reset_stream(id); };
  for (uint16_t id = 0; id < 1500; ++id) {
    pair.a.send(id, pattern(100, id));
    pair.a.association->reset_stream(id);
  }
  const auto done = [&] {
    return pair.a.outgoing_resets.size() == 1500 && pair.a.incoming_resets.size() == 1500 &&
           pair.b.outgoing_resets.size() == 1500 && pair.b.incoming_resets.size() == 1500;
  };
  EXPECT_TRUE(pair.net.run_until(done, 300s))
      << pair.a.outgoing_resets.size() << " " << pair.a.incoming_resets.size() << " " << pair.b.outgoing_resets.size()
      << " " << pair.b.incoming_resets.size();
  pair.net.run_for(10s);
  EXPECT_TRUE(done());
  EXPECT_EQ(pair.b.messages, 1500u);
}

TEST(SctpStreams, an_unused_stream_can_be_reset) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.association->reset_stream(9);
  pair.a.association->reset_stream(3000);
  EXPECT_TRUE(pair.net.run_until([&] { return pair.a.outgoing_resets.size() == 2; }, 10s));
  EXPECT_EQ(pair.b.incoming_resets.size(), 2u);
}

TEST(SctpStreams, open_and_close_a_thousand_times_with_flat_memory) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.keep = pair.b.keep = false;
  pair.b.on_incoming_reset = [&](uint16_t id) { pair.b.association->reset_stream(id); };
  const auto cycle = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const auto id = static_cast<uint16_t>(i % 50);
      const size_t resets = pair.a.outgoing_resets.size() + pair.a.incoming_resets.size();
      pair.a.send(id, pattern(1000, 1));
      pair.b.send(id, pattern(1000, 1));
      pair.a.association->reset_stream(id);
      ASSERT_TRUE(pair.net.run_until(
          [&] { return pair.a.outgoing_resets.size() + pair.a.incoming_resets.size() == resets + 2; }, 10s));
    }
    pair.a.outgoing_resets.clear();
    pair.a.incoming_resets.clear();
    pair.b.outgoing_resets.clear();
    pair.b.incoming_resets.clear();
  };
  cycle(1000);
  const size_t before = mallinfo2().uordblks;
  cycle(1000);
  const size_t after = mallinfo2().uordblks;
  EXPECT_LT(after, before + 20000);
}

TEST(SctpStreams, an_idle_association_is_small) {
  Pair first;
  ASSERT_TRUE(first.connect());
  const size_t before = mallinfo2().uordblks;
  std::vector<std::unique_ptr<Peer>> peers;
  for (uint32_t i = 0; i < 20; ++i) {
    for (int end = 0; end < 2; ++end) {
      peers.push_back(std::make_unique<Peer>(first.net, i));
      peers.back()->create();
    }
    auto& a = *peers[peers.size() - 2];
    auto& b = *peers.back();
    a.link.connect_to(&b.link);
    b.link.connect_to(&a.link);
    a.association->start();
    b.association->start();
  }
  ASSERT_TRUE(first.net.run_until(
      [&] {
        return std::all_of(peers.begin(), peers.end(), [](auto& p) { return p->state == SctpState::kConnected; });
      },
      10s));
  first.net.run_for(1s);
  const size_t each = (mallinfo2().uordblks - before) / peers.size();
  RecordProperty("bytes_per_association", static_cast<int>(each));
  std::printf("%zu octets for an idle association\n", each);
  EXPECT_LT(each, 40'000u);  // 1,024 streams each way would be 104,000
  peers.clear();
  first.net.run_for(60s);
  EXPECT_LT(mallinfo2().uordblks, before + 100'000);
}

/// The first RE-CONFIG packet (RFC 6525) that leaves an end while `act` is performed, and is lost.
Bytes request_of(Pair& pair, const std::function<void()>& act) {
  Bytes request;
  pair.a.link.conditions.loss = 1;
  pair.a.link.watch = [&](ByteView packet) {
    if (request.empty() && packet[12] == 130) request.assign(packet.begin(), packet.end());
  };
  act();
  pair.net.run_for(10ms);
  pair.a.link.watch = nullptr;
  pair.a.link.conditions.loss = 0;
  return request;
}

TEST(SctpStreams, a_request_to_reset_every_stream_in_use_names_them) {
  for (const uint16_t count : {16, 32, 64}) {
    Pair pair;
    ASSERT_TRUE(pair.connect());
    const auto reset_all = [&] {
      for (uint16_t id = 0; id < count; ++id) pair.a.association->reset_stream(id);
    };
    const Bytes request = request_of(pair, reset_all);
    ASSERT_GE(request.size(), 32u);
    EXPECT_EQ(request[19], 16 + 2 * count) << "an empty list, that peers take for no stream at all";
    EXPECT_TRUE(pair.net.run_until([&] { return pair.a.outgoing_resets.size() == count; }, 10s));
    EXPECT_EQ(pair.b.incoming_resets.size(), count);
  }
}

TEST(SctpStreams, a_request_to_reset_all_is_for_streams_that_nothing_came_on_too) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.b.send(2, pattern(10, 1));
  pair.a.send(300, pattern(10, 1));
  ASSERT_TRUE(pair.net.run_until([&] { return pair.a.messages == 1 && pair.b.messages == 1; }, 10s));
  Bytes request = request_of(pair, [&] { pair.a.association->reset_stream(4); });
  ASSERT_EQ(request.size(), 36u);
  request.resize(32);
  request[15] = 20;  // the chunk's length
  request[19] = 16;  // the parameter's
  pair.a.link.send_packet(request);
  EXPECT_TRUE(pair.net.run_until([&] { return !pair.a.outgoing_resets.empty(); }, 10s));
  for (const uint16_t id : {2, 4, 300}) {
    EXPECT_EQ(std::count(pair.b.incoming_resets.begin(), pair.b.incoming_resets.end(), id), 1) << id;
  }
}

TEST(SctpStreams, one_request_may_name_any_number_of_streams) {
  for (const uint16_t count : {248, 249, 250, 600, 601}) {
    Pair pair;
    ASSERT_TRUE(pair.connect());
    for (uint16_t id = 0; id < count; ++id) pair.a.send(id, pattern(10, id));
    ASSERT_TRUE(pair.net.run_until([&] { return pair.b.messages == count; }, 10s));
    Bytes request = request_of(pair, [&] { pair.a.association->reset_stream(0); });
    ASSERT_EQ(request.size(), 36u);
    request.resize(34);
    for (uint16_t id = 1; id < count; ++id) {
      request.push_back(static_cast<uint8_t>(id >> 8));
      request.push_back(static_cast<uint8_t>(id));
    }
    const auto write_length = [&](size_t at, size_t length) {
      request[at] = static_cast<uint8_t>(length >> 8);
      request[at + 1] = static_cast<uint8_t>(length);
    };
    write_length(14, 20 + 2 * count);  // the chunk's
    write_length(18, 16 + 2 * count);  // the parameter's
    request.resize((request.size() + 3) & ~size_t{3});
    pair.a.link.max_size = 2000;
    pair.a.link.send_packet(request);
    pair.a.link.send_packet(request);  // and its copy changes nothing
    EXPECT_TRUE(pair.net.run_until([&] { return pair.a.outgoing_resets == std::vector<uint16_t>{0}; }, 10s)) << count;
    pair.net.run_for(5s);
    std::vector<uint16_t> all(count);
    std::iota(all.begin(), all.end(), uint16_t{0});
    EXPECT_EQ(pair.b.incoming_resets, all);
    pair.a.send(0, pattern(10, 1));
    EXPECT_TRUE(pair.net.run_until([&] { return pair.b.messages == count + 1u; }, 10s));
  }
}

}  // namespace
}  // namespace peerwire::test
