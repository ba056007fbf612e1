#include "transport/dtls_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "dtls_peers.h"
#include "transport/dtls/dtls_record.h"
#include "transport/dtls/record_cipher.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr auto kConnecting = DtlsTransportState::kConnecting;
constexpr auto kConnected = DtlsTransportState::kConnected;
constexpr auto kClosed = DtlsTransportState::kClosed;
constexpr auto kFailed = DtlsTransportState::kFailed;

/// What a record adds to a packet, with the suite that two of ours agree on.
const size_t kOverhead = has_aes_instructions() ? 37 : 29;

/// The suite that two of ours agree on, by the server's key.
std::string expected_cipher(const std::string& key) {
  return "TLS_ECDHE_" + key + (has_aes_instructions() ? "_WITH_AES_128_GCM_SHA256" : "_WITH_CHACHA20_POLY1305_SHA256");
}

TEST(DtlsTransport, ConnectsAndCarriesPacketsBothWays) {
  DtlsPair pair;
  EXPECT_FALSE(pair.client.send("too early"));
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client.states, (DtlsStates{kConnecting, kConnected}));
  EXPECT_EQ(pair.server.states, (DtlsStates{kConnecting, kConnected}));
  EXPECT_EQ(pair.client.writables, std::vector<bool>{true});
  pair.expect_alive();
  for (const DtlsPeer* peer : {&pair.client, &pair.server}) {
    for (const Bytes& packet : peer->link.sent) EXPECT_LE(packet.size(), 1200u);
  }
}

TEST(DtlsTransport, SaysWhatWasNegotiated) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  for (const auto& [self, other] : {std::pair{&pair.client, &pair.server}, std::pair{&pair.server, &pair.client}}) {
    const DtlsTransportInfo info = self->dtls->info();
    EXPECT_EQ(info.version, "FEFD");
    EXPECT_EQ(info.cipher, expected_cipher("ECDSA"));
    EXPECT_EQ(info.srtp_cipher, "SRTP_AEAD_AES_128_GCM");
    EXPECT_EQ(info.group, "X25519");
    ASSERT_EQ(info.peer_certificates.size(), 1u);
    EXPECT_EQ(info.peer_certificates[0], other->certificate->der());
    EXPECT_EQ(self->dtls->max_packet_size(), 1200u - kOverhead);
  }
  const ByteView keys = pair.client.dtls->srtp_keying_material();
  ASSERT_EQ(keys.size(), 2u * (16 + 12));
  EXPECT_TRUE(std::equal(keys.begin(), keys.end(), pair.server.dtls->srtp_keying_material().begin()));
}

TEST(DtlsTransport, CarriesTheLargestRecordsToAPeerThatSaysItTakesThem) {
  DtlsPair pair;
  pair.client.link.larger = pair.server.link.larger = {1452, 8972, 65507};
  EXPECT_TRUE(pair.client.dtls->larger_packet_sizes().empty()) << "nothing is known before the handshake";
  ASSERT_TRUE(pair.connect());
  for (DtlsPeer* peer : {&pair.client, &pair.server}) {
    EXPECT_EQ(peer->dtls->larger_packet_sizes(), (std::vector<size_t>{1452 - kOverhead, 8972 - kOverhead, 16384}));
    EXPECT_EQ(peer->dtls->max_packet_size(), 1200u - kOverhead) << "the usual size stays what it was";
    EXPECT_TRUE(peer->dtls->send_large_packet(Bytes(16384, 7), Fragmentation::kNever));
    EXPECT_FALSE(peer->dtls->send_large_packet(Bytes(16385, 7), Fragmentation::kNever));
    EXPECT_EQ(peer->link.large,
              (std::vector<std::pair<size_t, Fragmentation>>{{16384 + kOverhead, Fragmentation::kNever}}));
  }
  pair.loop.run_for(seconds(1));
  for (DtlsPeer* peer : {&pair.client, &pair.server}) {
    ASSERT_EQ(peer->received.size(), 1u);
    EXPECT_EQ(peer->received[0], Bytes(16384, 7));
  }
  pair.client.link.change_path();
  EXPECT_EQ(pair.client.path_changes, 1);
}

