// A client's data goes out with its Finished (False Start, RFC 7918), and numbers are used once all the same.
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "dtls_peers.h"
#include "transport/dtls/dtls_record.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

class DtlsEarly : public testing::Test {
 protected:
  DtlsEarly() {
    pair.client.on_writable = [this](bool writable) {
      if (!writable) return;
      was_connected = pair.client.connected();
      EXPECT_TRUE(pair.client.send("early"));
    };
    pair.client.link.on_sent = [this](ByteView packet) {
      ByteView rest = packet;
      DtlsRecord record;
      while (!rest.empty() && take_record(rest, record)) {
        if (record.epoch == 0) continue;
        const ByteView nonce = record.body.first(8);
        EXPECT_TRUE(sequences.insert(record.sequence).second) << "number " << record.sequence << " used twice";
        EXPECT_TRUE(nonces.insert(Bytes(nonce.begin(), nonce.end())).second) << "a nonce used twice";
        if (record.type == kDtlsHandshake) ++finished;
      }
    };
  }

  ~DtlsEarly() override { pair.client.link.filter = pair.server.link.filter = nullptr; }

  bool was_connected = true;
  std::set<uint64_t> sequences;
  std::set<Bytes> nonces;
  int finished = 0;
  DtlsPair pair{LinkFaults{.delay = milliseconds(10)}};  // last: it sends as it goes
};

TEST_F(DtlsEarly, DataOfAClientArrivesAsTheServerConnects) {
  pair.start();
  ASSERT_TRUE(pair.loop.run_until([this] { return !pair.server.received.empty(); }));
  EXPECT_FALSE(was_connected);
  EXPECT_EQ(pair.server.text(0), "early");
  EXPECT_TRUE(pair.server.connected());
  EXPECT_FALSE(pair.client.connected()) << "the server's Finished was on its way";
  ASSERT_TRUE(pair.loop.run_until([this] { return pair.client.connected(); }));
  EXPECT_EQ(pair.client.writables, std::vector<bool>{true});
  pair.expect_alive();
}

TEST_F(DtlsEarly, FinishedIsRepeatedBesideIt) {
  int lost = 0;
  pair.server.link.filter = [&](ByteView packet) { return packet[0] != kDtlsChangeCipherSpec || ++lost > 3; };
  ASSERT_TRUE(pair.connect());
  EXPECT_GE(finished, 4);
  pair.expect_alive();
  EXPECT_EQ(pair.server.text(0), "early");
}

TEST_F(DtlsEarly, ItWaitsForAFinishedThatWasLost) {
  bool lost = false;
  pair.client.link.filter = [&](ByteView packet) {
    DtlsRecord record;
    bool has_finished = false;
    for (ByteView rest = packet; !rest.empty() && take_record(rest, record);) {
      has_finished |= record.epoch == 1 && record.type == kDtlsHandshake;
    }
    return !has_finished || std::exchange(lost, true);
  };
  pair.start();
  ASSERT_TRUE(pair.loop.run_until([this] { return pair.client.connected(); }));
  EXPECT_TRUE(lost);
  ASSERT_EQ(pair.server.received.size(), 1u);
  pair.expect_alive();
}

TEST_F(DtlsEarly, AServersFlightThatIsRepeatedWithoutEndUsesNoNumberTwice) {
  std::vector<Bytes> flight;
  pair.server.link.filter = [&](ByteView packet) {
    if (packet[0] == kDtlsChangeCipherSpec) return false;
    flight.emplace_back(packet.begin(), packet.end());
    return true;
  };
  pair.start();
  ASSERT_TRUE(pair.loop.run_until([this] { return !pair.server.received.empty(); }));
  // As anyone can who has seen it.
  for (int i = 0; i < 200; ++i) {
    for (const Bytes& packet : flight) pair.client.link.receive(packet);
    pair.loop.run_for(milliseconds(1));
  }
  EXPECT_GT(finished, 1);
  EXPECT_TRUE(pair.client.send("more"));
}

TEST_F(DtlsEarly, NothingIsSentToAPeerWithAnotherCertificate) {
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  pair.client.dtls->start(DtlsRole::kClient, {pair.client.fingerprint()});
  ASSERT_TRUE(pair.loop.run_until([this] { return pair.client.failed(); }));
  EXPECT_TRUE(pair.client.writables.empty());
  EXPECT_TRUE(sequences.empty());
}

TEST_F(DtlsEarly, NothingIsTakenFromAPeerWithAnotherCertificate) {
  // Ahead of the certificate, and once more behind it.
  size_t early = 0;
  pair.client.link.filter = [&](ByteView packet) {
    if (packet[0] != kDtlsApplicationData) return true;
    ++early;
    pair.server.link.receive(packet);
    return true;
  };
  pair.server.dtls->start(DtlsRole::kServer, {pair.server.fingerprint()});
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  ASSERT_TRUE(pair.loop.run_until([this] { return pair.server.failed(); }));
  pair.loop.run_for(milliseconds(50));
  EXPECT_EQ(early, 1u);
  EXPECT_TRUE(pair.server.received.empty());
  EXPECT_EQ(pair.server.failure.error, "the peer's certificate matches none of its fingerprints");
}

TEST_F(DtlsEarly, TheTransportMayBeClosedAsItBegins) {
  pair.client.on_writable = [this](bool) { pair.client.dtls->close(); };
  pair.start();
  ASSERT_TRUE(pair.loop.run_until([this] { return pair.client.dtls->state() == DtlsTransportState::kClosed; }));
  pair.loop.run_for(milliseconds(30));
  EXPECT_FALSE(pair.client.send("late"));
}

TEST(DtlsTimeout, AFirstFlightIsRepeatedAfterTwoRoundTripsWhereTheseAreLong) {
  for (const auto& [round_trip, least, most] : {std::tuple(milliseconds(5), milliseconds(45), milliseconds(150)),
                                                std::tuple(milliseconds(200), milliseconds(395), milliseconds(600))}) {
    DtlsPair pair;
    pair.client.link.path_round_trip = round_trip;
    std::vector<TimePoint> sent;
    pair.client.link.filter = [&](ByteView) {
      sent.push_back(Clock::now());
      return false;
    };
    pair.start();
    pair.loop.run_until([&] { return sent.size() == 2; });
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_GE(sent[1] - sent[0], least);
    EXPECT_LT(sent[1] - sent[0], most);
  }
}

}  // namespace
}  // namespace peerwire
