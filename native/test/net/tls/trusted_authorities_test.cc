// Whose certificates are trusted: where SSL_CERT_FILE and SSL_CERT_DIR say, where systems keep theirs; and that nothing
// else of the machine has a say in TLS.
#include "net/tls/trusted_authorities.h"

#include <gtest/gtest.h>
#include <openssl/conf.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "net/tls/credentials.h"

namespace peerwire {
namespace {

namespace fs = std::filesystem;

bool trusts(const TlsClientContext& context, X509* certificate) {
  const std::unique_ptr<X509_STORE_CTX, OpensslDeleter<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  EXPECT_TRUE(X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context.get()), certificate, nullptr));
  return X509_verify_cert(check.get()) == 1;
}

bool trusts(const TlsClientContext& context, const Credentials& credentials) {
  return trusts(context, credentials.certificate.get());
}

/// Certificates that were loaded so far.
int count_of(const TlsClientContext& context) {
  STACK_OF(X509)* all = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context.get()));
  const int count = sk_X509_num(all);
  sk_X509_pop_free(all, X509_free);
  return count;
}

class TrustedAuthoritiesTest : public testing::Test {
 protected:
  /// Before the first certificate is made: what uses OpenSSL unprepared may make it read its configuration.
  static void SetUpTestSuite() { prepare_openssl(); }

  TrustedAuthoritiesTest() {
    std::string name = (fs::temp_directory_path() / "peerwire-authorities-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
  }
  ~TrustedAuthoritiesTest() override {
    fs::remove_all(folder_);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
  }

  /// Path of a PEM file with the certificate.
  std::string write(const std::string& name, const Credentials& credentials) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    const BioPtr file(BIO_new_file(path.c_str(), "w"));
    EXPECT_TRUE(file && PEM_write_bio_X509(file.get(), credentials.certificate.get()));
    return path.string();
  }
  /// The name by which OpenSSL finds a certificate in a directory.
  static std::string hashed(const Credentials& credentials) {
    char name[16];
    snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(credentials.certificate.get()));
    return name;
  }

  fs::path folder_;
  const Credentials first_{"first authority", ""}, second_{"second authority", ""}, third_{"third authority", ""};
};

TEST_F(TrustedAuthoritiesTest, ReadsTheFileOfTheEnvironment) {
  setenv("SSL_CERT_FILE", write("bundle.pem", first_).c_str(), 1);
  const TlsClientContext context("");
  EXPECT_EQ(context.warning(), "");
  EXPECT_TRUE(trusts(context, first_));
  EXPECT_FALSE(trusts(context, second_));
}

TEST_F(TrustedAuthoritiesTest, ReadsTheDirectoriesOfTheEnvironment) {
  write("one/" + hashed(first_), first_);
  write("two/" + hashed(second_), second_);
  write("two/unhashed.pem", third_);
  setenv("SSL_CERT_DIR", ((folder_ / "one").string() + ":" + (folder_ / "two").string()).c_str(), 1);
  const TlsClientContext context("");
  EXPECT_TRUE(trusts(context, first_));
  EXPECT_TRUE(trusts(context, second_));
  EXPECT_FALSE(trusts(context, third_));
  // Nobody of the system's.
  EXPECT_EQ(count_of(context), 2);
}

TEST_F(TrustedAuthoritiesTest, AddsThoseOfTheExtraFile) {
  setenv("SSL_CERT_FILE", write("bundle.pem", first_).c_str(), 1);
  const TlsClientContext context(write("extra.pem", second_));
  EXPECT_EQ(context.warning(), "");
  EXPECT_TRUE(trusts(context, first_));
  EXPECT_TRUE(trusts(context, second_));
  EXPECT_FALSE(trusts(context, third_));
}

TEST_F(TrustedAuthoritiesTest, GoesOnWithoutWhatCannotBeRead) {
  setenv("SSL_CERT_FILE", (folder_ / "nowhere.pem").c_str(), 1);
  setenv("SSL_CERT_DIR", (folder_ / "nowhere").c_str(), 1);
  const TlsClientContext context((folder_ / "missing.pem").string());
  EXPECT_EQ(context.warning(), "NODE_EXTRA_CA_CERTS could not be read: No such file or directory");
  ASSERT_NE(context.get(), nullptr);
  EXPECT_FALSE(trusts(context, first_));
}

TEST_F(TrustedAuthoritiesTest, FindsTheAuthoritiesOfTheSystem) {
  const TlsClientContext context("");
  if (count_of(context) > 10) return;  // there is a bundle
  // Where there is none they are read when they are asked for.
  const fs::path certificates = "/etc/ssl/certs";
  int trusted = 0, found = 0;
  if (fs::exists(certificates)) {
    for (const auto& entry : fs::directory_iterator(certificates)) {
      if (entry.path().extension() != ".0") continue;
      const BioPtr file(BIO_new_file(entry.path().c_str(), "r"));
      const X509Ptr certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
      found += certificate != nullptr;
      trusted += certificate && trusts(context, certificate.get());
    }
  }
  if (found == 0) GTEST_SKIP() << "this system has no authorities";
  EXPECT_GT(trusted, found / 2);
}