TEST(DtlsTransport, OffersEachSrtpProfileTheBestFirst) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  // https://datatracker.ietf.org/doc/html/rfc5764#section-4.1.1,
  // https://datatracker.ietf.org/doc/html/rfc7714#section-14.2
  const Bytes use_srtp = {0, 14, 0, 11, 0, 8, 0, 7, 0, 8, 0, 1, 0, 2, 0};
  const Bytes& hello = pair.client.link.sent.at(0);
  EXPECT_NE(std::search(hello.begin(), hello.end(), use_srtp.begin(), use_srtp.end()), hello.end());
}

TEST(DtlsTransport, OffersNoSrtpWhenToldSo) {
  DtlsTransportOptions options;
  options.offer_srtp = false;
  DtlsPair pair({}, 1, KeyType::kEcdsaP256, KeyType::kEcdsaP256, options);
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client.dtls->info().srtp_cipher, "");
  EXPECT_TRUE(pair.client.dtls->srtp_keying_material().empty());
}

TEST(DtlsTransport, ConnectsWithRsaCertificatesOnEitherSide) {
  for (const auto& [client, server] :
       {std::pair{KeyType::kRsa, KeyType::kEcdsaP256}, std::pair{KeyType::kEcdsaP256, KeyType::kRsa},
        std::pair{KeyType::kRsa, KeyType::kRsa}}) {
    DtlsPair pair({}, 1, client, server);
    ASSERT_TRUE(pair.connect());
    EXPECT_EQ(pair.client.dtls->info().cipher, expected_cipher(server == KeyType::kRsa ? "RSA" : "ECDSA"));
    pair.expect_alive();
  }
}

TEST(DtlsTransport, PacketsOfEverySizeUpToTheLargestArriveAndLargerOnesAreRefused) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  const size_t largest = pair.client.dtls->max_packet_size();
  EXPECT_FALSE(pair.client.dtls->send_packet({}));
  EXPECT_FALSE(pair.client.dtls->send_packet(Bytes(largest + 1)));
  for (const size_t size : {size_t{1}, size_t{15}, size_t{16}, size_t{17}, largest}) {
    EXPECT_TRUE(pair.client.dtls->send_packet(Bytes(size, static_cast<uint8_t>(size))));
  }
  pair.loop.run_until([&] { return pair.server.received.size() == 5; });
  EXPECT_EQ(pair.server.received.at(4), Bytes(largest, static_cast<uint8_t>(largest)));
  EXPECT_EQ(pair.client.link.sent.back().size(), 1200u);
}

TEST(DtlsTransport, FingerprintsMatchWhateverTheirCaseAndUnknownOnesAreIgnored) {
  DtlsPair pair;
  auto upper = pair.client.fingerprint("sha-384");
  for (char& c : upper.value) c = static_cast<char>(std::toupper(c));
  upper.algorithm = "SHA-384";
  pair.server.dtls->start(DtlsRole::kServer, {{"md2", "00"}, upper});
  pair.client.dtls->start(DtlsRole::kClient, {{"sha-3000", "11:22"}, pair.server.fingerprint("sha-512")});
  EXPECT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
}

// RFC 8122 section 5
TEST(DtlsTransport, OneFingerprintOfTheStrongestHashFunctionThatThePeerUsesHasToMatch) {
  const CertificatePtr other = make_certificate();
  DtlsPair pair;
  // Of two certificates, as the peer may have several; and a weaker one that is wrong means nothing.
  pair.server.dtls->start(DtlsRole::kServer, {other->fingerprint("sha-256"), other->fingerprint("sha-512"),
                                              pair.client.fingerprint("sha-512")});
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint("sha-384"), other->fingerprint("sha-256")});
  EXPECT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
}

