// STUN and ChannelData out of a stream.
#include "transport/ice/turn_framing.h"

#include <gtest/gtest.h>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

Bytes stun(size_t username) {
  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{1, 2, 3});
  writer.add_text(StunAttribute::kUsername, std::string(username, 'u'));
  const ByteView message = writer.finish();
  return {message.begin(), message.end()};
}

TEST(TurnFraming, CutsMessagesAndPaddedChannelDataOctetByOctet) {
  const std::vector<Bytes> frames = {
      stun(5), {0x40, 0, 0, 3, 1, 2, 3, 0}, {0x4f, 0xff, 0, 0}, stun(0), {0x40, 1, 0, 4, 1, 2, 3, 4}};
  FrameReader reader(measure_turn_frame);
  std::vector<Bytes> found;
  for (const Bytes& frame : frames) {
    for (const uint8_t octet : frame) {
      ASSERT_TRUE(reader.read({&octet, 1}, [&](ByteView whole) {
        found.emplace_back(whole.begin(), whole.end());
        return true;
      }));
    }
  }
  EXPECT_EQ(found, frames);
}

TEST(TurnFraming, PadsToFourOctets) {
  EXPECT_EQ(turn_padding(Bytes(4)), 0u);
  EXPECT_EQ(turn_padding(Bytes(5)), 3u);
  EXPECT_EQ(turn_padding(Bytes(7)), 1u);
  EXPECT_EQ(turn_padding(stun(5)), 0u);
}

TEST(TurnFraming, RefusesWhatIsNeither) {
  const auto kind = [](const Bytes& head) { return measure_turn_frame(head).kind; };
  using Kind = FrameLength::Kind;
  EXPECT_EQ(kind({'H', 'T', 'T', 'P'}), Kind::kKnown) << "0x48 is a channel number";
  EXPECT_EQ(kind({'S', 'S', 'H'}), Kind::kMalformed);
  EXPECT_EQ(kind({0x16, 3, 1}), Kind::kMalformed) << "a TLS record";
  EXPECT_EQ(kind({0x50, 0, 0, 0}), Kind::kMalformed) << "reserved channel numbers (RFC 8656 section 12)";
  EXPECT_EQ(kind({0, 1, 0, 3}), Kind::kMalformed) << "a length that is no multiple of four";
  EXPECT_EQ(kind({0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x43}), Kind::kMalformed) << "another cookie";
  EXPECT_EQ(kind({0, 1, 0, 4, 0x21}), Kind::kKnown);
  EXPECT_EQ(kind({0, 1, 0}), Kind::kUnknownYet);
  EXPECT_EQ(kind({}), Kind::kUnknownYet);
}

}  // namespace
}  // namespace peerwire::ice
