// Which certificates of servers a TLS client takes, by the names in them (RFC 9525), on loopback.
#include "net/tls/tls_client_stream.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <condition_variable>
#include <mutex>

#include "net/tls/credentials.h"

namespace peerwire {
namespace {

using namespace std::chrono_literals;

/// All that a server takes, where it is less than OpenSSL's default.
struct ServerLimits {
  bool tls12 = false;
  const char* cipher = nullptr;
  const char* group = nullptr;
};

/// Accepts one connection, and shakes hands over it.
class Server final : public TcpListener::Observer, private StreamObserver {
 public:
  Server(NetworkThread& network, const Credentials& credentials, const ServerLimits& limits)
      : context_(SSL_CTX_new(TLS_server_method())), ssl_(SSL_new(context_.get())) {
    int error = 0;
    listener_ = TcpListener::listen(network, *SocketAddress::parse("127.0.0.1", 0), this, &error);
    EXPECT_NE(listener_, nullptr) << error;
    SSL_use_certificate(ssl_.get(), credentials.certificate.get());
    SSL_use_PrivateKey(ssl_.get(), credentials.key.get());
    if (limits.cipher && limits.tls12) {
      EXPECT_TRUE(SSL_set_cipher_list(ssl_.get(), limits.cipher)) << limits.cipher;
    } else if (limits.cipher) {
      EXPECT_TRUE(SSL_set_ciphersuites(ssl_.get(), limits.cipher)) << limits.cipher;
    }
    if (limits.tls12) SSL_set_max_proto_version(ssl_.get(), TLS1_2_VERSION);
    if (limits.group) {
      EXPECT_TRUE(SSL_set1_groups_list(ssl_.get(), limits.group)) << limits.group;
    }
    BIO* in = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl_.get(), in, BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
  }

  const SocketAddress& address() const { return listener_->local_address(); }

 private:
  void on_accepted(std::unique_ptr<TcpSocket> socket) override {
    socket_ = std::move(socket);
    socket_->set_observer(this);
  }
  void on_stream_open() override {}
  void on_stream_octets(ByteView octets) override {
    OpensslErrorScope errors;
    BIO_write(SSL_get_rbio(ssl_.get()), octets.data(), static_cast<int>(octets.size()));
    SSL_do_handshake(ssl_.get());
    uint8_t piece[16384];
    for (int count; (count = BIO_read(SSL_get_wbio(ssl_.get()), piece, sizeof piece)) > 0;) {
      socket_->send({piece, static_cast<size_t>(count)});
    }
  }
  void on_stream_closed(const std::string&) override {}

  std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>> context_;
  SslPtr ssl_;
  std::unique_ptr<TcpListener> listener_;
  std::unique_ptr<TcpSocket> socket_;
};

class TlsClientStreamTest : public testing::Test, private StreamObserver {
 protected:
  /// No authorities of the system: what is trusted is known.
  static void SetUpTestSuite() { setenv("SSL_CERT_FILE", "/dev/null", 1); }
  /// What becomes of a connection to `server_name` where the server has such a certificate, whose signature is
  /// trusted: "open", or why it was closed.
  std::string connect(const std::string& server_name, const std::string& common_name, const std::string& names) {
    prepare_openssl();
    return connect(server_name, Credentials(common_name, names), {});
  }
  std::string connect(const std::string& server_name, const Credentials& credentials, const ServerLimits& limits) {
    outcome_.clear();
    prepare_openssl();
    auto context = std::make_shared<const TlsClientContext>("");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context->get()), credentials.certificate.get());
    const std::shared_ptr<NetworkThread> network = NetworkThread::acquire();
    std::unique_ptr<Server> server;
    std::unique_ptr<TlsClientStream> stream;
    network->post_and_wait([&] {
      server = std::make_unique<Server>(*network, credentials, limits);
      std::string reason;
      int error = 0;
      stream = TlsClientStream::connect(*network, context, server_name, {}, server->address(), this, &reason, &error);
      EXPECT_NE(stream, nullptr) << reason;
    });
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return !outcome_.empty(); }));
    const std::string outcome = outcome_;
    lock.unlock();
    network->post_and_wait([&] {
      stream.reset();
      server.reset();
    });
    return outcome;
  }

 private:
  void on_stream_open() override { tell("open"); }
  void on_stream_octets(ByteView) override {}
  void on_stream_closed(const std::string& reason) override { tell(reason); }
  void tell(const std::string& outcome) {
    std::lock_guard lock(mutex_);
    if (outcome_.empty()) outcome_ = outcome;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string outcome_;
};