void expect_mismatch(std::vector<Fingerprint> at_client, std::vector<Fingerprint> at_server, bool client_refuses,
                     bool weaker_match = false) {
  DtlsPair pair;
  // Those of a weaker hash function that are right.
  for (const char* algorithm : {"sha-256", "sha-384"}) {
    if (weaker_match && client_refuses) at_client.push_back(pair.server.fingerprint(algorithm));
    if (weaker_match && !client_refuses) at_server.push_back(pair.client.fingerprint(algorithm));
  }
  if (at_client.empty() && !client_refuses) at_client = {pair.server.fingerprint()};
  if (at_server.empty() && client_refuses) at_server = {pair.client.fingerprint()};
  DtlsPeer& refusing = client_refuses ? pair.client : pair.server;
  DtlsPeer& refused = client_refuses ? pair.server : pair.client;
  // The refused one sends as soon as it believes to be connected.
  refused.on_state = [&](DtlsTransportState state) {
    if (state == kConnected) refused.send("secret");
  };
  pair.server.dtls->start(DtlsRole::kServer, at_server);
  pair.client.dtls->start(DtlsRole::kClient, at_client);
  EXPECT_TRUE(pair.loop.run_until([&] { return pair.client.failed() && pair.server.failed(); }));
  EXPECT_EQ(refusing.states, (DtlsStates{kConnecting, kFailed}));
  EXPECT_EQ(refusing.failure.error, "the peer's certificate matches none of its fingerprints");
  EXPECT_EQ(refusing.failure.sent_alert, 42);
  EXPECT_EQ(refused.failure.received_alert, 42);
  EXPECT_NE(refused.failure.error.find("bad certificate"), std::string::npos) << refused.failure.error;
  pair.loop.run_for(milliseconds(120));
  EXPECT_TRUE(pair.client.received.empty());
  EXPECT_TRUE(pair.server.received.empty());
  EXPECT_FALSE(pair.client.send("x"));
  EXPECT_FALSE(pair.server.send("x"));
}

TEST(DtlsTransport, FailsOnBothSidesWithBadCertificateWhenNoFingerprintMatches) {
  const Fingerprint other = make_certificate()->fingerprint("sha-256");
  expect_mismatch({other}, {}, true);
  expect_mismatch({}, {other}, false);
}

TEST(DtlsTransport, AFingerprintOfAWeakerHashFunctionMakesUpForNothing) {
  const Fingerprint other = make_certificate()->fingerprint("sha-512");
  expect_mismatch({other}, {}, true, true);
  expect_mismatch({}, {other}, false, true);
}

TEST(DtlsTransport, UnknownAlgorithmsAloneOrNoFingerprintsAtAllAreAMismatch) {
  expect_mismatch({{"md5", "00:11"}, {"sha-256", ""}}, {}, true);
  expect_mismatch({}, {{"", ""}}, false);
  expect_mismatch({}, {}, true);
}

TEST(DtlsTransport, KeepsAClientHelloThatComesBeforeStart) {
  DtlsPair pair;
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  pair.loop.run_for(milliseconds(5));
  EXPECT_EQ(pair.client.link.sent.size(), 1u);
  EXPECT_TRUE(pair.server.states.empty());
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  EXPECT_FALSE(pair.server.link.sent.empty());  // answered within start()
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
  EXPECT_EQ(pair.client.link.sent.size(), 2u) << "a hello and one flight: nothing was retransmitted";
  pair.expect_alive();
}

TEST(DtlsTransport, KeepsOnlySoManyEarlyPackets) {
  DtlsPair pair;
  for (int i = 0; i < 1000; ++i) pair.server.link.receive(Bytes(1000, 22));
  ASSERT_TRUE(pair.connect());
}

TEST(DtlsTransport, WaitsUntilTheTransportBelowIsWritable) {
  DtlsPair pair;
  pair.client.link.set_writable(false);
  pair.start();
  pair.loop.run_for(milliseconds(30));
  EXPECT_TRUE(pair.client.states.empty());
  EXPECT_TRUE(pair.client.link.sent.empty());
  pair.client.link.set_writable(true);
  EXPECT_EQ(pair.client.link.sent.size(), 1u) << "the ClientHello goes out at once";
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
}

