#include "net/tls/trusted_authorities.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace peerwire {
namespace {

// Where systems keep their authorities in one file. The paths that OpenSSL was built with say nothing of the system
// that it runs on.
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch, Alpine, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // Alpine, BSD
};

// And where one by one, under names that tell their subjects: also what is in no bundle.
constexpr char kDirectories[] = "/etc/ssl/certs:/etc/pki/tls/certs";

/// SSL_CERT_FILE and SSL_CERT_DIR, each in place of the system's own, as with OpenSSL's programs; where either is set,
/// no bundle is looked for.
void trust_system(SSL_CTX* context) {
  const char* file = secure_getenv("SSL_CERT_FILE");
  const char* directories = secure_getenv("SSL_CERT_DIR");
  if (file) {
    SSL_CTX_load_verify_file(context, file);
  } else if (!directories) {
    for (const char* bundle : kBundles) {
      if (access(bundle, R_OK) == 0 && SSL_CTX_load_verify_file(context, bundle)) break;
    }
  }
  SSL_CTX_load_verify_dir(context, directories ? directories : kDirectories);
  ERR_clear_error();  // paths that do not exist are nobody's mistake
}

struct LoadedContexts {
  std::map<std::string, std::shared_ptr<const TlsClientContext>> by_file;
};

}  // namespace

TlsClientContext::TlsClientContext(const std::string& extra_file) {
  prepare_openssl();
  OpensslErrorScope errors;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = context_.get();
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
    context_.reset();
    warning_ = take_openssl_error("no TLS context");
    return;
  }
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  trust_system(context);
  if (extra_file.empty()) return;
  errno = 0;
  if (SSL_CTX_load_verify_file(context, extra_file.c_str())) return;
  warning_ = "NODE_EXTRA_CA_CERTS could not be read: " + (access(extra_file.c_str(), R_OK) != 0
                                                              ? std::string(std::strerror(errno))
                                                              : take_openssl_error("no certificates"));
}

struct TlsContextLoading::Shared {
  std::mutex mutex;
  NetworkThread* network = nullptr;  // valid while not cancelled, which is checked and acted on under the lock
  bool cancelled = false;
  std::string extra_file;
  Callback callback;
};

std::unique_ptr<TlsContextLoading> TlsContextLoading::start(NetworkThread& network, const std::string& extra_file,
                                                            Callback callback) {
  auto shared = std::make_shared<Shared>();
  shared->network = &network;
  shared->extra_file = extra_file;
  std::unique_ptr<TlsContextLoading> loading(new TlsContextLoading(shared));
  const auto& loaded = network.part<LoadedContexts>().by_file;
  if (const auto found = loaded.find(extra_file); found != loaded.end()) {
    callback(found->second);
    return loading;
  }
  shared->callback = std::move(callback);
  const auto work = [shared] {
    auto context = std::make_shared<const TlsClientContext>(shared->extra_file);
    std::lock_guard lock(shared->mutex);
    if (shared->cancelled) return;
    shared->network->post([shared, context] {
      Callback done;
      {
        std::lock_guard inner(shared->mutex);
        if (shared->cancelled) return;
        done = std::exchange(shared->callback, nullptr);
      }
      // Only what is complete is worth keeping; and the first of several that were loaded at once.
      auto kept = context;
      if (context->warning().empty()) {
        auto& by_file = shared->network->part<LoadedContexts>().by_file;
        kept = by_file.emplace(shared->extra_file, context).first->second;
      }
      done(kept);
    });
  };
  try {
    // Some hundred certificates take tens of milliseconds, for which the network thread cannot stand still. Reading
    // cannot be interrupted, so the thread is detached and touches nothing but its request.
    std::thread(work).detach();
  } catch (const std::system_error&) {
    work();  // no thread to be had: late is better than not at all
  }
  return loading;
}

TlsContextLoading::~TlsContextLoading() {
  std::lock_guard lock(shared_->mutex);
  shared_->cancelled = true;
  shared_->callback = nullptr;
}

}  // namespace peerwire
