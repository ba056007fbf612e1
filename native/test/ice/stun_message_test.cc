// The test vectors of RFC 5769, and messages that are wrong.
#include "transport/ice/stun_message.h"

#include <gtest/gtest.h>

#include "transport/ice/candidate.h"

namespace peerwire::ice {
namespace {

Bytes from_hex(std::string_view text) {
  Bytes octets;
  int high = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      octets.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return octets;
}

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

// RFC 5769 section 2.1
const Bytes kRequest = from_hex(
    "00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff"
    "80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249"
    "c1b571a2 80280004 e57a3bcf");
// Section 2.2
const Bytes kResponse4 = from_hex(
    "0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643"
    "00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96");
// Section 2.3
const Bytes kResponse6 = from_hex(
    "01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa"
    "a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c");
// Section 2.4
const Bytes kLongTerm = from_hex(
    "00010060 2112a442 78ad3433 c6ad72c0 29da412e 00060012 e3839ee3 8388e383 aae38383 e382af e382b9 0000 0015001c"
    "662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 3634734 1 0014000b 6578616d 706c652e 6f726700 00080014"
    "f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666");

TEST(StunMessage, ReadsTheRequestOfRfc5769) {
  const auto message = StunMessage::parse(kRequest);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->method, StunMethod::kBinding);
  EXPECT_EQ(message->message_class, StunClass::kRequest);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6e0001ffu);
  EXPECT_EQ(message->ice_controlled, 0x932ff9b151263b36u);
  EXPECT_TRUE(message->has_fingerprint);
  EXPECT_TRUE(message->check_integrity(as_bytes(kPassword)));
  EXPECT_FALSE(message->check_integrity(as_bytes("VOkJxbRl1RmTxUk/WvJxBu")));
}

TEST(StunMessage, ReadsTheResponsesOfRfc5769) {
  const auto four = StunMessage::parse(kResponse4), six = StunMessage::parse(kResponse6);
  ASSERT_TRUE(four && six);
  EXPECT_EQ(four->mapped_address, SocketAddress::parse("192.0.2.1", 32853));
  EXPECT_EQ(six->mapped_address, SocketAddress::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
  EXPECT_TRUE(four->check_integrity(as_bytes(kPassword)));
  EXPECT_TRUE(six->check_integrity(as_bytes(kPassword)));
}

TEST(StunMessage, ReadsTheLongTermRequestOfRfc5769) {
  const auto message = StunMessage::parse(kLongTerm);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->realm, "example.org");
  EXPECT_EQ(message->nonce, "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_TRUE(message->check_integrity(long_term_key(*message->username, "example.org", "TheMatrIX")));
}

TEST(StunMessage, EveryChangedOctetIsNoticed) {
  for (size_t i = 0; i < kRequest.size(); ++i) {
    Bytes changed = kRequest;
    changed[i] ^= 0x10;
    const auto message = StunMessage::parse(changed);
    // Without its type the fingerprint is an unknown attribute behind the integrity, and so ignored.
    const bool in_type = i == kRequest.size() - 8 || i == kRequest.size() - 7;
    EXPECT_EQ(message.has_value(), in_type) << i;
  }
  for (size_t size = 0; size < kRequest.size(); ++size)
    EXPECT_FALSE(StunMessage::parse(ByteView(kRequest).first(size)));
}

TEST(StunMessage, WhatFollowsTheIntegrityIsIgnored) {
  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{1, 2, 3});
  writer.add_integrity(as_bytes("key")).add_flag(StunAttribute::kUseCandidate);
  const auto message = StunMessage::parse(writer.finish());
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->use_candidate);
}

TEST(StunMessage, WhatIsWrittenIsRead) {
  StunWriter writer(StunMethod::kChannelBind, StunClass::kError, TransactionId{9});
  writer.add_error(438, "Stale Nonce").add_text(StunAttribute::kNonce, "n").add_u32(StunAttribute::kLifetime, 7);
  writer.add_xor_address(StunAttribute::kXorPeerAddress, *SocketAddress::parse("2001:db8::1", 99));
  writer.add_bytes(static_cast<StunAttribute>(0x7777), as_bytes("abc")).add_integrity(as_bytes("k")).add_fingerprint();
  const auto message = StunMessage::parse(writer.finish());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->method, StunMethod::kChannelBind);
  EXPECT_EQ(message->message_class, StunClass::kError);
  EXPECT_EQ(message->error_code, 438);
  EXPECT_EQ(message->error_reason, "Stale Nonce");
  EXPECT_EQ(message->nonce, "n");
  EXPECT_EQ(message->lifetime, 7u);
  EXPECT_EQ(message->peer_address, SocketAddress::parse("2001:db8::1", 99));
  EXPECT_EQ(message->unknown_count, 1u);
  EXPECT_EQ(message->unknown_attributes[0], 0x7777);
  EXPECT_TRUE(message->check_integrity(as_bytes("k")));
}

TEST(StunMessage, WhatDoesNotFitIsNotWritten) {
  StunWriter writer(StunMethod::kBinding, StunClass::kRequest, TransactionId{});
  writer.add_bytes(StunAttribute::kData, Bytes(StunWriter::kRoom)).add_integrity(as_bytes("k")).add_fingerprint();
  EXPECT_TRUE(writer.finish().empty());
}

TEST(Candidate, PrioritiesAndPorts) {
  EXPECT_EQ(candidate_priority(IceCandidateType::kHost, 65535), 2130706431u);
  EXPECT_GT(candidate_priority(IceCandidateType::kPeerReflexive, 0),
            candidate_priority(IceCandidateType::kServerReflexive, 65535));
  EXPECT_EQ(pair_priority(IceRole::kControlling, 5, 3), (3ull << 32) + 10 + 1);
  EXPECT_EQ(pair_priority(IceRole::kControlled, 5, 3), (3ull << 32) + 10);
  for (uint16_t port : {0, 1, 25, 53, 6667, 10080}) EXPECT_TRUE(is_bad_port(port)) << port;
  for (uint16_t port : {2, 80, 443, 3478, 6670, 65535}) EXPECT_FALSE(is_bad_port(port)) << port;
}

TEST(SocketAddress, ReadsNumericAddressesOnly) {
  EXPECT_EQ(SocketAddress::parse("192.0.2.1", 5)->text(), "192.0.2.1:5");
  EXPECT_EQ(SocketAddress::parse("2001:DB8::0:1", 5)->text(), "[2001:db8::1]:5");
  EXPECT_EQ(SocketAddress::parse("::ffff:192.0.2.1", 5)->text(), "192.0.2.1:5");
  for (std::string_view bad : {"", "localhost", "1.2.3", "256.1.1.1", "1.2.3.4 ", "::g", "1.2.3.4%1"}) {
    EXPECT_FALSE(SocketAddress::parse(bad, 1)) << bad;
  }
  EXPECT_FALSE(SocketAddress::parse(std::string("1.2.3.4\0x", 9), 1));
}

}  // namespace
}  // namespace peerwire::ice
