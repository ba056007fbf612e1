// What strangers, replays and broken networks send must change nothing.
#include <gtest/gtest.h>

#include <random>

#include "dtls_peers.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

Bytes record(uint8_t type, uint16_t epoch, uint64_t sequence, const Bytes& body, size_t claimed) {
  Bytes out = {type, 0xfe, 0xfd, static_cast<uint8_t>(epoch >> 8), static_cast<uint8_t>(epoch)};
  for (int i = 5; i >= 0; --i) out.push_back(static_cast<uint8_t>(sequence >> (8 * i)));
  out.push_back(static_cast<uint8_t>(claimed >> 8));
  out.push_back(static_cast<uint8_t>(claimed));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}
Bytes record(uint8_t type, uint16_t epoch, uint64_t sequence, const Bytes& body) {
  return record(type, epoch, sequence, body, body.size());
}

// One record of each kind that is known to have done harm somewhere.
std::vector<Bytes> forgeries() {
  std::vector<Bytes> all;
  for (const uint16_t epoch : {0, 1, 2, 3, 0xffff}) {
    for (const uint64_t sequence : {uint64_t{0}, uint64_t{1}, uint64_t{50}, uint64_t{1000}, (uint64_t{1} << 48) - 1}) {
      for (const Bytes& body :
           {Bytes{1, 0}, Bytes{2, 40}, Bytes{2, 0}, Bytes{1, 90}, Bytes{}, Bytes{1}, Bytes(7), Bytes(8), Bytes(15),
            Bytes(16), Bytes(17), Bytes(23), Bytes(24), Bytes(25), Bytes(26), Bytes(300)}) {
        for (uint8_t type = 19; type <= 26; ++type) all.push_back(record(type, epoch, sequence, body));
      }
      all.push_back(record(23, epoch, sequence, Bytes(30), 31));     // truncated
      all.push_back(record(23, epoch, sequence, Bytes(30), 29));     // one octet too many
      all.push_back(record(22, epoch, sequence, Bytes(30), 65535));  // oversized
      all.push_back(record(23, epoch, sequence, Bytes(18000)));      // larger than any record may be
    }
  }
  for (const uint8_t minor : {0xff, 0xfc, 0x00}) {
    Bytes other = record(21, 1, 7, Bytes(26));
    other[2] = minor;
    all.push_back(other);
  }
  for (size_t size = 0; size < 14; ++size) all.push_back(Bytes(size, 22));
  all.push_back(Bytes(100, 0x2c));  // a DTLS 1.3 unified header
  // HelloRequest, ClientHello, ServerHello and Finished in the clear, after the fact.
  for (const uint8_t message : {0, 1, 2, 20}) {
    Bytes body = {message, 0, 0, 4, 0, 9, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4};
    if (message == 0) body = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    all.push_back(record(22, 0, 77, body));
    all.push_back(record(22, 1, 77, body));
  }
  return all;
}

void expect_untouched(DtlsPair& pair) {
  EXPECT_TRUE(pair.client.connected()) << pair.client.failure.error;
  EXPECT_TRUE(pair.server.connected()) << pair.server.failure.error;
  EXPECT_TRUE(pair.client.received.empty());
  EXPECT_TRUE(pair.server.received.empty());
  pair.expect_alive();
  EXPECT_EQ(pair.client.states.size(), 2u);
  EXPECT_EQ(pair.server.states.size(), 2u);
}

TEST(DtlsForgery, NoForgedRecordTouchesALiveConnection) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  pair.loop.run_for(milliseconds(2));
  const size_t sent_by_client = pair.client.link.sent.size(), sent_by_server = pair.server.link.sent.size();
  for (const Bytes& forged : forgeries()) {
    pair.client.link.receive(forged);
    pair.server.link.receive(forged);
  }
  EXPECT_EQ(pair.client.link.sent.size(), sent_by_client) << "and nobody is answered";
  EXPECT_EQ(pair.server.link.sent.size(), sent_by_server);
  expect_untouched(pair);
}

TEST(DtlsForgery, TheForgedAlertThatClosesOtherEnginesDoesNotCloseThisOne) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  const Bytes alert = {0x15, 0xfe, 0xfd, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x02, 0x02, 0x28};
  pair.client.link.receive(alert);
  pair.server.link.receive(alert);
  expect_untouched(pair);
}

TEST(DtlsForgery, ReplaysOfTheWholeConnectionChangeNothing) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  pair.expect_alive();
  const auto from_client = pair.client.link.sent, from_server = pair.server.link.sent;
  for (int round = 0; round < 3; ++round) {
    for (const Bytes& packet : from_client) pair.server.link.receive(packet);
    for (const Bytes& packet : from_server) pair.client.link.receive(packet);
    // And each to its own sender.
    for (const Bytes& packet : from_client) pair.client.link.receive(packet);
    for (const Bytes& packet : from_server) pair.server.link.receive(packet);
  }
  EXPECT_EQ(pair.client.received.size(), 1u);
  EXPECT_EQ(pair.server.received.size(), 1u);
  pair.client.received.clear();
  pair.server.received.clear();
  expect_untouched(pair);
}