TEST(DtlsTransport, ALostFirstFlightCostsAboutFiftyMilliseconds) {
  DtlsPair pair;
  int lost = 1;
  pair.client.link.filter = [&](ByteView) { return lost-- <= 0; };
  const TimePoint begin = Clock::now();
  ASSERT_TRUE(pair.connect());
  const auto took = Clock::now() - begin;
  EXPECT_GE(took, milliseconds(30));
  EXPECT_LT(took, milliseconds(500));
  std::printf("connected %.1f ms after a lost ClientHello\n", std::chrono::duration<double, std::milli>(took).count());
}

TEST(DtlsTransport, ARepeatedFlightLeavesTogether) {
  constexpr uint8_t kClientHello = 1, kServerHello = 2, kCertificate = 11;
  for (const bool of_server : {true, false}) {
    DtlsPair pair;
    // The first messages of datagrams: of the server's flight ServerHello, of the client's second one its certificate.
    std::vector<uint8_t> first;
    MemoryTransport& link = of_server ? pair.server.link : pair.client.link;
    link.filter = [&](ByteView packet) {
      if (packet[0] != kDtlsHandshake || packet[3] + packet[4] != 0 || packet[13] == kClientHello) return true;
      first.push_back(packet[13]);
      return first.size() > 2;
    };
    ASSERT_TRUE(pair.connect());
    EXPECT_GE(first.size(), 3u);
    EXPECT_EQ(first, std::vector<uint8_t>(first.size(), of_server ? kServerHello : kCertificate));
    link.filter = nullptr;
  }
}

TEST(DtlsTransport, ALostLastFlightIsSentAgain) {
  DtlsPair pair;
  int packets_after_connected = 0;
  bool lose = true;
  pair.server.link.filter = [&](ByteView packet) {
    // The last flight of a server begins with ChangeCipherSpec.
    if (packet[0] == 20 && lose) {
      ++packets_after_connected;
      lose = packets_after_connected < 3;
      return false;
    }
    return true;
  };
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(packets_after_connected, 3);
  pair.expect_alive();
}

TEST(DtlsTransport, DataThatOvertakesTheLastFlightIsDeliveredAfterIt) {
  DtlsPair pair;
  Bytes last_flight;
  pair.server.link.filter = [&](ByteView packet) {
    if (packet[0] != 20 || !last_flight.empty()) return true;
    last_flight.assign(packet.begin(), packet.end());
    return false;
  };
  pair.server.on_state = [&](DtlsTransportState state) {
    if (state == kConnected) pair.server.send("early");
  };
  pair.start();
  pair.loop.run_until([&] { return pair.server.connected(); });
  pair.loop.run_for(milliseconds(3));
  EXPECT_FALSE(pair.client.connected());
  EXPECT_TRUE(pair.client.received.empty());
  pair.client.link.receive(last_flight);
  EXPECT_TRUE(pair.client.connected());
  ASSERT_EQ(pair.client.received.size(), 1u);
  EXPECT_EQ(pair.client.text(0), "early");
}

TEST(DtlsTransport, ConnectsThroughLossReorderingAndDuplication) {
  for (uint32_t seed = 1; seed <= 25; ++seed) {
    LinkFaults faults{0.15, 0.2, milliseconds(1), milliseconds(8)};
    DtlsPair pair(faults, seed);
    ASSERT_TRUE(pair.connect()) << "seed " << seed << ": " << pair.client.failure.error << " / "
                                << pair.server.failure.error;
    // What arrives, arrives once and unharmed.
    constexpr int kPackets = 200;
    for (int i = 0; i < kPackets; ++i) pair.client.send("packet " + std::to_string(i));
    pair.loop.run_for(milliseconds(30));
    std::set<std::string> texts;
    for (size_t i = 0; i < pair.server.received.size(); ++i) texts.insert(pair.server.text(i));
    EXPECT_EQ(texts.size(), pair.server.received.size()) << "a duplicate was delivered, seed " << seed;
    EXPECT_GT(texts.size(), 100u);
    for (const std::string& text : texts) EXPECT_EQ(text.substr(0, 7), "packet ");
  }
}

TEST(DtlsTransport, SmallPathsFragmentTheHandshake) {
  DtlsPair pair({}, 1, KeyType::kRsa, KeyType::kRsa);
  pair.client.link.mtu = pair.server.link.mtu = 300;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client.dtls->max_packet_size(), 263u);
  pair.expect_alive();
}