using Contexts = std::set<std::shared_ptr<const TlsClientContext>>;

/// What `count` are given who ask in one turn.
Contexts contexts_of(NetworkThread& network, const std::string& path, int count) {
  std::mutex mutex;
  std::condition_variable changed;
  int told = 0;
  Contexts contexts;
  std::vector<std::unique_ptr<TlsContextLoading>> loading;
  network.post_and_wait([&] {
    for (int i = 0; i < count; ++i) {
      loading.push_back(TlsContextLoading::start(network, path, [&](auto context) {
        std::lock_guard lock(mutex);
        contexts.insert(context);
        ++told;
        changed.notify_all();
      }));
    }
  });
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return told == count; }));
  lock.unlock();
  network.post_and_wait([&] { loading.clear(); });
  return contexts;
}

TEST_F(TrustedAuthoritiesTest, AreReadOnceForAllWhoAskMeanwhile) {
  setenv("SSL_CERT_FILE", write("bundle.pem", first_).c_str(), 1);
  const auto network = NetworkThread::acquire();
  // Those with a warning are not kept for good: each of them would be another one.
  for (const std::string& path : {write("extra.pem", second_), (folder_ / "missing.pem").string()}) {
    auto contexts = contexts_of(*network, path, 50);
    contexts.merge(contexts_of(*network, path, 1));
    ASSERT_EQ(contexts.size(), 1u);
    EXPECT_TRUE(trusts(**contexts.begin(), first_));
  }
}

TEST_F(TrustedAuthoritiesTest, AreNotToldToWhoHasLeft) {
  const auto network = NetworkThread::acquire();
  const std::string path = write("extra.pem", second_);
  bool told = false;
  network->post_and_wait(
      [&] { const auto leaves = TlsContextLoading::start(*network, path, [&](auto) { told = true; }); });
  EXPECT_EQ(contexts_of(*network, path, 1).size(), 1u);
  EXPECT_FALSE(told);
}

/// A network thread that may be slow to return from post(): the thread of the test, when it calls run_posted().
class SlowToPost final : public NetworkThread {
 public:
  ~SlowToPost() override { destroy_parts(); }
  void post(Task task) override {
    std::unique_lock lock(mutex_);
    task_ = std::move(task);
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::milliseconds(100), [this] { return ended_; });
    left_ = true;
  }
  /// Waits for a task, and runs it.
  void run_posted() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return task_ != nullptr; });
    const Task task = std::exchange(task_, nullptr);
    lock.unlock();
    task();
    lock.lock();
    ended_ = true;
    changed_.notify_all();
  }
  bool has_left() {
    std::lock_guard lock(mutex_);
    return left_;
  }

  bool run_or_post(Task) override { return false; }
  void post_and_wait(Task) override {}
  bool is_current() const override { return true; }
  TimePoint now() const override { return {}; }
  TimerId start_timer(TimePoint, Task) override { return kNoTimer; }
  void cancel_timer(TimerId) override {}
  void defer(Task) override {}
  bool watch(int, FdObserver*) override { return false; }
  void want_writable(int, bool) override {}
  void unwatch(int) override {}

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Task task_;
  bool ended_ = false;
  bool left_ = false;
};

TEST_F(TrustedAuthoritiesTest, AreToldWhenTheirThreadHasLetGoOfTheNetworkThread) {
  SlowToPost network;
  std::optional<bool> was_done;
  const auto loading =
      TlsContextLoading::start(network, write("extra.pem", second_), [&](auto) { was_done = network.has_left(); });
  network.run_posted();
  EXPECT_EQ(was_done, true);
}

/// In a process of its own, since OpenSSL reads its configuration once.
class OpensslConfigurationTest : public TrustedAuthoritiesTest {
 protected:
  OpensslConfigurationTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    std::ofstream(folder_ / "openssl.cnf") << "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\n"
                                              "system_default = own\n[own]\nOptions = -SessionTicket\n";
    setenv("OPENSSL_CONF", (folder_ / "openssl.cnf").c_str(), 1);
  }
  ~OpensslConfigurationTest() override { unsetenv("OPENSSL_CONF"); }
};

int forbids_tickets() {
  const TlsClientContext context("");
  return context.get() && (SSL_CTX_get_options(context.get()) & SSL_OP_NO_TICKET) ? 1 : 0;
}

TEST_F(OpensslConfigurationTest, ChangesNothing) {
  EXPECT_EXIT(_exit(forbids_tickets()), testing::ExitedWithCode(0), "");
  // It would, if it were read.
  EXPECT_EXIT(
      {
        CONF_modules_load_file(getenv("OPENSSL_CONF"), nullptr, 0);
        _exit(forbids_tickets());
      },
      testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace peerwire
