// The authorities that vouch for servers: the system's, and those of NODE_EXTRA_CA_CERTS.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/network_thread.h"
#include "net/tls/openssl_handles.h"

namespace peerwire {

/// What TLS client connections share. Immutable once loaded.
class TlsClientContext {
 public:
  /// Reads certificates from disk: not on the network thread, see TlsContextLoading. `extra_file`: PEM certificates of
  /// further authorities, or empty.
  explicit TlsClientContext(const std::string& extra_file);

  /// Null when OpenSSL refuses to make one.
  SSL_CTX* get() const { return context_.get(); }
  /// Why there may be fewer authorities than expected; empty when all is well.
  const std::string& warning() const { return warning_; }

 private:
  std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>> context_;
  std::string warning_;
};

/// A context on its way. Destroying it cancels: the callback is then never called. Network thread only. A file is read
/// once for all who ask meanwhile. What was loaded is kept as long as the network thread runs: as Node.js does, a
/// change of the file is not noticed; what has a warning is kept for a minute.
class TlsContextLoading {
 public:
  using Callback = std::function<void(std::shared_ptr<const TlsClientContext>)>;
  /// May call back before it returns.
  static std::unique_ptr<TlsContextLoading> start(NetworkThread& network, const std::string& extra_file,
                                                  Callback callback);
  ~TlsContextLoading();

 private:
  struct Waiter;
  struct Load;
  struct Contexts;
  explicit TlsContextLoading(std::shared_ptr<Waiter> waiter) : waiter_(std::move(waiter)) {}
  static void run(const std::shared_ptr<Load>& load);
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace peerwire