TEST(DtlsTransport, CloseIsToldToThePeerAndNotToOurselves) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  pair.client.dtls->close();
  pair.client.dtls->close();
  EXPECT_EQ(pair.client.dtls->state(), kClosed);
  EXPECT_FALSE(pair.client.link.has_receiver());
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.server.dtls->state() == kClosed; }));
  EXPECT_EQ(pair.server.states, (DtlsStates{kConnecting, kConnected, kClosed}));
  EXPECT_EQ(pair.server.failure.error, "");
  EXPECT_EQ(pair.client.states, (DtlsStates{kConnecting, kConnected}));
  EXPECT_EQ(pair.server.writables, (std::vector<bool>{true, false}));
  EXPECT_FALSE(pair.server.send("x"));
}

TEST(DtlsTransport, MayBeClosedInsideEveryCallback) {
  for (const auto when : {kConnecting, kConnected}) {
    for (const bool at_client : {true, false}) {
      DtlsPair pair;
      DtlsPeer& closing = at_client ? pair.client : pair.server;
      closing.on_state = [&](DtlsTransportState state) {
        if (state == when) closing.dtls->close();
      };
      pair.start();
      pair.loop.run_until([&] { return closing.dtls->state() == kClosed; });
      pair.loop.run_for(milliseconds(5));
      EXPECT_EQ(closing.states.back(), when);
    }
  }
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  pair.server.on_received = [&](ByteView) { pair.server.dtls->close(); };
  pair.client.send("one");
  pair.client.send("two");
  pair.loop.run_until([&] { return pair.client.dtls->state() == kClosed; });
  EXPECT_EQ(pair.server.received.size(), 1u);
}

TEST(DtlsTransport, MayBeClosedOrDestroyedBeforeAnythingHappened) {
  DtlsPair pair;
  pair.client.dtls->close();
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  pair.server.dtls.reset();
  EXPECT_TRUE(pair.client.states.empty());
}

void skip_in_steps(TestLoop& loop, seconds time) {
  for (seconds skipped{}; skipped < time; skipped += seconds(5)) loop.skip(seconds(5));
}

// The other side may begin whenever it is told to: its ICE agent answers checks before.
TEST(DtlsTransport, WaitsForAPeerThatBeginsMuchLater) {
  enum class Hellos { kKept, kLost, kPartlyAnswered };
  for (const Hellos hellos : {Hellos::kKept, Hellos::kLost, Hellos::kPartlyAnswered}) {
    DtlsPair pair({}, 1, KeyType::kRsa, KeyType::kRsa);
    pair.client.link.mtu = pair.server.link.mtu = 300;
    if (hellos == Hellos::kLost) pair.client.link.filter = [](ByteView) { return false; };
    pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
    skip_in_steps(pair.loop, seconds(120));
    EXPECT_EQ(pair.client.states, DtlsStates{kConnecting});
    EXPECT_LT(pair.client.link.sent.size(), 40u);
    pair.client.link.filter = nullptr;
    int sent = 0;
    if (hellos == Hellos::kPartlyAnswered) pair.server.link.filter = [&](ByteView) { return ++sent != 2; };
    pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
    pair.loop.skip(seconds(5));
    ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }))
        << pair.client.failure.error << pair.server.failure.error;
    pair.expect_alive();
  }
  DtlsPair pair;
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  skip_in_steps(pair.loop, seconds(120));
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  EXPECT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
}

TEST(DtlsTransport, NumbersEachRepeatedHelloAnew) {
  DtlsPair pair;
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  skip_in_steps(pair.loop, seconds(50));
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.connected() && pair.server.connected(); }));
  uint8_t next = 0;
  for (const Bytes& datagram : pair.client.link.sent) {
    ByteView rest = datagram;
    for (DtlsRecord record; take_record(rest, record);) {
      if (record.epoch != 0) continue;
      EXPECT_EQ(record.sequence, next++);
    }
  }
  EXPECT_GT(next, 10);
}

