// Certificates that others have signed, with those in between: against the openssl program, which checks ours up to the
// authority, where we check theirs by the fingerprint of the first.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "dtls_peers.h"
#include "openssl_program.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

/// An authority, one below it, and two certificates that the latter has signed.
constexpr char kMakeCertificates[] = R"(
  key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
  openssl req -x509 $key -keyout root.key -out root.pem -days 2 -subj /CN=root
  for name in middle ours theirs; do openssl req $key -keyout $name.key -out $name.csr -subj /CN=$name; done
  echo basicConstraints=critical,CA:TRUE > authority
  echo basicConstraints=CA:FALSE > end
  openssl x509 -req -in middle.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -extfile authority -out middle.pem
  for name in ours theirs; do
    openssl x509 -req -in $name.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 2 -extfile end -out $name.pem
  done
)";

class DtlsChain : public testing::TestWithParam<DtlsRole> {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "the openssl program is not installed";
    char folder[] = "/tmp/peerwire-dtls-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    std::ofstream(folder_ + "/make") << kMakeCertificates;
    ASSERT_EQ(std::system(("cd " + folder_ + " && sh -e make >log 2>&1").c_str()), 0) << read("log");
    middle_ = certificate("middle.pem", "middle.key");
    theirs_ = certificate("theirs.pem", "theirs.key");
    ASSERT_TRUE(middle_ && theirs_);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::string read(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(folder_ + '/' + file).rdbuf();
    return text.str();
  }
  /// Of one PEM file, or of several in a row.
  CertificatePtr certificate(const std::string& files, const std::string& key) const {
    std::string pem, file;
    for (std::istringstream names(files); names >> file;) pem += read(file);
    const auto result = Certificate::from_pem(pem, read(key));
    return std::holds_alternative<CertificatePtr>(result) ? std::get<CertificatePtr>(result) : nullptr;
  }
  /// s_server or s_client, which is the other end of `dtls`, and connects to it or is connected to.
  std::vector<std::string> command(UdpTransport& udp) const {
    const bool server = GetParam() == DtlsRole::kClient;
    const std::string port = std::to_string(server ? UdpTransport::free_port() : udp.port());
    if (server) udp.peer = UdpTransport::loopback(static_cast<uint16_t>(std::stoi(port)));
    std::vector<std::string> words = {"openssl", server ? "s_server" : "s_client", "-dtls1_2"};
    // Its flight of certificates does not fit into one datagram.
    for (const char* word : {"-mtu", "400", "-verify_return_error", "-cert"}) words.emplace_back(word);
    words.insert(words.end(), {folder_ + "/theirs.pem", "-key", folder_ + "/theirs.key"});
    words.insert(words.end(), {"-cert_chain", folder_ + "/middle.pem", "-CAfile", folder_ + "/root.pem"});
    words.insert(words.end(), {server ? "-Verify" : "-verify", "3", server ? "-accept" : "-connect"});
    words.push_back(server ? port : "127.0.0.1:" + port);
    if (server) words.emplace_back("-quiet");
    return words;
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

  TestLoop loop_;
  std::string folder_;
  CertificatePtr middle_, theirs_;
};

TEST_P(DtlsChain, IsPresentedAndTaken) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  udp.mtu = 400;
  const CertificatePtr ours = certificate("ours.pem middle.pem", "ours.key");
  ASSERT_TRUE(ours);
  auto dtls = DtlsTransport::create(loop_, udp, ours, {}, &peer);
  dtls->set_packet_receiver(&peer);
  const auto words = command(udp);
  if (GetParam() == DtlsRole::kServer) dtls->start(DtlsRole::kServer, {theirs_->fingerprint("sha-256")});
  Program program(words);
  if (GetParam() == DtlsRole::kClient) dtls->start(DtlsRole::kClient, {theirs_->fingerprint("sha-256")});
  ASSERT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kConnected; }))
      << peer.failure.error << program.output;
  EXPECT_EQ(dtls->info().peer_certificates, (std::vector<Bytes>{theirs_->der(), middle_->der()}));
  EXPECT_TRUE(dtls->send_packet(as_bytes("it is verified\n")));
  EXPECT_TRUE(run(program, udp, [&] { return program.output.find("it is verified") != std::string::npos; }))
      << program.output;
}

TEST_P(DtlsChain, IsRefusedByThemWithoutWhatIsInBetween) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  const CertificatePtr ours = certificate("ours.pem", "ours.key");
  ASSERT_TRUE(ours);
  auto dtls = DtlsTransport::create(loop_, udp, ours, {}, &peer);
  const auto words = command(udp);
  if (GetParam() == DtlsRole::kServer) dtls->start(DtlsRole::kServer, {theirs_->fingerprint("sha-256")});
  Program program(words);
  if (GetParam() == DtlsRole::kClient) dtls->start(DtlsRole::kClient, {theirs_->fingerprint("sha-256")});
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.failure.received_alert, 48) << peer.failure.error << " is not that the authority is unknown";
}

TEST_P(DtlsChain, IsNotKnownByTheFingerprintOfWhoHasSigned) {
  DtlsPeer peer(loop_, {}, 1);
  UdpTransport udp;
  const CertificatePtr ours = certificate("ours.pem middle.pem", "ours.key");
  ASSERT_TRUE(ours);
  auto dtls = DtlsTransport::create(loop_, udp, ours, {}, &peer);
  const auto words = command(udp);
  if (GetParam() == DtlsRole::kServer) dtls->start(DtlsRole::kServer, {middle_->fingerprint("sha-256")});
  Program program(words);
  if (GetParam() == DtlsRole::kClient) dtls->start(DtlsRole::kClient, {middle_->fingerprint("sha-256")});
  EXPECT_TRUE(run(program, udp, [&] { return dtls->state() == DtlsTransportState::kFailed; })) << program.output;
  EXPECT_EQ(peer.failure.error, "the peer's certificate matches none of its fingerprints");
}

INSTANTIATE_TEST_SUITE_P(EitherRole, DtlsChain, testing::Values(DtlsRole::kClient, DtlsRole::kServer));

}  // namespace
}  // namespace peerwire
