// ICE, DTLS and SCTP together, over real sockets, in one process.
#include "transport/stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace peerwire::test {
namespace {

class TransportStack : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& stack : stacks_) stack->close();
    // Whatever was posted has run, and what that posted, too.
    for (int i = 0; i < 2; ++i) network_->post_and_wait([] {});
    for (const auto& stack : stacks_) {
      EXPECT_EQ(board_.read([&] { return stack->told.calls_after_close; }), 0u);
    }
  }
  std::shared_ptr<Stack> make() {
    stacks_.push_back(std::make_shared<Stack>(network_, board_, shared_certificate(), std::to_string(stacks_.size())));
    return stacks_.back();
  }
  std::pair<std::shared_ptr<Stack>, std::shared_ptr<Stack>> make_pair() {
    auto a = make();
    auto b = make();
    Stack::connect(a, b);
    return {a, b};
  }
  bool connected(const std::shared_ptr<Stack>& a, const std::shared_ptr<Stack>& b) {
    return board_.wait([&] { return a->told.connected() && b->told.connected(); });
  }

  const std::shared_ptr<NetworkThread> network_ = NetworkThread::acquire();
  Board board_;
  std::vector<std::shared_ptr<Stack>> stacks_;
};

TEST_F(TransportStack, CarriesMessagesOfEverySizeBothWays) {
  const auto [a, b] = make_pair();
  ASSERT_TRUE(connected(a, b));
  std::mt19937 random(1);
  uint64_t octets = 0;
  for (uint32_t i = 0; i < 100; ++i) {
    const size_t size = 4 + random() % (i % 10 == 0 ? 262'140 : 3000);
    octets += size;
    a->send(1, numbered(i, size));
    b->send(1, numbered(i, size));
  }
  ASSERT_TRUE(board_.wait([&, &a = a, &b = b] { return a->told.messages == 100 && b->told.messages == 100; }));
  for (const auto& stack : {a, b}) {
    EXPECT_TRUE(stack->told.in_order);
    EXPECT_EQ(stack->told.octets, octets);
  }
}

TEST_F(TransportStack, FindsThatThisMachineCarriesTheLargestRecords) {
  const auto [a, b] = make_pair();
  ASSERT_TRUE(connected(a, b));
  const auto mtu = [&](const std::shared_ptr<Stack>& stack) {
    size_t size = 0;
    network_->post_and_wait([&] { size = stack->sctp->stats().mtu; });
    return size;
  };
  EXPECT_LT(mtu(a), 1352u);
  for (uint32_t i = 0; i < 100; ++i) a->send(1, numbered(i, 100'000));
  ASSERT_TRUE(board_.wait([&, &b = b] { return b->told.messages == 100; }));
  EXPECT_TRUE(b->told.in_order);
  EXPECT_EQ(mtu(a), 16384u);
  EXPECT_LT(mtu(b), 1352u) << "only who sends searches";
  EXPECT_EQ(a->link->path_changes, 0) << "the first pair changes nothing";
}

TEST_F(TransportStack, ClosesInAnyOrder) {
  std::array<Layer, 3> order = {Layer::kIce, Layer::kDtls, Layer::kSctp};
  do {
    const auto [a, b] = make_pair();
    a->close_order = b->close_order = order;
    ASSERT_TRUE(connected(a, b));
    a->send(1, numbered(0, 200'000));
    a->close();
    if (order[0] != Layer::kIce) {
      ASSERT_TRUE(board_.wait(
          [&b = b] { return b->told.sctp == SctpState::kClosed || b->told.dtls == DtlsTransportState::kClosed; }));
    }
    b->close();
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(TransportStack, ClosesFromWithinEveryCallback) {
  for (const std::string at : {"ice", "dtls", "sctp", "message"}) {
    for (const bool first : {true, false}) {
      auto a = make();
      auto b = make();
      bool closed = false;
      (first ? a : b)->on_moment = [&](Stack& stack, const std::string& moment) {
        if (moment == "sctp" && at == "message") (first ? b : a)->send(1, numbered(0, 100));
        if (moment != at) return;
        stack.close_layers();
        board_.change([&] { closed = true; });
      };
      // Enough for one to come whichever of them is connected first.
      (first ? b : a)->on_moment = [&](Stack& stack, const std::string& moment) {
        if (moment == "sctp" && at == "message") stack.send(1, numbered(0, 100));
      };
      Stack::connect(a, b);
      ASSERT_TRUE(board_.wait([&] { return closed; })) << at;
      a->close();
      b->close();
      network_->post_and_wait([] {});
      a->on_moment = b->on_moment = nullptr;
    }
  }
}

TEST_F(TransportStack, ABlackoutDelaysMessagesAndLosesNone) {
  const auto [a, b] = make_pair();
  ASSERT_TRUE(connected(a, b));
  for (uint32_t i = 0; i < 50; ++i) a->send(1, numbered(i, 20'000));
  ASSERT_TRUE(board_.wait([&b = b] { return b->told.messages > 5; }));
  network_->post_and_wait([&a = a, &b = b] { a->link->cut = b->link->cut = true; });
  for (uint32_t i = 50; i < 100; ++i) a->send(1, numbered(i, 20'000));
  // As long as it takes for retransmissions to have become rare.
  network_->post([this, a = a, b = b] {
    network_->start_timer(network_->now() + std::chrono::seconds(3), [a, b] { a->link->cut = b->link->cut = false; });
  });
  ASSERT_TRUE(board_.wait([&b = b] { return b->told.messages == 100; }));
  EXPECT_TRUE(b->told.in_order);
  EXPECT_EQ(a->told.dtls, DtlsTransportState::kConnected);
  EXPECT_EQ(a->told.sctp, SctpState::kConnected);
}

// Seeded, so that a failure comes again: of 100 pairs with traffic, half end at moments of chance, on either side.
TEST_F(TransportStack, ManyAtOnceHalfOfWhichCloseInTheMiddle) {
  constexpr size_t kPairs = 100;
  constexpr uint32_t kMessages = 40;
  std::mt19937 random(20);
  struct Entry {
    std::shared_ptr<Stack> a, b;
    bool ends = false;
    size_t end_after = 0;
    bool a_ends = false;
  };
  std::vector<Entry> pairs;
  for (size_t i = 0; i < kPairs; ++i) {
    Entry entry;
    entry.ends = i % 2 == 0;
    entry.end_after = random() % kMessages;
    entry.a_ends = random() % 2 == 0;
    std::tie(entry.a, entry.b) = make_pair();
    std::array<Layer, 3> order = {Layer::kIce, Layer::kDtls, Layer::kSctp};
    std::shuffle(order.begin(), order.end(), random);
    entry.a->close_order = entry.b->close_order = order;
    pairs.push_back(entry);
  }
  for (uint32_t message = 0; message < kMessages; ++message) {
    for (Entry& entry : pairs) {
      const size_t size = 4 + random() % 5000;
      entry.a->send(2, numbered(message, size));
      entry.b->send(2, numbered(message, size));
      if (message % 8 == 7) entry.a->reset_stream(static_cast<uint16_t>(3 + message));
      if (entry.ends && entry.end_after == message) (entry.a_ends ? entry.a : entry.b)->close();
    }
  }
  ASSERT_TRUE(board_.wait([&] {
    return std::all_of(pairs.begin(), pairs.end(), [](const Entry& entry) {
      return entry.ends || (entry.a->told.messages == kMessages && entry.b->told.messages == kMessages);
    });
  }));
  for (const Entry& entry : pairs) EXPECT_TRUE(entry.a->told.in_order && entry.b->told.in_order);
}

}  // namespace
}  // namespace peerwire::test
