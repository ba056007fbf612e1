#include "media/packetization/red.h"

#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

TEST(Red, RepeatsTheFramesBefore) {
  RedJoiner joiner(111, 2);
  std::vector<Bytes> frames;
  for (uint32_t i = 0; i < 5; ++i) frames.push_back(random_octets(40 + i, i));
  for (uint32_t i = 0; i < 5; ++i) {
    const uint32_t timestamp = 0xffffffff - 960 + i * 960;  // wraps
    const Bytes payload = joiner.join(frames[i], timestamp);
    const auto blocks = split_red(payload, timestamp);
    ASSERT_TRUE(blocks);
    const size_t expected = std::min<size_t>(i, 2);
    ASSERT_EQ(blocks->size(), expected + 1);
    for (size_t j = 0; j <= expected; ++j) {
      const size_t index = i - expected + j;
      const RedBlock& block = (*blocks)[j];
      EXPECT_EQ(block.payload_type, 111);
      EXPECT_EQ(block.timestamp, timestamp - static_cast<uint32_t>(expected - j) * 960);
      EXPECT_EQ(block.is_primary, j == expected);
      EXPECT_EQ(Bytes(block.payload.begin(), block.payload.end()), frames[index]);
    }
  }
}

TEST(Red, WritesTheHeadersOfRfc2198) {
  RedJoiner joiner(0x6f, 1);
  joiner.join(Bytes{1, 2}, 1000);
  EXPECT_EQ(joiner.join(Bytes{3}, 1960), (Bytes{0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 3}));
}

TEST(Red, LeavesOutWhatCannotBeTold) {
  RedJoiner joiner(111, 2);
  joiner.join(random_octets(1024, 1), 0);
  EXPECT_EQ(joiner.join(Bytes{1}, 960), (Bytes{111, 1}));                    // too large
  EXPECT_EQ(joiner.join(Bytes{2}, 960 + 0x4000), (Bytes{111, 2}));           // too long ago
  EXPECT_EQ(joiner.join(Bytes{3}, 960 + 0x4000 + 960, 6), (Bytes{111, 3}));  // no room
  joiner.set_redundancy(0);
  EXPECT_EQ(joiner.join(Bytes{4}, 960 + 0x4000 + 1920), (Bytes{111, 4}));
}

TEST(Red, RefusesWhatIsCutOff) {
  RedJoiner joiner(111, 1);
  joiner.join(Bytes{1, 2, 3}, 0);
  const Bytes whole = joiner.join(Bytes{}, 960);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(split_red(ByteView(whole).first(size), 960)) << size;
  }
  EXPECT_TRUE(split_red(whole, 960));
  EXPECT_FALSE(split_red(Bytes(400, 0x80), 0));  // blocks without end
}

}  // namespace
}  // namespace peerwire
