// Messages from I-DATA chunks, in every order they may come, and what a peer may not do.
#include "transport/sctp/message_reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace peerwire {
namespace {

class Reassembly : public testing::Test {
 protected:
  MessageReassembly reassembly{1000, 4000};

  const char* insert(uint32_t id, uint32_t fragment, const std::string& text, bool last, bool unordered = false,
                     uint16_t stream = 1) {
    return reassembly.insert({stream, unordered, fragment == 0, last, id, fragment, fragment == 0 ? 51u : 0u},
                             text.size(), [&](Bytes* to) {
                               if (to != nullptr) to->insert(to->end(), text.begin(), text.end());
                             });
  }
  std::string complete() {
    std::string all;
    for (const auto& message : reassembly.take_complete()) {
      EXPECT_EQ(message.ppid, 51u);
      all += std::string(message.data.begin(), message.data.end()) + " ";
    }
    return all;
  }
};

TEST_F(Reassembly, pieces_in_any_order_make_the_message) {
  std::vector<uint32_t> order{0, 1, 2, 3, 4};
  uint32_t id = 0;
  do {
    for (const uint32_t n : order)
      ASSERT_EQ(insert(id, n, std::string(1, static_cast<char>('a' + n)), n == 4), nullptr);
    ASSERT_EQ(complete(), "abcde ");
    ++id;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(reassembly.held(), 0u);
  EXPECT_EQ(reassembly.waiting_octets(), 0u);
  EXPECT_EQ(reassembly.waiting_pieces(), 0u);
}

TEST_F(Reassembly, messages_of_several_streams_alternate) {
  EXPECT_EQ(insert(0, 0, "a", false, false, 1), nullptr);
  EXPECT_EQ(insert(0, 0, "c", false, false, 2), nullptr);
  EXPECT_EQ(insert(0, 0, "e", false, true, 1), nullptr);
  EXPECT_EQ(insert(0, 1, "b", true, false, 1), nullptr);
  EXPECT_EQ(insert(0, 1, "f", true, true, 1), nullptr);
  EXPECT_EQ(insert(0, 1, "d", true, false, 2), nullptr);
  EXPECT_EQ(complete(), "ab ef cd ");
}

TEST_F(Reassembly, ordered_messages_wait_for_those_before_them_and_unordered_ones_do_not) {
  EXPECT_EQ(insert(2, 0, "three", true), nullptr);
  EXPECT_EQ(insert(1, 1, "o", true), nullptr);
  EXPECT_EQ(insert(7, 0, "any", true, true), nullptr);
  EXPECT_EQ(complete(), "any ");
  EXPECT_EQ(reassembly.waiting_octets(), 6u);
  EXPECT_EQ(reassembly.waiting_pieces(), 2u);
  EXPECT_EQ(insert(0, 0, "one", true), nullptr);
  EXPECT_EQ(complete(), "one ");
  EXPECT_EQ(insert(1, 0, "tw", false), nullptr);
  EXPECT_EQ(complete(), "two three ");
  EXPECT_EQ(reassembly.held(), 0u);
}

TEST_F(Reassembly, beginnings_do_not_wait) {
  EXPECT_EQ(insert(0, 0, "aaaa", false), nullptr);
  EXPECT_EQ(insert(5, 0, "bbbb", false, true), nullptr);
  EXPECT_EQ(reassembly.waiting_octets(), 0u);
  EXPECT_GE(reassembly.held(), 8u);
}

TEST_F(Reassembly, skipped_messages_are_let_go_and_later_ones_go_on) {
  EXPECT_EQ(insert(0, 0, "half", false), nullptr);
  EXPECT_EQ(insert(0, 2, "quarter", true), nullptr);
  EXPECT_EQ(insert(1, 0, "whole", true), nullptr);
  EXPECT_EQ(insert(3, 0, "later", true), nullptr);
  reassembly.skip({1, false, 2});
  EXPECT_EQ(complete(), "whole later ");
  EXPECT_EQ(reassembly.held(), 0u);
  EXPECT_EQ(reassembly.waiting_octets(), 0u);
  // What was still on its way of them is nothing new.
  EXPECT_EQ(insert(2, 1, "late", false), nullptr);
  EXPECT_EQ(insert(4, 0, "next", true), nullptr);
  EXPECT_EQ(complete(), "next ");
  EXPECT_EQ(reassembly.held(), 0u);
}

TEST_F(Reassembly, skipped_unordered_messages_do_not_move_ordered_ones) {
  EXPECT_EQ(insert(3, 0, "half", false, true), nullptr);
  EXPECT_EQ(insert(4, 0, "other", false, true), nullptr);
  reassembly.skip({1, true, 3});
  EXPECT_EQ(insert(0, 0, "ordered", true), nullptr);
  EXPECT_EQ(insert(4, 1, "wise", true, true), nullptr);
  EXPECT_EQ(complete(), "ordered otherwise ");
  EXPECT_EQ(reassembly.held(), 0u);
}

TEST_F(Reassembly, an_old_skip_changes_nothing) {
  for (uint32_t id = 0; id < 5; ++id) EXPECT_EQ(insert(id, 0, "m", true), nullptr);
  EXPECT_EQ(complete(), "m m m m m ");
  reassembly.skip({1, false, 2});
  EXPECT_EQ(insert(5, 0, "n", true), nullptr);
  EXPECT_EQ(complete(), "n ");
}

TEST_F(Reassembly, numbers_go_on_after_the_last) {
  reassembly.skip({1, false, 0x7fffffff});
  reassembly.skip({1, false, 0xfffffffd});
  EXPECT_EQ(insert(0, 0, "c", true), nullptr);
  EXPECT_EQ(insert(0xffffffff, 0, "b", true), nullptr);
  EXPECT_EQ(complete(), "");
  EXPECT_EQ(insert(0xfffffffe, 0, "a", true), nullptr);
  EXPECT_EQ(complete(), "a b c ");
}

TEST_F(Reassembly, a_reset_begins_anew) {
  EXPECT_EQ(insert(0, 0, "a", true), nullptr);
  EXPECT_EQ(insert(1, 0, "half", false), nullptr);
  EXPECT_EQ(insert(2, 0, "waits", true), nullptr);
  EXPECT_EQ(insert(9, 3, "piece", false, true), nullptr);
  reassembly.reset(1);
  reassembly.reset(77);
  EXPECT_EQ(reassembly.held(), 0u);
  EXPECT_EQ(reassembly.waiting_pieces(), 0u);
  EXPECT_EQ(insert(0, 0, "b", true), nullptr);
  EXPECT_EQ(complete(), "a b ");
}

TEST_F(Reassembly, what_a_peer_may_not_do) {
  EXPECT_EQ(insert(0, 0, "a", false), nullptr);
  EXPECT_STREQ(insert(0, 0, "a", false), "a piece of a message twice");
  EXPECT_EQ(insert(0, 3, "d", false), nullptr);
  EXPECT_STREQ(insert(0, 3, "d", false), "a piece of a message twice");
  EXPECT_STREQ(insert(0, 2, "c", true), "more of a message than its end");
  EXPECT_EQ(insert(1, 4, "e", true), nullptr);
  EXPECT_STREQ(insert(1, 5, "f", false), "more of a message than its end");
  EXPECT_STREQ(insert(1, 6, "g", true), "a message that ends twice");
  EXPECT_EQ(insert(2, 0, "x", true), nullptr);
  EXPECT_STREQ(insert(2, 0, "x", true), "a message twice");
  EXPECT_STREQ(insert(2, 1, "x", true), "more of a message that has ended");
  EXPECT_STREQ(reassembly.insert({1, false, false, true, 9, 0, 0}, 1, nullptr),
               "a piece of a message with the wrong number");
  EXPECT_STREQ(reassembly.insert({1, false, true, true, 9, 1, 0}, 1, nullptr),
               "a piece of a message with the wrong number");
}

TEST_F(Reassembly, sizes_are_bounded) {
  EXPECT_STREQ(insert(0, 0, std::string(1001, 'x'), true), "a message larger than 1000 octets");
  EXPECT_EQ(insert(0, 0, std::string(600, 'x'), false), nullptr);
  EXPECT_STREQ(insert(0, 1, std::string(401, 'x'), true), "a message larger than 1000 octets");
  EXPECT_STREQ(insert(0, 5, std::string(401, 'x'), true), "a message larger than 1000 octets");
  EXPECT_EQ(insert(0, 1, std::string(400, 'x'), true), nullptr);
  EXPECT_EQ(complete().size(), 1001u);
}

TEST_F(Reassembly, all_that_is_held_is_bounded_however_small_it_is) {
  size_t taken = 0;
  const char* error = nullptr;
  for (uint16_t stream = 0; stream < 100 && error == nullptr; ++stream) {
    error = insert(0, 0, "x", false, true, stream);
    taken += error == nullptr ? 1 : 0;
  }
  EXPECT_STREQ(error, "too many messages begun and not ended");
  EXPECT_EQ(taken, 15u);
  reassembly.clear();
  for (uint32_t id = 1; id < 16; ++id) EXPECT_EQ(insert(id, 0, "x", true), nullptr);
  EXPECT_STREQ(insert(16, 0, "x", true), "too many messages begun and not ended");
  EXPECT_EQ(insert(0, 0, "x", true), nullptr);
  EXPECT_EQ(reassembly.held(), 0u);
  EXPECT_EQ(insert(99, 1, "x", false), nullptr);
  for (uint32_t piece = 2; piece < 15; ++piece) EXPECT_EQ(insert(99, piece, "x", false), nullptr) << piece;
  EXPECT_STREQ(insert(99, 15, "x", false), "too many messages begun and not ended");
}

TEST_F(Reassembly, books_balance_after_anything) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    MessageReassembly any(1000, 4000);
    std::mt19937 random(seed);
    const auto up_to = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    for (int i = 0; i < 300; ++i) {
      const auto stream = static_cast<uint16_t>(up_to(3));
      if (up_to(20) == 0) any.skip({stream, up_to(2) == 0, up_to(12)});
      if (up_to(40) == 0) any.reset(stream);
      const uint32_t fragment = up_to(4);
      any.insert({stream, up_to(2) == 0, fragment == 0, up_to(3) == 0, up_to(12), fragment, 51}, 1 + up_to(200),
                 [&](Bytes* to) {
                   if (to != nullptr) to->resize(to->size() + 1);
                 });
    }
    for (uint16_t stream = 0; stream < 3; ++stream) any.reset(stream);
    ASSERT_EQ(any.waiting_pieces(), 0u) << seed;
    ASSERT_EQ(any.waiting_octets(), 0u) << seed;
  }
}

}  // namespace
}  // namespace peerwire
