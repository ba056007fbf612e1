#include "transport/srtp_session.h"

#include <gtest/gtest.h>

#include <map>

#include "dtls/dtls_peers.h"
#include "srtp/reference_srtp.h"

namespace peerwire {
namespace {

constexpr SrtpProfile kAll[] = {SrtpProfile::kAeadAes128Gcm, SrtpProfile::kAeadAes256Gcm,
                                SrtpProfile::kAes128CmHmacSha1_80, SrtpProfile::kAes128CmHmacSha1_32};

Bytes master_key(SrtpProfile profile, uint8_t first) {
  Bytes key(srtp_key_size(profile) + srtp_salt_size(profile));
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(first + 7 * i);
  return key;
}

/// CSRC and header extension included.
Bytes rtp_packet(uint16_t sequence_number, uint32_t ssrc = 0xCAFEBABE, size_t payload = 100) {
  Bytes packet = {0x91, 96, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8, 0xBE, 0xDE, 0, 1, 0x10, 9, 0, 0};
  packet[2] = static_cast<uint8_t>(sequence_number >> 8);
  packet[3] = static_cast<uint8_t>(sequence_number);
  for (size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(ssrc >> (24 - 8 * i));
  for (size_t i = 0; i < payload; ++i) packet.push_back(static_cast<uint8_t>(i));
  return packet;
}
constexpr size_t kHeaderSize = 24;

Bytes rtcp_packet(size_t words = 5) {
  Bytes packet = {0x80, 201, 0, static_cast<uint8_t>(words + 1), 0xCA, 0xFE, 0xBA, 0xBE};
  for (size_t i = 0; i < 4 * words; ++i) packet.push_back(static_cast<uint8_t>(i));
  return packet;
}

class Srtp : public testing::TestWithParam<SrtpProfile> {
 protected:
  Bytes protect(const Bytes& packet) { return run(&SrtpSession::protect_rtp, packet, SrtpSession::kMaxRtpOverhead); }
  Bytes protect_rtcp(const Bytes& packet) {
    return run(&SrtpSession::protect_rtcp, packet, SrtpSession::kMaxRtcpOverhead);
  }
  Bytes run(size_t (SrtpSession::*operation)(std::span<uint8_t>, size_t), const Bytes& packet, size_t room) {
    Bytes buffer = packet;
    buffer.resize(packet.size() + room);
    buffer.resize((alice_.get()->*operation)(buffer, packet.size()));
    return buffer;
  }
  Bytes unprotect(const Bytes& packet) {
    Bytes buffer = packet;
    buffer.resize(bob_->unprotect_rtp(buffer));
    return buffer;
  }
  Bytes unprotect_rtcp(const Bytes& packet) {
    Bytes buffer = packet;
    buffer.resize(bob_->unprotect_rtcp(buffer));
    return buffer;
  }

  const Bytes alice_key_ = master_key(GetParam(), 3);
  const Bytes bob_key_ = master_key(GetParam(), 200);
  std::unique_ptr<SrtpSession> alice_ = SrtpSession::create(GetParam(), alice_key_, bob_key_);
  std::unique_ptr<SrtpSession> bob_ = SrtpSession::create(GetParam(), bob_key_, alice_key_);
};

TEST_P(Srtp, ProtectsAsTheRfcsSay) {
  const auto keys = reference::derive_keys(alice_key_, GetParam(), 0);
  for (const uint16_t number : {65534, 65535, 0, 1}) {
    const uint64_t index = number < 2 ? 0x10000 + number : number;
    const Bytes packet = rtp_packet(number);
    const Bytes expected = reference::protect_rtp(GetParam(), keys, packet, kHeaderSize, index);
    EXPECT_EQ(protect(packet), expected) << number;
    EXPECT_EQ(unprotect(expected), packet) << number;
  }
  const auto control_keys = reference::derive_keys(alice_key_, GetParam(), 3);
  for (uint32_t index = 1; index < 4; ++index) {
    const Bytes expected = reference::protect_rtcp(GetParam(), control_keys, rtcp_packet(), index);
    EXPECT_EQ(protect_rtcp(rtcp_packet()), expected);
    EXPECT_EQ(unprotect_rtcp(expected), rtcp_packet());
  }
  EXPECT_EQ(alice_->counters().protected_packets, 7u);
  EXPECT_EQ(bob_->counters().unprotected_packets, 7u);
}

TEST_P(Srtp, CarriesPacketsWithoutPayload) {
  EXPECT_EQ(unprotect(protect(rtp_packet(1, 1, 0))), rtp_packet(1, 1, 0));
  EXPECT_EQ(unprotect_rtcp(protect_rtcp(rtcp_packet(0))), rtcp_packet(0));
}

TEST_P(Srtp, CountsAndDropsReplays) {
  std::map<uint16_t, Bytes> sealed;
  for (uint16_t number = 1; number <= 3000; ++number) sealed[number] = protect(rtp_packet(number));
  EXPECT_FALSE(unprotect(sealed[3000]).empty());
  EXPECT_TRUE(unprotect(sealed[3000]).empty());
  EXPECT_FALSE(unprotect(sealed[1976]).empty()) << "1,024 behind";
  EXPECT_TRUE(unprotect(sealed[1976]).empty());
  EXPECT_TRUE(unprotect(sealed[900]).empty()) << "older than the window";
  EXPECT_EQ(bob_->counters().replayed_packets, 3u);
  const Bytes control = protect_rtcp(rtcp_packet());
  EXPECT_FALSE(unprotect_rtcp(control).empty());
  EXPECT_TRUE(unprotect_rtcp(control).empty());
  EXPECT_EQ(bob_->counters().replayed_packets, 4u);
  EXPECT_EQ(bob_->counters().unprotected_packets, 3u);
}

TEST_P(Srtp, CountsAndDropsWhatIsForged) {
  const Bytes sealed = protect(rtp_packet(1));
  uint64_t forged = 0;
  for (const size_t at : {size_t{1}, size_t{3}, size_t{9}, size_t{21}, kHeaderSize, sealed.size() - 1}) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    EXPECT_TRUE(unprotect(changed).empty()) << at;
    EXPECT_EQ(bob_->counters().unauthenticated_packets, ++forged) << at;
  }
  EXPECT_EQ(unprotect(sealed), rtp_packet(1)) << "what was forged leaves nothing behind";
  const Bytes control = protect_rtcp(rtcp_packet());
  for (size_t at : {size_t{1}, size_t{10}, control.size() - 15}) {
    Bytes changed = control;
    changed[at] ^= 1;
    EXPECT_TRUE(unprotect_rtcp(changed).empty());
    EXPECT_EQ(bob_->counters().unauthenticated_packets, ++forged);
  }
  EXPECT_FALSE(unprotect_rtcp(control).empty());
}

TEST_P(Srtp, DropsWhatIsCut) {
  const Bytes sealed = protect(rtp_packet(1)), control = protect_rtcp(rtcp_packet());
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_TRUE(unprotect(reference::slice(sealed, 0, size)).empty()) << size;
  }
  for (size_t size = 0; size < control.size(); ++size) {
    EXPECT_TRUE(unprotect_rtcp(reference::slice(control, 0, size)).empty()) << size;
  }
  const SrtpCounters& counters = bob_->counters();
  EXPECT_GT(counters.malformed_packets, 40u);
  EXPECT_GT(counters.unauthenticated_packets, 0u);
  EXPECT_EQ(counters.malformed_packets + counters.unauthenticated_packets, sealed.size() + control.size());
  EXPECT_FALSE(unprotect(sealed).empty());
}

TEST_P(Srtp, ServesMoreSsrcsThanItRemembers) {
  const Bytes first = protect(rtp_packet(1, 1, 10)), kept = protect(rtp_packet(1, 2, 10));
  EXPECT_FALSE(unprotect(first).empty());
  EXPECT_FALSE(unprotect(kept).empty());
  for (uint32_t ssrc = 3; ssrc <= 9000; ++ssrc) {
    ASSERT_FALSE(unprotect(protect(rtp_packet(1, ssrc, 10))).empty()) << ssrc;
    ASSERT_TRUE(unprotect(kept).empty()) << "a replay, of an SSRC that is in use";
  }
  EXPECT_EQ(unprotect(protect(rtp_packet(2, 5))), rtp_packet(2, 5)) << "one that has been silent is served on";
  EXPECT_FALSE(unprotect(first).empty()) << "forgotten, or the memory has no bound";
}

TEST_P(Srtp, FollowsEachSsrcsRollover) {
  for (const uint32_t ssrc : {1u, 2u}) {
    for (uint32_t number = 65'000; number < 65'536 + 600; number += ssrc) {
      const Bytes packet = rtp_packet(static_cast<uint16_t>(number), ssrc);
      ASSERT_EQ(unprotect(protect(packet)), packet);
    }
  }
}

TEST_P(Srtp, SendsANumberOnceUnderAnAead) {
  EXPECT_FALSE(protect(rtp_packet(7)).empty());
  EXPECT_FALSE(protect(rtp_packet(8)).empty());
  EXPECT_EQ(protect(rtp_packet(7)).empty(), reference::is_aead(GetParam()));
}

TEST_P(Srtp, RefusesWhatIsNoPacketOrHasNoRoom) {
  const Bytes packet = rtp_packet(1);
  Bytes buffer = packet;
  EXPECT_EQ(alice_->protect_rtp(buffer, packet.size()), 0u) << "no room";
  buffer.resize(packet.size() + SrtpSession::kMaxRtpOverhead);
  EXPECT_EQ(alice_->protect_rtp(buffer, buffer.size() + 1), 0u);
  EXPECT_EQ(alice_->protect_rtp(buffer, 11), 0u);
  EXPECT_EQ(alice_->protect_rtp(buffer, 20), 0u) << "a header that is cut";
  buffer[0] = 0x10;
  EXPECT_EQ(alice_->protect_rtp(buffer, packet.size()), 0u) << "version 0";
  EXPECT_EQ(alice_->protect_rtp({}, 0), 0u);
  EXPECT_EQ(bob_->unprotect_rtp({}), 0u);
  EXPECT_EQ(alice_->counters().protected_packets, 0u);
}

TEST_P(Srtp, TakesPacketsThatLieAtAnyAddress) {
  const Bytes packet = rtp_packet(1);
  Bytes buffer(packet.size() + SrtpSession::kMaxRtpOverhead + 1);
  std::copy(packet.begin(), packet.end(), buffer.begin() + 1);
  const auto odd = std::span(buffer).subspan(1);
  const size_t size = alice_->protect_rtp(odd, packet.size());
  const Bytes sealed(odd.begin(), odd.begin() + static_cast<std::ptrdiff_t>(size));
  EXPECT_EQ(sealed, reference::protect_rtp(GetParam(), reference::derive_keys(alice_key_, GetParam(), 0), packet,
                                           kHeaderSize, 1));
  ASSERT_EQ(bob_->unprotect_rtp(odd.first(size)), packet.size());
  EXPECT_TRUE(std::equal(packet.begin(), packet.end(), odd.begin()));
}

TEST_P(Srtp, TakesItsKeysFromADtlsHandshake) {
  // RFC 5764 section 4.2: client key, server key, client salt, server salt.
  const size_t key = srtp_key_size(GetParam()), salt = srtp_salt_size(GetParam());
  Bytes material = reference::join(reference::slice(alice_key_, 0, key), reference::slice(bob_key_, 0, key));
  material = reference::join(material, reference::join(reference::slice(alice_key_, key, key + salt),
                                                       reference::slice(bob_key_, key, key + salt)));
  constexpr const char* kNames[] = {"SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80",
                                    "SRTP_AES128_CM_SHA1_32"};
  const char* name = kNames[static_cast<size_t>(GetParam())];
  EXPECT_EQ(srtp_profile_of(name), GetParam());
  const auto client = SrtpSession::create(name, material, DtlsRole::kClient);
  const auto server = SrtpSession::create(name, material, DtlsRole::kServer);
  ASSERT_TRUE(client && server);
  const Bytes sealed = protect(rtp_packet(1));
  Bytes at_server = sealed, at_client = sealed;
  EXPECT_EQ(server->unprotect_rtp(at_server), rtp_packet(1).size());
  EXPECT_EQ(client->unprotect_rtp(at_client), 0u);
  material.pop_back();
  EXPECT_EQ(SrtpSession::create(name, material, DtlsRole::kClient), nullptr);
}

std::string name_of(const testing::TestParamInfo<SrtpProfile>& info) {
  constexpr const char* kNames[] = {"Gcm128", "Gcm256", "Cm80", "Cm32"};
  return kNames[static_cast<size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Profiles, Srtp, testing::ValuesIn(kAll), name_of);

TEST(SrtpSession, KnowsNoOtherProfile) {
  EXPECT_FALSE(srtp_profile_of(""));
  EXPECT_FALSE(srtp_profile_of("SRTP_NULL_SHA1_80"));
  EXPECT_EQ(SrtpSession::create("", Bytes(), DtlsRole::kClient), nullptr);
}

TEST(SrtpSession, WorksOverWhatDtlsNegotiated) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  const auto client = SrtpSession::create(pair.client.dtls->info().srtp_cipher,
                                          pair.client.dtls->srtp_keying_material(), DtlsRole::kClient);
  const auto server = SrtpSession::create(pair.server.dtls->info().srtp_cipher,
                                          pair.server.dtls->srtp_keying_material(), DtlsRole::kServer);
  ASSERT_TRUE(client && server);
  for (const auto& [from, to] : {std::pair{client.get(), server.get()}, std::pair{server.get(), client.get()}}) {
    Bytes buffer = rtp_packet(1);
    const size_t size = buffer.size();
    buffer.resize(size + SrtpSession::kMaxRtpOverhead);
    buffer.resize(from->protect_rtp(buffer, size));
    EXPECT_EQ(to->unprotect_rtp(buffer), size);
  }
}

}  // namespace
}  // namespace peerwire
