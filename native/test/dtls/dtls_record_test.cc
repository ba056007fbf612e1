#include "transport/dtls/dtls_record.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <sstream>
#include <string>

#include "transport/dtls/record_cipher.h"

namespace peerwire {
namespace {

Bytes record(uint8_t type, uint16_t epoch, uint64_t sequence, const Bytes& body) {
  Bytes out(kDtlsRecordHeaderSize);
  write_record_header(out.data(), type, epoch, sequence, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

TEST(DtlsRecord, IsReadAsItWasWritten) {
  const Bytes octets = record(23, 1, 0x123456789abc, {1, 2, 3});
  ByteView rest = octets;
  DtlsRecord read;
  ASSERT_TRUE(take_record(rest, read));
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(read.type, 23);
  EXPECT_EQ(read.version, kDtls12);
  EXPECT_EQ(read.epoch, 1);
  EXPECT_EQ(read.sequence, 0x123456789abcu);
  EXPECT_EQ(read.body.size(), 3u);
}

TEST(DtlsRecord, ADatagramIsCompleteRecordsAndNothingElse) {
  Bytes octets = record(22, 0, 1, Bytes(20));
  const Bytes second = record(20, 0, 2, {1});
  octets.insert(octets.end(), second.begin(), second.end());
  EXPECT_TRUE(is_well_framed(octets));
  for (size_t size = 0; size < octets.size(); ++size) {
    EXPECT_EQ(is_well_framed(ByteView(octets).first(size)), size == 33) << size;
  }
  octets.push_back(0);
  EXPECT_FALSE(is_well_framed(octets));
  EXPECT_FALSE(is_well_framed(record(24, 0, 0, {1})));
  Bytes old = record(22, 0, 0, {1});
  old[2] = 0xff;
  EXPECT_TRUE(is_well_framed(old)) << "DTLS 1.0 in a ClientHello's record";
  old[4] = 1;
  EXPECT_FALSE(is_well_framed(old));
}

Bytes fragment(uint8_t type, uint32_t length, uint32_t offset, uint32_t size, size_t real_size) {
  Bytes out = {type,
               static_cast<uint8_t>(length >> 16),
               static_cast<uint8_t>(length >> 8),
               static_cast<uint8_t>(length),
               0,
               0,
               static_cast<uint8_t>(offset >> 16),
               static_cast<uint8_t>(offset >> 8),
               static_cast<uint8_t>(offset),
               static_cast<uint8_t>(size >> 16),
               static_cast<uint8_t>(size >> 8),
               static_cast<uint8_t>(size)};
  out.resize(12 + real_size);
  return out;
}

bool sane(uint8_t type, const Bytes& body, DtlsRole role) {
  const Bytes octets = record(type, 0, 0, body);
  ByteView rest = octets;
  DtlsRecord read;
  return take_record(rest, read) && is_sane_plain_record(read, role);
}

TEST(DtlsRecord, OnlySanePlainRecordsReachTheHandshake) {
  constexpr auto kServer = DtlsRole::kServer, kClient = DtlsRole::kClient;
  EXPECT_TRUE(sane(22, fragment(1, 50, 0, 50, 50), kServer));
  EXPECT_FALSE(sane(22, fragment(1, 50, 0, 50, 50), kClient)) << "a client gets no ClientHello";
  EXPECT_FALSE(sane(22, fragment(2, 50, 0, 50, 50), kServer)) << "a server gets no ServerHello";
  EXPECT_FALSE(sane(22, fragment(20, 12, 0, 12, 12), kClient)) << "Finished is never in the clear";
  EXPECT_FALSE(sane(22, fragment(0, 0, 0, 0, 0), kClient)) << "HelloRequest";
  EXPECT_FALSE(sane(22, fragment(1, 50, 0, 50, 49), kServer)) << "truncated";
  EXPECT_FALSE(sane(22, fragment(1, 50, 0, 50, 51), kServer)) << "followed by rubbish";
  EXPECT_FALSE(sane(22, fragment(1, 50, 40, 11, 11), kServer)) << "beyond the message";
  EXPECT_FALSE(sane(22, fragment(1, 0xffffff, 0, 50, 50), kServer)) << "16 MB promised";
  EXPECT_FALSE(sane(22, fragment(1, 50, 0, 0, 0), kServer)) << "empty fragment";
  EXPECT_FALSE(sane(22, {}, kServer));
  EXPECT_TRUE(sane(22, fragment(14, 0, 0, 0, 0), kClient)) << "ServerHelloDone is empty";
  Bytes two = fragment(14, 0, 0, 0, 0);
  const Bytes more = fragment(11, 9, 3, 6, 6);
  two.insert(two.end(), more.begin(), more.end());
  EXPECT_TRUE(sane(22, two, kClient)) << "two fragments in one record";
  EXPECT_TRUE(sane(20, {1}, kClient));
  EXPECT_FALSE(sane(20, {2}, kClient));
  EXPECT_FALSE(sane(20, {1, 1}, kClient));
  EXPECT_TRUE(sane(21, {2, 40}, kClient));
  EXPECT_FALSE(sane(21, {1, 0}, kClient)) << "close_notify of nobody";
  EXPECT_FALSE(sane(21, {2}, kClient));
  EXPECT_FALSE(sane(21, {2, 40, 0}, kClient));
  EXPECT_FALSE(sane(23, Bytes(40), kClient));
}

TEST(ReplayWindow, AgreesWithASetWithinItsWidth) {
  std::mt19937 random(5);
  ReplayWindow window;
  std::set<uint64_t> seen;
  uint64_t base = 0;
  for (int i = 0; i < 50000; ++i) {
    if (random() % 2000 == 0) base += random() % 5000;
    const uint64_t sequence = base + static_cast<uint64_t>(i) / 2 + random() % 900;
    const uint64_t highest = seen.empty() ? 0 : *seen.rbegin();
    const bool fresh = !seen.contains(sequence) && (sequence > highest || highest - sequence < 1024);
    ASSERT_EQ(window.is_new(sequence), fresh) << i;
    if (fresh) {
      window.mark(sequence);
      seen.insert(sequence);
    }
  }
  ReplayWindow end;
  end.mark(kMaxDtlsSequence);
  EXPECT_FALSE(end.is_new(kMaxDtlsSequence));
  EXPECT_FALSE(end.is_new(0));
}

TEST(RecordCipher, SuitesDifferWithTheProcessorInTheirOrderOnly) {
  const auto names_in = [](const std::string& suites) {
    std::set<std::string> names;
    std::istringstream text(suites);
    for (std::string name; std::getline(text, name, ':');) names.insert(name);
    return names;
  };
  const std::string with_aes = suites_to_negotiate(true), without_aes = suites_to_negotiate(false);
  EXPECT_EQ(names_in(with_aes), names_in(without_aes));
  EXPECT_EQ(names_in(with_aes).size(), 6u);
  EXPECT_TRUE(with_aes.starts_with("ECDHE-ECDSA-AES128-GCM-SHA256:"));
  EXPECT_TRUE(without_aes.starts_with("ECDHE-ECDSA-CHACHA20-POLY1305:"));
}

TEST(RecordCipher, OpensWhatItSealedAndNothingThatWasTouched) {
  for (const uint16_t suite : {0xc02b, 0xc030, 0xcca9}) {
    const AeadShape* shape = aead_of_suite(suite);
    ASSERT_NE(shape, nullptr);
    const Bytes key(shape->key_size, 7), nonce(shape->fixed_nonce_size, 9);
    const auto sealing = RecordCipher::create(RecordCipher::Direction::kSeal, *shape, key, nonce);
    const auto opening = RecordCipher::create(RecordCipher::Direction::kOpen, *shape, key, nonce);
    sealing->set_explicit_nonce(~uint64_t{0});  // wraps around
    for (uint64_t sequence = 0; sequence < 3; ++sequence) {
      const Bytes plain(100, static_cast<uint8_t>(sequence));
      Bytes sealed(sealing->record_size(plain.size()));
      ASSERT_TRUE(sealing->seal(23, sequence, plain, sealed.data()));
      Bytes out(plain.size());
      const auto open = [&](const Bytes& octets) {
        ByteView rest = octets;
        DtlsRecord read;
        return take_record(rest, read) && opening->open(read, out.data());
      };
      ASSERT_TRUE(open(sealed));
      EXPECT_EQ(out, plain);
      for (size_t i = 0; i < sealed.size(); ++i) {
        Bytes touched = sealed;
        touched[i] ^= 1;
        EXPECT_FALSE(open(touched)) << "octet " << i;
      }
    }
  }
  EXPECT_EQ(aead_of_suite(0xc013), nullptr);
  EXPECT_EQ(aead_of_suite(0x009c), nullptr);
}

}  // namespace
}  // namespace peerwire
