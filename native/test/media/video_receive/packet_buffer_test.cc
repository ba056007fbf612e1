#include "media/receive/packet_buffer.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace peerwire {
namespace {

using Inserted = PacketBuffer::Inserted;

BufferedPacket packet(int64_t sequence, ByteView media) {
  BufferedPacket out;
  out.sequence = sequence;
  out.description.media = media;
  return out;
}

TEST(PacketBuffer, KeepsWhatCameInWhateverOrder) {
  PacketBuffer buffer;
  const Bytes octets{1, 2, 3};
  EXPECT_EQ(buffer.insert(packet(105, octets)), Inserted::kYes);
  EXPECT_EQ(buffer.insert(packet(103, octets)), Inserted::kYes);
  EXPECT_EQ(buffer.insert(packet(103, octets)), Inserted::kDuplicate);
  EXPECT_EQ(buffer.first(), 103);
  EXPECT_EQ(buffer.newest(), 105);
  EXPECT_EQ(buffer.find(104), nullptr);
  ASSERT_NE(buffer.find(103), nullptr);
  EXPECT_NE(buffer.find(103)->description.media.data(), octets.data());
  buffer.remove_until(104);
  EXPECT_EQ(buffer.find(103), nullptr);
  EXPECT_EQ(buffer.insert(packet(104, octets)), Inserted::kTooOld);
  EXPECT_EQ(buffer.insert(packet(106, octets)), Inserted::kYes);
}

TEST(PacketBuffer, BehavesAsAMapWhileItGrows) {
  PacketBuffer buffer;
  std::map<int64_t, Bytes> expected;
  std::mt19937 random(5);
  int64_t removed = 999;
  int64_t newest = 1000;
  for (int i = 0; i < 20'000; ++i) {
    newest += random() % 3;
    const int64_t sequence = newest - static_cast<int64_t>(random() % 300);
    Bytes octets(random() % 40, static_cast<uint8_t>(sequence));
    if (sequence > removed && sequence >= 1000) {
      EXPECT_EQ(buffer.insert(packet(sequence, octets)),
                expected.count(sequence) ? Inserted::kDuplicate : Inserted::kYes);
      expected.emplace(sequence, octets);
    }
    if (i % 50 == 0 && newest - 200 > removed) {
      removed = newest - 200;
      buffer.remove_until(removed);
      expected.erase(expected.begin(), expected.upper_bound(removed));
    }
  }
  for (int64_t sequence = removed - 10; sequence < newest + 10; ++sequence) {
    const auto found = expected.find(sequence);
    const BufferedPacket* stored = buffer.find(sequence);
    ASSERT_EQ(stored != nullptr, found != expected.end()) << sequence;
    if (stored) {
      EXPECT_EQ(Bytes(stored->description.media.begin(), stored->description.media.end()), found->second);
    }
  }
}

TEST(PacketBuffer, IsBounded) {
  PacketBuffer buffer;
  const Bytes octets(60'000);
  EXPECT_EQ(buffer.insert(packet(0, {})), Inserted::kYes);
  EXPECT_EQ(buffer.insert(packet(PacketBuffer::kMaxPackets, {})), Inserted::kFull);
  int64_t stored = 0;
  while (buffer.insert(packet(stored + 1, octets)) == Inserted::kYes) ++stored;
  EXPECT_LE(static_cast<size_t>(stored) * octets.size(), PacketBuffer::kMaxOctets);
  // Frames that are whole make room.
  buffer.use(1, 10);
  EXPECT_TRUE(buffer.find(5)->is_used);
  EXPECT_TRUE(buffer.find(5)->description.media.empty());
  EXPECT_EQ(buffer.insert(packet(stored + 1, octets)), Inserted::kYes);
  buffer.clear();
  EXPECT_FALSE(buffer.first());
  EXPECT_EQ(buffer.insert(packet(7, octets)), Inserted::kYes);
}

}  // namespace
}  // namespace peerwire
