// Against the openssl program of the system, over UDP on loopback.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "dtls_peers.h"

namespace peerwire {
namespace {

using std::chrono::milliseconds;

class UdpTransport final : public PacketTransport {
 public:
  UdpTransport() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in any = loopback(0);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  }
  ~UdpTransport() override { close(fd_); }
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  bool send_packet(ByteView packet) override {
    return sendto(fd_, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) >= 0;
  }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return 1200; }
  std::vector<size_t> larger_packet_sizes() const override { return {1472, 8972}; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }
  void poll() {
    uint8_t buffer[2048];
    for (;;) {
      socklen_t size = sizeof peer;
      const ssize_t got = recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&peer), &size);
      if (got <= 0) return;
      if (receiver_) receiver_->on_packet({buffer, static_cast<size_t>(got)});
    }
  }
  sockaddr_in peer = loopback(9);

 private:
  int fd_;
  PacketReceiver* receiver_ = nullptr;
};

/// A child process with pipes to its input and from its output; ended with the object.
class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    int in[2], out[2];
    EXPECT_EQ(pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      dup2(out[1], 2);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
    fcntl(out_, F_SETFL, O_NONBLOCK);
  }
  ~Program() {
    close(in_);
    close(out_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void type(const std::string& text) {
    EXPECT_EQ(write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void poll() {
    char buffer[4096];
    ssize_t got;
    while ((got = read(out_, buffer, sizeof buffer)) > 0) output.append(buffer, static_cast<size_t>(got));
  }
  std::string output;

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
};

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
  uint16_t port;
  {
    UdpTransport free;
    port = free.port();
  }
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
