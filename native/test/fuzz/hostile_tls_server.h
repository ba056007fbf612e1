// A server of TLS that does what it likes with its connection: OpenSSL's, whose records wait in an outbox until the
// script delivers them, whole, in pieces, or changed.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/tls/openssl_handles.h"
#include "net/tls/trusted_authorities.h"

namespace peerwire {

/// What the client trusts: one authority, which has signed for kTlsServerName.
constexpr const char* kTlsServerName = "turn.example";
std::shared_ptr<const TlsClientContext> tls_client_context();

class HostileTlsServer {
 public:
  enum class Identity { kGood, kOtherName, kUntrusted };
  HostileTlsServer(Identity identity, bool only_tls12);

  /// What the client has sent; answers go into the outbox.
  void receive(ByteView octets);
  /// False when its side of the handshake is not done, or has failed.
  bool write(ByteView octets);
  void update_key();
  void renegotiate();
  void say_goodbye();

  /// Records to deliver.
  Bytes outbox;
  /// What the client has sent in its records.
  const Bytes& received() const { return received_; }
  /// A record of the client could not be deciphered.
  bool was_garbled() const { return garbled_; }
  bool is_done() const { return SSL_is_init_finished(ssl_.get()) == 1; }

 private:
  void work();
  void note_failure();

  SslPtr ssl_;
  Bytes received_;
  bool garbled_ = false;
  bool failed_ = false;
};

}  // namespace peerwire