TEST(DtlsForgery, TouchedTruncatedAndGluedPacketsAreDroppedAndTheRealOneStillCounts) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  Bytes real;
  pair.client.link.filter = [&](ByteView packet) {
    real.assign(packet.begin(), packet.end());
    return false;
  };
  pair.client.send("real");
  for (size_t i = 0; i < real.size(); ++i) {
    Bytes touched = real;
    touched[i] ^= 0x40;
    pair.server.link.receive(touched);
    pair.server.link.receive(ByteView(real).first(i));
  }
  Bytes glued = real;
  glued.insert(glued.end(), {0x17, 0xfe});
  pair.server.link.receive(glued);
  EXPECT_TRUE(pair.server.received.empty());
  pair.server.link.receive(real);
  pair.server.link.receive(real);
  ASSERT_EQ(pair.server.received.size(), 1u);
  EXPECT_EQ(pair.server.text(0), "real");
}

TEST(DtlsForgery, SeveralRecordsInOneDatagramAreEachDelivered) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  Bytes datagram;
  pair.client.link.filter = [&](ByteView packet) {
    datagram.insert(datagram.end(), packet.begin(), packet.end());
    return false;
  };
  pair.client.send("one");
  pair.client.send("two");
  pair.server.link.receive(datagram);
  ASSERT_EQ(pair.server.received.size(), 2u);
  EXPECT_EQ(pair.server.text(1), "two");
}

bool is_plain_fatal_alert(const Bytes& packet) {
  return packet.size() == 15 && packet[0] == 21 && packet[3] == 0 && packet[4] == 0 && packet[13] == 2;
}

// A plain fatal alert ends a handshake, here as in browsers; every other forgery is thrown in before every packet.
TEST(DtlsForgery, JunkDuringTheHandshakeDoesNotEndIt) {
  const auto junk = forgeries();
  bool injecting = true;  // outlives the pair, which says goodbye at its end
  DtlsPair pair;
  const auto inject_into = [&](DtlsPeer& victim) {
    return [&](ByteView) {
      if (!injecting) return;
      for (const Bytes& forged : junk) {
        if (!is_plain_fatal_alert(forged)) victim.link.receive(forged);
      }
    };
  };
  pair.client.link.on_sent = inject_into(pair.server);
  pair.server.link.on_sent = inject_into(pair.client);
  ASSERT_TRUE(pair.connect()) << pair.client.failure.error << " / " << pair.server.failure.error;
  injecting = false;
  pair.loop.run_for(milliseconds(5));
  expect_untouched(pair);
}

TEST(DtlsForgery, AServerForgetsAHelloThatMakesNoSense) {
  DtlsPair pair;
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  std::mt19937 random(11);
  for (int i = 0; i < 50; ++i) {
    Bytes body = {1, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 60, 0xfe, 0xfd};
    while (body.size() < 72) body.push_back(static_cast<uint8_t>(random()));
    pair.server.link.receive(record(22, 0, static_cast<uint64_t>(i), body));
  }
  EXPECT_FALSE(pair.server.failed()) << pair.server.failure.error;
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
  pair.expect_alive();
}

TEST(DtlsForgery, MutatedHandshakePacketsNeverCrashAndNeverConnectToTheWrongPeer) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    DtlsPair pair;
    // A fifth of the packets arrives with a few octets changed, besides or instead of the real one.
    const auto mutate_into = [&](DtlsPeer& victim) {
      return [&](ByteView packet) {
        if (random() % 5 != 0) return true;
        Bytes mutant(packet.begin(), packet.end());
        for (int i = 0; i < 3; ++i) mutant[random() % mutant.size()] = static_cast<uint8_t>(random());
        victim.link.receive(mutant);
        return random() % 2 == 0;
      };
    };
    pair.client.link.filter = mutate_into(pair.server);
    pair.server.link.filter = mutate_into(pair.client);
    pair.start();
    const auto over = [](const DtlsPeer& peer) { return peer.connected() || peer.failed(); };
    pair.loop.run_until([&] { return over(pair.client) && over(pair.server); }, milliseconds(300));
    for (const auto& [self, other] : {std::pair{&pair.client, &pair.server}, std::pair{&pair.server, &pair.client}}) {
      if (!self->connected()) continue;
      EXPECT_EQ(self->dtls->info().peer_certificates.at(0), other->certificate->der());
    }
    EXPECT_TRUE(pair.client.received.empty());
  }
}

}  // namespace
}  // namespace peerwire
