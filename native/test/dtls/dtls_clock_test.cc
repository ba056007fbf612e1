// OpenSSL's timers go by the system's clock, which these tests set: it goes with the loop's, or steps.
#include <gtest/gtest.h>
#include <sys/time.h>
#include <time.h>

#include <chrono>

#include "dtls_peers.h"

namespace {

std::chrono::microseconds clock_offset{};

}  // namespace

// In place of libc's, for all that is linked into the program.
extern "C" int gettimeofday(timeval* now, void*) noexcept {
  timespec real{};
  clock_gettime(CLOCK_REALTIME, &real);
  const auto time = std::chrono::seconds(real.tv_sec) + std::chrono::nanoseconds(real.tv_nsec) + clock_offset;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  now->tv_sec = static_cast<time_t>(us / 1'000'000);
  now->tv_usec = static_cast<suseconds_t>(us % 1'000'000);
  return 0;
}

namespace peerwire {
namespace {

using std::chrono::seconds;

class DtlsClock : public testing::Test {
 protected:
  void TearDown() override { clock_offset = {}; }
  void skip(seconds time) {
    for (seconds skipped{}; skipped < time; skipped += seconds(1)) {
      clock_offset += seconds(1);
      pair.loop.skip(seconds(1));
    }
  }
  bool connect_now() {
    return pair.loop.run_until([this] { return pair.client.connected() && pair.server.connected(); }, seconds(7));
  }

  DtlsPair pair;
};

// The other side may begin whenever it is told to: its ICE agent answers checks before.
TEST_F(DtlsClock, AClientWaitsLongerThanOpensslDoes) {
  pair.client.link.filter = [](ByteView) { return false; };
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  skip(seconds(120));
  EXPECT_FALSE(pair.client.failed()) << pair.client.failure.error;
  pair.client.link.filter = nullptr;
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  EXPECT_TRUE(connect_now()) << pair.client.failure.error;
}

TEST_F(DtlsClock, AnAnswerThatComesLateIsTakenWithoutAnotherHello) {
  pair.client.dtls->start(DtlsRole::kClient, {pair.server.fingerprint()});
  skip(seconds(60));
  const size_t hellos = pair.client.link.sent.size();
  pair.server.dtls->start(DtlsRole::kServer, {pair.client.fingerprint()});
  EXPECT_TRUE(connect_now());
  EXPECT_EQ(pair.client.link.sent.size(), hellos + 1);
}

TEST_F(DtlsClock, AHelloIsSentAgainWhenTheClockWasSetBack) {
  pair.client.link.filter = [sent = 0](ByteView) mutable { return ++sent > 1; };
  pair.start();
  clock_offset -= std::chrono::hours(1);
  EXPECT_TRUE(connect_now());
}

// ICE gives a path up after thirty seconds, and so does the transport.
TEST_F(DtlsClock, AHandshakeOutlivesAnOutageInItsMiddle) {
  for (const bool from_client : {true, false}) {
    DtlsPair cut;
    MemoryTransport& link = from_client ? cut.client.link : cut.server.link;
    // Of a client all but its first flight.
    link.filter = [from_client](ByteView packet) { return from_client && packet[0] == 22 && packet[13] == 1; };
    cut.start();
    cut.loop.run_for(std::chrono::milliseconds(20));
    constexpr auto kStep = std::chrono::milliseconds(50);
    for (auto skipped = kStep; skipped < seconds(20); skipped += kStep) {
      clock_offset += kStep;
      cut.loop.skip(kStep);
    }
    EXPECT_FALSE(cut.client.failed()) << cut.client.failure.error;
    EXPECT_FALSE(cut.server.failed()) << cut.server.failure.error;
    link.filter = nullptr;
    EXPECT_TRUE(cut.loop.run_until([&] { return cut.client.connected() && cut.server.connected(); }, seconds(7)));
  }
}

}  // namespace
}  // namespace peerwire
