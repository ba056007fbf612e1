// Against the openssl program of the system, over UDP on loopback.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "dtls_peers.h"
#include "openssl_program.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

/// The peer's key: one that we could have made, or one on a curve that only others use.
struct PeerKey {
  KeyType type;
  std::string curve = {};
};

class DtlsInterop : public testing::TestWithParam<std::tuple<PeerKey, const char*>> {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "the openssl program is not installed";
    char folder[] = "/tmp/peerwire-dtls-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    const PeerKey& key = std::get<0>(GetParam());
    if (key.curve.empty()) {
      const CertificatePtr theirs = make_certificate(key.type);
      std::ofstream(folder_ + "/cert.pem") << theirs->certificate_pem();
      std::ofstream(folder_ + "/key.pem") << theirs->private_key_pem();
      theirs_ = theirs->der();
      return;
    }
    const std::string make = "cd " + folder_ + " && openssl req -x509 -nodes -subj /CN=theirs -newkey ec -pkeyopt " +
                             "ec_paramgen_curve:" + key.curve + " -keyout key.pem -out cert.pem >log 2>&1" +
                             " && openssl x509 -in cert.pem -outform DER -out cert.der";
    ASSERT_EQ(std::system(make.c_str()), 0) << make;
    std::ifstream der(folder_ + "/cert.der", std::ios::binary);
    theirs_.assign(std::istreambuf_iterator<char>(der), {});
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::vector<std::string> command(const char* program) const {
    return {"openssl",
            program,
            "-dtls1_2",
            "-cert",
            folder_ + "/cert.pem",
            "-key",
            folder_ + "/key.pem",
            "-cipher",
            std::get<1>(GetParam()),
            "-use_srtp",
            srtp_profile()};
  }
  std::string srtp_profile() const {
    const bool brief = std::string(std::get<1>(GetParam())).find("CHACHA20") != std::string::npos;
    return brief ? "SRTP_AES128_CM_SHA1_32" : "SRTP_AES128_CM_SHA1_80";
  }
  bool run(Program& program, UdpTransport& udp, const std::function<bool()>& done) {
    const TimePoint end = Clock::now() + std::chrono::seconds(10);
    while (!done() && Clock::now() < end) {
      udp.poll();
      program.poll();
      loop_.run_for(milliseconds(1));
    }
    return done();
  }
  void exchange(Program& program, UdpTransport& udp, DtlsPeer& peer, DtlsTransport& dtls) {
    ASSERT_TRUE(run(program, udp, [&] { return dtls.state() == DtlsTransportState::kConnected; }))
        << peer.failure.error << program.output;
    EXPECT_EQ(dtls.info().peer_certificates.at(0), theirs_);
    EXPECT_EQ(dtls.info().srtp_cipher, srtp_profile());
    EXPECT_EQ(dtls.srtp_keying_material().size(), 60u);
    EXPECT_TRUE(dtls.larger_packet_sizes().empty()) << "it does not say how large its records may be";
    // More than one each way: counters go on from where OpenSSL's stood.
    for (int i = 0; i < 3; ++i) {
      const std::string question = "question " + std::to_string(i) + "\n",
                        answer = "answer " + std::to_string(i) + "\n";
      EXPECT_TRUE(dtls.send_packet(as_bytes(question)));
      EXPECT_TRUE(run(program, udp, [&] { return program.output.find(question) != std::string::npos; }))
          << program.output;
      program.type(answer);
      EXPECT_TRUE(run(program, udp, [&] { return peer.received.size() == static_cast<size_t>(i) + 1; }))
          << program.output;
      EXPECT_EQ(peer.text(peer.received.size() - 1), answer);
    }
  }

  TestLoop loop_;
  std::string folder_;
  Bytes theirs_;  // their certificate, DER
};

TEST_P(DtlsInterop, AsClientOfOpenssl) {
  DtlsPeer peer(loop_, {}, 1);
  const uint16_t port = UdpTransport::free_port();
  auto words = command("s_server");
  words.insert(words.end(), {"-quiet", "-Verify", "1", "-accept", std::to_string(port)});
  Program program(words);
  UdpTransport udp;
  udp.peer = UdpTransport::loopback(port);
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->set_packet_receiver(&peer);
  bool is_early = false;
  peer.on_writable = [&](bool) { is_early |= dtls->state() != DtlsTransportState::kConnected; };
  dtls->start(DtlsRole::kClient, {fingerprint_of(theirs_, "sha-256")});
  exchange(program, udp, peer, *dtls);
  EXPECT_FALSE(is_early) << "it did not say that it is ready for that";
}

TEST_P(DtlsInterop, AsServerOfOpenssl) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->set_packet_receiver(&peer);
  dtls->start(DtlsRole::kServer, {fingerprint_of(theirs_, "sha-512")});
  auto words = command("s_client");
  words.insert(words.end(), {"-connect", "127.0.0.1:" + std::to_string(udp.port())});
  Program program(words);
  exchange(program, udp, peer, *dtls);
  program.type("Q\n");  // s_client ends, with close_notify
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kClosed; })) << program.output;
}

// Others have instructions for AES or have not, too, and say so with their order.
class DtlsInteropOrder : public DtlsInterop {};

TEST_P(DtlsInteropOrder, AsServerTakesChaCha20FromWhoWantsItMost) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->start(DtlsRole::kServer, {fingerprint_of(theirs_, "sha-256")});
  auto words = command("s_client");
  words.insert(words.end(), {"-connect", "127.0.0.1:" + std::to_string(udp.port())});
  Program program(words);
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kConnected; })) << program.output;
  EXPECT_EQ(dtls->info().cipher, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
}

// The only acceptable suites have nothing in common with what these offer.
TEST_P(DtlsInterop, RefusesSuitesWithoutEcdheOrAead) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->start(DtlsRole::kServer, {fingerprint_of(theirs_, "sha-256")});
  auto words = command("s_client");
  words[8] = "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-GCM-SHA256";
  words.insert(words.end(), {"-connect", "127.0.0.1:" + std::to_string(udp.port())});
  Program program(words);
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.failure.sent_alert, 40) << peer.failure.error;
}

TEST_P(DtlsInterop, RefusesAPeerWithoutACertificate) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->set_packet_receiver(&peer);
  dtls->start(DtlsRole::kServer, {fingerprint_of(theirs_, "sha-256")});
  Program program({"openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + std::to_string(udp.port())});
  program.type("never delivered\n");
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.failure.sent_alert, 40) << peer.failure.error;
  EXPECT_TRUE(peer.received.empty());
}

constexpr char kBoth[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
constexpr char kAes256[] = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr char kChaCha[] = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kChaChaFirst[] = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256";
INSTANTIATE_TEST_SUITE_P(ChaChaFirst, DtlsInteropOrder,
                         testing::Combine(testing::Values(PeerKey{KeyType::kEcdsaP256}),
                                          testing::Values(kChaChaFirst)));
INSTANTIATE_TEST_SUITE_P(EverySuite, DtlsInterop,
                         testing::Combine(testing::Values(PeerKey{KeyType::kEcdsaP256}, PeerKey{KeyType::kRsa}),
                                          testing::Values(kBoth, kAes256, kChaCha)));
// RFC 8422 section 5.1.1: a curve that is not offered is not taken in a certificate either.
INSTANTIATE_TEST_SUITE_P(EveryCurve, DtlsInterop,
                         testing::Combine(testing::Values(PeerKey{KeyType::kEcdsaP256, "P-384"},
                                                          PeerKey{KeyType::kEcdsaP256, "P-521"}),
                                          testing::Values(kBoth)));

}  // namespace
}  // namespace peerwire
