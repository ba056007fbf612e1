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
#include <vector>

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

// As long as nothing has changed, what could not be read needs no second look for everybody who asks.
constexpr auto kKeepIncomplete = std::chrono::minutes(1);

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

struct TlsContextLoading::Waiter {
  Callback callback;  // empty once it is cancelled or has been told
};

/// The file that is being read, once for all who wait for it.
struct TlsContextLoading::Load {
  Load(NetworkThread& on, std::string file) : network(&on), extra_file(std::move(file)) {}

  std::mutex mutex;
  NetworkThread* network;  // null after its end, which is checked and acted on under the lock
  const std::string extra_file;
  std::vector<std::weak_ptr<Waiter>> waiters;  // network thread only
};

/// Those of a network thread.
struct TlsContextLoading::Contexts {
  struct Kept {
    std::shared_ptr<const TlsClientContext> context;
    TimePoint until;
  };
  std::map<std::string, Kept> kept;
  std::map<std::string, std::shared_ptr<Load>> under_way;

  ~Contexts() {
    for (const auto& [file, load] : under_way) {
      std::lock_guard lock(load->mutex);
      load->network = nullptr;
    }
  }
  std::shared_ptr<const TlsClientContext> find(TimePoint now, const std::string& file) const {
    const auto found = kept.find(file);
    return found != kept.end() && now < found->second.until ? found->second.context : nullptr;
  }
  void loaded(const std::shared_ptr<Load>& load, const std::shared_ptr<const TlsClientContext>& context) {
    {
      // The reading thread is out of post() when it lets go of this: not before may the network thread end.
      std::lock_guard lock(load->mutex);
    }
    under_way.erase(load->extra_file);
    const bool complete = context->warning().empty();
    kept[load->extra_file] = {context, complete ? TimePoint::max() : load->network->now() + kKeepIncomplete};
    for (const auto& each : load->waiters) {
      const auto waiter = each.lock();
      if (waiter && waiter->callback) std::exchange(waiter->callback, nullptr)(context);
    }
  }
};

void TlsContextLoading::run(const std::shared_ptr<Load>& load) {
  auto context = std::make_shared<const TlsClientContext>(load->extra_file);
  std::lock_guard lock(load->mutex);
  if (!load->network) return;
  load->network->post([load, context] { load->network->part<Contexts>().loaded(load, context); });
}

std::unique_ptr<TlsContextLoading> TlsContextLoading::start(NetworkThread& network, const std::string& extra_file,
                                                            Callback callback) {
  std::unique_ptr<TlsContextLoading> loading(new TlsContextLoading(std::make_shared<Waiter>()));
  auto& contexts = network.part<Contexts>();
  if (const auto context = contexts.find(network.now(), extra_file)) {
    callback(context);
    return loading;
  }
  loading->waiter_->callback = std::move(callback);
  std::shared_ptr<Load>& load = contexts.under_way[extra_file];
  if (load) {
    load->waiters.push_back(loading->waiter_);
    return loading;
  }
  load = std::make_shared<Load>(network, extra_file);
  load->waiters.push_back(loading->waiter_);
  const auto work = [load = load] { run(load); };
  try {
    // Some hundred certificates take tens of milliseconds, for which the network thread cannot stand still. Reading
    // cannot be interrupted, so the thread is detached and touches nothing but its load.
    std::thread(work).detach();
  } catch (const std::system_error&) {
    work();  // no thread to be had: late is better than not at all
  }
  return loading;
}

TlsContextLoading::~TlsContextLoading() {
  waiter_->callback = nullptr;
}

}  // namespace peerwire