TEST(DtlsTransport, FailsAfterFiveMinutesWithoutAStepOfThePeerButOnlyWhileItCanSend) {
  for (const auto role : {DtlsRole::kClient, DtlsRole::kServer}) {
    DtlsPair pair;
    pair.client.dtls->start(role, {pair.server.fingerprint()});
    pair.loop.skip(seconds(200));
    pair.client.link.set_writable(false);
    pair.loop.skip(seconds(1000));
    EXPECT_EQ(pair.client.states, DtlsStates{kConnecting});
    pair.client.link.set_writable(true);
    pair.loop.skip(seconds(299));
    EXPECT_EQ(pair.client.states, DtlsStates{kConnecting});
    pair.loop.skip(seconds(2));
    EXPECT_EQ(pair.client.states, (DtlsStates{kConnecting, kFailed}));
    EXPECT_EQ(pair.client.failure.error, "the handshake timed out");
  }
}

TEST(DtlsTransport, FailsThirtySecondsAfterTheLastStepOfThePeer) {
  DtlsPair pair;
  // The hello arrives, and nothing after it.
  pair.client.link.filter = [sent = 0](ByteView) mutable { return ++sent == 1; };
  pair.start();
  ASSERT_TRUE(pair.loop.run_until([&] { return pair.client.link.sent.size() == 2; }));
  pair.loop.skip(seconds(29));
  EXPECT_EQ(pair.client.states, DtlsStates{kConnecting});
  EXPECT_EQ(pair.server.states, DtlsStates{kConnecting});
  pair.loop.skip(seconds(2));
  for (const DtlsPeer* peer : {&pair.client, &pair.server}) {
    EXPECT_EQ(peer->states, (DtlsStates{kConnecting, kFailed}));
    EXPECT_EQ(peer->failure.error, "the handshake timed out");
  }
}

TEST(DtlsTransport, LivesThroughAPathThatGoesAndComesBack) {
  DtlsPair pair;
  ASSERT_TRUE(pair.connect());
  pair.client.link.set_writable(false);
  EXPECT_FALSE(pair.client.dtls->writable());
  EXPECT_FALSE(pair.client.send("lost"));
  pair.loop.skip(seconds(120));
  pair.client.link.set_writable(true);
  EXPECT_EQ(pair.client.writables, (std::vector<bool>{true, false, true}));
  pair.expect_alive();
}

TEST(DtlsTransport, KeepsApplicationPacketsUntilAReceiverIsThere) {
  DtlsPair pair;
  pair.server.dtls->set_packet_receiver(nullptr);
  ASSERT_TRUE(pair.connect());
  for (int i = 0; i < 100; ++i) pair.client.send("early " + std::to_string(i));
  pair.loop.run_for(milliseconds(5));
  pair.server.dtls->set_packet_receiver(&pair.server);
  ASSERT_EQ(pair.server.received.size(), 64u);
  EXPECT_EQ(pair.server.text(0), "early 0");
}

TEST(DtlsTransport, HandsMediaPacketsToTheirReceiverAndDropsWhatIsNeither) {
  struct Media : PacketReceiver {
    void on_packet(ByteView packet) override { first_bytes.push_back(packet[0]); }
    void on_writable_changed(bool writable) override { writables.push_back(writable); }
    std::vector<int> first_bytes;
    std::vector<bool> writables;
  } media;
  DtlsPair pair;
  pair.server.link.receive(Bytes{128, 1});  // nobody takes it
  pair.server.dtls->set_rtp_receiver(&media);
  ASSERT_TRUE(pair.connect());
  for (int first = 0; first < 256; ++first) pair.server.link.receive(Bytes(40, static_cast<uint8_t>(first)));
  ASSERT_EQ(media.first_bytes.size(), 64u);
  EXPECT_EQ(media.first_bytes.front(), 128);
  EXPECT_EQ(media.first_bytes.back(), 191);
  EXPECT_TRUE(pair.server.received.empty());
  pair.expect_alive();
  media.writables.clear();
  pair.server.link.set_writable(false);
  pair.server.link.set_writable(true);
  EXPECT_EQ(media.writables, (std::vector<bool>{false, true}));
}

}  // namespace
}  // namespace peerwire
