// Whose turn it is.
#include "transport/sctp/outgoing_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace peerwire {
namespace {

using Order = OutgoingQueue::Order;
using namespace std::chrono_literals;

constexpr size_t kPiece = 64 * 1024;

class Queue : public testing::Test {
 protected:
  OutgoingQueue queue;
  TimePoint now{std::chrono::hours(1)};

  void push(uint16_t stream, size_t size, std::optional<uint16_t> retransmits = {},
            std::optional<uint16_t> life_time = {}) {
    queue.push({stream, 53, true, retransmits, life_time, Bytes(size, 1)}, now);
  }
  /// The streams of the next pieces, all taken whole.
  std::string turns(Order order, size_t count = 100) {
    std::string streams;
    OutgoingQueue::Piece piece;
    while (count-- > 0 && queue.next(now, order, piece)) {
      streams += std::to_string(piece.stream_id);
      queue.taken(piece, piece.size);
    }
    return streams;
  }
};

TEST_F(Queue, a_message_begun_goes_on_first_where_they_may_not_alternate) {
  push(1, 3 * kPiece);
  push(2, 10);
  push(3, 2 * kPiece);
  push(2, 10);
  EXPECT_EQ(turns(Order::kMessageByMessage), "1112332");
  EXPECT_TRUE(queue.empty() || !queue.take_decreases().empty());
}

TEST_F(Queue, pieces_alternate_where_they_may) {
  push(1, 3 * kPiece);
  push(2, 10);
  push(3, 2 * kPiece);
  push(2, 10);
  EXPECT_EQ(turns(Order::kInterleaved), "1231231");
}

TEST_F(Queue, no_more_than_two_large_messages_are_begun) {
  for (uint16_t stream = 1; stream <= 4; ++stream) push(stream, 3 * kPiece);
  push(5, 10);
  EXPECT_EQ(turns(Order::kInterleaved), "1251213243434");
}

TEST_F(Queue, nothing_comes_between_pieces_of_a_message_that_may_be_given_up) {
  push(1, 2 * kPiece);
  push(2, 3 * kPiece, 0);
  push(3, 10);
  EXPECT_EQ(turns(Order::kInterleaved), "122231");
  push(2, 3 * kPiece, {}, 1000);
  push(3, 10);
  EXPECT_EQ(turns(Order::kInterleaved), "2223");
}

TEST_F(Queue, short_messages_alone) {
  push(1, 2 * kPiece);
  push(2, 16 * 1024);
  push(3, 16 * 1024 + 1);
  push(4, 1);
  EXPECT_EQ(turns(Order::kInterleaved, 1), "1");
  EXPECT_EQ(turns(Order::kShortOnly), "24");
  EXPECT_EQ(turns(Order::kInterleaved), "31");
}

TEST_F(Queue, no_short_ones_either_amid_a_message_that_may_be_given_up) {
  push(1, 2 * kPiece, 3);
  push(2, 10);
  EXPECT_EQ(turns(Order::kInterleaved, 1), "1");
  EXPECT_EQ(turns(Order::kShortOnly), "");
  EXPECT_EQ(turns(Order::kInterleaved), "12");
}

TEST_F(Queue, a_large_message_behind_one_that_expired_is_not_begun_as_a_short_one) {
  push(1, 10, {}, 5);
  push(1, 2 * kPiece);
  push(2, 10);
  now += 10ms;
  EXPECT_EQ(turns(Order::kShortOnly), "2");
  EXPECT_EQ(turns(Order::kInterleaved), "11");
}

TEST_F(Queue, one_reset_is_asked_for_however_many_marks_there_are) {
  push(1, 10);
  queue.push_reset(1);
  queue.push_reset(1);
  EXPECT_EQ(turns(Order::kInterleaved), "1");
  EXPECT_EQ(queue.take_resets(), std::vector<uint16_t>{1});
  queue.push_reset(1);
  queue.unblock(1);
  EXPECT_EQ(turns(Order::kInterleaved), "");
  EXPECT_TRUE(queue.take_resets().empty());
  queue.push_reset(1);
  EXPECT_EQ(turns(Order::kInterleaved), "");
  EXPECT_EQ(queue.take_resets(), std::vector<uint16_t>{1}) << "the next use of the stream ends, too";
}

TEST_F(Queue, what_is_blocked_has_no_turn_until_it_is_not) {
  push(1, 10);
  push(2, 3 * kPiece);
  queue.block(1);
  EXPECT_EQ(turns(Order::kInterleaved, 1), "2");
  queue.unblock(1);
  EXPECT_EQ(turns(Order::kInterleaved), "212");
}

TEST_F(Queue, a_dropped_stream_leaves_room_for_another_large_message) {
  for (uint16_t stream = 1; stream <= 3; ++stream) push(stream, 3 * kPiece);
  EXPECT_EQ(turns(Order::kInterleaved, 2), "12");
  queue.drop_stream(1);
  EXPECT_EQ(turns(Order::kInterleaved), "32323");
}

}  // namespace
}  // namespace peerwire
