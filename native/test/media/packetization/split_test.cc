#include <algorithm>
#include <numeric>

#include "media/packetization/round_trip.h"

namespace peerwire {
namespace {

TEST(SplitEvenly, KeepsEveryLimitAndLosesNothing) {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    PayloadLimits limits;
    limits.max_payload_size = 20 + random() % 1200;
    limits.first_packet_reduction = random() % 20;
    limits.last_packet_reduction = random() % 20;
    limits.single_packet_reduction = limits.first_packet_reduction + limits.last_packet_reduction;
    const size_t size = 1 + random() % 20000;
    const auto parts = split_evenly(size, limits);
    if (parts.empty()) {
      // No more than a few octets, for which there is no room.
      EXPECT_LT(size, 2u);
      continue;
    }
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), size_t{0}), size);
    EXPECT_EQ(std::count(parts.begin(), parts.end(), 0u), 0);
    if (parts.size() == 1) {
      EXPECT_LE(size + limits.single_packet_reduction, limits.max_payload_size);
      continue;
    }
    EXPECT_LE(parts.front() + limits.first_packet_reduction, limits.max_payload_size);
    EXPECT_LE(parts.back() + limits.last_packet_reduction, limits.max_payload_size);
    for (const size_t part : parts) EXPECT_LE(part, limits.max_payload_size);
    // As few as can be.
    const size_t total = size + limits.first_packet_reduction + limits.last_packet_reduction;
    EXPECT_EQ(parts.size(), std::max<size_t>(2, (total + limits.max_payload_size - 1) / limits.max_payload_size));
  }
}

TEST(SplitEvenly, MakesPartsOfAboutEqualSize) {
  EXPECT_EQ(split_evenly(2401, {.max_payload_size = 1200}), (std::vector<size_t>{800, 800, 801}));
  EXPECT_EQ(split_evenly(1200, {.max_payload_size = 1200}), (std::vector<size_t>{1200}));
}

TEST(SplitEvenly, GivesNothingWhereThereIsNoRoom) {
  EXPECT_TRUE(split_evenly(0, {}).empty());
  EXPECT_TRUE(split_evenly(100, {.max_payload_size = 10, .first_packet_reduction = 10}).empty());
}

}  // namespace
}  // namespace peerwire
