#include "net/unsegmented_destinations.h"

#include <gtest/gtest.h>

namespace peerwire {
namespace {

using namespace std::chrono_literals;

TEST(UnsegmentedDestinations, AreRememberedForAWhileAndInBoundedNumber) {
  UnsegmentedDestinations destinations;
  TimePoint now{1h};
  const auto destination = [](size_t i) { return *SocketAddress::parse("192.0.2.1", static_cast<uint16_t>(1000 + i)); };
  EXPECT_FALSE(destinations.contains(now, destination(0)));
  destinations.add(now, destination(0));
  EXPECT_TRUE(destinations.contains(now, destination(0)));
  EXPECT_FALSE(destinations.contains(now, destination(1)));
  now += UnsegmentedDestinations::kRemembered;
  EXPECT_FALSE(destinations.contains(now, destination(0)));

  size_t remembered = 0;
  for (size_t i = 0; i < 1000; ++i) destinations.add(now, destination(i));
  for (size_t i = 0; i < 1000; ++i) remembered += destinations.contains(now, destination(i));
  EXPECT_EQ(remembered, UnsegmentedDestinations::kMax);
  EXPECT_TRUE(destinations.contains(now, destination(999)));
}

}  // namespace
}  // namespace peerwire
