// Against the openssl program of the system, over UDP on loopback.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "dtls_peers.h"
#include "openssl_program.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

class DtlsInterop : public testing::TestWithParam<std::tuple<KeyType, const char*>> {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "the openssl program is not installed";
    char folder[] = "/tmp/peerwire-dtls-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    theirs_ = make_certificate(std::get<0>(GetParam()));
    std::ofstream(folder_ + "/cert.pem") << theirs_->certificate_pem();
    std::ofstream(folder_ + "/key.pem") << theirs_->private_key_pem();
  }
  void TearDown() override {
    if (folder_.empty()) return;
    unlink((folder_ + "/cert.pem").c_str());
    unlink((folder_ + "/key.pem").c_str());
    rmdir(folder_.c_str());
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
        << peer.error << program.output;
    EXPECT_EQ(dtls.info().peer_certificates.at(0), theirs_->der());
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
  CertificatePtr theirs_;
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
  dtls->start(DtlsRole::kClient, {theirs_->fingerprint("sha-256")});
  exchange(program, udp, peer, *dtls);
}

TEST_P(DtlsInterop, AsServerOfOpenssl) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->set_packet_receiver(&peer);
  dtls->start(DtlsRole::kServer, {theirs_->fingerprint("sha-512")});
  auto words = command("s_client");
  words.insert(words.end(), {"-connect", "127.0.0.1:" + std::to_string(udp.port())});
  Program program(words);
  exchange(program, udp, peer, *dtls);
  program.type("Q\n");  // s_client ends, with close_notify
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kClosed; })) << program.output;
}

// The only acceptable suites have nothing in common with what these offer.
TEST_P(DtlsInterop, RefusesSuitesWithoutEcdheOrAead) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->start(DtlsRole::kServer, {theirs_->fingerprint("sha-256")});
  auto words = command("s_client");
  words[8] = "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-GCM-SHA256";
  words.insert(words.end(), {"-connect", "127.0.0.1:" + std::to_string(udp.port())});
  Program program(words);
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.alert, 40) << peer.error;
}

TEST_P(DtlsInterop, RefusesAPeerWithoutACertificate) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  auto dtls = DtlsTransport::create(loop_, udp, peer.certificate, {}, &peer);
  dtls->set_packet_receiver(&peer);
  dtls->start(DtlsRole::kServer, {theirs_->fingerprint("sha-256")});
  Program program({"openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + std::to_string(udp.port())});
  program.type("never delivered\n");
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.alert, 40) << peer.error;
  EXPECT_TRUE(peer.received.empty());
}

constexpr char kBoth[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
constexpr char kAes256[] = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr char kChaCha[] = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
INSTANTIATE_TEST_SUITE_P(EverySuite, DtlsInterop,
                         testing::Combine(testing::Values(KeyType::kEcdsaP256, KeyType::kRsa),
                                          testing::Values(kBoth, kAes256, kChaCha)));

}  // namespace
}  // namespace peerwire