const std::string kOtherName = "TLS certificate of the server: hostname mismatch";
const std::string kOtherAddress = "TLS certificate of the server: IP address mismatch";

TEST_F(TlsClientStreamTest, TakesTheNameOfTheSubjectAltName) {
  EXPECT_EQ(connect("turn.example", "somebody else", "DNS:turn.example"), "open");
  EXPECT_EQ(connect("TURN.example.", "somebody else", "DNS:first.example,DNS:turn.example"), "open");
  EXPECT_EQ(connect("turn.example", "turn.example", "DNS:other.example"), kOtherName);
}

TEST_F(TlsClientStreamTest, DoesNotLookAtTheCommonName) {
  EXPECT_EQ(connect("turn.example", "turn.example", ""), kOtherName);
  EXPECT_EQ(connect("turn.example", "turn.example", "IP:127.0.0.1"), kOtherName);
  EXPECT_EQ(connect("turn.example", "turn.example", "email:turn@turn.example,URI:turn:turn.example"), kOtherName);
  EXPECT_EQ(connect("127.0.0.1", "127.0.0.1", ""), kOtherAddress);
}

TEST_F(TlsClientStreamTest, TakesAWildcardForOneWholeLabelAlone) {
  EXPECT_EQ(connect("a.turn.example", "x", "DNS:*.turn.example"), "open");
  EXPECT_EQ(connect("turn.example", "x", "DNS:*.turn.example"), kOtherName);
  EXPECT_EQ(connect("a.b.turn.example", "x", "DNS:*.turn.example"), kOtherName);
  EXPECT_EQ(connect("a1.turn.example", "x", "DNS:a*.turn.example"), kOtherName);
  EXPECT_EQ(connect("a.b.turn.example", "x", "DNS:a.*.turn.example"), kOtherName);
}

TEST_F(TlsClientStreamTest, TakesAnAddressForWhatIsNamedAsOne) {
  EXPECT_EQ(connect("127.0.0.1", "x", "IP:127.0.0.1"), "open");
  EXPECT_EQ(connect("::1", "x", "DNS:turn.example,IP:::1"), "open");
  EXPECT_EQ(connect("127.0.0.1", "x", "IP:127.0.0.2"), kOtherAddress);
  EXPECT_EQ(connect("127.0.0.1", "x", "DNS:127.0.0.1"), kOtherAddress);
  EXPECT_EQ(connect("127.0.0.1", "x", "DNS:*.0.0.1"), kOtherAddress);
}

TEST_F(TlsClientStreamTest, OffersWhatServersTakeAlone) {
  prepare_openssl();
  const Credentials ecdsa("x", "DNS:turn.example");
  const Credentials rsa("x", "DNS:turn.example", KeyPtr(EVP_RSA_gen(2048)));
  const auto outcome = [&](const Credentials& credentials, const ServerLimits& limits) {
    return connect("turn.example", credentials, limits);
  };
  for (const char* cipher : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                             "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA256"}) {
    EXPECT_EQ(outcome(ecdsa, {.tls12 = true, .cipher = cipher}), "open") << cipher;
  }
  for (const char* cipher : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
                             "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256"}) {
    EXPECT_EQ(outcome(rsa, {.tls12 = true, .cipher = cipher}), "open") << cipher;
  }
  for (const char* cipher : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    EXPECT_EQ(outcome(ecdsa, {.cipher = cipher}), "open") << cipher;
    EXPECT_EQ(outcome(rsa, {.cipher = cipher}), "open") << cipher;
  }
  for (const char* group : {"X25519", "P-256", "P-384", "P-521"}) {
    EXPECT_EQ(outcome(ecdsa, {.group = group}), "open") << group;
    EXPECT_EQ(outcome(ecdsa, {.tls12 = true, .group = group}), "open") << group;
  }
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
  EXPECT_EQ(outcome(ecdsa, {.group = "X25519MLKEM768"}), "open");
#endif
}

}  // namespace
}  // namespace peerwire
